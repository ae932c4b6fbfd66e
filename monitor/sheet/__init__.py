"""A period's statement as a document for people: what its first page says, and all that stands behind it."""
