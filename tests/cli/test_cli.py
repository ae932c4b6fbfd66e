"""Commands that end at once: help, mistakes, exit codes, what goes where; all in processes of their own."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from runs import CAMFLEET, PATIENCE_S, Ended, camfleet, environment, started

from monitor.core.event import RungEvent
from monitor.core.fleet import NEVER_SEEN
from monitor.core.health import RungHealth
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.ledger.ledger import Ledger

GOOD = """\
zones: {z: {name: Zone}}
cameras:
  - {id: pier-gate, address: 192.0.2.1, zone: z}
  - {id: market, address: 192.0.2.2, zone: z}
"""
BAD = """\
zones: {z: {name: Zone}}
cameras:
  - {id: pier-gate, address: 192.0.2.1, zone: z, colour: red}
  - {id: pier-gate, address: 192.0.2.300, zone: y}
"""
MISTAKES = (
    "bad.yaml:3:50: cameras[0].colour: unknown key",
    "bad.yaml:4:10: cameras[1].id: the camera pier-gate is written twice: already at bad.yaml:3:10",
    "bad.yaml:4:30: cameras[1].address: neither an IPv4 or IPv6 address nor a DNS name; an IPv4 address is four"
    " numbers from 0 to 255 without leading zeros",
    'bad.yaml:4:49: cameras[1].zone: y is not read as text by every reader of YAML; write it in quotes: "y"',
)
COMMANDS = ("demo", "run", "check-config", "probe", "inspect", "why", "verify")

#: name: arguments; {folder} is where the files below are, {port} a port that is taken
CASES: dict[str, tuple[str, ...]] = {
    "help": ("--help",),
    "version": ("--version",),
    "no command": (),
    **{f"{name} --help": (name, "--help") for name in COMMANDS},
    "simulate --help": ("simulate", "--help"),
    "an unknown command": ("prob", "x"),
    "an unknown option": ("run", "--inventry", "x"),
    "a run without an inventory": ("run",),
    "a probe without an inventory": ("probe", "pier-gate", "--ledger", "fresh-too.sqlite"),
    "too small a city": ("demo", "--cameras", "3"),
    "no port": ("run", "-i", "good.yaml", "--listen", "127.0.0.1"),
    "a port that is none": ("run", "-i", "good.yaml", "--listen", "127.0.0.1:²"),
    "every address": ("run", "-i", "good.yaml", "--listen", "0.0.0.0:{port}"),
    "every address by no name": ("run", "-i", "good.yaml", "--listen", ":{port}"),
    "no tokens": ("run", "-i", "good.yaml", "--tokens", "nothing-here"),
    "tokens for all to read": ("run", "-i", "good.yaml", "--tokens", "tokens"),
    "a port that is taken": ("run", "-i", "good.yaml", "--listen", "127.0.0.1:{port}", "--ledger", "fresh.sqlite"),
    "a port that is not ours": (
        "run", "-i", "good.yaml", "--listen", "192.0.2.1:8480", "--tokens", "mine", "--ledger", "fresher.sqlite",
    ),
    "a traps' port that is none": ("run", "-i", "good.yaml", "--traps", "x", "--ledger", "freshest.sqlite"),
    "a simulated city that cannot be written": ("simulate", "--folder", "good.yaml/city", "--ports", "free"),
    "a demo's port that is taken": ("demo", "--port", "{port}", "--cameras", "30"),
    "a good inventory": ("check-config", "good.yaml"),
    "an inventory that is not there": ("check-config", "nofile.yaml"),
    "a wrong inventory": ("check-config", "bad.yaml"),
    "a run with a wrong inventory": ("run", "-i", "bad.yaml"),
    "a run on a folder": ("run", "-i", "good.yaml", "--listen", "127.0.0.1:0", "--ledger", "."),
    "a probe with a wrong inventory": ("probe", "pier-gate", "-i", "bad.yaml"),
    "a probe of nobody": ("probe", "pier-gaet", "-i", "good.yaml"),
    "a probe with a ledger that is none": ("probe", "pier-gate", "-i", "good.yaml", "--ledger", "good.yaml"),
    "a monitor that is no URL": ("probe", "pier-gate", "--monitor", "foo"),
    "another monitor that is no URL": ("survey", "pier-gate", "--monitor", "127.0.0.1:8480"),
    "why of nobody": ("why", "pier-gaet", "--ledger", "ledger.sqlite"),
    "why without a ledger": ("why", "pier-gate"),
    "why at no moment": ("why", "pier-gate", "--at", "soon", "--ledger", "ledger.sqlite"),
    "why at a moment to come": ("why", "pier-gate", "--at", "2126-01-01", "--ledger", "ledger.sqlite"),
    "a word without an end": ("acknowledge", "uplink-1", "--reason", "known"),
    "a word with two ends": ("acknowledge", "uplink-1", "--reason", "known", "--for", "8h", "--until", "18:00"),
    "a word without a reason": ("acknowledge", "uplink-1", "--for", "8h"),
    "a word for no span": ("acknowledge", "uplink-1", "--reason", "known", "--for", "8"),
    "a withdrawal until later": ("acknowledge", "uplink-1", "--withdraw", "--for", "8h"),
    "a word about no open cause": (
        "acknowledge", "uplink-1", "--reason", "known", "--for", "8h", "--ledger", "ledger.sqlite",
    ),
    "a word without a ledger": ("acknowledge", "uplink-1", "--reason", "known", "--for", "8h"),
    "causes without a ledger": ("causes",),
    "a hand-over since no moment": ("handover", "--since", "morning", "--ledger", "ledger.sqlite"),
    "causes": ("causes", "--ledger", "ledger.sqlite"),
    "a hand-over": ("handover", "--ledger", "ledger.sqlite", "--hours", "1"),
    "why": ("why", "pier-gate", "--ledger", "ledger.sqlite"),
    "a plain terminal": ("why", "pier-gate", "--ledger", "ledger.sqlite"),
}  # fmt: skip
#: Which of them are started as a shell does it: one of each end, and of what an environment sets.
STARTED = (
    "help", "an unknown command", "simulate --help", "a port that is taken", "a wrong inventory", "a probe of nobody",
    "why", "a plain terminal",
)  # fmt: skip
#: Environments of some of them.
ENVIRONMENTS = {"a plain terminal": {"PYTHONIOENCODING": "iso-8859-1"}}


def fill(path: Path) -> None:
    """Write a ledger of one camera that lost its video; its cause is named in a language of its own."""
    lost = RungHealth(Outcome.FAIL, Reason.NO_VIDEO, "kein Bild – nichts", 100.0, 200.0, 100.0, 200.0, counted_at=200.0)
    rungs = tuple(lost if rung is Rung.MEDIA else health for rung, health in zip(Rung, NEVER_SEEN, strict=True))
    event = RungEvent(200.0, "pier-gate", "central", Rung.MEDIA, *lost[:3], 100.0, 200.0)
    ledger = Ledger.open(path)
    ledger.append([event], {"pier-gate": rungs})
    assert ledger.close(60.0) == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cli")


@pytest.fixture(scope="module")
def ends(folder: Path) -> Iterator[dict[str, Future[Ended]]]:
    """Every case, run in one folder."""
    (folder / "good.yaml").write_text(GOOD)
    (folder / "bad.yaml").write_text(BAD)
    (folder / "tokens").write_text("viewer 0123456789abcdef0123456789abcdef\n")
    (folder / "tokens").chmod(0o644)
    (folder / "mine").write_text("viewer 0123456789abcdef0123456789abcdef\n")
    (folder / "mine").chmod(0o600)
    fill(folder / "ledger.sqlite")
    with socket.socket() as taken, ThreadPoolExecutor(2) as pool:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        places = {"port": taken.getsockname()[1], "folder": folder}
        yield {
            name: pool.submit(
                started if name in STARTED else camfleet,
                *(one.format(**places) for one in arguments),
                folder=folder,
                **ENVIRONMENTS.get(name, {}),
            )
            for name, arguments in CASES.items()
        }


@pytest.fixture
def end(ends: dict[str, Future[Ended]], request: pytest.FixtureRequest) -> Ended:
    return ends[request.param].result()


def ended(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("end", names, indirect=True, ids=lambda name: name)


@ended(*CASES)
def test_no_command_shows_a_traceback(end: Ended) -> None:
    """Whatever is asked wrongly is answered by a sentence and 0, 1 or 2."""
    assert not end.traceback
    assert end.code in (0, 1, 2)
    assert end.out or end.err


@ended("help", "version", *(f"{name} --help" for name in COMMANDS), "simulate --help", "a good inventory", "why")
def test_what_was_asked_for_is_on_standard_output(end: Ended) -> None:
    """Data goes to standard output alone, and the exit code is 0."""
    assert (end.code, end.err) == (0, "")
    assert end.out


@ended(*(f"{name} --help" for name in COMMANDS))
def test_help_has_an_example_and_says_what_each_option_does(end: Ended) -> None:
    """Each command's help shows an example that begins with its name, and a text for each option."""
    name = re.search(r"Usage: camfleet (\S+)", end.out)
    assert name is not None
    assert re.search(rf"^ Examples? *$.*^ camfleet {name[1]}\b", end.out, re.DOTALL | re.MULTILINE)
    options = re.findall(r"^│ +\*? *(--[a-z-]+)(.*)│$", end.out, re.MULTILINE)
    assert {option for option, _ in options} >= {"--help"}
    assert all(len(text.split()) >= 3 for _, text in options), options


