"""Giving what was written beside its place its name: once the disk has all of it, or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def settle(draft: Path, target: Path) -> None:
    """Give a file, or a folder of files, its name, and return when a power cut takes nothing of it back."""
    for place in (*(sorted(draft.iterdir()) if draft.is_dir() else ()), draft):
        _sync(place)
    draft.rename(target)
    _sync(target.parent)


def _sync(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
