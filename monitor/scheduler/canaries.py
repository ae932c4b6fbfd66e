"""Canaries: what must answer, be the city as it may. The inventory's, by a connection that is taken or refused; and
always a device model of our own on loopback, by the probe that asks every camera.

One that is silent says that the fault is at our end (``core.diagnosis.blindness``).
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.canary import OWN_MODEL, Silence, Standing
from monitor.core.canary import Canaries as Heard
from monitor.core.diagnosis.blindness import slept
from monitor.core.model import Canary, Device, Inventory
from monitor.core.schedule import Deadlines
from monitor.core.verdict import REASONS, Finding, Outcome, Reason, Rung
from monitor.probes.base import Ask, Clocks, run_probe
from monitor.probes.connection import Connection, connect
from monitor.probes.errors import reason_of
from monitor.probes.memory import Memory
from monitor.probes.registry import PROBES
from monitor.scheduler.device_model import HOST, DeviceModel

log = logging.getLogger("camfleet.canaries")

MODEL = Canary(OWN_MODEL, HOST)
TIME = Ask(frozenset({Rung.CONTROL}), requests=1)
NOTHING_ASKED = Finding(Rung.CONTROL, Outcome.UNSEEN, Reason.ABORTED, "the probe ended before it had asked anything")
#: What an error of the operating system means for a person.
SYSTEM_ERRORS: Mapping[int, str] = {
    errno.EMFILE: "no descriptor left",
    errno.ENFILE: "no descriptor left on this host",
    errno.ENOBUFS: "no memory left for a connection",
    errno.ENOMEM: "no memory left for a connection",
    errno.EADDRNOTAVAIL: "no address or port of our own left",
    errno.EACCES: "this host forbids the connection",
    errno.EPERM: "this host forbids the connection",
}


@dataclass(frozen=True, slots=True)
class Pace:
    """How often all are asked, and how long an answer may take, in seconds."""

    every_s: float = 5.0
    connect_s: float = 3.0


class Canaries:
    """Asks every canary of an inventory, all at once every few seconds, until it is closed."""

    def __init__(self, inventory: Inventory, clocks: Clocks, pace: Pace = Pace()) -> None:
        self._clocks = clocks
        self._pace = pace
        self._model = DeviceModel(clocks.wall)
        self._standings: dict[Canary, Standing] = {MODEL: Standing()}
        self._vantages: frozenset[str] = frozenset()
        self._task: asyncio.Task[None] | None = None
        self.use(inventory)

    def use(self, inventory: Inventory) -> None:
        """Ask this inventory's canaries from now on; what is known of those that stay, stays known."""
        before = self._standings
        self._standings = {canary: before.get(canary, Standing()) for canary in (MODEL, *inventory.canaries)}
        self._vantages = frozenset(device.vantage for device in inventory.devices.values())

    async def start(self) -> None:
        """Begin to ask."""
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._model.close()

    # What is known -------------------------------------------------------------------------------

    @property
    def heard(self) -> Heard:
        """Vantage to canary to its silence, None where it answers; one of which that is not known yet is missing."""
        return {
            vantage: {
                canary.id: _silence(canary, one) for canary, one in self._beside(vantage) if one.answers is not None
            }
            for vantage in self._vantages
        }

    def _beside(self, vantage: str) -> list[tuple[Canary, Standing]]:
        """Return the canaries of a vantage; our own model is each one's."""
        return [(one, standing) for one, standing in self._standings.items() if one is MODEL or one.vantage == vantage]

    # Asking --------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await asyncio.gather(*map(self._ask, tuple(self._standings)))
            due = max(due + self._pace.every_s, loop.time())
            await asyncio.sleep(due - loop.time())

    async def _ask(self, canary: Canary) -> None:
        """Ask one canary and take its answer in; a question that was slept through is not counted against it."""
        wall, steady, *_ = self._clocks
        asked_at, began = wall(), steady()
        try:
            why = await (self._why_model() if canary is MODEL else self._why(canary))
        except Exception as error:  # noqa: BLE001 - whatever it is, there was no answer
            why = _words(reason_of(error), str(error))
        before = self._standings.get(canary)
        if before is None or (why and slept(asked_at, wall(), began, steady())):
            return
        after = before.failed(wall(), why) if why else before.answered(asked_at)
        self._standings[canary] = after
        _tell(canary, before, after)

    async def _why(self, canary: Canary) -> str:
        """Connect to a canary; "" where it answers. A refusal is an answer."""
        connection = None
        try:
            connection = await connect(canary.host, canary.port, self._pace.connect_s, lambda: Connection(_unread))
        except ConnectionRefusedError:
            pass
        finally:
            if connection is not None:
                await connection.close()
        return ""

    async def _why_model(self) -> str:
        """Probe our own model as every camera is probed, and return why that failed."""
        device = Device(OWN_MODEL, HOST, {"onvif": await self._model.port()}, ("onvif",), ())
        wait_s = self._pace.connect_s
        limits = Deadlines(connect_s=wait_s, reply_s=wait_s, probe_s=wait_s)
        result = await run_probe("onvif", PROBES["onvif"], device, TIME, Memory(), self._clocks, limits)
        found = next((one for one in result.verdict.findings if one.rung is Rung.CONTROL), NOTHING_ASKED)
        return "" if found.outcome is Outcome.OK else _words(found.reason or Reason.ABORTED, found.detail)


def _unread(sent: bool, data: bytes) -> None:
    """Nothing is said to a canary, and nothing it says is read."""


def _words(reason: Reason, detail: str) -> str:
    """Say why there was no answer, from its reason and the error's own text."""
    known = next((words for code, words in SYSTEM_ERRORS.items() if os.strerror(code) in detail), "")
    return known or (detail if reason is Reason.ABORTED else REASONS[reason].title) or str(reason)


def _silence(canary: Canary, known: Standing) -> Silence | None:
    if known.answers or known.since is None:
        return None
    return Silence(known.since, _sentence(canary, known.why))


def _sentence(canary: Canary, why: str) -> str:
    name = f"our own {canary.id}" if canary is MODEL else f"{canary.id} {canary.host}"
    return f"{name} does not answer" if why == REASONS[Reason.TIMEOUT].title else f"{name}: {why}"


def _tell(canary: Canary, before: Standing, after: Standing) -> None:
    """Log it when a canary falls silent, and when it answers again."""
    if after.answers is False and before.answers is not False:
        log.error("%s", _sentence(canary, after.why))
    elif after.answers and before.answers is False:
        log.info("%s answers again", canary.id)