@ended(*(f"{name} --help" for name in COMMANDS))
def test_help_shows_no_value_behind_a_switch(end: Ended) -> None:
    """A switch takes no value, so none stands behind it; behind --help one is not ours to leave out."""
    assert set(re.findall(r"^│ +(--[a-z-]+) .*<bool>", end.out, re.MULTILINE)) <= {"--help"}


def test_help_names_every_command(ends: dict[str, Future[Ended]]) -> None:
    """The overview has each command with its sentence; without a command it is shown too, as a mistake of use."""
    overview = ends["help"].result().out
    for name in (*COMMANDS, "simulate"):
        assert re.search(rf"│ {name} +\w+", overview)
    nothing = ends["no command"].result()
    assert nothing.code == 2
    assert "Usage: camfleet" in nothing.out + nothing.err


def test_the_simulator_explains_itself(ends: dict[str, Future[Ended]]) -> None:
    """`camfleet simulate --help` is the simulator's own help."""
    assert "--folder" in ends["simulate --help"].result().out


#: name: (exit code, what the messages say)
REFUSED: dict[str, tuple[int, tuple[str, ...]]] = {
    "an unknown command": (2, ("prob", "Did you mean", "probe")),
    "an unknown option": (2, ("--inventry", "--inventory")),
    "a run without an inventory": (2, ("inventory.yaml: there is no such inventory. Write one", "--inventory PATH")),
    "a probe without an inventory": (2, ("inventory.yaml: there is no such inventory. Write one", "--inventory PATH")),
    "too small a city": (2, ("'--cameras': Input should be greater than or equal to 30",)),
    "no port": (2, ("--listen 127.0.0.1: write HOST:PORT, for example 127.0.0.1:8480",)),
    "a port that is none": (2, ("--listen 127.0.0.1:²: write HOST:PORT",)),
    "every address": (2, ("--tokens",)),
    "every address by no name": (2, ("--tokens",)),
    "no tokens": (2, ("nothing-here: No such file or directory",)),
    "tokens for all to read": (2, ("tokens: others can read it (mode 0644); make it yours alone: chmod 600 tokens",)),
    "a port that is taken": (2, ("--listen 127.0.0.1:", " is taken: choose another with --listen.")),
    "a port that is not ours": (2, ("--listen 192.0.2.1:8480: cannot listen there: Cannot assign requested address.",)),
    "a demo's port that is taken": (2, ("--port ", " is taken: choose another with --port.")),
    "a traps' port that is none": (2, ("--traps x: write HOST:PORT, for example 0.0.0.0:1162",)),
    "a simulated city that cannot be written": (2, ("--folder good.yaml/city: ", "Not a directory")),
    "an inventory that is not there": (
        2, ("nofile.yaml: there is no such inventory. docs/inventory.md shows how to write one.",),
    ),
    "a wrong inventory": (1, MISTAKES),
    "a run with a wrong inventory": (2, MISTAKES),
    "a probe with a wrong inventory": (2, MISTAKES),
    "a probe of nobody": (2, ("No camera 'pier-gaet' in the inventory. Did you mean 'pier-gate'?",)),
    "a run on a folder": (2, (".: this is a folder; a ledger is a file, for example camfleet.sqlite",)),
    "a probe with a ledger that is none": (2, ("good.yaml: the ledger is damaged (file is not a database)",)),
    "a monitor that is no URL": (2, ("--monitor foo: write a URL, for example http://127.0.0.1:8480",)),
    "another monitor that is no URL": (
        2, ("--monitor 127.0.0.1:8480: write a URL, for example http://127.0.0.1:8480",),
    ),
    "why of nobody": (2, ("no camera, cause or place 'pier-gaet'. Did you mean 'pier-gate'?",)),
    "why without a ledger": (2, ("camfleet.sqlite: there is no ledger here",)),
    "why at no moment": (2, ("--at soon: write 10:31, yesterday 10:31, 5 min ago, 2026-11-22 10:31 or ",)),
    "why at a moment to come": (2, ("--at 2126-01-01: that is still to come",)),
    "a word without an end": (2, ("Say until when it is known: --for 8h, or --until 18:00.",)),
    "a word with two ends": (2, ("Say until when it is known: --for 8h, or --until 18:00.",)),
    "a word without a reason": (2, ("Say why: --reason TEXT.",)),
    "a word for no span": (2, ("--for 8: write a number and min, h, d or w: 30min, 8h, 2d",)),
    "a withdrawal until later": (2, ("--withdraw needs no --for, --until or --owner.",)),
    "a word about no open cause": (1, ("No cause 'uplink-1' is open.",)),
    "a word without a ledger": (1, ("camfleet.sqlite: there is no ledger here. Name it with --ledger, or ",)),
    "causes without a ledger": (2, ("camfleet.sqlite: there is no ledger here",)),
    "a hand-over since no moment": (2, ("--since morning: write 10:31, yesterday 10:31, ",)),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_mistake_is_named(name: str, ends: dict[str, Future[Ended]]) -> None:
    """What is wrong stands on standard error, nothing on standard output, and the exit code tells whose fault it is."""
    end = ends[name].result()
    code, texts = REFUSED[name]
    assert end.code == code
    assert end.out == ""
    assert [text for text in texts if text not in end.err] == []


def test_a_run_that_cannot_listen_leaves_nothing(ends: dict[str, Future[Ended]], folder: Path) -> None:
    """Where the port is taken or another machine's, no ledger is made that `why` would take for one of this fleet."""
    for name in ("a port that is taken", "a port that is not ours", "a traps' port that is none"):
        assert ends[name].result().code == 2
    assert not list(folder.glob("fresh.*")) + list(folder.glob("fresher.*")) + list(folder.glob("freshest.*"))


@ended("a port that is taken", "a demo's port that is taken", "a probe of nobody", "a monitor that is no URL")
def test_one_mistake_is_one_sentence(end: Ended) -> None:
    """One mistake takes one line."""
    assert len(end.err.strip().splitlines()) == 1


@ended("a wrong inventory", "a run with a wrong inventory")
def test_every_mistake_of_an_inventory_has_its_place(end: Ended) -> None:
    """Each of the four mistakes is named at once, with file, line and column."""
    places = re.findall(r"^bad\.yaml:(\d+):(\d+): ", end.err, re.MULTILINE)
    assert len(places) == 4
    assert {line for line, _ in places} == {"3", "4"}


def test_why_tells_what_was_seen(ends: dict[str, Future[Ended]]) -> None:
    """The camera's lost video is told from the ledger; a terminal that knows no such letters gets it spelt out."""
    assert "kein Bild – nichts" in ends["why"].result().out
    plain = ends["a plain terminal"].result()
    assert plain.code == 0
    assert "kein Bild \\u2013 nichts" in plain.out


@pytest.mark.parametrize("command", ["--help", "why pier-gate"])
def test_a_reader_that_leaves_early(command: str, tmp_path: Path) -> None:
    """A pipe that nobody reads any more ends the command without a word."""
    fill(tmp_path / "camfleet.sqlite")
    reader, writer = socket.socketpair()
    reader.close()
    with writer:
        process = subprocess.run(
            [CAMFLEET, *command.split()], cwd=tmp_path, env=environment(), stdout=writer, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, text=True, timeout=PATIENCE_S,
        )  # fmt: skip
    assert process.stderr == ""
    assert process.returncode in (0, 1)


def test_where_nothing_is_wrong_the_lists_say_so(ends: dict[str, Future[Ended]]) -> None:
    """No cause is open, nothing is to be handed over; each part says that it is empty."""
    assert (ends["causes"].result().code, ends["causes"].result().out) == (0, "No cause is open.\n")
    sheet = ends["a hand-over"].result()
    assert sheet.code == 0
    assert sheet.out.startswith("Hand-over at ")
    assert [
        title for title in ("New, and open (0)", "Over (0)", "Not acknowledged (0)") if title not in sheet.out
    ] == []
