"""The product and a street through a year: a real monitor over real sockets, in virtual time.

Troubled times are run at full rates. The quiet rest is leapt over as a computer that slept would have it: the monitor
finds itself days later, its cameras unseen meanwhile and a gap between its heartbeats, its memory and budgets as they
were.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from polite.models import KINDS, Kind
from polite.plan import Event, Trouble
from polite.street import FIRST_PASSWORD, Street
from polite.virtual import Time

from monitor.app import Monitor
from monitor.core.schedule import Rates
from monitor.core.state import State, view
from monitor.core.verdict import Reason
from monitor.inventory import load
from monitor.ledger.ledger import Ledger
from monitor.probes.onvif import CLOCK_LIMIT_S
from monitor.web.probing import Unavailable

#: Between two glances at what the monitor says.
GLANCE_S = 5.0
MINUTE_S = 60.0
#: What can be so.
WELL, MISDATED, FULL = "well", "well but for its clock", "full"
OFF, REFUSING = "without power", "of another password than ours"
#: How long a monitor is away when it is restarted.
AWAY_S = 20.0


@dataclass(frozen=True, slots=True)
class Glance:
    """What was said of a camera, and what was so."""

    at: float
    camera: str
    state: State
    reason: Reason | None
    truth: str
    for_s: float
    """How long that has been so while a monitor ran."""
    off_s: float
    """How long it has had power again; 0 while it has none."""
    refusing_s: float
    """How long our password has been the right one; 0 while it is not."""

    def __str__(self) -> str:
        said = f"{self.state} ({self.reason})" if self.reason else str(self.state)
        return f"at {self.at:.0f} s {self.camera} is called {said}; for {self.for_s:.0f} s it has been {self.truth}"


@dataclass
class Course:
    """One course of events over one street."""

    folder: Path
    clock: Time
    kinds: Mapping[str, Kind] = field(default_factory=lambda: KINDS)
    street: Street = field(init=False)
    glances: list[Glance] = field(default_factory=list)
    looks: int = 0
    begun: int = 0
    """How often a monitor was started."""
    seconds: float = 0.0
    """How long the monitor ran at full rates."""

    def __post_init__(self) -> None:
        self.street = Street(self.clock, self.kinds)
        names = list(self.street.devices)
        self._passwords = dict.fromkeys(names, FIRST_PASSWORD)
        self._names: dict[str, str] = {}
        self._count = 0
        self._truth = dict.fromkeys(names, ("new", 0.0))
        self._last: dict[tuple[str, str], float] = {}
        self._awake = 0.0
        self._ledger = self.folder / "ledger"
        self._looking: set[asyncio.Task[None]] = set()
        self._monitor: Monitor | None = None

    async def run(self, times: Iterable[Trouble]) -> None:
        await self.street.open()
        glancing = asyncio.create_task(self._glance_on())
        try:
            self._write()
            self._begin()
            for trouble in times:
                await self._leap(trouble.begin)
                began = self.clock.now
                for event in trouble.events:
                    await self._until(event.at)
                    await self._happen(event)
                await self._until(trouble.end)
                self.seconds += self.clock.now - began
            await self._end()
        finally:
            glancing.cancel()
            with suppress(asyncio.CancelledError):
                await glancing
            await self.street.close()

    async def _until(self, at: float) -> None:
        await asyncio.sleep(max(0.0, at - self.clock.now))

    async def _leap(self, to: float) -> None:
        """Leave the quiet rest out, at a moment at which nobody speaks."""
        for _ in range(int(MINUTE_S)):
            if not self._looking and not self.clock.talking():
                break
            await asyncio.sleep(1.0)
        if to > self.clock.now:
            self._awake = self.clock.now = to

    # The monitor ---------------------------------------------------------------------------------

    @property
    def _environ(self) -> dict[str, str]:
        return {"COMMUNITY": "public"} | {name.upper(): password for name, password in self._passwords.items()}

    @property
    def _path(self) -> Path:
        return self.folder / "inventory.yaml"

    def _write(self) -> None:
        self._path.write_text(self.street.inventory(self._names))

    def _begin(self) -> None:
        inventory = load(self._path, self._environ)
        self._monitor = Monitor(inventory, Rates(), Ledger.open(self._ledger), self.clock.clocks)
        self._running = asyncio.create_task(self._monitor.run())
        self._awake = self.clock.now
        self.begun += 1

    async def _end(self) -> None:
        assert self._monitor is not None
        self._monitor.stop.set()
        await self._running
        self._monitor = None
        await asyncio.gather(*self._looking)

    async def _crash(self) -> None:
        """Let a monitor follow that knows what the disk had at this moment, and nothing of a farewell."""
        assert self._monitor is not None
        while self._monitor.ledger.recorded_seq < self._monitor.ledger.seq:
            time.sleep(0.001)  # noqa: ASYNC251 - it is another thread that is waited for, and the course's clock stands
        left = self.folder / f"ledger-{self.begun}"
        for suffix in ("", "-wal"):
            if (file := Path(f"{self._ledger}{suffix}")).exists():
                shutil.copy(file, f"{left}{suffix}")
        await self._end()
        self._ledger = left

    async def _reload(self) -> None:
        assert self._monitor is not None
        await self._monitor.reload(self._path, self._environ)

    def _look(self, camera: str, clear_lock: bool = False) -> None:
        """Let a person look at a camera; ``clear_lock``: who has just set its login right."""
        task = asyncio.create_task(self._looked(camera, clear_lock))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _looked(self, camera: str, clear_lock: bool) -> None:
        assert self._monitor is not None
        self.looks += 1
        with suppress(Unavailable):
            async for _ in self._monitor.look(camera, clear_lock):
                pass

    # What happens --------------------------------------------------------------------------------

    async def _happen(self, event: Event) -> None:
        name = event.device
        match event.what:
            case "off":
                self.street.power_off(name)
            case "on":
                await self.street.power_on(name, event.clock_says)
            case "clock set":
                self.street.devices[name].set_clock()
            case "full":
                self.street.devices[name].others = 1
            case "free":
                self.street.devices[name].others = 0
            case "password changed on the camera" | "camera follows":
                self._change_camera(name, follow=event.what == "camera follows")
            case "camera repaired":
                self._change_camera(name, follow=True)
                self._look(name, clear_lock=True)
            case "password changed in the inventory":
                self._count += 1
                self._passwords[name] = f"rotated-{self._count}"
                await self._reload()
            case "inventory repaired":
                self._passwords[name] = self.street.devices[name].account.password
                await self._reload()
            case "inventory loaded anew":
                await self._reload()
                self._look(name, clear_lock=True)
            case "reload":
                self._count += 1
                self._names = dict.fromkeys(self.street.devices, f"Pole {self._count}")
                self._write()
                await self._reload()
            case "restart" | "crash":
                await (self._end() if event.what == "restart" else self._crash())
                await asyncio.sleep(AWAY_S)
                self._begin()
            case "look":
                self._look(name)

    def _change_camera(self, name: str, follow: bool) -> None:
        self._count += 1
        password = self._passwords[name] if follow else f"changed-{self._count}"
        self.street.devices[name].account.password = password

    # What is said --------------------------------------------------------------------------------

    async def _glance_on(self) -> None:
        while True:
            await asyncio.sleep(GLANCE_S)
            for name in self.street.devices:
                self._glance(name)

    def _glance(self, name: str) -> None:
        so, now = self._so(name), self.clock.now
        if so != self._truth[name][0]:
            self._truth[name] = (so, now)
        self._last[name, so] = now
        if self._monitor is None:
            return
        fleet = self._monitor.fleet
        told = view(fleet.cameras[name], fleet.standings[name])
        for_s = now - max(self._truth[name][1], self._awake)
        off_s, refusing_s = (now - self._last.get((name, what), -inf) for what in (OFF, REFUSING))
        self.glances.append(Glance(now, name, told.state, told.reason, so, for_s, off_s, refusing_s))

    def _shown(self, name: str) -> str:
        """Return the password that the monitor shows: the inventory's, or the old one where that was refused."""
        if self._monitor is None:
            return self._passwords[name]
        credential = self._monitor.inventory.devices[name].credential
        assert credential is not None
        return credential.password.reveal()

    def _so(self, name: str) -> str:
        device = self.street.devices[name]
        if device.silent:
            return OFF
        if device.account.password != self._shown(name):
            return REFUSING
        if device.others:
            return FULL
        return WELL if abs(device.time - self.clock.wall()) < CLOCK_LIMIT_S else MISDATED
