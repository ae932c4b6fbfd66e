"""`camfleet probe` against a simulated city: what it says, what it returns, that it shows no secret and harms no camera."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from peers.cities import CityDevice, RunningCity, started_city
from peers.servers import free_port
from runs import ALONE, Ended, Running, get, running, until
from runs import camfleet as run_camfleet

from monitor.core.limits import Bucket
from monitor.inspection.notebook import Notebook
from monitor.ledger.reader import Reader
from monitor.probes.memory import Memory, from_json
from monitor.scheduler.budget import Buckets

RUNGS = {"reachable", "control", "credentials", "stream", "media", "clock", "identity", "device", "recording"}
#: A look may have to wait for a device's budget.
LOOK_S = 120.0

camfleet = partial(run_camfleet, patience_s=LOOK_S)


@pytest.fixture(scope="module")
def city() -> Iterator[RunningCity]:
    with started_city(60) as running:
        yield running


@pytest.fixture(scope="module")
def watched() -> Iterator[RunningCity]:
    """Another city, for monitors: they ask every camera."""
    with started_city(60, seed=2) as running:
        yield running


@pytest.fixture(scope="module")
def sound(city: RunningCity) -> list[CityDevice]:
    """Devices that nothing is wrong with. Each test that breaks one has one of its own, from the fourth on."""
    return list(city.all_of(""))


def broken(city: RunningCity, device: CityDevice, fault: str) -> CityDevice:
    city.switch_on(fault, cameras=device.cameras)
    return device


@pytest.fixture(scope="module")
def looks(
    city: RunningCity, sound: list[CityDevice], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Ended]]]:
    """One look at each kind of camera, a few at a time, each with a ledger of its own."""
    fine, another, third = (one.cameras[0] for one in sound[:3])
    faulty = {fault: city.find(fault).cameras[0] for fault in ("password", "stream_server", "dead", "busy", "sd_card")}
    cases = {
        "fine": (fine,),
        "fine, as JSON": (another, "--json"),
        "fine, in full": (third, "--debug"),
        "password, as JSON, in full": (faulty["password"], "--json", "--debug"),
        **{fault: (camera,) for fault, camera in faulty.items() if fault != "password"},
    }
    with ThreadPoolExecutor(3) as pool:
        yield {
            name: pool.submit(
                camfleet, "probe", *arguments, "-i", str(city.inventory), folder=tmp_path_factory.mktemp("probe")
            )
            for name, arguments in cases.items()
        }


@pytest.fixture(scope="module", autouse=True)
def slow(
    city: RunningCity, sound: list[CityDevice], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Any]]]:
    """Looks that mostly wait, begun before all the others so that they end beside them."""
    folder = tmp_path_factory.mktemp
    with ThreadPoolExecutor(4) as pool:
        yield {
            "cut short by SIGINT": pool.submit(cut_short, signal.SIGINT, city, sound[4], folder("cut")),
            "cut short by SIGKILL": pool.submit(cut_short, signal.SIGKILL, city, sound[5], folder("cut")),
            "two at once": pool.submit(two_at_once, city, sound[6], folder("two")),
        }


def test_a_camera_that_works(looks: dict[str, Future[Ended]]) -> None:
    """The verdict comes first, then one line a rung, then measurements with units; exit code 0. On standard error it says
    that no monitor was asked to do it."""
    end = looks["fine"].result()
    assert (end.code, end.err) == (0, ALONE)
    assert re.match(r"\S+ \(.+\) at 127\.[\d.]+ works\n\n", end.out)
    told = dict(re.findall(r"^  (\w+) +(ok|FAILS|not seen|-)(?= |$)", end.out, re.MULTILINE))
    assert set(told) <= RUNGS
    assert [told[rung] for rung in ("reachable", "control", "credentials", "stream", "media")] == ["ok"] * 5
    assert re.search(r"^  model +\S+", end.out, re.MULTILINE)
    assert re.search(r"^  clock error +(none|[\d.]+ s (fast|slow))$", end.out, re.MULTILINE)
    assert re.search(r"^  frame rate +[\d.]+ pictures/s$", end.out, re.MULTILINE)
    assert "_" not in end.out


def test_a_camera_that_works_as_json(looks: dict[str, Future[Ended]]) -> None:
    """One JSON object with state, every rung's outcome and the measurements; no conversation unasked."""
    end = looks["fine, as JSON"].result()
    assert (end.code, end.err) == (0, ALONE)
    told = json.loads(end.out)
    assert set(told) == {
        "camera", "device", "address", "working", "state", "reason", "action", "login", "rungs", "measurements",
    }  # fmt: skip
    assert (told["working"], told["state"], told["reason"], told["action"]) == (True, "up", None, None)
    assert told["login"] == {"refused_at": [], "next_at": None}
    assert told["rungs"]["media"]["outcome"] == "ok"
    assert told["rungs"]["media"]["reason"] is None
    assert told["measurements"]["video_packets"] > 0


