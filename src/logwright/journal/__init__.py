"""Append-only durable files: frames, group commit, sequences, recovery; knows no domain."""
