"""The hot path: protocol, resolve, attempt, stream, record."""
