"""What the asking process may do: reach one host, hold so much memory, compute so long, write nothing, start nothing.

The fence is an audit hook (PEP 578): it sees every connection that Python code makes, by whatever library, and cannot
be taken away again.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any

#: Address space, most of which is never touched: libraries, descriptions and threads take 600 MB of it.
MOST_MEMORY_BYTES = 1 << 30
MOST_FILES = 64
#: How much longer than its time the process may live, should nobody be there any more to kill it.
GRACE_S = 5


def resolve(host: str) -> list[str]:
    """Return a host's addresses. Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def limit(seconds: int) -> None:
    """Bound what this process may use of the machine; the kernel ends it where it goes beyond."""
    limits = {
        resource.RLIMIT_AS: MOST_MEMORY_BYTES,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_NOFILE: MOST_FILES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in limits.items():
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))
    signal.alarm(seconds + GRACE_S)


def raise_fence(addresses: list[str]) -> None:
    """Let nothing but connections to these addresses through from here on, whoever asks for it."""
    allowed = frozenset(addresses)

    def only_there(arguments: tuple[Any, ...]) -> bool:
        address = arguments[1]
        return isinstance(address, tuple) and address[0] in allowed

    rules: Mapping[str, Callable[[tuple[Any, ...]], bool]] = {
        "socket.connect": only_there,
        "socket.sendto": only_there,
        "socket.sendmsg": lambda arguments: arguments[1] is None or only_there(arguments),
        "socket.getaddrinfo": lambda arguments: arguments[0] in allowed,
        "open": lambda arguments: not _writes(arguments[2]),
        **dict.fromkeys(FORBIDDEN, _never),
    }

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        rule = rules.get(event)
        if rule is not None and not rule(arguments):
            raise PermissionError(f"not allowed here: {event}")

    sys.addaudithook(hook)


#: What has no place in a process that only asks one device.
FORBIDDEN = (
    "socket.bind",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.getnameinfo",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "shutil.rmtree",
    "ctypes.dlopen",
)


def _never(_: tuple[Any, ...]) -> bool:
    return False


def _writes(flags: Any) -> bool:
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
