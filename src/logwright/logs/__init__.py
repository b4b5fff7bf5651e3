"""Logs: record, find, tag, export and forget calls."""
