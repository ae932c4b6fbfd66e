"""The arithmetic of service levels: a ledger's events in, figures that anyone can compute again out. Integers only."""
