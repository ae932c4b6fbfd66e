"""The programs in C beside the benchmarks, compiled where they are used and kept nowhere."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

SOURCES = Path(__file__).parent / "native"
PROGRAMS: Mapping[str, Sequence[str]] = {
    "responder": ("responder.c", "orders.c", "reply.c", "onvif.c", "rtsp.c", "snmp.c", "digest.c"),
    "client": ("client.c",),
}
FLAGS = ("-std=gnu17", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror")
HEADER = Path("/usr/include/openssl/ssl.h")


class NotCompiled(Exception):
    """A program could not be compiled; the text is the compiler's."""


def missing() -> list[str]:
    """Return the Debian packages without which nothing can be compiled."""
    absent = {"gcc": shutil.which("gcc") is None, "libssl-dev": not HEADER.exists()}
    return [package for package, is_absent in absent.items() if is_absent]


def compiled(name: str, folder: Path, more: Sequence[str] = ()) -> Path:
    """Compile one of ``PROGRAMS`` into a folder, with more flags if wanted. Raises NotCompiled."""
    program = folder / name
    if lacking := missing():
        raise NotCompiled(f"{name} cannot be compiled: apt install {' '.join(lacking)}")
    sources = [str(SOURCES / source) for source in PROGRAMS[name]]
    command = ["gcc", *FLAGS, *more, *sources, "-o", str(program), "-lssl", "-lcrypto"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotCompiled(f"{name}: {done.stderr}")
    return program
