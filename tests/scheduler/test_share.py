"""The inside of a prober, spoken to over its line: what it tells, what it notices, and when it asks nothing new."""

from __future__ import annotations

import asyncio
import pickle
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peers.hostile import answering, attacking, onvif, silent
from peers.servers import free_port
from street import OLD, Street, until
from talks import QUICK

from monitor.core.limits import Login
from monitor.core.model import Camera, Credential, Device, Secret
from monitor.core.schedule import Rates
from monitor.core.verdict import Outcome, Reason
from monitor.probes.base import Clocks, Result
from monitor.probes.machine import SYSTEM_CLOCKS
from monitor.probes.memory import Memory
from monitor.scheduler import share
from monitor.scheduler.assignment import Assignment
from monitor.scheduler.line import Line
from monitor.scheduler.loop import Load
from monitor.scheduler.words import Begin, Call, Glimpse, Remembered, Reply

RATES = Rates(light_s=0.2, spread_s=0.0, http_per_minute=6000, http_burst=100, deadlines=QUICK)


class Monitor:
    """The other end of a prober's line."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.heard: list[Any] = []

    def say(self, name: str, *arguments: Any, number: int | None = None) -> None:
        self.line.say([Call(name, arguments, number)])

    async def hear(self, kind: type, count: int = 1) -> list[Any]:
        """Return the first so many words of a kind."""
        async with asyncio.timeout(10.0):
            while len(found := [one for one in self.heard if isinstance(one, kind)]) < count:
                words = await self.line.hear()
                assert words is not None
                self.heard += words
        return found


@asynccontextmanager
async def prober(clocks: Clocks = SYSTEM_CLOCKS) -> AsyncIterator[Monitor]:
    """A prober's inside in this process."""
    ours, theirs = socket.socketpair()
    line = await Line.over(ours)
    serving = asyncio.create_task(share.serve(await Line.over(theirs), clocks))
    line.say(Begin(RATES, SYSTEM_CLOCKS.ahead))
    try:
        yield Monitor(line)
    finally:
        line.close()
        await serving


def assigned(port: int) -> list[Assignment]:
    device = Device("d", "127.0.0.1", {"onvif": port}, ("onvif",), ("c",))
    return [Assignment(device, (CAMERA,))]


CAMERA = Camera("c", "c", "d", 1, "z")


async def test_a_verdict_is_told_and_what_was_said_stays() -> None:
    """The monitor hears what was found; what was said on the wire comes when it asks for it."""
    async with attacking(answering(onvif())) as peer, prober() as monitor:
        monitor.say("add", assigned(peer.port))
        (answer, *_) = await monitor.hear(Result)
        assert answer.verdict.findings[0].outcome is Outcome.OK
        assert answer.conversation.said == ()
        monitor.say("recall", "d", number=7)
        (reply,) = await monitor.hear(Reply)
        assert reply.number == 7
        assert any(b"GetSystemDateAndTime" in data for talk in reply.value for _, _, data in talk.said)


async def test_the_monitor_s_copy_is_what_the_prober_knows() -> None:
    """All that a prober knows of a device can be put together from what it told of each conversation."""
    async with attacking(answering(onvif())) as peer, prober() as monitor:
        monitor.say("add", assigned(peer.port))
        results = await monitor.hear(Result, 3)
        monitor.say("encourage", "d")
        (word, *_) = await monitor.hear(Remembered)
        copy = Memory()
        for one in monitor.heard[: monitor.heard.index(word)]:
            copy = copy._replace(**one.learnt) if isinstance(one, Result) else copy
    assert results[0].learnt
    assert word.memory == copy._replace(login=copy.login.encouraged())


async def test_a_look_is_told_as_it_happens() -> None:
    """What happens in a look at a camera is told one by one, to its end; one at a camera that is gone ends at once."""
    async with attacking(answering(onvif())) as peer, prober() as monitor:
        monitor.say("add", assigned(peer.port))
        await monitor.hear(Result)
        monitor.say("look", CAMERA)
        glimpses = await monitor.hear(Glimpse, 3)
        assert [one.event["event"] for one in glimpses[:3]] == ["asking", "answer", "end"]
        monitor.say("look", Camera("x", "x", "gone", 1, "z"))
        last = (await monitor.hear(Glimpse, 4))[3]
        assert last == Glimpse("x", {"event": "error", "error": "the inventory was loaded anew meanwhile; try again"})


