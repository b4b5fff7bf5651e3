"""The catalogue: which target a model name means, and what its tokens cost."""
