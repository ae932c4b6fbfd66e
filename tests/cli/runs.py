"""The real command in processes of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TextIO

from peers.forked import PLAIN, Forked, forked

CAMFLEET = str(Path(sys.executable).with_name("camfleet"))
#: How long anything may take on a machine that has other things to do; what is promised is measured by itself.
PATIENCE_S = 90.0

#: What a look says first in a folder whose ledger no monitor has written.
ALONE = (
    "No monitor writes camfleet.sqlite: the camera is asked directly. If one watches it elsewhere, ask through that one:"
    " --monitor URL, or --ledger with its ledger.\n"
)


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "FORCE_COLOR")}
    return {**kept, **PLAIN, **more}


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def traceback(self) -> bool:
        return "Traceback" in self.err or "Exception ignored" in self.err


def camfleet(*arguments: str, folder: Path | None = None, patience_s: float = PATIENCE_S, **more: str) -> Ended:
    """Run a command to its end, in a process that is forked from one that has loaded it: that saves most of the time."""
    return Ended(*forked(CAMFLEET, arguments, folder, environment(**more), patience_s))


def started(*arguments: str, folder: Path | None = None, patience_s: float = PATIENCE_S, **more: str) -> Ended:
    """Run a command to its end as a shell does, with all that it loads and whatever its environment sets at the start."""
    ended = subprocess.run(
        [CAMFLEET, *arguments], cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=patience_s,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@dataclass
class Running:
    """A command that runs."""

    process: Forked | subprocess.Popen[bytes]
    out: TextIO
    lines: list[str]
    reading: Thread

    @property
    def err(self) -> str:
        """Its messages so far."""
        return "".join(self.lines)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def wait(self, patience_s: float = PATIENCE_S) -> Ended:
        code = self.process.wait(patience_s)
        self.reading.join()
        return Ended(code, self.out.read(), self.err)

    def until(self, text: str) -> None:
        """Wait until its messages hold this text."""
        until(lambda: text in self.err or self.process.poll() is not None)
        assert text in self.err, self.err


@contextmanager
def running(*arguments: str, folder: Path, **more: str) -> Iterator[Running]:
    """Have a command run in a folder, forked as ``camfleet`` is; what is left of it ends with the block.

    What it prints must fit a pipe.
    """
    with _watched(lambda *files: Forked(CAMFLEET, arguments, folder, environment(**more), files)) as process:
        yield process


@contextmanager
def starting(*arguments: str, folder: Path, **more: str) -> Iterator[Running]:
    """The same of a command that is begun as a shell does, and first has all to load."""
    command = [CAMFLEET, *arguments]
    with _watched(
        lambda *files: subprocess.Popen(
            command, cwd=folder, env=environment(**more), stdin=files[0], stdout=files[1], stderr=files[2]
        )
    ) as process:
        yield process


@contextmanager
def _watched(begin: Callable[[int, int, int], Forked | subprocess.Popen[bytes]]) -> Iterator[Running]:
    (out, prints), (err, says) = os.pipe(), os.pipe()
    with open(os.devnull) as nothing:
        process = begin(nothing.fileno(), prints, says)
    os.close(prints)
    os.close(says)
    with open(out, encoding="utf-8") as printed, open(err, encoding="utf-8") as said:
        lines: list[str] = []
        reading = Thread(target=lines.extend, args=(said,))
        reading.start()
        try:
            yield Running(process, printed, lines, reading)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE_S)
            reading.join()


def until(condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def get(port: int, path: str) -> tuple[int, str]:
    """Ask a running monitor; its status and its answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def metric(port: int, name: str) -> float:
    """Return the value of a metric without labels."""
    lines = get(port, "/metrics")[1].splitlines()
    return float(next(line.split()[-1] for line in lines if line.split(" ")[0] == name))


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(status[1]) == pid and status[0] != "Z":
                found.append(int(entry.name))
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
