"""People: who may sign in, which role they have in which project, and the sessions they are signed in by."""