async def test_a_person_s_word_reaches_the_device_s_memory() -> None:
    """What the monitor decides changes what the prober knows, and that is told back."""
    async with prober() as monitor:
        port = free_port()
        (one,) = assigned(port)
        refused = Memory(login=Login((1.0,), evidence="x"), boots=3)
        monitor.say("add", [one._replace(memory=refused)])
        monitor.say("encourage", "d")
        (word, *_) = await monitor.hear(Remembered)
        assert (word.device, word.memory.login.evidence, word.memory.boots) == ("d", "", 3)
        monitor.say("forget", "d")
        second = (await monitor.hear(Remembered, 2))[1]
        assert second.memory.login.failures == (1.0,)


async def test_what_was_asked_before_a_sleep_is_not_held_against_a_device() -> None:
    """The machine slept for a minute while a device was being asked: that it did not answer in time says nothing."""
    ahead = 0.0

    def wall() -> float:
        return SYSTEM_CLOCKS.wall() + ahead

    async with attacking(silent) as peer, prober(SYSTEM_CLOCKS._replace(wall=wall)) as monitor:
        monitor.say("add", assigned(peer.port))
        await monitor.hear(Load)
        await until(lambda: bool(peer.connections))
        ahead = 60.0
        (answer, *_) = await monitor.hear(Result)
        unseen = [(one.outcome, one.reason, one.detail) for one in answer.verdict.findings]
    assert (Outcome.UNSEEN, Reason.ABORTED, "the monitor slept while it asked") in unseen
    assert Outcome.FAIL not in [outcome for outcome, _, _ in unseen]


async def test_a_refused_login_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for no other word: who dies meanwhile would take it along, and the device be shown the login once more."""
    monkeypatch.setattr(share, "TOGETHER_S", 3600.0)
    street = Street(set())
    async with attacking(answering(street.answer("d"))) as peer, prober() as monitor:
        (one,) = assigned(peer.port)
        login = Credential("city", "camfleet", Secret("city", OLD))
        monitor.say("add", [one._replace(device=replace(one.device, credential=login))])
        told = await monitor.hear(Result)
    assert any(one.refused for one in told)
    assert len(street.logins) == 1


async def test_nothing_new_is_asked_while_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """A monitor that takes nothing makes a prober wait; once it listens again, all goes on."""
    monkeypatch.setattr(share, "MOST_UNSENT_BYTES", -1)
    monkeypatch.setattr(share, "TICK_S", 0.1)
    async with attacking(answering(onvif())) as peer, prober() as monitor:
        await monitor.hear(Load)
        monitor.say("add", assigned(peer.port))
        await monitor.hear(Load, 8)
        assert peer.connections == 0
        monkeypatch.setattr(share, "MOST_UNSENT_BYTES", 1 << 20)
        await monitor.hear(Result)


async def test_what_is_left_of_budgets_comes_back() -> None:
    """Of devices that are taken away, and of all at the end: nobody asks them more because of it."""
    async with attacking(answering(onvif())) as peer, prober() as monitor:
        monitor.say("add", assigned(peer.port))
        await monitor.hear(Result)
        monitor.say("remove", ["d"], number=1)
        (reply,) = await monitor.hear(Reply)
        assert reply.value["d"].http.tokens < RATES.http_burst
        monitor.say("close", number=2)
        assert (await monitor.hear(Reply, 2))[1] == Reply(2, {})


texts = st.dictionaries(st.text(max_size=5), st.text(max_size=5))
memories = st.builds(Memory, **dict.fromkeys(("services", "streams", "proven", "certificates"), texts))


@given(memories)
def test_what_is_known_of_a_device_crosses_the_line_whole(memory: Memory) -> None:
    """What a prober learnt is what the monitor keeps, and what the next prober begins with."""
    again = pickle.loads(pickle.dumps(memory))
    assert repr(again) == repr(memory)
    assert repr(again.to_json()) == repr(memory.to_json())


def test_what_is_not_known_of_a_device_costs_nothing() -> None:
    """A memory with nothing in it is a few bytes, and the same objects for all."""
    again = pickle.loads(pickle.dumps(Memory(boots=1)))
    assert again.streams is Memory().streams
    assert len(pickle.dumps(Memory(boots=1))) < 100
