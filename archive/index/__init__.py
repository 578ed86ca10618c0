"""The SQLite file: schema, rows, queries, register, search."""
