"""A login that is refused just after it worked: nothing is called down for it, and it is said that one more decides."""

from __future__ import annotations

import asyncio
import time as true_time
from datetime import UTC
from pathlib import Path
from typing import Any

import aiohttp
from guarded import Guarded, watching
from peers.hostile import answering, attacking
from polite.virtual import Time, run

from monitor.app import Listen, Monitor, serve
from monitor.core.times import Clock
from monitor.inspection.report import Report
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader
from monitor.ledger.why import why

BEGAN = 1_795_000_000.0


async def looked(monitor: Monitor) -> Report:
    report = Report()
    async for event in monitor.look("camera", False):
        report.take(event)
    return report


def recorded(ledger: Ledger) -> None:
    """Wait until all is in the file: its writer lives in true time."""
    end = true_time.monotonic() + 60.0
    ledger.append([], {}, {})
    while ledger.recorded_seq < ledger.seq:
        assert true_time.monotonic() < end, ledger.failing
        true_time.sleep(0.01)


async def told(time: Time, monitor: Monitor, ledger: Path) -> tuple[str, dict[str, Any], str]:
    """What ``why`` says, the API, and the camera's page."""
    await asyncio.sleep(2.0)
    recorded(monitor.ledger)
    with Reader.open(ledger) as reader:
        explained = why("camera", reader, time.wall(), UTC) or ""
    runner = await serve(monitor, Listen(port=0))
    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://{host}:{port}/api/v1/cameras/camera") as answer:
            card = await answer.json()
        async with session.get(f"http://{host}:{port}/cameras/camera", headers={"Accept": "text/html"}) as answer:
            page = await answer.text()
    await runner.cleanup()
    return explained, card, page


def test_a_password_that_is_changed_just_after_it_worked_is_said_to_be_refused(tmp_path: Path) -> None:
    """Not that the device is full: when it was refused, that this is not confirmed, and when the next login decides;
    in ``why``, ``probe``, on the page and in the API. Ten minutes later it is confirmed, and that sentence is gone."""
    time, ledger = Time(BEGAN), tmp_path / "ledger"

    async def course() -> None:
        guarded = Guarded(time, taken=True)
        async with attacking(answering(guarded.answer)) as peer, watching(time, peer.port, ledger) as monitor:
            await looked(monitor)
            guarded.taken = False
            for _ in range(2):  # the second look shows no login
                report = await looked(monitor)
                at = BEGAN + guarded.logins[0]
                clock = Clock(time.wall())
                minute = clock.time(at + 600.0)[:5]
                words = f"ogin refused at {clock.time(at)}, not confirmed; next try at {minute}"
                assert f"  L{words} (UTC). It had worked just before" in report.text()
                assert report.working is True  # without a probe of its video, an answer is the strongest proof
            explained, card, page = await told(time, monitor, ledger)
            assert words in explained
            assert "found it full" not in explained
            assert "<b>Login refused</b> at <time" in page
            assert card["login"]["refused_at"][11:19] == clock.time(at)
            assert card["login"]["next_at"][11:16] == minute
            await asyncio.sleep(11 * 60.0)
            assert len(guarded.logins) == 2
            explained, card, page = await told(time, monitor, ledger)
            assert "does not work" in explained.splitlines()[0]
            assert "not confirmed; next try" not in explained
            assert card["login"] is None
            assert "<b>Login refused</b>" not in page
            assert "does not work: login refused" in (await looked(monitor)).text().splitlines()[0]

    run(time, course())
