"""Shipped fakes: an upstream over a real socket, factories, a server for tests."""
