"""Reading a file whole without trusting it: it must be a file, and not too large."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path


class NotAFile(Exception):
    """There is something else at this path: a folder, a pipe, a device."""


def read_bounded(path: Path, limit: int, check: Callable[[os.stat_result], None] = lambda status: None) -> bytes:
    """At most ``limit`` bytes of a file. Raises ``OSError``, ``NotAFile``, or what ``check`` raises on its status."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe must not make us wait
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotAFile
        check(status)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(limit)
    finally:
        os.close(descriptor)
