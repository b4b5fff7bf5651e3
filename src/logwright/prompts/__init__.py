"""Named prompts and their content-addressed versions (what Humanloop calls a prompt)."""
