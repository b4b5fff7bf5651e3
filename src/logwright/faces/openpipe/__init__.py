"""OpenPipe's published API."""
