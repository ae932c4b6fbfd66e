"""The time that login locks live by: a wall clock that is set moves none of them, nor does a restart."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guarded import Guarded, look, watching
from peers.hostile import answering, attacking
from polite.virtual import Time, run

from monitor.core.limits import Bucket, Login
from monitor.core.locktime import LockTime, restored
from monitor.core.times import Clock
from monitor.probes.base import Clocks
from monitor.probes.machine import SYSTEM_CLOCKS
from monitor.probes.memory import Memory, from_json
from monitor.scheduler import budget, locktime
from monitor.scheduler.budget import Buckets

BEGAN = 1_795_000_000.0
MINUTE = 60.0


@dataclass
class Machine:
    """A machine's clocks, moved by hand."""

    wall: float = BEGAN
    up: float = 500.0
    boot: str = "first"

    @property
    def clocks(self) -> Clocks:
        return Clocks(lambda: self.wall, lambda: self.up, lambda: self.boot)

    def pass_time(self, seconds: float, off_s: float = 0.0) -> None:
        """Let time pass; the wall clock shows so much more or less."""
        self.wall += seconds + off_s
        self.up += seconds


def taken_up(machine: Machine, stored: dict[str, Any]) -> tuple[Clocks, dict[str, Any]]:
    """What a process begins with, and what its ledger keeps then."""
    now, changed = locktime.taken_up(stored, machine.clocks)
    return machine.clocks._replace(ahead_s=now.ahead_s), {**stored, **changed}


def login_of(stored: dict[str, Any]) -> Login:
    return from_json(stored["device/d"]).login


def kept(clocks: Clocks, *ago_s: float) -> dict[str, Any]:
    """What a ledger keeps of a device whose login was refused so long ago."""
    now = clocks.lock_time()
    return {"device/d": Memory(login=Login(tuple(now - ago for ago in ago_s), None, "p")).to_json()}


def test_within_a_boot_it_goes_on_whatever_the_wall_clock_shows() -> None:
    """A restart takes it up to the second; what the wall clock was set by is known beside it."""
    machine = Machine()
    clocks, stored = taken_up(machine, {})
    assert (clocks.lock_time(), clocks.set_s) == (BEGAN, 0.0)
    machine.pass_time(MINUTE, off_s=40 * MINUTE)
    assert (clocks.lock_time(), clocks.set_s) == (BEGAN + MINUTE, 40 * MINUTE)
    stored |= kept(clocks, 20.0, 10.0)
    machine.pass_time(MINUTE)
    again, after = taken_up(machine, stored)
    assert (again.lock_time(), again.set_s) == (BEGAN + 2 * MINUTE, 40 * MINUTE)
    assert after["device/d"] == stored["device/d"]
    assert restored(after) == LockTime("first", BEGAN - 500.0, 40 * MINUTE)


def test_after_another_boot_two_refusals_count_as_of_now() -> None:
    """Nobody knows how long the machine was off: for half an hour no third login, also where the clock says that it was
    off for days, or that it is the year before; a restart of the process changes nothing of that."""
    for off_s in (40 * MINUTE, 5 * 86_400.0, -365 * 86_400.0):
        machine = Machine()
        clocks, stored = taken_up(machine, {})
        stored |= kept(clocks, 700.0, 100.0)
        machine.boot, machine.up = "second", 5.0
        machine.pass_time(0.0, off_s)
        clocks, stored = taken_up(machine, stored)
        assert not login_of(stored).allowed(clocks.lock_time() + 1799.0, "another")
        machine.pass_time(1000.0)
        clocks, stored = taken_up(machine, stored)
        assert not login_of(stored).allowed(clocks.lock_time() + 799.0, "another")
        assert login_of(stored).allowed(clocks.lock_time() + 801.0, "another")


def test_without_a_boot_that_is_told_each_start_is_another() -> None:
    """A machine that does not say which boot this is may have been off."""
    machine = Machine(boot="")
    clocks, stored = taken_up(machine, {})
    stored |= kept(clocks, 700.0, 100.0)
    machine.pass_time(40 * MINUTE)
    clocks, stored = taken_up(machine, stored)
    assert not login_of(stored).allowed(clocks.lock_time() + 1799.0, "another")


