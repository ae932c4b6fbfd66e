"""Debian's snmpd with one SNMPv3 user and the five objects of an Axis camera: what SNMPv3 is measured against."""

from __future__ import annotations

import asyncio
import shutil
import socket
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import yaml

from simulator.inventory import write_secret

HOST = "127.0.0.1"
USERNAME, AUTH, PRIVACY = "camfleet", "loopback-auth", "loopback-privacy"
START_S = 20.0
CONFIG = f"""\
agentaddress udp:{HOST}:{{port}}
createUser {USERNAME} SHA-256 "{AUTH}" AES "{PRIVACY}"
rouser {USERNAME} priv
dontLogTCPWrappersConnects yes
sysDescr AXIS P3245-LVE
sysObjectID 1.3.6.1.4.1.368.1.1
override 1.3.6.1.2.1.2.2.1.3.1 integer 24
override 1.3.6.1.2.1.2.2.1.3.2 integer 6
override 1.3.6.1.2.1.2.2.1.5.2 uinteger 100000000
override 1.3.6.1.2.1.2.2.1.8.2 integer 1
override 1.3.6.1.4.1.368.4.1.1.1.3.1.1 integer 1
override 1.3.6.1.4.1.368.4.1.3.1.3.1.1 integer 1
"""


class AgentFailed(Exception):
    """snmpd did not start."""


def program() -> str | None:
    """Return where snmpd is, if it is installed."""
    return shutil.which("snmpd", path="/usr/sbin:/usr/bin:/sbin:/bin")


@asynccontextmanager
async def running_agent(folder: Path) -> AsyncIterator[Path]:
    """Run snmpd on a free port of loopback and give the inventory that has it as its one device."""
    port = _free_port()
    inventory, config = _written(folder, port)
    words = ["-f", "-C", "-c", str(config), "-Lo", "-I", "-smux", "-p", str(folder / "pid")]
    environment = {"SNMP_PERSISTENT_DIR": str(folder), "PATH": "/usr/bin:/usr/sbin", "MIBS": ""}
    process = await asyncio.create_subprocess_exec(
        str(program()), *words, env=environment, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_S):
            while b"NET-SNMP version" not in (line := await process.stdout.readline()):
                if not line:
                    raise AgentFailed(f"snmpd ended with {await process.wait()}")
        yield inventory
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _written(folder: Path, port: int) -> tuple[Path, Path]:
    """Write the inventory and snmpd's configuration, and return where they are."""
    folder.mkdir()
    config = folder / "snmpd.conf"
    config.write_text(CONFIG.format(port=port))
    write_secret(folder / "secrets" / "auth", AUTH)
    write_secret(folder / "secrets" / "privacy", PRIVACY)
    access = {
        "version": "v3", "username": USERNAME, "auth": "sha256", "auth_password": "file:secrets/auth",
        "privacy": "aes128", "privacy_password": "file:secrets/privacy",
    }  # fmt: skip
    camera = {
        "id": "v3", "name": "The agent", "zone": "zone", "address": HOST, "make": "axis", "ports": {"snmp": port},
        "probes": ["snmp"], "snmp": "v3",
    }  # fmt: skip
    fleet = {"snmp": {"v3": access}, "zones": {"zone": {"name": "Zone"}}, "cameras": [camera]}
    path = folder / "inventory.yaml"
    path.write_text(yaml.safe_dump(fleet))
    return path, config


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
