"""The web application: assembly of all doors."""
