"""The query language: one text for the interface, the HTTP API and the command line, parsed here."""
