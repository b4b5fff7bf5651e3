"""Logs of other products read into ours: one file per format, each a pure reader with a card that describes it."""