def test_moments_of_before_are_told_by_the_clock_that_was_set_since() -> None:
    """A clock that ran an hour behind was set right: after the next boot the refusal stands where it truly was."""
    machine = Machine()
    clocks, stored = taken_up(machine, {})
    stored |= kept(clocks, 0.0)
    stored["budget/d"] = budget.to_json(Buckets(Bucket(1.0, clocks.lock_time()), Bucket(2.0, clocks.lock_time())))
    machine.pass_time(MINUTE, off_s=3600.0)
    _, stored = taken_up(machine, stored)
    machine.boot, machine.up = "second", 5.0
    _, stored = taken_up(machine, stored)
    assert login_of(stored).failures == (BEGAN + 3600.0,)
    assert stored["budget/d"] == {"http": [1.0, BEGAN + 3600.0], "rtsp": [2.0, BEGAN + 3600.0]}


def test_a_ledger_that_knows_of_no_such_time_or_says_nonsense_is_taken_as_of_another_boot() -> None:
    """As one of an earlier version."""
    for nonsense in ({}, {"clock": 3}, {"clock": {"boot": "first", "ahead_s": "x", "set_s": 0}}):
        clocks, stored = taken_up(Machine(), nonsense | kept(Machine().clocks, 700.0, 100.0))
        assert not login_of(stored).allowed(clocks.lock_time() + 1799.0, "another")


def test_this_machine_says_which_boot_this_is() -> None:
    """And counts the seconds since."""
    assert SYSTEM_CLOCKS.boot() == SYSTEM_CLOCKS.boot() != ""
    assert 0.0 < SYSTEM_CLOCKS.monotonic() <= SYSTEM_CLOCKS.monotonic()


def test_a_wall_clock_that_is_set_allows_no_third_login(tmp_path: Path) -> None:
    """Forward by 40 min, twice, with a restart between: within half an hour the device sees two logins, however often
    it is looked at. Set back by a day, it is asked again when the lock ends."""
    time = Time(BEGAN)

    async def course() -> list[float]:
        refusing = Guarded(time)
        async with attacking(answering(refusing.answer)) as peer:
            for _ in range(2):
                async with watching(time, peer.port, tmp_path / "ledger") as monitor:
                    for set_s in (0.0, 0.0, 40 * MINUTE, 0.0):
                        time.set_s += set_s
                        await look(monitor)
                        await asyncio.sleep(3.4 * MINUTE)
            assert len([at for at in refusing.logins if at < 30 * MINUTE]) == 2
            time.set_s -= 86_400.0
            async with watching(time, peer.port, tmp_path / "ledger") as monitor:
                await asyncio.sleep(20 * MINUTE)
        return refusing.logins

    first, second, third = run(time, course())
    assert second - first >= 10 * MINUTE
    assert 30 * MINUTE <= third - second <= 33 * MINUTE


def test_a_person_s_word_clears_once_an_hour_also_over_a_restart(tmp_path: Path) -> None:
    """The refusal says when it was cleared and when it can be again, by the wall clock, and nothing is asked then."""
    time = Time(BEGAN)

    async def course() -> tuple[list[float], list[str]]:
        refusing, said = Guarded(time), []
        async with attacking(answering(refusing.answer)) as peer:
            async with watching(time, peer.port, tmp_path / "ledger") as monitor:
                await look(monitor)
                said += [await look(monitor, clear_lock=True), await look(monitor, clear_lock=True)]
            time.set_s += 40 * MINUTE
            async with watching(time, peer.port, tmp_path / "ledger") as monitor:
                said.append(await look(monitor, clear_lock=True))
                await asyncio.sleep(61 * MINUTE)
                said.append(await look(monitor, clear_lock=True))
        return refusing.logins, said

    logins, (first, second, third, last) = run(time, course())
    assert (first, last) == ("", "")
    told = (
        "Its login lock was cleared at {} already, and the login was refused again. So that no account is locked, it can"
        " be cleared once an hour, next at {}. Another password in the inventory is tried at once."
    )
    at = Clock(BEGAN)
    began = next(moment for moment in range(60) if at.moment(BEGAN + moment) in second)
    assert second == told.format(at.moment(BEGAN + began), at.moment(BEGAN + began + 3600))
    assert third == told.format(at.moment(BEGAN + began + 2400), at.moment(BEGAN + began + 6000))
    assert max(sum(one <= at < one + 30 * MINUTE for at in logins) for one in logins) <= 3
