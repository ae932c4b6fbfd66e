"""`camfleet run` as a process: it starts, serves, takes another inventory, rides out a full disk, and ends when told."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from effort import prompt
from peers.servers import free_port
from runs import CAMFLEET, Running, alive, camfleet, children, environment, get, metric, running, starting, until

from monitor.cli.watching import _whether_it_can
from monitor.core.schedule import phase
from monitor.ledger.reader import Reader

#: Devices whose first contact falls into the first two seconds of the minute over which it is spread.
EARLY = [name for name in (f"early-{n}" for n in range(400)) if phase(name, 60.0) < 2.0][:2]
HEAD = "zones: {z: {name: Zone}}\ncameras:\n"
CAMERA = "  - {{id: {0}, address: 127.4.0.{1}, zone: z, probes: [rtsp], ports: {{rtsp: {2}}}, stream: {3}}}\n"


def inventory(folder: Path, *cameras: tuple[str, int, str]) -> Path:
    """Write an inventory of cameras whose RTSP ports are closed: they are alive, and have no stream."""
    path = folder / "inventory.yaml"
    port = free_port()
    path.write_text(HEAD + "".join(CAMERA.format(name, number, port, stream) for name, number, stream in cameras))
    return path


@pytest.fixture
def monitor(tmp_path: Path) -> Iterator[tuple[Running, int]]:
    """A running monitor of two cameras, and its port."""
    inventory(tmp_path, (EARLY[0], 1, "/a"), (EARLY[1], 2, "/a"))
    port = free_port()
    arguments = ("run", "-i", "inventory.yaml", "--listen", f"127.0.0.1:{port}")
    with running(*arguments, folder=tmp_path) as process:
        process.until("2 cameras on 2 devices; pages and /metrics at")
        yield process, port


@pytest.fixture(scope="module", autouse=True)
def telling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A monitor that runs beside all these tests: what it says takes three looks ten seconds apart."""
    folder = tmp_path_factory.mktemp("telling")
    inventory(folder, (EARLY[0], 3, "/a"))
    with starting("run", "-i", "inventory.yaml", "--listen", f"127.0.0.1:{free_port()}", folder=folder) as process:
        process.until("Ctrl-C stops")
        yield process


def test_a_run_from_beginning_to_end(monitor: tuple[Running, int], tmp_path: Path) -> None:
    """It serves, watches, records and, told to end, ends within two seconds with 0 and without a word more.

    Prometheus is nowhere, and nobody misses it.
    """
    process, port = monitor
    assert f"pages and /metrics at http://127.0.0.1:{port}/\n" in process.err
    until(lambda: get(port, "/readyz") == (200, "ready\n"))
    assert get(port, "/healthz") == (200, "ok\n")
    until(lambda: "closed" in get(port, f"/api/v1/cameras/{EARLY[0]}")[1])
    began = time.monotonic()
    process.signal(signal.SIGINT)
    end = process.wait()
    assert prompt(time.monotonic() - began, 2.0)
    assert (end.code, end.out, end.traceback) == (0, "", False)
    with Reader.open(tmp_path / "camfleet.sqlite") as reader:
        assert reader.restore().last_heartbeat is not None
    told = camfleet("why", EARLY[0], folder=tmp_path)
    assert (told.code, told.err) == (0, "")
    assert EARLY[0] in told.out


def loads_modules(pid: int) -> bool:
    """Whether the command is loading its parts: this is one of the large ones."""
    return "pydantic_core" in Path(f"/proc/{pid}/maps").read_text()


def holds(pid: int, name: str) -> bool:
    """Whether a process has a file of this name open."""
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            if os.path.basename(os.readlink(one)) == name:
                return True
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_end_at_any_moment(number: int, tmp_path: Path) -> None:
    """A monitor that is told to end while it loads or starts ends within two seconds too, and never shows a traceback."""
    inventory(tmp_path, (EARLY[0], 1, "/a"))
    for moment in (loads_modules, lambda pid: holds(pid, "camfleet.sqlite-lock")):
        with starting(
            "run", "-i", "inventory.yaml", "--listen", f"127.0.0.1:{free_port()}", folder=tmp_path
        ) as process:
            until(partial(moment, process.process.pid))
            began = time.monotonic()
            process.signal(number)
            end = process.wait()
        assert prompt(time.monotonic() - began, 2.0)
        assert not end.traceback


