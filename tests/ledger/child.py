"""A program that writes a ledger, for tests to kill and to starve. Prints the number of each step once it is recorded.

`child.py steady LEDGER` writes steps until it is killed. `child.py full LEDGER` lets its disk fill up in the middle:
its files may not grow, until it may write again; it prints what the ledger says meanwhile. `child.py starved LEDGER`
finds the disk full when it starts.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

from peers.fleets import NOW, make_inventory, round_of

from monitor.core.event import Heartbeat
from monitor.core.fleet import Fleet, start, step
from monitor.core.schedule import Rates
from monitor.ledger.ledger import Ledger

INVENTORY = make_inventory(30)


def turn(fleet: Fleet, ledger: Ledger, number: int) -> tuple[Fleet, int]:
    """Write one step with many events: a third of the fleet fails, another third comes back."""
    at = NOW + 20.0 * number
    faults = {f"d{n}": "dark" for n in range(30) if n % 3 == number // 4 % 3}
    fleet, events = step(fleet, round_of(INVENTORY, at, faults), at)
    return fleet, ledger.append([*events, Heartbeat(at, "central", {})], fleet.cameras, {"turn": number})


def wait(ledger: Ledger, seq: int, patience_s: float = 60.0) -> None:
    until = time.monotonic() + patience_s
    while ledger.recorded_seq < seq and time.monotonic() < until:
        time.sleep(0.001)
    print(ledger.recorded_seq, flush=True)


def steady(ledger: Ledger) -> None:
    fleet = start(INVENTORY, Rates())
    for number in range(10**9):
        fleet, seq = turn(fleet, ledger, number)
        if number % 3 == 0:
            wait(ledger, seq)


def full(ledger: Ledger) -> None:
    fleet = start(INVENTORY, Rates())
    number = 0
    for number in range(5):
        fleet, seq = turn(fleet, ledger, number)
    wait(ledger, seq)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    slowest = 0.0
    for number in range(5, 60):
        began = time.monotonic()
        fleet, seq = turn(fleet, ledger, number)
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.02)
    print(ledger.recorded_seq < seq, ledger.failing, ledger.errors > 1, slowest < 1.0, sep="|", flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    wait(ledger, seq)
    print(ledger.recorded_seq == ledger.seq, ledger.failing, ledger.close(60.0), sep="|", flush=True)


def starved(path: Path) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    ledger = Ledger.open(path)
    _, seq = turn(start(INVENTORY, Rates()), ledger, 0)
    while not ledger.failing:
        time.sleep(0.01)
    print(ledger.restored.seq, ledger.recorded_seq, ledger.failing, sep="|", flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    wait(ledger, seq)
    print(seq, ledger.failing, ledger.close(60.0), sep="|", flush=True)


if __name__ == "__main__":
    mode, path = sys.argv[1], Path(sys.argv[2])
    if mode == "starved":
        starved(path)
    else:
        {"steady": steady, "full": full}[mode](Ledger.open(path, capacity=200))
