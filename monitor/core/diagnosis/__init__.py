"""Why cameras do not work: rungs in, causes out. Pure and incremental; see docs/diagnosis.md."""
