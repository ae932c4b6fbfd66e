"""A process behind the fence that tries what it must not; it prints what became of each attempt."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable

from monitor.dossier import fence


def connecting(host: str, port: int) -> Callable[[], object]:
    return lambda: socket.create_connection((host, port), timeout=1).close()


def sending(host: str, port: int) -> Callable[[], object]:
    return lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (host, port))


def main() -> None:
    port, folder = int(sys.argv[1]), sys.argv[2]
    attempts: dict[str, Callable[[], object]] = {
        "the device": connecting("127.0.0.1", port),
        "another host": connecting("127.0.0.9", port),
        "another host by IPv6": connecting("::1", port),
        "a name": lambda: socket.getaddrinfo("localhost", port),
        "a datagram": sending("127.0.0.9", port),
        "a web client": lambda: urllib.request.urlopen(f"http://127.0.0.9:{port}/", timeout=1),
        "a unix socket": lambda: socket.socket(socket.AF_UNIX).connect(f"{folder}/s"),
        "listening": lambda: socket.socket().bind(("127.0.0.1", 0)),
        "a program": lambda: subprocess.run(["true"], check=True),
        "a shell": lambda: os.system("true"),
        "a fork": os.fork,
        "a file": lambda: open(f"{folder}/file", "w"),  # noqa: SIM115 - it must not open
        "a file by its number": lambda: os.open(f"{folder}/file", os.O_CREAT | os.O_WRONLY),
        "2 GB of memory": lambda: bytearray(2 << 30),
    }
    fence.limit(60)
    fence.raise_fence(fence.resolve("127.0.0.1"))
    told = {}
    for name, attempt in attempts.items():
        try:
            attempt()
            told[name] = "done"
        except (OSError, MemoryError) as error:
            told[name] = type(error).__name__
    print(json.dumps(told))


main()
