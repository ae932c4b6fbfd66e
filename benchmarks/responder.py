"""The cameras that everything is measured against: one process in C that answers for any number of addresses.

All are healthy and answer as an Axis camera of the simulated city does, in a few microseconds, so that what is measured
is the side that asks. Where a benchmark wants them so, some fall silent, or hang.
"""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from benchmarks.compiling import compiled
from benchmarks.rows import FIRST_ADDRESS, write_csv
from simulator.inventory import Secrets
from simulator.ports import Ports

USERNAME, PASSWORD, COMMUNITY = "camfleet", "loopback-only", "look-only"
#: The stream that every camera describes.
PATH = "/onvif-media/media.amp?profile=profile_1_h264_sub&sessiontimeout=60&streamtype=unicast"
START_S = 10.0


class ResponderFailed(Exception):
    """The responder did not start, or ended before its time."""


class Responder(NamedTuple):
    """The running process, and the port of each service: token, digest and tls (all ONVIF), rtsp, snmp."""

    process: Process
    ports: Mapping[str, int]

    async def silence(self, first: int, count: int) -> None:
        """Have these cameras answer nothing, not even a SYN, from now on; instead of those before."""
        await self._order(f"silent {first} {count}")

    async def hang(self, first: int, count: int) -> None:
        """Have these cameras accept connections and answer nothing; instead of those before."""
        await self._order(f"hung {first} {count}")

    async def heal(self) -> None:
        await self._order("heal")

    async def stats(self) -> Mapping[str, int]:
        """Return what was answered since the start, by name."""
        return await self._order("stats")

    async def _order(self, line: str) -> Mapping[str, int]:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        return await _line(self.process)


@asynccontextmanager
async def running_responder(folder: Path, program: Path | None = None, awake: bool = False) -> AsyncIterator[Responder]:
    """Run it on free ports, compiled into the folder if it is not yet. Raises NotCompiled, ResponderFailed.

    ``awake``: it takes a processor and looks for work all the time. On one machine whoever sends a packet to a process
    that sleeps pays for waking it, which no network asks of anybody.
    """
    certificate = folder / "responder.pem"
    certificate.write_bytes(_certificate())
    words = {"first": str(FIRST_ADDRESS), "username": USERNAME, "password": PASSWORD, "community": COMMUNITY}
    options = [f"--{name}={value}" for name, value in {**words, "certificate": str(certificate)}.items()]
    options += ["--awake"] if awake else []
    if program is None:
        program = await asyncio.to_thread(compiled, "responder", folder)
    process = await asyncio.create_subprocess_exec(program, *options, stdin=PIPE, stdout=PIPE)
    try:
        yield Responder(process, await _line(process))
    finally:
        assert process.stdin is not None
        process.stdin.close()  # the end of its input ends it
        await process.wait()


async def _line(process: Process) -> Mapping[str, int]:
    assert process.stdout is not None
    async with asyncio.timeout(START_S):
        line = await process.stdout.readline()
    if not line:
        raise ResponderFailed(f"the responder ended with {await process.wait()}")
    answer: dict[str, int] = json.loads(line)
    return answer


def _certificate() -> bytes:
    """Return a key and a certificate as cameras sign them for themselves: RSA, 2,048 bits."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


def write_inventory(folder: Path, ports: Mapping[str, int], cameras: int, login: str = "token") -> Path:
    """Write the inventory of so many cameras; ``login`` is the service of ONVIF that they are asked at."""
    more: dict[str, Callable[[int], str]] = {
        "serial": lambda number: f"B8A44F{int(FIRST_ADDRESS + number) & 0xFFFFFF:06X}"
    }
    if login == "tls":
        more |= {"tls.trust": lambda number: "first-use", "tls.rtsp": lambda number: "false"}
    used = Ports(onvif=ports[login], rtsp=ports["rtsp"], snmp=ports["snmp"])
    write_csv(folder, cameras, used, Secrets(USERNAME, PASSWORD, COMMUNITY), more)
    return folder


def _serial(number: int) -> str:
    """Return the serial number that the responder tells at a camera's address."""
    return f"B8A44F{int(FIRST_ADDRESS + number) & 0xFFFFFF:06X}"
