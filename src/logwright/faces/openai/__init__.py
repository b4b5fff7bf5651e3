"""OpenAI's published API, as far as it is about what was recorded."""
