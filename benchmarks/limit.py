"""The limit: the same check by a program in C that learns, judges, keeps and shows nothing."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.checks import Order, Round
from benchmarks.responder import COMMUNITY, PASSWORD, PATH, USERNAME
from benchmarks.rows import FIRST_ADDRESS
from benchmarks.targets import OBJECTS
from monitor.wire import ber

#: The number of the request in the message that the program is given; it puts its own into this place.
REQUEST_ID = 0x40000000
GET_PDU, VERSION_2C = 0xA0, 1


class LimitFailed(Exception):
    """A check of the program's failed: the round says nothing."""


class Limit(NamedTuple):
    """The compiled program, and whom it asks."""

    program: Path
    ports: Mapping[str, int]
    cameras: int

    async def check(self, order: Order) -> Round:
        """Hold a round. Raises LimitFailed where a single check failed."""
        options = {
            "first": FIRST_ADDRESS, "cameras": self.cameras, "path": PATH, "username": USERNAME, "password": PASSWORD,
            "onvif": self.ports["token"], "rtsp": self.ports["rtsp"], "snmp": self.ports["snmp"],
            "get": question().hex(), "checks": order.checks, "in-flight": order.concurrency,
            "parts": "".join(name[0] for name in order.row.probes),
        }  # fmt: skip
        words = [f"--{name}={value}" for name, value in options.items()]
        process = await asyncio.create_subprocess_exec(self.program, *words, stdout=PIPE)
        said, _ = await process.communicate()
        if process.returncode:
            raise LimitFailed(f"{self.program.name} ended with {process.returncode}")
        done = json.loads(said)
        if done["failures"] or done["checks"] != order.checks:
            raise LimitFailed(f"{order.row.name}: {said.decode()}")
        return Round(done["checks"], done["cpu_us"] / 1e6, done["wall_us"] / 1e6)


def question() -> bytes:
    """Return the GET of the five objects (RFC 3416), with ``REQUEST_ID``."""
    bindings = b"".join(
        ber.encoded(ber.SEQUENCE, ber.encoded_object_id(oid) + ber.encoded(ber.NULL, b"")) for oid in OBJECTS
    )
    none = ber.encoded_integer(0)
    pdu = ber.encoded(GET_PDU, ber.encoded_integer(REQUEST_ID) + none + none + ber.encoded(ber.SEQUENCE, bindings))
    community = ber.encoded(ber.OCTETS, COMMUNITY.encode())
    return ber.encoded(ber.SEQUENCE, ber.encoded_integer(VERSION_2C) + community + pdu)
