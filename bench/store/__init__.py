"""How fast the store takes logs in, finds them, and what it costs: `python -m bench.store --logs 1000000`."""
