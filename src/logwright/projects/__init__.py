"""Projects, API keys and stored provider secrets."""
