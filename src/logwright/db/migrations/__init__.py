"""The steps that made the schema what it is, in order; each file offers `upgrade(connection)`."""
