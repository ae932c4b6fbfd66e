"""The inventory room: YAML, CSV or JSONL to the model, and the calendar; every mistake with file, line and field."""

from monitor.inventory.calendar_file import calendar_of
from monitor.inventory.changes import Changes, diff
from monitor.inventory.loading import load
from monitor.inventory.mistake import InventoryError, Mistake

__all__ = ["Changes", "InventoryError", "Mistake", "calendar_of", "diff", "load"]
