"""Measurements: each folder answers one question, is run as `python -m bench.NAME`, and prints what it demands."""
