"""One camera looked at by a person: asked now (``camfleet probe``), or explained from the ledger (``camfleet why``)."""
