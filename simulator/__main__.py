"""``python -m simulator``: run a city until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from simulator.chance import chance
from simulator.city import build_city
from simulator.control import Control
from simulator.faults import DEFAULT_CAMERAS, FEWEST_CAMERAS
from simulator.inventory import Secrets, write_inventory
from simulator.ports import OPTIONS, Ports, PortsWrong, PortTaken, Sockets, check, open_sockets
from simulator.running import RunningCity

USERNAME = "camfleet"
PR_SET_PDEATHSIG = 1
SIGNALS = (signal.SIGTERM, signal.SIGINT)
MOST_CAMERAS = 50_000
FILES_BESIDES = 1_000


class TooFewFiles(Exception):
    """The system does not allow as many open files as the city needs."""


class FolderUnusable(Exception):
    """The city's inventory cannot be written where it should."""


def parse_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; exits with 2 where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="camfleet simulate",
        description="A city of cameras on loopback that speak ONVIF, RTSP and SNMP, a third of them with faults.",
        epilog="example: camfleet simulate --cameras 60 --folder /tmp/city --ports free",
    )
    usual = Ports()
    parser.add_argument("--cameras", type=int, default=DEFAULT_CAMERAS, metavar="N", help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another seed, another city (%(default)s)")
    parser.add_argument("--folder", type=Path, required=True, metavar="DIR", help="where to write its inventory")
    parser.add_argument("--tls", type=int, default=0, metavar="N", help="how many devices speak https and rtsps (0)")
    for name, option in OPTIONS.items():
        default = getattr(usual, name)
        text = f"{name.replace('_', ' ')} port of all devices ({default or 'any free one'})"
        parser.add_argument(option, dest=name, type=port_number, metavar="PORT", help=text)
    parser.add_argument("--ports-from", type=port_number, metavar="BASE", help="five consecutive ports instead")
    parser.add_argument("--ports", choices=["free"], help="any free ports instead")
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started this one ends")
    options = parser.parse_args(arguments)
    if not FEWEST_CAMERAS <= options.cameras <= MOST_CAMERAS:
        parser.error(f"--cameras must be from {FEWEST_CAMERAS} to {MOST_CAMERAS}, not {options.cameras}")
    if options.tls < 0:
        parser.error(f"--tls must be 0 or more, not {options.tls}")
    return options


def port_number(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise ValueError(text)
    return number


def choose_ports(options: argparse.Namespace) -> Ports:
    """The ports that the options ask for: a single option goes before ``--ports-from`` and ``--ports free``.

    Raises ``PortsWrong`` where they do not fit together.
    """
    ports = Ports.free() if options.ports else Ports.counted_from(options.ports_from) if options.ports_from else Ports()
    chosen = {name: getattr(options, name) for name in OPTIONS if getattr(options, name) is not None}
    whole = Ports(**{name: chosen.get(name, getattr(ports, name)) for name in OPTIONS})
    check(whole)
    return whole


def make_secrets(seed: int) -> Secrets:
    """The city's password and community: of the seed, so that a city that is started again opens as before."""
    rng = chance("secrets", seed)
    password, community = (f"{rng.getrandbits(64):016x}" for _ in range(2))
    return Secrets(username=USERNAME, password=password, community=community)


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when its parent ends (Linux, prctl); ``parent`` as it was at our start."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def raise_file_limit(cameras: int) -> None:
    """A silent address needs a descriptor a port, a visitor one: take as many as the system allows."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    needed = cameras + FILES_BESIDES
    if hard < needed:
        raise TooFewFiles(f"{cameras} cameras need {needed} open files, and the limit is {hard}: raise it (ulimit -Hn)")


async def run(options: argparse.Namespace, sockets: Sockets, started: float) -> None:
    """Build the city, serve it, say so, and wait for a signal."""
    city = build_city(options.seed, options.cameras, options.tls)
    keys = make_secrets(options.seed)
    try:
        write_inventory(options.folder, city, sockets.ports, keys)
    except OSError as error:
        raise FolderUnusable(f"--folder {options.folder}: {error.filename}: {error.strerror}") from None
    running = RunningCity(city, sockets, keys)
    control = Control(running, sockets.control)
    await running.start()
    await control.start()
    stop = asyncio.Event()
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    ready = {
        "ready": True,
        "inventory": str(options.folder),
        "control": f"http://127.0.0.1:{sockets.ports.control}",
        "cameras": len(city.cameras),
        "seconds": round(time.monotonic() - started, 2),
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await running.close()
    await control.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a city; return the exit code: 0 when told to stop, 2 where it cannot start."""
    started, parent = time.monotonic(), os.getppid()
    options = parse_options(arguments)
    for number in SIGNALS:  # until the city is ready nobody is served whom an end at once would hurt
        signal.signal(number, lambda *_: os._exit(0))
    if options.with_parent:
        die_with_parent(parent)
    try:
        raise_file_limit(options.cameras)
        sockets = open_sockets(choose_ports(options))
    except (PortsWrong, PortTaken, TooFewFiles) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    try:
        import uvloop

        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    except ImportError:
        runner = asyncio.Runner()
    try:
        with runner, contextlib.suppress(KeyboardInterrupt):
            runner.run(run(options, sockets, started))
    except FolderUnusable as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
