"""Debian's snmpd on a free port of loopback, with one community and SNMPv3 users, and more objects where a test wants."""

from __future__ import annotations

import asyncio
import shlex
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from peers.servers import require, stop

COMMUNITY = "look-only"
USERNAME, AUTH, PRIVACY = "camfleet", "auth-password", "privacy-password"
CONFIG = """\
agentaddress udp:127.0.0.1:{port}
rocommunity {community} 127.0.0.1
createUser {username} SHA-256 "{auth}" AES "{privacy}"
rouser {username} priv
sysDescr A real agent
{more}
"""
#: Our names of algorithms, and net-snmp's.
AUTHS = {
    "md5": "MD5",
    "sha1": "SHA",
    "sha224": "SHA-224",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
}
PRIVACIES = {"des": "DES", "aes128": "AES", "aes192": "AES-192", "aes256": "AES-256"}


def users() -> str:
    """Return a user for every pair of algorithms, one without privacy, and one without anything."""
    lines = ["createUser nobody", "rouser nobody noauth"]
    for auth, name in AUTHS.items():
        lines += [f'createUser {auth} {name} "{AUTH}"', f"rouser {auth} auth"]
        for privacy, kind in PRIVACIES.items():
            lines += [
                f'createUser {auth}-{privacy} {name} "{AUTH}" {kind} "{PRIVACY}"',
                f"rouser {auth}-{privacy} priv",
            ]
    return "\n".join(lines)


def override(values: Mapping[str, tuple[str, str]]) -> str:
    """Lines of snmpd.conf that give objects these kinds and values."""
    return "\n".join(f"override {oid} {kind} {shlex.quote(value)}" for oid, (kind, value) in values.items())


POE = "1.3.6.1.2.1.105.1.1.1"
#: Four ports: one delivers power, one searches, one is faulty, one is switched off.
SWITCH = {f"{POE}.6.1.{port}": ("integer", str(state)) for port, state in enumerate((3, 2, 4, 1), start=1)} | {
    "1.3.6.1.2.1.105.1.3.1.1.2.1": ("uinteger", "370"),
    "1.3.6.1.2.1.105.1.3.1.1.3.1": ("integer", "1"),
    "1.3.6.1.2.1.105.1.3.1.1.4.1": ("uinteger", "118"),
}
#: A UPS on its battery.
UPS = {
    "1.3.6.1.2.1.33.1.2.1.0": ("integer", "2"),
    "1.3.6.1.2.1.33.1.2.2.0": ("integer", "310"),
    "1.3.6.1.2.1.33.1.2.3.0": ("integer", "42"),
    "1.3.6.1.2.1.33.1.2.4.0": ("integer", "88"),
    "1.3.6.1.2.1.33.1.4.1.0": ("integer", "5"),
}


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running_snmpd(folder: Path, more: str = "", port: int = 0) -> AsyncIterator[int]:
    """Run snmpd and give its port. The folder keeps what it remembers over a restart."""
    program = require("snmpd", "snmpd")
    port = port or free_udp_port()
    config = folder / "snmpd.conf"
    config.write_text(
        CONFIG.format(port=port, community=COMMUNITY, username=USERNAME, auth=AUTH, privacy=PRIVACY, more=more)
    )
    process = await asyncio.create_subprocess_exec(
        program,
        "-f",
        "-C",
        "-c",
        str(config),
        "-Lo",
        "-I",
        "-smux",
        "-p",
        str(folder / "pid"),
        env={"SNMP_PERSISTENT_DIR": str(folder), "PATH": "/usr/bin:/usr/sbin", "MIBS": ""},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while b"NET-SNMP version" not in (line := await process.stdout.readline()):
                assert line, "snmpd ended at once"
        yield port
    finally:
        await stop(process)
