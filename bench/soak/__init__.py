"""Does a worker stay small and quick? Idle streams by the thousand, and mixed calls one after the other."""
