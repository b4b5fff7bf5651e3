"""The client library: an OpenAI drop-in and the log API."""