def test_what_was_said(looks: dict[str, Future[Ended]], city: RunningCity) -> None:
    """--debug adds each message of each protocol, sent and received, without passwords, proofs or communities."""
    end = looks["fine, in full"].result()
    assert (end.code, end.err) == (0, ALONE)
    for text in ("GetSystemDateAndTime", "DESCRIBE rtsp://", "TEARDOWN rtsp://", "RTSP/1.0 200", "HTTP/1.1 200"):
        assert text in end.out
    assert "[removed]" in end.out
    assert not [secret for secret in (city.password, city.community) if secret in end.out]
    assert not re.search(r'response="', end.out)


def test_a_camera_whose_password_was_changed(looks: dict[str, Future[Ended]], city: RunningCity) -> None:
    """The refusal is the credentials', one login was tried over all protocols, and the exit code is 1."""
    end = looks["password, as JSON, in full"].result()
    assert (end.code, end.err) == (1, ALONE)
    told = json.loads(end.out)
    assert (told["working"], told["state"], told["reason"]) == (False, "down", "credentials")
    assert told["rungs"]["credentials"]["reason"] == "credentials"
    assert told["rungs"]["media"]["outcome"] != "fail"
    assert told["login"]["next_at"] == pytest.approx(told["login"]["refused_at"][0] + 600)
    said = json.dumps(told["conversations"])
    assert said.count("uthorization: Digest") + said.count("<Password") == 1
    assert city.password not in said


#: fault: (exit code, how the verdict ends, what else is said)
VERDICTS = {
    "stream_server": (1, r"does not work: (stream not found|server error)", r"^  stream +FAILS +.*RTSP (404|500)"),
    "dead": (1, r"does not work: no answer", r"^  What to do: Check power"),
    "busy": (1, r"could not be judged: busy", r"^  What to do: Nothing to repair yet"),
    "sd_card": (0, r"works, but: storage failed", r"^  What to do: Replace the card"),
}


@pytest.mark.parametrize("fault", VERDICTS)
def test_a_camera_with_a_fault(fault: str, looks: dict[str, Future[Ended]]) -> None:
    """The first line is the verdict with its reason; then what to do. No text of Python's or the system's is shown."""
    end = looks[fault].result()
    code, verdict, more = VERDICTS[fault]
    assert (end.code, end.err) == (code, ALONE)
    assert re.search(rf"^\S+ \(.+\) at \S+ {verdict}$", end.out.splitlines()[0])
    assert re.search(more, end.out, re.MULTILINE)
    assert not re.search(r"Errno|\wError\b|Exception", end.out)


def refill(ledger: Path) -> None:
    """Let the devices' budgets be full again, as a minute and a half would."""
    with closing(sqlite3.connect(ledger)) as file, file:
        file.execute("DELETE FROM memory WHERE key LIKE 'budget/%'")


def test_looks_that_are_repeated(city: RunningCity, sound: list[CityDevice], tmp_path: Path) -> None:
    """Where no monitor runs, however often one looks: one wrong login, never two connections, and it is said why.

    An operator who clears the lock may try once more.
    """
    device = broken(city, sound[3], "password")
    ledger = tmp_path / "camfleet.sqlite"
    arguments = ("probe", device.cameras[0], "-i", str(city.inventory))
    for _ in range(3):
        end = camfleet(*arguments, folder=tmp_path)
        assert (end.code, end.err) == (1, ALONE)
        assert "does not work: login refused" in end.out.splitlines()[0]
        said = r"^  Login refused at \d\d:\d\d UTC; not tried again before .*\d\d:\d\d UTC without new evidence, "
        assert re.search(said, end.out, re.MULTILINE)
        assert f"camfleet probe {device.cameras[0]} --clear-lock" in end.out
        refill(ledger)
    counters = city.counters(device.id)
    assert (counters["failed_logins"], counters["tcp_open_max"]) == (1, 1)
    for more in (("--clear-lock",), ()):
        camfleet(*arguments, *more, folder=tmp_path)
        refill(ledger)
    assert city.counters(device.id)["failed_logins"] == 2
    with Reader.open(ledger) as reader:
        events = [event.what for _, event in reader.events(kind="device")]  # type: ignore[union-attr]
    assert events == ["login refused", "login lock cleared", "login refused"]


