"""The newest snapshot, and those who wait for the next one.

A reader holds nothing but the number of the frame that it saw last: one that is too slow misses frames and gets the
whole state instead of a change, so it costs no memory here.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from monitor.core.snapshot import Snapshot
from monitor.web.board import Json, changed, sections
from monitor.web.cause_board import causes
from monitor.web.plan import marks, moved, places

#: Live pages at once.
MOST_READERS = 200


def dumps(value: Any) -> bytes:
    """Return a value as compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Frame:
    """One snapshot as the live pages see it."""

    number: int
    snapshot: Snapshot
    plan: str
    """The version of the plan, by which the cameras are numbered."""
    sections: Json
    marks: list[str]
    places: Mapping[str, int]
    """Each camera's place in the plan."""
    change: bytes | None
    """What is new since the frame before; None where only the whole state will do."""

    def head(self) -> Json:
        seen = self.snapshot
        return {"frame": self.number, "at": seen.at, "seq": seen.seq, "recorded_seq": seen.recorded_seq}

    def whole(self) -> bytes:
        return dumps({**self.head(), "plan": self.plan, **self.sections, "marks": self.marks})


class TooManyReaders(Exception):
    """As many live pages are open as this server keeps."""


class Feed:
    """Holds the newest frame. ``monotonic`` tells how long ago it came."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, most_readers: int = MOST_READERS) -> None:
        self._monotonic = monotonic
        self._most_readers = most_readers
        self._fresh = asyncio.Event()
        self._frame: Frame | None = None
        self._whole: tuple[int, bytes] = (0, b"")
        self._came = monotonic()
        self.readers = 0
        self.closed = False

    @property
    def frame(self) -> Frame | None:
        return self._frame

    @property
    def snapshot(self) -> Snapshot | None:
        return self._frame.snapshot if self._frame else None

    def age_s(self) -> float:
        """Return for how long nothing has come: since the newest snapshot, or since the start."""
        return self._monotonic() - self._came

    def publish(self, snapshot: Snapshot) -> None:
        """Make this the newest snapshot and wake everybody who waits."""
        self._frame = _frame(snapshot, self._frame)
        self._came = self._monotonic()
        self._wake()

    def close(self) -> None:
        """Let every reader end."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        self._fresh.set()
        self._fresh = asyncio.Event()

    async def next(self, seen: int, patience_s: float) -> Frame | None:
        """Return the newest frame once it is not the one with the number ``seen``; None after ``patience_s``."""
        if not self.closed and (self._frame is None or self._frame.number == seen):
            try:
                await asyncio.wait_for(self._fresh.wait(), patience_s)
            except TimeoutError:
                return None
        return self._frame if self._frame is not None and self._frame.number != seen else None

    def whole(self, frame: Frame) -> bytes:
        """Return a frame's whole state; written once, however many ask for it."""
        if self._whole[0] != frame.number:
            self._whole = (frame.number, frame.whole())
        return self._whole[1]

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Take one of the readers' places. Raises TooManyReaders."""
        if self.readers >= self._most_readers:
            raise TooManyReaders
        self.readers += 1
        try:
            yield
        finally:
            self.readers -= 1


def _frame(snapshot: Snapshot, before: Frame | None) -> Frame:
    """Return the frame of a snapshot, with its change where the cameras are numbered as before."""
    number = before.number + 1 if before else 1
    known = (before.snapshot, before.sections["causes"]) if before else ()
    now = {**sections(snapshot), "causes": causes(snapshot, *known)}
    if before is None or before.snapshot.inventory is not snapshot.inventory:
        plan = f"{snapshot.inventory.digest[:12]}-{number}"
        return Frame(number, snapshot, plan, now, marks(snapshot), places(snapshot.inventory), None)
    turned = moved(before.snapshot, snapshot, before.places)
    frame = Frame(number, snapshot, before.plan, now, _turned(before.marks, turned), before.places, None)
    change = {**frame.head(), **changed(before.sections, now)}
    if turned:
        change["marks"] = turned
    return replace(frame, change=dumps(change))


def _turned(marks: list[str], turned: list[tuple[int, str]]) -> list[str]:
    """Return the marks after some of them turned."""
    if not turned:
        return marks
    marks = marks.copy()
    for index, mark in turned:
        marks[index] = mark
    return marks
