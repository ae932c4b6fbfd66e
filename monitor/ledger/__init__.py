"""The ledger: events that are only ever appended, and the memory that a restart needs, in one SQLite file."""
