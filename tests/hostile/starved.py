"""A program of a test: probe a device that is fine while no descriptor is left, and print what is said of it as JSON."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys

import uvloop
from talks import camera, device, probe, said

from monitor.core.model import Secret, SnmpAccess

MOST_DESCRIPTORS = 64
ACCESS = SnmpAccess("test", "v2c", Secret("env:TEST", "look-only"))


async def main(host: str, ports: dict[str, int]) -> dict[str, dict[str, str]]:
    target = device(host, ports, snmp=ACCESS)
    await probe("onvif", target)  # what is loaded only when it is needed is loaded now
    await asyncio.sleep(0.1)  # and its connection is closed
    held: list[int] = []
    try:
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        found = {name: said(await probe(name, target, camera(stream="/s"))) for name in ("onvif", "rtsp", "snmp")}
    for number in held:
        os.close(number)
    found["afterwards"] = said(await probe("onvif", target))
    return found


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_DESCRIPTORS, MOST_DESCRIPTORS))
    factory = uvloop.new_event_loop if sys.argv[1] == "uvloop" else asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        json.dump(runner.run(main(sys.argv[2], json.loads(sys.argv[3]))), sys.stdout)