def test_another_inventory(monitor: tuple[Running, int], tmp_path: Path) -> None:
    """SIGHUP: only what changed is started or stopped; a wrong file changes nothing; metrics and messages tell both."""
    process, port = monitor
    until(lambda: "closed" in get(port, f"/api/v1/cameras/{EARLY[0]}")[1])
    assert metric(port, "camfleet_inventory_last_reload_successful") == 1
    before = metric(port, "camfleet_inventory_reload_success_timestamp_seconds")

    (tmp_path / "inventory.yaml").write_text(HEAD + "  - {id: x}\n")
    process.signal(signal.SIGHUP)
    process.until("mistakes; the old ones stay in force")
    process.until("inventory.yaml:3:5: cameras[0]")
    until(lambda: metric(port, "camfleet_inventory_last_reload_successful") == 0)
    assert metric(port, "camfleet_inventory_reload_success_timestamp_seconds") == before
    assert json.loads(get(port, "/api/v1/summary")[1])["cameras"] == 2

    (tmp_path / "inventory.yaml").unlink()
    process.signal(signal.SIGHUP)
    until(lambda: process.err.count("the old ones stay in force") == 2)

    inventory(tmp_path, (EARLY[0], 1, "/a"), ("late", 3, "/b"), ("later", 4, "/b"))
    process.signal(signal.SIGHUP)
    process.until("inventory reloaded: 2 devices started, 1 stopped, 1 changed")
    until(lambda: metric(port, "camfleet_inventory_last_reload_successful") == 1)
    assert metric(port, "camfleet_inventory_reload_success_timestamp_seconds") > before
    until(lambda: json.loads(get(port, "/api/v1/summary")[1])["cameras"] == 3)
    assert get(port, f"/api/v1/cameras/{EARLY[1]}")[0] == 404
    assert get(port, "/api/v1/cameras/later")[0] == 200

    process.signal(signal.SIGHUP)
    process.signal(signal.SIGHUP)
    process.until("inventory reloaded: 0 devices started, 0 stopped, 0 changed")

    with (tmp_path / "inventory.yaml").open("a") as file:
        file.write("canaries: [{id: gateway, address: 127.0.0.1, port: 9}]\n")
    process.signal(signal.SIGHUP)
    process.until("inventory reloaded: 0 devices started, 0 stopped, 0 changed; canaries: gateway")
    until(lambda: 'camfleet_canary_up{vantage="central",canary="gateway"} 1' in get(port, "/metrics")[1])
    process.signal(signal.SIGTERM)
    end = process.wait()
    assert (end.code, end.traceback) == (0, False)


def test_a_full_disk(monitor: tuple[Running, int], tmp_path: Path) -> None:
    """No byte more fits on the disk: watching goes on, /readyz and the log say so, once; with room again all is written."""
    process, port = monitor
    until(lambda: "\ncamfleet_checkpoint_timestamp_seconds " in get(port, "/metrics")[1])  # the start is written whole
    until((tmp_path / "camfleet.sqlite-checkpoints").exists)  # and its checkpoint is where it should be
    resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    process.signal(signal.SIGHUP)  # which is an event, and wants to be written
    until(lambda: get(port, "/readyz")[0] == 503)
    said = get(port, "/readyz")[1]
    assert said.startswith("The ledger cannot be written: camfleet.sqlite: ")
    until(lambda: "Watching goes on; what is found waits in memory" in process.err)
    assert get(port, "/healthz")[0] == 200
    at = json.loads(get(port, "/api/v1/summary")[1])["at"]
    until(lambda: json.loads(get(port, "/api/v1/summary")[1])["at"] > at)
    assert metric(port, "camfleet_ledger_failing") == 1
    assert process.err.count("Watching goes on") == 1

    resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    until(lambda: get(port, "/readyz")[0] == 200)
    process.until("the ledger is written again")
    process.signal(signal.SIGTERM)
    assert process.wait().code == 0
    with sqlite3.connect(tmp_path / "camfleet.sqlite") as ledger:
        (count,) = ledger.execute("SELECT count(*) FROM events WHERE kind = 'config'").fetchone()
    assert count == 2


def test_an_end_with_a_full_disk(monitor: tuple[Running, int]) -> None:
    """A monitor whose disk is full ends within its time and says how many events are lost."""
    process, port = monitor
    until(lambda: get(port, "/readyz")[0] == 200)
    resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    process.signal(signal.SIGHUP)
    until(lambda: get(port, "/readyz")[0] == 503)
    began = time.monotonic()
    process.signal(signal.SIGINT)
    end = process.wait()
    assert prompt(time.monotonic() - began, 2.0)
    assert not end.traceback
    assert "events could not be recorded before the end" in end.err


def test_two_monitors_on_one_ledger(monitor: tuple[Running, int], tmp_path: Path) -> None:
    """A second monitor on the same ledger is refused by a sentence; a question to the ledger is answered beside it."""
    second = camfleet("run", "-i", "inventory.yaml", "--listen", f"127.0.0.1:{free_port()}", folder=tmp_path)
    assert (second.code, second.out) == (2, "")
    assert "another camfleet writes this ledger; stop it, or name another file" in second.err
    until(lambda: camfleet("why", EARLY[0], folder=tmp_path).code == 0)


