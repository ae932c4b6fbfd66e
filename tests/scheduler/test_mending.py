"""A login that was refused everywhere is set right everywhere: who learns it at one device tries it at the next."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from street import DEVICES, OLD, Run, Street, running, until

from monitor.core.verdict import Outcome, Rung


async def refused_everywhere(run: Run) -> None:
    await until(
        lambda: all(one[Rung.CREDENTIALS].outcome is Outcome.FAIL for one in run.monitor.fleet.cameras.values())
    )


async def word_for(run: Run, camera: str) -> None:
    """Let an operator say that a device's login was set right."""
    async for _ in run.monitor.look(camera, clear_lock=True):
        pass


@pytest.mark.parametrize("probers", [0, 3])
async def test_one_word_mends_a_set(tmp_path: Path, probers: int) -> None:
    """All devices refuse a login, then take it again; an operator says so of one, and the others follow within seconds,
    one after the other, long before their waits are over."""
    street = Street(set())
    async with running(street, tmp_path, probers=probers) as run:
        await refused_everywhere(run)
        street.taken = {OLD}
        await word_for(run, "d2")
        await until(lambda: len({device for device, _, taken in street.logins if taken}) == DEVICES)
    assert list(dict.fromkeys(device for device, _, taken in street.logins if taken)) == ["d2", "d0", "d1", "d3"]
    assert sum(not taken for _, _, taken in street.logins) == DEVICES


def refused(street: Street) -> list[str]:
    """The devices that refused a login, in the order in which they did."""
    return [device for device, _, taken in street.logins if not taken]


async def test_a_word_for_one_device_costs_one_other_login(tmp_path: Path) -> None:
    """Where only one device was mended, one other device is shown the login once more, and none after it."""
    street = Street(set())
    async with running(street, tmp_path) as run:
        await refused_everywhere(run)
        street.only = "d2"
        await word_for(run, "d2")
        await until(lambda: len(refused(street)) > DEVICES)
        tried = len(street.shown(OLD))
        await until(lambda: len(street.shown(OLD)) > tried + 10)
    assert refused(street)[DEVICES:] == ["d0"]


async def test_a_login_that_worked_just_now_waits_for_its_own_turn(tmp_path: Path) -> None:
    """A device that took a login minutes ago may refuse it for being full: one more refusal would decide nothing, and lock
    it for half an hour. So it is not encouraged; its own next try comes when it decides."""
    street = Street({OLD})
    async with running(street, tmp_path) as run:
        await until(lambda: len({device for device, _, taken in street.logins if taken}) == DEVICES)
        street.taken = set()
        await until(lambda: all(run.monitor.doubt(f"d{number}") for number in range(DEVICES)))
        street.only = "d2"
        await word_for(run, "d2")
        mended = len(street.logins)
        await until(lambda: sum(device == "d2" for device, _, _ in street.logins[mended:]) > 10)
    assert Counter(device for device, _, taken in street.logins if not taken) == dict.fromkeys(
        ("d0", "d1", "d2", "d3"), 1
    )
