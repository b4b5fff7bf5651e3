"""Where the logs are kept and found: schema, engine, ingest, and the process that owns them."""
