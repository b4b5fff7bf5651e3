"""Small relational data: engine, tables, transactions and migrations; knows no domain."""
