"""`camfleet run --traps`: off by default, heard when asked for, and refused in a sentence where it cannot listen."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

from peers.servers import free_port, require
from peers.snmpd import free_udp_port
from runs import camfleet, running

FLEET = "zones: {z: {name: Zone}}\ncameras:\n  - {id: gate, address: 127.0.0.1, zone: z, probes: [rtsp], stream: /s}\n"


def test_a_trap_is_heard_and_told(tmp_path: Path) -> None:
    """A running monitor logs the trap of a device of its inventory, with the device."""
    program = require("snmptrap", "snmp")
    (tmp_path / "fleet.yaml").write_text(FLEET)
    traps = f"127.0.0.1:{free_udp_port()}"
    arguments = ("run", "-i", "fleet.yaml", "--listen", f"127.0.0.1:{free_port()}", "--traps", traps)
    with running(*arguments, folder=tmp_path) as process:
        process.until("Ctrl-C stops")
        subprocess.run(
            [program, "-v", "2c", "-c", "x", traps, "1", "1.3.6.1.6.3.1.1.5.3"], check=True, env={"MIBS": ""}
        )
        process.until("trap: link down")
    assert "Traceback" not in process.err


def test_a_port_of_traps_that_is_taken(tmp_path: Path) -> None:
    """It says which option to change, and does not run."""
    (tmp_path / "fleet.yaml").write_text(FLEET)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{other.getsockname()[1]}"
        ended = camfleet(
            "run", "-i", "fleet.yaml", "--listen", f"127.0.0.1:{free_port()}", "--traps", place, folder=tmp_path
        )
    assert ended.code == 2
    assert ended.err.strip() == (
        f"--traps {place}: is taken. Write the IP address and port of this host, for example 0.0.0.0:1162."
    )


def test_a_place_of_traps_that_is_none(tmp_path: Path) -> None:
    """Host and port are wanted."""
    (tmp_path / "fleet.yaml").write_text(FLEET)
    ended = camfleet("run", "-i", "fleet.yaml", "--traps", "everywhere", folder=tmp_path)
    assert (ended.code, ended.err.strip()) == (2, "--traps everywhere: write HOST:PORT, for example 0.0.0.0:1162")
