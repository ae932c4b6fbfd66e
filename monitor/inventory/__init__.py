"""The inventory room: YAML, CSV or JSONL to the model, calendar, contracts; every mistake with file, line and field."""

from monitor.core.changes import Changes, diff, settled
from monitor.inventory.loading import load, load_beside
from monitor.inventory.mistake import InventoryError, Mistake

__all__ = ["Changes", "InventoryError", "Mistake", "diff", "load", "load_beside", "settled"]