def test_logs_as_json(tmp_path: Path) -> None:
    """With --log-json every line of the log is a JSON object."""
    inventory(tmp_path, (EARLY[0], 1, "/a"))
    arguments = ("run", "-i", "inventory.yaml", "--listen", f"127.0.0.1:{free_port()}", "--log-json")
    with running(*arguments, folder=tmp_path) as process:
        process.until("camera on 1 device")
        process.signal(signal.SIGHUP)
        process.until("inventory reloaded")
        process.signal(signal.SIGINT)
        end = process.wait()
    lines = [json.loads(line) for line in end.err.splitlines() if line.startswith("{")]
    assert "inventory reloaded: 0 devices started, 0 stopped, 0 changed" in [line["message"] for line in lines]


def test_mistakes_of_a_reload(monitor: tuple[Running, int], tmp_path: Path) -> None:
    """Each mistake is a line of the log of its own, and the old inventory stays in force."""
    process, port = monitor
    (tmp_path / "inventory.yaml").write_text(
        "zones: {z: {name: Z}}\ncameras:\n  - {id: a, zone: z, address: 192.0.2.1, hue: red, tone: c}\n"
    )
    process.signal(signal.SIGHUP)
    process.until("the new inventory, calendar, contracts or orders have 2 mistakes; the old ones stay in force")
    process.until("tone: unknown key")
    lines = [line for line in process.err.splitlines() if "inventory.yaml:3:" in line]
    assert len(lines) == 2
    assert "\\n" not in process.err
    assert json.loads(get(port, "/api/v1/summary")[1])["cameras"] == 2


def test_what_a_run_says(telling: Running) -> None:
    """At the start: what is watched, where it is shown and kept, and when there is something to see; then each change."""
    process = telling
    assert re.search(r"^Ledger: camfleet\.sqlite\. First verdicts in about [5-7] s; ", process.err, re.MULTILINE)
    assert "\nPlanned: none, there is no calendar.yaml; contracts: none, there is no contracts.yaml.\n" in process.err
    assert f"kill -HUP {process.process.pid} loads the inventory anew." in process.err
    until(lambda: f"{EARLY[0]} does not work: port closed" in process.err, 60.0)


def test_a_run_whose_devices_others_ask(tmp_path: Path) -> None:
    """It says how many ask, a prober finds what is so, and none is left at the end."""
    inventory(tmp_path, (EARLY[0], 1, "/a"))
    arguments = ("run", "-i", "inventory.yaml", "--listen", f"127.0.0.1:{free_port()}", "--probers", "2")
    with starting(*arguments, folder=tmp_path) as process:
        process.until("2 probers: each asks about 1 device.")
        process.until(f"{EARLY[0]} does not work: port closed")
        probers = children(process.process.pid)
        process.signal(signal.SIGTERM)
        end = process.wait()
    assert end.code == 0
    assert len(probers) == 1
    assert not any(map(alive, probers))


def test_a_fleet_that_is_too_large_is_said() -> None:
    """More devices than are asked in time by so many processes: how many it takes."""
    advice = "One process asks 10,000 devices in time; more begin late. Try --probers 3."
    assert list(_whether_it_can(10_000, 0)) == []
    assert list(_whether_it_can(25_000, 0)) == [advice]
    assert list(_whether_it_can(25_000, 2)) == ["2 probers: each asks about 12,500 devices.", advice]
    assert list(_whether_it_can(25_000, 3)) == ["3 probers: each asks about 8,334 devices."]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_simulated_city_that_was_told_to_ignore_signals(number: int, tmp_path: Path) -> None:
    """Also where whoever started it ignores them, as a script's background job does, a signal ends the city."""
    ignoring = f"trap '' INT TERM; exec {CAMFLEET} simulate --cameras 30 --folder city --ports free"
    process = subprocess.Popen(["/bin/sh", "-c", ignoring], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert json.loads(process.stdout.readline())["ready"]
        process.send_signal(number)
        assert process.wait() == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_simulated_city_by_itself(tmp_path: Path) -> None:
    """`camfleet simulate` is the simulator: it says that it is ready, takes the signal itself, and leaves nobody behind."""
    with starting("simulate", "--cameras", "30", "--folder", "city", "--ports", "free", folder=tmp_path) as process:
        ready = json.loads(process.out.readline())
        assert Path(tmp_path / ready["inventory"]).exists()
        left = children(process.process.pid)
        process.signal(signal.SIGTERM)
        end = process.wait()
    assert not end.traceback
    assert not [pid for pid in left if alive(pid)]