def test_what_a_look_by_itself_leaves_is_no_ledger_of_a_fleet(tmp_path: Path) -> None:
    """It keeps the device's lock and budget; of causes, assets or a shift it knows nothing, and says so."""
    Notebook.open(tmp_path / "camfleet.sqlite").close()  # type: ignore[union-attr]
    for command in (["causes"], ["why", "pier-gate"], ["handover"], ["batteries"], ["assets"]):
        end = camfleet(*command, folder=tmp_path)
        assert (end.code, end.out) == (2, "")
        assert end.err == (
            "camfleet.sqlite: no monitor has ever written this ledger, so it knows nothing of a fleet. Name the monitor's:"
            " --ledger PATH.\n"
        )


def test_a_budget_that_is_used_up(city: RunningCity, sound: list[CityDevice], tmp_path: Path) -> None:
    """A look that follows others too soon waits until the device may be asked again, and says so."""
    device = sound[8]
    notebook = Notebook.open(tmp_path / "camfleet.sqlite")
    assert notebook is not None
    now = time.time()
    notebook.keep(device.id, Memory(), Buckets(Bucket(-40.0, now), Bucket(20.0, now)))
    notebook.close()
    with running("probe", device.cameras[0], "-i", str(city.inventory), folder=tmp_path) as look:
        look.until("next question waits")
        look.signal(signal.SIGINT)
        end = look.wait()
    assert re.fullmatch(r"It has been asked enough for now; the next question waits \d+ s\.", end.err.splitlines()[1])
    assert not end.traceback
    assert city.counters(device.id)["http_requests"] == 0


def cut_short(number: int, city: RunningCity, sound: CityDevice, folder: Path) -> tuple[Ended, int]:
    """Interrupt a look between a login and its answer; how many refused logins the ledger then knows."""
    device = broken(city, sound, "slow")
    arguments = ("probe", device.cameras[0], "-i", str(city.inventory))
    before = city.counters(device.id)["http_requests"]
    with running(*arguments, folder=folder) as look:
        until(lambda: city.counters(device.id)["http_requests"] >= before + 3)
        time.sleep(0.3)
        look.signal(number)
        end = look.wait()
    notebook = Notebook.open(folder / "camfleet.sqlite")
    assert notebook is not None
    failures = notebook.memory(device.id).login.failures
    notebook.close()
    return end, len(failures)


@pytest.mark.parametrize("name", ["SIGINT", "SIGKILL"])
def test_a_look_that_is_cut_short(name: str, slow: dict[str, Future[Any]]) -> None:
    """A look that is interrupted between a login and its answer leaves the lock behind: it counts as refused."""
    end, failures = slow[f"cut short by {name}"].result()
    assert not end.traceback
    assert failures == 1


def test_a_ledger_that_cannot_be_written(city: RunningCity, tmp_path: Path) -> None:
    """Without a place for its lock a camera is not asked at all."""
    camera = city.find("password").cameras[0]
    end = camfleet("probe", camera, "-i", str(city.inventory), "--ledger", "nowhere/x.sqlite", folder=tmp_path)
    assert (end.code, end.out) == (2, "")
    assert "The camera was not asked: nowhere/x.sqlite: the ledger cannot be opened" in end.err
    assert "--ledger" in end.err
    assert "--monitor URL" in end.err


def two_at_once(city: RunningCity, sound: CityDevice, folder: Path) -> list[Ended]:
    """Look at one slow camera twice at the same time, beside somebody who holds the ledger until both wait."""
    device = broken(city, sound, "slow")
    (folder / "inventory.yaml").write_text(
        f"zones: {{z: {{name: Z}}}}\ncameras:\n  - {{id: slow, zone: z, address: {device.address}, probes: [onvif],"
        f" ports: {{onvif: {device.onvif_port}}}}}\n"
    )
    notebook = Notebook.open(folder / "camfleet.sqlite")
    assert notebook is not None
    with running("probe", "slow", folder=folder) as one, running("probe", "slow", folder=folder) as other:
        for look in (one, other):
            look.until(WAITING)
        notebook.close()
        return [one.wait(), other.wait()]


WAITING = "Another camfleet uses this ledger; waiting until it is done."


def test_two_looks_at_once(slow: dict[str, Future[Any]], city: RunningCity, sound: list[CityDevice]) -> None:
    """A look waits for whoever holds the ledger and says so; the device never sees two connections."""
    ends = slow["two at once"].result()
    assert [end.code for end in ends] == [0, 0]
    assert [end.err.splitlines()[0] for end in ends] == [WAITING, WAITING]
    assert city.counters(sound[6].id)["tcp_open_max"] == 1


