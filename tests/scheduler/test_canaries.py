"""Canaries: who answers, who does not, in which words; asked over real sockets, in time that nobody waits for."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import pytest
from fleets import inventory
from heard import answers, silences
from polite.virtual import Time, run

from monitor.core.canary import Silence
from monitor.core.model import Canary, Inventory
from monitor.core.verdict import Rung
from monitor.probes.base import Talk
from monitor.probes.registry import PROBES
from monitor.scheduler.canaries import Canaries
from monitor.scheduler.device_model import HOST, MOST_BYTES, MOST_VISITS, PATIENCE_S, DeviceModel

EPOCH = 1_795_000_000.0
STARVED = Path(__file__).with_name("starved_canaries.py")
Course = Callable[[Time, Canaries], Coroutine[Any, Any, None]]


def fleet(*canaries: Canary) -> Inventory:
    return replace(inventory(1), canaries=canaries)


def watched(course: Course, *canaries: Canary) -> None:
    """Hold a course with these canaries in virtual time."""

    async def whole(time: Time) -> None:
        watch = Canaries(fleet(*canaries), time.clocks)
        await watch.start()
        try:
            await course(time, watch)
        finally:
            await watch.close()
        assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []

    time = Time(EPOCH)
    run(time, whole(time))


@contextmanager
def listening(backlog: int = 8) -> Iterator[socket.socket]:
    with socket.socket() as one:
        one.bind((HOST, 0))
        one.listen(backlog)
        yield one


@contextmanager
def deaf() -> Iterator[int]:
    """A port that answers no connection, not even by a refusal: its queue is full."""
    with listening(0) as one:
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(one.getsockname())
        yield one.getsockname()[1]
        for caller in callers:
            caller.close()


def closed() -> int:
    with listening() as one:
        return int(one.getsockname()[1])


def test_what_takes_a_connection_answers_and_so_does_what_refuses_one() -> None:
    """Both prove that there is somebody; and our own device model is asked beside them without being written."""

    async def course(time: Time, watch: Canaries) -> None:
        assert answers(watch) == {"central": {}}
        await asyncio.sleep(1.0)
        assert answers(watch) == {"central": {"open": True, "closed": True, "device model": True}}
        assert silences(watch) == {"central": {}}

    with listening() as one:
        watched(course, Canary("open", HOST, port=one.getsockname()[1]), Canary("closed", HOST, port=closed()))


def test_a_canary_falls_silent_with_its_second_failure_and_answers_with_its_first_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Asked every 5 s, 3 s long: 13 s after the line was cut at the latest. The model goes on answering."""

    async def course(time: Time, watch: Canaries) -> None:
        await asyncio.sleep(7.0)
        with deaf() as port:
            watch.use(fleet(Canary("gateway", HOST, port=port)))
            await asyncio.sleep(10.9)  # asked at 10 s and at 15 s
            assert answers(watch)["central"] == {"device model": True}
            await asyncio.sleep(0.2)
            assert answers(watch)["central"] == {"gateway": False, "device model": True}
            since = silences(watch)["central"]["gateway"].since
            assert since == (-inf, pytest.approx(EPOCH + 13.0, abs=0.1))
            assert silences(watch)["central"]["gateway"].words == "gateway 127.0.0.1 does not answer"
        await asyncio.sleep(2.0)  # what listened there is gone: the port refuses at 20 s
        assert answers(watch)["central"] == {"gateway": True, "device model": True}

    watched(course)
    told = [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]
    assert told == ["gateway 127.0.0.1 does not answer"]


def test_a_name_that_nobody_knows_does_not_answer() -> None:
    """The reason is said in words."""

    async def course(time: Time, watch: Canaries) -> None:
        await asyncio.sleep(6.0)
        assert silences(watch)["central"]["gateway"].words == "gateway nobody.invalid: name not found"

    watched(course, Canary("gateway", "nobody.invalid"))


