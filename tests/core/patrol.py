"""A town of paper that is probed second by second, through the whole of a monitor's step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf

from papertown import NOON, town

from monitor.core import fleet as fleets
from monitor.core.canary import Canaries
from monitor.core.diagnosis.blindness import Asleep
from monitor.core.diagnosis.cause import Cause
from monitor.core.diagnosis.watch import Watch
from monitor.core.event import Event, NoteEvent
from monitor.core.fleet import Fleet
from monitor.core.model import Inventory
from monitor.core.schedule import Rates
from monitor.core.state import State, view
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict
from monitor.ledger import acknowledgements

ANSWERING = tuple(
    Finding(rung, Outcome.OK) for rung in (Rung.REACHABLE, Rung.CREDENTIALS, Rung.CONTROL, Rung.STREAM, Rung.MEDIA)
)
SILENT = (Finding(Rung.REACHABLE, Outcome.FAIL, Reason.TIMEOUT),)


@dataclass
class Patrol:
    """A watched town. Each device is asked every 20 s, and again 10 s after an answer that is not confirmed."""

    inventory: Inventory = field(default_factory=lambda: town(streets=8))
    canaries: Canaries = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)
    events: list[Event] = field(default_factory=list)
    now: float = NOON

    def __post_init__(self) -> None:
        self.fleet: Fleet = fleets.start(self.inventory, Rates())
        self.begin()
        watched = [id_ for id_, device in self.inventory.devices.items() if device.cameras]
        self._next = {id_: self.now + 1 + number % 20 for number, id_ in enumerate(watched)}

    def begin(self) -> None:
        self.fleet, events = self.watch.begin(self.fleet, self.now)
        self.events += events

    def restart(self) -> None:
        """Take the fleet up as a new process does: by what the ledger keeps of it."""
        known = (self.fleet.cameras, self.fleet.standings, self.fleet.identities, self.fleet.causes)
        noted = acknowledgements.restored(acknowledgements.changes({}, self.fleet.acknowledgements))
        self.fleet = fleets.start(self.inventory, Rates(), *known, noted)
        self.watch = Watch(self.watch.updates)
        self.begin()

    def run(self, seconds: int, silent: Callable[[str, float], bool] = lambda id_, at: False) -> None:
        """Let time pass; ``silent(device, at)`` says who does not answer when."""
        for _ in range(seconds):
            self.now += 1
            due = [id_ for id_, at in self._next.items() if at <= self.now]
            self.step([self._ask(id_, silent(id_, self.now)) for id_ in due])

    def leave_alone(self, device: str) -> None:
        """Ask a device nothing more."""
        self._next[device] = inf

    def set_back(self, seconds: float) -> None:
        """Set the wall clock back; nothing is asked sooner or later for that."""
        self.now -= seconds
        self._next = {id_: at - seconds for id_, at in self._next.items()}

    def step(self, verdicts: list[Verdict], asleep: Asleep | None = None) -> None:
        self.fleet, events = self.watch.step(self.fleet, verdicts, self.now, self.canaries, asleep=asleep)
        self.events += events

    def note(self, event: NoteEvent) -> None:
        """Take a person's word, between two steps."""
        self.fleet = fleets.noted(self.fleet, [event])
        self.events.append(event)

    def _ask(self, device: str, silent: bool) -> Verdict:
        health = self.fleet.cameras[self.inventory.devices[device].cameras[0]][Rung.REACHABLE]
        unsettled = silent is (health.outcome is Outcome.OK)
        self._next[device] = self.now + (11 if unsettled else 20)
        return Verdict(device, "central", "rtsp", self.now, 0.5, SILENT if silent else ANSWERING)

    @property
    def causes(self) -> Mapping[tuple[str, str], Cause]:
        return {(str(cause.kind), cause.scope.name): cause for cause in self.fleet.causes.values()}

    def states(self) -> Mapping[State, set[str]]:
        found: dict[State, set[str]] = {}
        for id_, rungs in self.fleet.cameras.items():
            found.setdefault(view(rungs, self.fleet.standings[id_]).state, set()).add(id_)
        return found