def listens(ledger: Path) -> bool:
    with Reader.open(ledger) as reader:
        return "listen" in reader.restore().memory


@pytest.fixture(scope="module")
def monitor(watched: RunningCity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, int, Path]]:
    """A monitor of a second city of its own, its port, and its folder."""
    folder = tmp_path_factory.mktemp("monitor")
    port = free_port()
    with running("run", "-i", str(watched.inventory), "--listen", f"127.0.0.1:{port}", folder=folder) as process:
        process.until("pages and /metrics at")
        until(lambda: listens(folder / "camfleet.sqlite"))
        yield process, port, folder


def test_a_look_through_the_monitor(monitor: tuple[Running, int, Path], watched: RunningCity) -> None:
    """Beside a running monitor the camera is asked by it: no inventory is needed, budgets and the login lock are its own."""
    _, port, folder = monitor
    device = watched.find("password")
    arguments = ("probe", device.cameras[0], "-i", "no-such-file", "--json", "--debug")
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(camfleet, *arguments, folder=folder) for _ in range(2)]
        ends = [future.result() for future in futures]
    for end in ends:
        told = json.loads(end.out)
        assert (end.code, told["working"], told["reason"]) == (1, False, "credentials")
        assert "GetSystemDateAndTime" in json.dumps(told["conversations"])
        assert watched.password not in end.out
    counters = watched.counters(device.id)
    assert (counters["failed_logins"], counters["tcp_open_max"]) == (1, 1)
    shown = f"/api/v1/cameras/{device.cameras[0]}"
    until(lambda: json.loads(get(port, shown)[1])["reason"] == "credentials")  # the next second's snapshot


def test_a_look_through_a_monitor_by_its_address(
    monitor: tuple[Running, int, Path], watched: RunningCity, tmp_path: Path
) -> None:
    """--monitor URL asks that monitor from anywhere; no ledger is made here."""
    _, port, _ = monitor
    dead = watched.find("dead").cameras[0]
    end = camfleet("probe", dead, "--json", "--monitor", f"http://127.0.0.1:{port}", folder=tmp_path)
    assert (end.code, json.loads(end.out)["working"]) == (1, False)
    assert not (tmp_path / "camfleet.sqlite").exists()


def test_a_camera_that_the_monitor_does_not_know(monitor: tuple[Running, int, Path], watched: RunningCity) -> None:
    """The monitor's own words, and the likely name."""
    _, port, folder = monitor
    camera = watched.find("").cameras[0]
    end = camfleet("probe", f"{camera}x", folder=folder)
    assert (end.code, end.out) == (2, "")
    assert end.err == (
        f"The monitor at http://127.0.0.1:{port} watches no camera '{camera}x'. Did you mean '{camera}'?\n"
    )


def test_a_monitor_that_is_not_there(tmp_path: Path) -> None:
    """An address where nothing, or something else, answers is named."""
    end = camfleet("probe", "x", "--monitor", f"http://127.0.0.1:{free_port()}", folder=tmp_path)
    assert end.code == 2
    assert re.fullmatch(
        r"The monitor at http://127\.0\.0\.1:\d+ does not answer, or not to the end\. Does it run\?\n", end.err
    )
    end = camfleet("probe", "x", "--monitor", "not an address", folder=tmp_path)
    assert (end.code, end.traceback) == (2, False)


def test_what_a_monitor_that_was_killed_left_behind(watched: RunningCity, tmp_path: Path) -> None:
    """The address of a monitor that was killed misleads nobody: the camera is asked without it."""
    city = watched
    with running("run", "-i", str(city.inventory), "--listen", f"127.0.0.1:{free_port()}", folder=tmp_path) as process:
        process.until("pages and /metrics at")
        ledger = tmp_path / "camfleet.sqlite"
        until(lambda: listens(ledger))
        process.signal(signal.SIGKILL)
        process.wait()
    camera = watched.find("").cameras[0]
    assert camfleet("probe", camera, "-i", str(city.inventory), folder=tmp_path).code == 0


def test_a_login_of_an_earlier_look_holds_for_the_monitor(
    city: RunningCity, sound: list[CityDevice], tmp_path: Path
) -> None:
    """What a look noted in the ledger is what a monitor that starts afterwards knows of the device."""
    device = broken(city, sound[7], "password")
    camfleet("probe", device.cameras[0], "-i", str(city.inventory), folder=tmp_path)
    with Reader.open(tmp_path / "camfleet.sqlite") as reader:
        stored = reader.restore().memory[f"device/{device.id}"]
    assert isinstance(stored, dict)
    assert len(from_json(stored).login.failures) == 1
