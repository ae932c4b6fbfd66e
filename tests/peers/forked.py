"""The command in processes of their own that need not load it: each is forked from one that has loaded all of it."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

#: Wide and plain, so that no sentence is broken; a console reads its width once, when it is made.
PLAIN = {"COLUMNS": "250", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUNBUFFERED": "1"}
MOST_BYTES = 1 << 17
#: Commands are run by threads, too, and whoever comes second would otherwise load a second one.
_LOADING = Lock()


def forked(
    command: str, arguments: tuple[str, ...], folder: Path | None, environment: Mapping[str, str], patience_s: float
) -> tuple[int, str, str]:
    """Run a command to its end: its exit code, what it printed, its messages. Raises TimeoutExpired."""
    with TemporaryDirectory(prefix="camfleet-forked-") as place:
        out, err = Path(place, "out"), Path(place, "err")
        order = {
            "arguments": [command, *arguments], "folder": str(folder or Path.cwd()), "environment": dict(environment),
            "files": [os.devnull, str(out), str(err)],
        }  # fmt: skip
        reader, writer = os.pipe()
        with _LOADING:
            loaded = _loaded()
        socket.send_fds(loaded, [json.dumps(order).encode()], [writer])
        os.close(writer)
        with open(reader, "rb", buffering=0) as course:
            pid = int(course.readline())
            if not select.select([course], [], [], patience_s)[0]:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(arguments), patience_s, stderr=err.read_bytes())
            return int(course.readline()), out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")


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
    while True:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for whoever waits for a command
        order, writers, _, _ = socket.recv_fds(orders, MOST_BYTES, 1)
        if not order:
            return
        [writer] = writers
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            pid = os.fork()
            if pid == 0:
                orders.close()
                os.close(writer)
                _become(**json.loads(order))
                main()
                sys.exit()
            os.write(writer, b"%d\n" % pid)
            _, status = os.waitpid(pid, 0)
            os.write(writer, b"%d\n" % os.waitstatus_to_exitcode(status))
            os._exit(0)
        os.close(writer)


def _become(arguments: list[str], folder: str, environment: dict[str, str], files: list[str]) -> None:
    """Take the arguments, folder, environment and files of a command."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    for number, path in enumerate(files):
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        setattr(sys, name, open(number, mode, encoding="utf-8"))  # noqa: SIM115 - open as long as the command runs
    sys.argv = arguments


if __name__ == "__main__":
    _serve(socket.socket(fileno=os.dup(0)))
