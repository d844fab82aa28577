"""Makes the tables, once."""
from client import query

query("CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
print("migrate: the tables are there")
