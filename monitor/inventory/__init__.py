"""The inventory room: YAML, CSV or JSONL to the model; every mistake with file, line and field."""

from monitor.inventory.changes import Changes, diff
from monitor.inventory.loading import load
from monitor.inventory.mistake import InventoryError, Mistake

__all__ = ["Changes", "InventoryError", "Mistake", "diff", "load"]
