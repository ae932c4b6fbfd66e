"""What waits to be told: sent once recorded, tried again, never twice, and given up in the end."""

from __future__ import annotations

import asyncio

from monitor.core.workorder.order import OPENING, Act, Message, OrderEvent, Orders, after
from monitor.orders.channels import NotTaken
from monitor.orders.outbox import LONGEST_RETRY_S, MOST_ATTEMPTS, Outbox

NOW = 1_790_000_000.0
KEY = "uplink, uplink SW-1/3"


def called(*channels: str, number: int = 1, severity: str = "page") -> list[OrderEvent]:
    id_ = f"WO-{number}"
    opened = OrderEvent(NOW, id_, Act.OPENED, f"c{number}", f"{KEY}{number}", "", "network", severity, why="said")
    return [opened, OrderEvent(NOW, id_, Act.CALLED, occasion=1, channels=channels, why=OPENING)]


class Post:
    """Channels that take, refuse or hold messages, and an outbox under a clock that is moved by hand."""

    def __init__(self, *events: OrderEvent) -> None:
        self.orders: Orders = after({}, events)
        self.now = 0.0
        self.sent: list[Message] = []
        self.refusals = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.outbox = Outbox(self.send, lambda: self.now)

    async def send(self, message: Message) -> bool:
        self.sent.append(message)
        if message.channel == "hangs":
            await asyncio.Event().wait()
        if message.channel == "refuses":
            raise NotTaken("it answers 503")
        await self.gate.wait()
        if self.refusals:
            self.refusals -= 1
            raise NotTaken("it answers 503")
        return True

    async def turn(self, recorded: int = 9, recording: bool = True) -> list[OrderEvent]:
        """One step of the monitor: the newest event is number 9."""
        self.outbox.mind(self.orders, 9, recorded, recording)
        await asyncio.sleep(0.01)
        events = self.outbox.taken(NOW)
        self.orders = after(self.orders, events)
        return events


async def test_a_message_is_sent_once_to_each_channel() -> None:
    """And said to be, by events."""
    post = Post(*called("net", "desk"))
    assert [(event.act, event.channel) for event in await post.turn()] == [(Act.TOLD, "desk"), (Act.TOLD, "net")]
    assert await post.turn() == []
    assert len(post.sent) == 2


async def test_nothing_is_sent_before_it_is_recorded() -> None:
    """Or a restart would not know of it."""
    post = Post(*called("net"))
    await post.turn(recorded=8)
    assert post.sent == []
    await post.turn(recorded=9)
    assert len(post.sent) == 1


async def test_where_nothing_can_be_recorded_people_are_told_all_the_same() -> None:
    """A full disk mutes nobody."""
    post = Post(*called("net"))
    await post.turn(recorded=0, recording=False)
    assert len(post.sent) == 1


async def test_a_refusal_is_tried_again_with_growing_waits() -> None:
    """Five seconds, ten, twenty, at most five minutes."""
    post = Post(*called("net"))
    post.refusals = 9
    waits: list[float] = []
    while post.orders["WO-1"].waiting:
        before = len(post.sent)
        start = post.now
        while len(post.sent) == before:
            post.outbox.mind(post.orders, 9, 9, True)
            await asyncio.sleep(0)
            post.now += 0 if len(post.sent) > before else 5
        waits.append(post.now - start)
        await post.turn()
    assert waits == [0, 5, 10, 20, 40, 80, 160, LONGEST_RETRY_S, LONGEST_RETRY_S, LONGEST_RETRY_S]
    assert post.outbox.failing == {}


async def test_a_channel_that_refuses_is_named_and_given_up_in_the_end() -> None:
    """A reminder takes its place."""
    post = Post(*called("net"))
    post.refusals = MOST_ATTEMPTS
    await post.turn()
    assert post.outbox.failing == {"net": "it answers 503"}
    events: list[OrderEvent] = []
    while not events:
        post.now += LONGEST_RETRY_S
        events = await post.turn()
    assert [(event.act, event.channel, event.why) for event in events] == [(Act.GAVE_UP, "net", "it answers 503")]
    assert len(post.sent) == MOST_ATTEMPTS
    assert len(post.outbox) == 0


async def test_what_nobody_needs_any_more_is_not_sent() -> None:
    """Somebody answered while the channel was down."""
    post = Post(*called("net"))
    post.refusals = 1
    await post.turn()
    post.orders = after(post.orders, [OrderEvent(NOW, "WO-1", Act.ON_MY_WAY)])
    post.now += 3600
    assert await post.turn() == []
    assert len(post.sent) == 1
    assert len(post.outbox) == 0


async def test_what_was_under_way_when_somebody_answered_is_told_as_sent() -> None:
    """It may have been taken already."""
    post = Post(*called("net"))
    post.gate.clear()
    await post.turn()
    post.orders = after(post.orders, [OrderEvent(NOW, "WO-1", Act.ON_MY_WAY)])
    post.gate.set()
    assert [event.act for event in await post.turn()] == [Act.TOLD]


async def test_few_are_under_way_at_once() -> None:
    """A storm of orders starts no storm of processes: four, and three of one channel."""
    post = Post(*[event for number in range(20) for event in called("desk", "net", number=number)])
    post.gate.clear()
    await post.turn()
    assert sorted(message.channel for message in post.sent) == ["desk", "desk", "net", "net"]
    post.gate.set()
    for _ in range(12):
        await post.turn()
    assert len(post.sent) == len(set(post.sent)) == 40
    alone = Post(*[event for number in range(20) for event in called("net", number=number)])
    alone.gate.clear()
    await alone.turn()
    assert len(alone.sent) == 3


async def test_what_is_urgent_is_told_first() -> None:
    """However many tickets wait before it."""
    tickets = [event for number in range(20) for event in called("net", number=number, severity="ticket")]
    post = Post(*tickets, *called("net", number=99))
    await post.turn()
    assert post.sent[0].order == "WO-99"
    assert len(post.sent) == 3


async def test_a_channel_that_hangs_or_refuses_keeps_no_other_one_waiting() -> None:
    """Whatever waits for it: the others' messages are told one after the other; a refusal is tried one at a time."""
    for bad, most in (("hangs", 3), ("refuses", 31 + 3)):
        post = Post(*[event for number in range(30) for event in called(bad, "net", number=number)])
        for _ in range(31):
            await post.turn()
        told = [message for message in post.sent if message.channel == "net"]
        assert len(told) == len(set(told)) == 30
        tried = [message for message in post.sent if message.channel == bad]
        assert 0 < len(tried) <= most
        await post.outbox.close()


async def test_a_message_under_way_at_the_end_waits_for_the_next_run() -> None:
    """It stands in the ledger."""
    post = Post(*called("net"))
    post.gate.clear()
    await post.turn()
    await post.outbox.close()
    assert post.outbox.taken(NOW) == []
    assert post.orders["WO-1"].messages() == [Message("WO-1", 1, "net")]
