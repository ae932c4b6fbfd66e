"""What leaves camfleet for other systems: the metrics catalogue and the text of /metrics."""
