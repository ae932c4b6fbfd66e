"""Devices asked by several processes: each has a share of them, and a scheduler of its own; verdicts come here.

It is met like the one ``Scheduler`` of a monitor that asks by itself. Whatever concerns several devices at once, what a
verdict means, whose login is tried next, is decided by the monitor and told to the prober whose device it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from monitor.core.model import Camera
from monitor.core.schedule import Rates, phase
from monitor.probes.base import Clocks, Result
from monitor.probes.memory import Memory
from monitor.probes.transcript import Conversation
from monitor.scheduler import look as looks
from monitor.scheduler.assignment import Answer, Assignment
from monitor.scheduler.budget import Buckets
from monitor.scheduler.look import Look
from monitor.scheduler.loop import MOST_LOOKS, Load, TooManyLooks
from monitor.scheduler.prober import Prober
from monitor.scheduler.told import Told
from monitor.scheduler.words import Glimpse, Remembered


class Probers:
    """So many prober processes, run by ``program``; ``memories`` is what is known of the devices at any moment."""

    def __init__(
        self,
        count: int,
        program: Sequence[str],
        rates: Rates,
        clocks: Clocks,
        memories: Mapping[str, Memory],
        on_answer: Callable[[Answer], None],
        on_memory: Callable[[str, Memory], None],
    ) -> None:
        self._clocks = clocks
        self._memories = memories
        self._on_answer = on_answer
        self._on_memory = on_memory
        self._share_of: dict[str, int] = {}
        """The device's prober, by its place."""
        self._looks: dict[str, tuple[int, Look]] = {}
        self._loads: dict[int, Load] = {}
        self._late_s: list[float] = []
        self._probers = [
            Prober(
                f"prober {place + 1} of {count}", program, rates, clocks, memories,
                partial(self._hear, place), partial(self._lost, place),
            )
            for place in range(count)
        ]  # fmt: skip

    @property
    def devices(self) -> Collection[str]:
        """The devices that are asked."""
        return self._share_of.keys()

    @property
    def missing(self) -> int:
        """How many probers ended, and do not run again yet."""
        return sum(one.missing_since is not None for one in self._probers)

    # Devices come and go ---------------------------------------------------------------------------

    def add(self, assigned: Iterable[Assignment]) -> None:
        """Begin to ask these devices."""
        shares: dict[int, list[Assignment]] = {}
        for one in assigned:
            place = self._share_of[one.device.id] = _place(one.device.id, len(self._probers))
            shares.setdefault(place, []).append(one)
        for place, share in shares.items():
            self._probers[place].add(share)

    async def remove(self, devices: Iterable[str]) -> dict[str, Buckets]:
        """Stop asking these devices, politely, and return what is left of their budgets."""
        shares: dict[int, list[str]] = {}
        for id_ in devices:
            if (place := self._share_of.get(id_)) is not None:
                shares.setdefault(place, []).append(id_)
        left = await asyncio.gather(*(self._probers[place].remove(share) for place, share in shares.items()))
        for share in shares.values():
            for id_ in share:
                del self._share_of[id_]  # from here on: what was found before this counts
        return {id_: buckets for one in left for id_, buckets in one.items()}

    async def close(self) -> dict[str, Buckets]:
        """End every prober politely, and return what is left of the devices' budgets."""
        left = await asyncio.gather(*(one.close() for one in self._probers))
        return {id_: buckets for one in left for id_, buckets in one.items()}

    # What is decided here --------------------------------------------------------------------------

    def told(self, told: Iterable[tuple[str, Told]], wall_now: float) -> None:
        """Tell the devices' timetables what verdicts meant for them."""
        shares: dict[int, list[tuple[str, Told]]] = {}
        for id_, one in told:
            if (place := self._share_of.get(id_)) is not None:
                shares.setdefault(place, []).append((id_, one))
        for place, share in shares.items():
            self._probers[place].call("told", share, wall_now)

    def hurry(self, device: str) -> None:
        self._call(device, "hurry")

    def clear_lock(self, device: str) -> None:
        self._call(device, "clear_lock")

    def encourage(self, device: str) -> None:
        self._call(device, "encourage")

    def trust(self, device: str, by: str) -> None:
        self._call(device, "trust", by)

    def forget(self, device: str) -> None:
        self._call(device, "forget")

    def survey(self, device: str) -> None:
        self._call(device, "survey")

    def forget_conversations(self, devices: Iterable[str]) -> None:
        """Keep nothing of what was said with these devices, which are asked no more."""
        gone = tuple(devices)
        for one in self._probers:
            one.call("forget_conversations", gone)

    def _call(self, device: str, name: str, *arguments: Any) -> None:
        if (place := self._share_of.get(device)) is not None:
            self._probers[place].call(name, device, *arguments)

    async def recall(self, device: str) -> Sequence[Conversation]:
        """Return what was said with a device lately, newest first; nothing where its prober does not answer."""
        place = self._share_of.get(device)
        return () if place is None else await self._probers[place].ask("recall", device) or ()

    def look(self, camera: Camera) -> Look:
        """Ask everything about a camera now, within its device's budgets; one that is under way is joined.

        Raises TooManyLooks.
        """
        if camera.id in self._looks:
            return self._looks[camera.id][1]
        if len(self._looks) >= MOST_LOOKS:
            raise TooManyLooks
        place, look = self._share_of[camera.device], Look(camera.id)
        if self._probers[place].missing_since is not None:
            look.tell(looks.failed("the prober of this camera is not running; the monitor's log says why"))
            return look
        self._looks[camera.id] = place, look
        self._probers[place].call("look", camera)
        return look

    # What is heard ---------------------------------------------------------------------------------

    def _hear(self, place: int, word: object) -> None:
        match word:
            case Result() if word.verdict.device in self._share_of:
                before = self._memories.get(word.verdict.device, Memory())
                self._on_answer(Answer(word, before._replace(**word.learnt)))
            case Remembered(device, memory) if device in self._share_of:
                self._on_memory(device, memory)
            case Glimpse(camera, event):
                self._glimpsed(camera, event)
            case Load():
                self._loads[place] = word
                self._late_s += word.late_s

    def _glimpsed(self, camera: str, event: looks.Event) -> None:
        if camera in self._looks:
            _, look = self._looks[camera]
            look.tell(event)
            if look.ended:
                del self._looks[camera]

    def _lost(self, place: int) -> None:
        """Take in that a prober is gone."""
        self._loads.pop(place, None)
        for camera, (whose, _) in tuple(self._looks.items()):
            if whose == place:
                self._glimpsed(camera, looks.failed("the look was cut short; try again"))

    def load(self) -> Load:
        """Return how all of them keep up; starts are counted anew from here. One that is missing is late since then."""
        late_s, self._late_s = self._late_s, []
        loads, now = self._loads.values(), self._clocks.monotonic()
        missing_s = [now - one.missing_since for one in self._probers if one.missing_since is not None]
        lag_s = max([*missing_s, *(one.lag_s for one in loads)], default=0.0)
        return Load(sum(one.in_flight for one in loads), sum(one.waiting for one in loads), lag_s, late_s)


def _place(device: str, count: int) -> int:
    """Return which of so many probers asks a device, today and after each reload."""
    return int(phase(f"prober/{device}", count))
