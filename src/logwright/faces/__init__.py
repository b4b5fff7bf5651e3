"""The vendors' published APIs: translation only."""
