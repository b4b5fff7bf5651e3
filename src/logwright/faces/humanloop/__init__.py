"""Humanloop's API under /v5: prompt logs and what is around them; translation only."""