def test_another_inventory_keeps_what_is_known_of_the_canaries_that_stay() -> None:
    """One that moved is another; one that is gone says nothing any more; each is its own vantage's alone."""

    async def course(time: Time, watch: Canaries) -> None:
        await asyncio.sleep(1.0)
        devices = dict(inventory(2).devices)
        devices["d1"] = replace(devices["d1"], vantage="harbour")
        moved, pier = Canary("moved", HOST, port=port + 1), Canary("pier", HOST, "harbour", port)
        watch.use(replace(fleet(stays, moved, pier), devices=devices))
        assert answers(watch) == {
            "central": {"stays": True, "device model": True},
            "harbour": {"device model": True},
        }
        await asyncio.sleep(5.0)
        assert answers(watch)["central"].keys() == {"stays", "moved", "device model"}
        assert answers(watch)["harbour"] == {"pier": True, "device model": True}

    port = closed()
    stays = Canary("stays", HOST, port=port)
    watched(course, stays, Canary("moved", HOST, port=port), Canary("goes", HOST, port=port))


def test_a_question_that_was_slept_through_does_not_count() -> None:
    """Suspended while a question was open: its deadline was over when we woke, and nobody had listened."""

    async def course(time: Time, watch: Canaries) -> None:
        await asyncio.sleep(6.0)  # asked at 0 s and at 5 s
        time.now += 60.0
        await asyncio.sleep(1.5)
        assert answers(watch)["central"] == {"device model": True}
        await asyncio.sleep(10.0)
        assert answers(watch)["central"] == {"gateway": False, "device model": True}

    with deaf() as port:
        watched(course, Canary("gateway", HOST, port=port))


@pytest.mark.parametrize(
    ("asks", "words"), [(True, "'a bug of ours'"), (False, "the probe ended before it had asked anything")]
)
def test_a_bug_of_ours_silences_our_own_model_alone(asks: bool, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked by the probe of every camera: what breaks that, shows there in its own words."""

    async def buggy(talk: Talk) -> None:
        if asks:
            talk.asking(Rung.CONTROL)
        raise KeyError("a bug of ours")

    async def course(time: Time, watch: Canaries) -> None:
        await asyncio.sleep(6.0)
        since = (-inf, pytest.approx(EPOCH, abs=0.1))
        assert silences(watch)["central"] == {"device model": Silence(since, f"our own device model: {words}")}

    monkeypatch.setitem(PROBES, "onvif", buggy)  # type: ignore[arg-type]  # the registry is a dict
    with listening() as one:
        watched(course, Canary("gateway", HOST, port=one.getsockname()[1]))


def test_whoever_connects_to_our_model_and_says_nothing_keeps_nobody_out() -> None:
    """Any program of this host may: the longest idle one is left, then all of them; too many bytes are not read."""

    async def course() -> None:
        model = DeviceModel(lambda: EPOCH)
        port = await model.port()
        idle = [await asyncio.open_connection(HOST, port) for _ in range(MOST_VISITS)]
        (long, one), (odd, other) = [await asyncio.open_connection(HOST, port) for _ in range(2)]
        writers = [one, other]
        one.write(b"x" * (MOST_BYTES + 1))
        assert await ended(long)
        other.write(b"GET / HTTP/1.1\r\n\r\n<a></s:Envelope>")
        assert (await odd.read()).startswith(b"HTTP/1.1 404 Not Found\r\n")
        assert await ended(idle[0][0])
        await asyncio.sleep(PATIENCE_S)
        assert all([await ended(one) for one, _ in idle])
        for writing in writers + [one for _, one in idle]:
            writing.close()
            with suppress(ConnectionResetError):
                await writing.wait_closed()
        await model.close()

    async def ended(reader: asyncio.StreamReader) -> bool:
        try:
            return await asyncio.wait_for(reader.read(), 0.1) == b""
        except ConnectionResetError:
            return True

    run(Time(EPOCH), course())


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_without_a_descriptor_our_own_model_says_so(loop: str) -> None:
    """In a process without any left, everything is silent, and why stands in the words; afterwards all answer."""
    with listening() as one:
        done = subprocess.run(
            [sys.executable, str(STARVED), loop, str(one.getsockname()[1])],
            capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(STARVED.parents[1])},
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "without": {
            "gateway": "gateway 127.0.0.1: no descriptor left",
            "device model": "our own device model: no descriptor left",
        },
        "afterwards": {"gateway": True, "device model": True},
    }
