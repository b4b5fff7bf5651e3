"""Bifrost's published log API."""
