"""Large pages for what a process keeps: a check of a fleet goes all over its memory, a few bytes here and there.

The processor keeps the newest of the tables by which it finds a page; beyond them each look costs it several more, and
in a virtual machine twice as many. Where Linux merges pages on request ("madvise" or "always" in
/sys/kernel/mm/transparent_hugepage/enabled), 512 small ones become a large one. It does so by and by, beside us.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path

MAPS = Path("/proc/self/maps")
#: What nothing else than this process's own data is in: the heap, and what was mapped without a file.
_OWN = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 00:00 0 *(?:\[heap\])?")
#: What is no larger is not worth it, or a thread's stack, of which little is ever used.
STACK_BYTES = 8 << 20
#: Linux, madvise(2).
MADV_HUGEPAGE = 14


def large() -> int:
    """Ask for large pages for all that is there by now; return for how many bytes. 0 where there are none to be had."""
    libc = ctypes.CDLL(None)
    taken = 0
    for start, end in _own():
        if libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), MADV_HUGEPAGE) == 0:
            taken += end - start
    return taken


def _own() -> Iterator[tuple[int, int]]:
    """Yield where much of this process's own data stands."""
    try:
        lines = MAPS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return
    for match in filter(None, map(_OWN.fullmatch, lines)):
        start, end = int(match[1], 16), int(match[2], 16)
        if end - start > STACK_BYTES:
            yield start, end
