"""Evidence packs: a period's statement with its tables, the events that it is made of, and what proves them."""
