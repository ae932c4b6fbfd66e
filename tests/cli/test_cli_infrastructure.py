"""`camfleet run` with a switch and a UPS: devices without cameras, asked over SNMP, told in the log."""

from __future__ import annotations

import asyncio
from pathlib import Path

from peers import snmpd
from peers.servers import free_port
from runs import running

from monitor.core.schedule import phase

#: A device whose first contact falls into the first two seconds of the minute over which it is spread.
UPS = next(name for name in (f"ups-{n}" for n in range(400)) if phase(name, 60.0) < 2.0)
FLEET = """\
snmp: {{read: {{version: v2c, community: env:C}}}}
zones: {{z: {{name: Zone}}}}
devices:
  - {{id: {ups}, address: 127.0.0.1, make: ups, probes: [snmp], snmp: read, ports: {{snmp: {port}}}}}
cameras:
  - {{id: gate, address: 127.0.0.2, zone: z, probes: [rtsp], stream: /s}}
"""


async def test_a_ups_that_feeds_from_its_battery_is_told(tmp_path: Path) -> None:
    """The log names the device and what it says; it counts as no camera."""
    async with snmpd.running_snmpd(tmp_path, "override 1.3.6.1.2.1.33.1.4.1.0 integer 5") as port:
        (tmp_path / "fleet.yaml").write_text(FLEET.format(ups=UPS, port=port))

        def watch() -> str:
            arguments = ("run", "-i", "fleet.yaml", "--listen", f"127.0.0.1:{free_port()}")
            with running(*arguments, folder=tmp_path, C=snmpd.COMMUNITY) as process:
                process.until("1 camera on 2 devices")
                process.until(f"{UPS}: output source is battery")
            return process.err

        told = await asyncio.to_thread(watch)
    assert "Traceback" not in told
