"""Media by their content: bytes under the SHA-256 of themselves, in a folder or a bucket; knows no domain."""
