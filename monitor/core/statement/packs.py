"""An evidence pack as it lies in a depot: where, what it states, and its files. Pure: who reads the disk fills it."""

from __future__ import annotations

from pathlib import PurePath
from typing import NamedTuple
from urllib.parse import quote

from monitor.core.statement.heading import Heading

_PLAIN = "._-"


class File(NamedTuple):
    """A file of a pack, and how large it is in bytes."""

    name: str
    size: int


class Pack(NamedTuple):
    """One pack. ``heading`` is None, and there are no files to give away, where ``flaw`` says why."""

    contract: str
    period: str
    folder: PurePath
    heading: Heading | None
    files: tuple[File, ...]
    flaw: str

    @property
    def label(self) -> str:
        """What a pack is called where it is alone: a name that no shell and no file system takes for anything else."""
        return f"{quote(self.contract, safe=_PLAIN)}-{quote(self.period, safe=_PLAIN)}"
