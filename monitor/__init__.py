"""camfleet: which cameras of a fleet work, since when, and why the others do not."""
