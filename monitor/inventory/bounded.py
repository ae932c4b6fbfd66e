"""Files whole: read without trusting them, and written at once or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
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


def replace_file(path: Path, text: str) -> None:
    """Write a text in the place of a file, which keeps its mode. Raises ``OSError``, and then nothing has changed."""
    place = path.resolve()
    mode = stat.S_IMODE(place.stat().st_mode) if place.exists() else 0o644
    descriptor, draft = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}-")
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        os.chmod(draft, mode)
        os.replace(draft, place)
    except BaseException:
        os.unlink(draft)
        raise
