"""What the ledger says of a storm after it is over: who was called failing, and which causes held whom since when."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from benchmarks.rows import number_of
from monitor.core.diagnosis.cause import CauseEvent, Turn
from monitor.core.event import RungEvent
from monitor.core.topology import Layer
from monitor.core.verdict import Outcome
from monitor.ledger.reader import Reader

ALONE = (Layer.DEVICE, Layer.CAMERA)
OVER = (Turn.CLOSED, Turn.MERGED)


class Aftermath(NamedTuple):
    """Of a storm over the first so many cameras of an inventory."""

    shared: int
    """Causes that several devices share, and that were open when the storm was over."""
    held: int
    """Cameras of the storm that a shared cause ever held."""
    explained_s: float | None
    """From the storm until each of its cameras was first held by a shared cause; None: some never were."""
    wronged: int
    """Cameras that stayed well, and of which any rung was ever confirmed as failed."""


def aftermath(ledger: Path, storm_at: float, healed_at: float, silent: int) -> Aftermath:
    """Read a ledger; cameras are those of ``benchmarks.rows``, named by their number. Raises LedgerError."""
    with Reader.open(ledger) as reader:
        causes = [event for _, event in reader.events(kind="cause", since=storm_at, until=healed_at)]
        rungs = [event for _, event in reader.events(kind="rung")]
    held_at: dict[str, float] = {}
    shared: set[str] = set()
    for event in causes:
        if isinstance(event, CauseEvent) and event.scope.layer not in ALONE:
            (shared.discard if event.turn in OVER else shared.add)(event.cause)
            for camera in event.joined:
                held_at.setdefault(camera, event.at)
    struck = [at for camera, at in held_at.items() if number_of(camera) < silent]
    failed = {event.camera for event in rungs if isinstance(event, RungEvent) and event.outcome is Outcome.FAIL}
    wronged = sum(number_of(camera) >= silent for camera in failed)
    explained_s = max(struck) - storm_at if len(struck) == silent else None
    return Aftermath(len(shared), len(struck), explained_s, wronged)
