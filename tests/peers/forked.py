"""The command in processes of their own that need not load it: each is forked from one that has loaded all of it."""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock

#: Wide and plain, so that no sentence is broken; a console reads its width once, when it is made.
PLAIN = {"COLUMNS": "250", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUNBUFFERED": "1"}
MOST_BYTES = 1 << 17
#: Commands are run by threads, too, and whoever comes second would otherwise load a second one.
_LOADING = Lock()


class Forked:
    """A command that runs, with these files for its input, output and messages."""

    def __init__(
        self, command: str, arguments: tuple[str, ...], folder: Path | None, environment: Mapping[str, str],
        files: tuple[int, int, int],
    ) -> None:  # fmt: skip
        order = {
            "arguments": [command, *arguments],
            "folder": str(folder or Path.cwd()),
            "environment": dict(environment),
        }
        reader, writer = os.pipe()
        with _LOADING:
            loaded = _loaded()
        socket.send_fds(loaded, [json.dumps(order).encode()], [writer, *files])
        os.close(writer)
        self._course = open(reader, "rb", buffering=0)  # noqa: SIM115 - closed with the last word
        self.returncode: int | None = None
        self.pid = int(self._course.readline())

    def poll(self, patience_s: float = 0.0) -> int | None:
        """Return its exit code, or None where it has not ended within this time."""
        if self.returncode is None and select.select([self._course], [], [], patience_s)[0]:
            with self._course:
                self.returncode = int(self._course.readline())
        return self.returncode

    def wait(self, patience_s: float) -> int:
        """Return its exit code. Raises TimeoutError, and ends what has not ended by then."""
        if (code := self.poll(patience_s)) is None:
            os.kill(self.pid, signal.SIGKILL)
            self.poll(patience_s)
            raise TimeoutError(f"it had not ended after {patience_s:g} s")
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def forked(
    command: str, arguments: tuple[str, ...], folder: Path | None, environment: Mapping[str, str], patience_s: float
) -> tuple[int, str, str]:
    """Run a command to its end: its exit code, what it printed, its messages. Raises TimeoutError."""
    with TemporaryFile("w+", encoding="utf-8") as out, TemporaryFile("w+", encoding="utf-8") as err:
        with open(os.devnull) as nothing:
            process = Forked(command, arguments, folder, environment, (nothing.fileno(), out.fileno(), err.fileno()))
        code = process.wait(patience_s)
        for file in (out, err):
            file.seek(0)
        return code, out.read(), err.read()


@cache
def _loaded() -> socket.socket:
    """Start the process that has loaded the command, and return the way to it; it ends with this one."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        os.posix_spawn(
            sys.executable, [sys.executable, "-P", __file__], {**os.environ, **PLAIN},
            file_actions=[(os.POSIX_SPAWN_DUP2, its.fileno(), 0)],
        )  # fmt: skip
    atexit.register(ours.close)
    return ours


def _serve(orders: socket.socket) -> None:
    import typer.rich_utils  # noqa: F401 - loaded with the first help or mistake

    from monitor.__main__ import main
    from monitor.cli import command_line

    command_line()
    gc.collect()
    gc.freeze()  # or each command looks through all that was loaded, and has pages of its own for what it saw
    while True:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for whoever waits for a command
        order, passed, _, _ = socket.recv_fds(orders, MOST_BYTES, 4)
        if not order:
            return
        writer, *files = passed
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            pid = os.fork()
            if pid == 0:
                orders.close()
                os.close(writer)
                _become(files, **json.loads(order))
                main()
                sys.exit()
            for file in files:
                os.close(file)
            os.write(writer, b"%d\n" % pid)
            _, status = os.waitpid(pid, 0)
            os.write(writer, b"%d\n" % os.waitstatus_to_exitcode(status))
            os._exit(0)
        for file in passed:
            os.close(file)


def _become(files: list[int], arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    """Take the files, arguments, folder and environment of a command."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        setattr(sys, name, open(number, mode, encoding="utf-8"))  # noqa: SIM115 - open as long as the command runs
    sys.argv = arguments


if __name__ == "__main__":
    _serve(socket.socket(fileno=os.dup(0)))
