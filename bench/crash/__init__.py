"""Whether what was acknowledged is found after a crash: `python -m bench.crash kill|power`."""
