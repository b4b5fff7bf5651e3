"""The wire formats as types and pure functions: no I/O, nothing of ours."""
