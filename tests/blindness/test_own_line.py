"""A monitor that watches a city over a line of its own: what becomes of the line is no camera's, what becomes of the
city's corridors is."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from peers.cities import RunningCity, started_city
from peers.namespaces import WATCHED, Hosts, inside, two_hosts

from monitor.core.diagnosis.cause import CauseEvent, Kind, Turn
from monitor.core.event import Event, Gap, RungEvent
from monitor.core.verdict import Outcome
from monitor.ledger.reader import Reader

pytestmark = pytest.mark.soak

PROGRAM = Path(__file__).with_name("watching_city.py")
PATIENCE_S = 240.0
#: The next look, two more ten seconds apart, their deadlines: long enough for every camera to be called down, if ever.
CONFIRMED_S = 60.0
STOPPED_S = 60.0
#: Something is asked of each device this often: so long before the cut, it may have answered last.
LOOKED_AT_S = 25.0
#: Whatever was asked during an outage has run out by then.
AFTERWARDS_S = 15.0

Seen = dict[str, Any]


@dataclass
class Watched:
    """A city over there, and what a monitor over here says of it, second by second."""

    hosts: Hosts
    city: RunningCity
    ledger: Path
    process: subprocess.Popen[bytes]
    seconds: list[Seen] = field(default_factory=list)

    def until(self, condition: Callable[[Seen], object]) -> Seen:
        """Wait for a second of which this holds."""
        end = time.monotonic() + PATIENCE_S
        while not (self.seconds and condition(self.seconds[-1])):
            assert time.monotonic() < end, self.brief()
            assert self.process.poll() is None
            time.sleep(0.1)
        return self.seconds[-1]

    def well(self) -> float:
        """Wait until every camera is up and no cause is open; return when that was."""
        at: float = self.until(lambda now: now["states"].keys() == {"up"} and not now["causes"])["at"]
        return at

    def since(self, at: float) -> list[Seen]:
        return [second for second in tuple(self.seconds) if second["at"] > at]

    def events(self, since: float) -> list[Event]:
        with Reader.open(self.ledger) as reader:
            return [event for _, event in reader.events(since=since) if event.at > since]

    def brief(self) -> str:
        now = self.seconds[-1] if self.seconds else {"states": {}, "causes": []}
        states = {state: len(cameras) for state, cameras in now["states"].items()}
        return f"{states}, {[(kind, name, len(members)) for kind, name, members in now['causes']]}"


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A city of 60 cameras without faults, a canary at its end of the line, and a monitor that has seen all of it."""
    folder = tmp_path_factory.mktemp("own-line")
    with two_hosts() as hosts, started_city(60, within=inside(hosts.watched)) as city:
        city.heal()
        (city.inventory / "canaries.yaml").write_text(f"canaries: [{{id: gateway, address: {WATCHED}, port: 22}}]\n")
        command = [sys.executable, "-P", str(PROGRAM), str(city.inventory), str(folder / "ledger.sqlite")]
        process = subprocess.Popen(inside(hosts.watching, *command), stdout=subprocess.PIPE)
        one = Watched(hosts, city, folder / "ledger.sqlite", process)
        reading = Thread(target=read, args=(process, one.seconds))
        reading.start()
        try:
            one.well()
            yield one
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(PATIENCE_S)
            reading.join()
            assert process.stdout is not None
            process.stdout.close()


def read(process: subprocess.Popen[bytes], seconds: list[Seen]) -> None:
    assert process.stdout is not None
    seconds.extend(map(json.loads, process.stdout))


def failures(events: list[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, RungEvent) and event.outcome is Outcome.FAIL]


def causes(events: list[Event]) -> list[tuple[Kind, Turn]]:
    return [(event.kind, event.turn) for event in events if isinstance(event, CauseEvent)]


def gaps(events: list[Event]) -> list[Gap]:
    return [event for event in events if isinstance(event, Gap)]


def test_a_cut_line_is_one_cause_and_no_cameras(watched: Watched) -> None:
    """Of all seconds from the cut until all is well again, none shows a camera down, and nothing is taken back."""
    began = watched.well()
    watched.hosts.cut("far")
    now = watched.until(lambda now: now["causes"])
    assert [(kind, name, len(members)) for kind, name, members in now["causes"]] == [("monitor blind", "central", 60)]
    assert now["at"] - began < 20.0
    watched.until(lambda later: later["at"] > began + CONFIRMED_S)
    watched.hosts.mend("far")
    ended = watched.well()
    watched.until(lambda later: later["at"] > ended + AFTERWARDS_S)
    assert {state for second in watched.since(began) for state in second["states"]} <= {"up", "unknown"}
    events = watched.events(began)
    assert causes(events) == [(Kind.BLIND, Turn.OPENED), (Kind.BLIND, Turn.CLOSED)]
    assert failures(events) == []
    [gap] = gaps(events)
    assert gap.why.startswith("the monitor was blind: ")
    assert began - LOOKED_AT_S < gap.after < began + 15.0 < began + CONFIRMED_S < gap.by <= ended


def test_a_withdrawn_corridor_is_an_outage(watched: Watched) -> None:
    """No route to the cameras of one uplink alone, while the canary answers: they are unreachable, for one cause."""
    began = watched.well()
    uplink, addresses, cameras = corridor(watched)
    told = [["uplink", uplink, cameras]]
    watched.hosts.withdraw(addresses)
    try:
        now = watched.until(
            lambda now: now["causes"] == told and len(now["states"].get("unreachable", ())) >= len(cameras)
        )
        assert sorted(now["states"]["unreachable"]) == cameras
    finally:
        watched.hosts.restore(addresses)
    watched.well()
    events = watched.events(began)
    assert Kind.BLIND not in {kind for kind, _ in causes(events)}
    assert gaps(events) == []


def corridor(watched: Watched) -> tuple[str, list[str], list[str]]:
    """Return the uplink without alternates that carries the most devices, their addresses, and their cameras."""
    uplinks: dict[str, list[str]] = watched.city.structure["uplinks"]
    carried = [camera for cameras in uplinks.values() for camera in cameras]
    only = {name: cameras for name, cameras in uplinks.items() if all(carried.count(one) == 1 for one in cameras)}
    devices = {name: [one for one in watched.city.devices if set(one.cameras) & set(only[name])] for name in only}
    name = max(devices, key=lambda name: len(devices[name]))
    assert 5 <= len(devices[name]) < 30
    return name, [device.address for device in devices[name]], sorted(only[name])


def test_a_stopped_monitor_was_asleep(watched: Watched) -> None:
    """Stopped for a minute in the middle of its questions: that time is a gap, and no camera fails for it."""
    began = watched.well()
    watched.process.send_signal(signal.SIGSTOP)
    time.sleep(STOPPED_S)
    watched.process.send_signal(signal.SIGCONT)
    woken = watched.until(lambda now: now["at"] > began + STOPPED_S - 5.0)["at"]
    watched.until(lambda now: now["at"] > woken + CONFIRMED_S)
    events = watched.events(began)
    assert {state for second in watched.since(began) for state in second["states"]} <= {"up", "unknown"}
    assert (causes(events), failures(events)) == ([], [])
    [gap] = gaps(events)
    assert gap.by - gap.after > STOPPED_S - 5.0
