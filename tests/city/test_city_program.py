"""The program: ready soon, gone at once, clear about what it cannot do; its inventory is one that camfleet reads."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from effort import prompt
from peers.cities import RunningCity, command, running_city, started_city

from monitor.inventory import load
from simulator.ports import Ports, check

PROGRAM = [sys.executable, "-P", "-m", "simulator"]


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *options], capture_output=True, text=True, timeout=90)


def test_1800_cameras_are_ready_within_five_seconds(tmp_path: Path) -> None:
    """From the start of the process to the line that says so; and a signal ends it within one second."""
    started = time.monotonic()
    process = subprocess.Popen(command(tmp_path, 1_800, 1), stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert prompt(time.monotonic() - started, 5.0)
        assert (ready["ready"], ready["cameras"], ready["inventory"]) == (True, 1_800, str(tmp_path))
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert prompt(time.monotonic() - started, 1.0)


async def test_two_cities_run_at_once() -> None:
    """With free ports cities do not get into each other's way, and have the truth of their own seed."""
    async with running_city(cameras=30, seed=1) as one, running_city(cameras=30, seed=2) as other:
        assert one.structure["ports"] != other.structure["ports"]
        assert one.devices[0].address == other.devices[0].address
        assert set(one.truth()) != set(other.truth())


@pytest.mark.parametrize(
    ("kind", "protocol", "option"),
    [(socket.SOCK_STREAM, "TCP", "--rtsp-port"), (socket.SOCK_DGRAM, "UDP", "--snmp-port")],
)
def test_a_port_that_is_taken_is_named(kind: socket.SocketKind, protocol: str, option: str, tmp_path: Path) -> None:
    """One sentence on stderr with port and option, and exit code 2."""
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        ended = run("--folder", str(tmp_path), "--ports", "free", option, str(port))
    assert (ended.returncode, ended.stdout) == (2, "")
    sentence = f"{protocol} port {port} cannot be used (address already in use): choose another with {option}"
    assert ended.stderr == f"{sentence} or --ports free\n"


def test_a_second_city_on_the_same_ports_is_refused(city: RunningCity, tmp_path: Path) -> None:
    """Sharing ports within a city does not let another city in."""
    port = str(city.structure["ports"]["onvif"])
    assert run("--folder", str(tmp_path), "--ports", "free", "--onvif-port", port).returncode == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--cameras", "29"), "--cameras must be from 30 to 50000, not 29"),
        (("--cameras", "many"), "argument --cameras: invalid int value: 'many'"),
        (("--rtsp-port", "70000"), "argument --rtsp-port: invalid port_number value: '70000'"),
    ],
)
def test_wrong_options_are_refused(options: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    """Exit code 2 and a sentence on stderr."""
    ended = run("--folder", str(tmp_path), *options)
    assert ended.returncode == 2
    assert ended.stderr.rstrip().endswith(sentence)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--ports-from", "65534"), "The last port is 65535: --ports-from can be 65531 at most"),
        (
            ("--onvif-port", "18080", "--rtsp-port", "18080"),
            "--onvif-port and --rtsp-port are both 18080: each needs a port of its own",
        ),
        (
            ("--control-port", "8000"),
            "--onvif-port-2 and --control-port are both 8000: each needs a port of its own",
        ),
    ],
)
def test_ports_that_do_not_fit_together_are_refused(options: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    """One sentence on stderr, exit code 2, and nothing written."""
    ended = run("--folder", str(tmp_path / "city"), *options)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"{sentence}\n")
    assert not (tmp_path / "city").exists()


def test_snmp_may_have_the_number_of_another_port() -> None:
    """It is on UDP; and any number of ports may be any free ones."""
    check(Ports(onvif=161, snmp=161))
    check(Ports.free())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_the_start_ends_it_at_once(number: signal.Signals, tmp_path: Path) -> None:
    """A large city takes long to build; nobody who changed their mind waits for it, and no traceback is left."""
    folder = tmp_path / "city"
    options = ("--cameras", "10000", "--folder", str(folder), "--ports", "free")
    pipe = subprocess.PIPE
    with subprocess.Popen([*PROGRAM, *options], stdout=pipe, stderr=pipe, text=True) as process:
        while not folder.exists() and process.poll() is None:
            time.sleep(0.01)
        started = time.monotonic()
        process.send_signal(number)
        assert process.communicate(timeout=90) == ("", "")
        assert (process.returncode, prompt(time.monotonic() - started, 1.0)) == (0, True)


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    """A city started with --with-parent does not outlive the process that started it, however that one ends."""
    starts = textwrap.dedent("""
        import os, subprocess, sys
        city = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
        city.stdout.readline()
        print(city.pid, flush=True)
        os.kill(os.getpid(), 9)
    """)
    parent = subprocess.run([sys.executable, "-c", starts, *command(tmp_path, 30, 1)], capture_output=True, timeout=90)
    pid = int(parent.stdout)
    for _ in range(3000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the city outlived its parent")


def test_the_inventory_is_one_that_camfleet_reads(city: RunningCity) -> None:
    """Every camera with its device, address, ports, site and login; no word about faults anywhere in the folder."""
    fleet = load(city.inventory, {})
    assert set(fleet.cameras) == set(city.truth())
    assert len(fleet.zones) == 8
    hosts = {device.host: device for device in fleet.devices.values()}
    for device in city.devices:
        known = hosts[device.address]
        assert (known.make, list(known.cameras)) == (device.make, device.cameras)
        assert (known.port("onvif"), known.port("rtsp")) == (device.onvif_port, device.rtsp_port)
        assert known.port("snmp") == device.snmp_port
        assert known.credential is not None
        assert known.credential.password.reveal() == city.password
    texts = "".join(path.read_text() for path in city.inventory.rglob("*") if path.is_file())
    assert not any(word in texts for word in ("stream_server", "flapping", "no_video", "dead\n"))


def test_only_streams_that_onvif_cannot_tell_are_written_down(city: RunningCity) -> None:
    """A stream is in the inventory exactly where ONVIF is switched off."""
    fleet = load(city.inventory, {})
    written = {id_ for id_, camera in fleet.cameras.items() if camera.stream}
    assert written == {id_ for id_, truth in city.truth().items() if truth["fault"] == "onvif_off"}


def test_secrets_are_their_owners_alone(city: RunningCity) -> None:
    """Only the owner reads them; another seed has others, the same seed the same."""
    for name in ("city", "community"):
        assert (city.inventory / "secrets" / name).stat().st_mode & 0o777 == 0o600
    with started_city(cameras=30, seed=1) as same, started_city(cameras=30, seed=2) as other:
        assert same.password == city.password
        assert other.password != city.password
