"""Video is taken in gulps: what comes piles up for a while, and is one piece then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from peers.hostile import attacking, packet, playing
from talks import CLOCKS, camera, device, findings, probe

from monitor.core.schedule import Deadlines
from monitor.core.verdict import Outcome, Rung
from monitor.probes.connection import PAUSE_BYTES, Connection, connect
from monitor.probes.errors import PeerClosed
from monitor.probes.rtsp_media import GULP_S

Speak = Callable[[asyncio.StreamWriter], AsyncIterator[bytes]]
PATIENT = Deadlines(connect_s=2.0, reply_s=2.0, first_packet_s=2.0, probe_s=20.0, first_contact_s=20.0)


class _Pieces:
    """A reader that keeps what it is handed."""

    touched = False

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def feed(self, data: bytes) -> None:
        self.pieces.append(data)

    def next(self) -> bytes | None:
        return None

    def end(self) -> bytes | None:
        return None


@asynccontextmanager
async def spoken_to(*pieces: bytes, every_s: float, hangs_up: bool = False) -> AsyncIterator[Connection]:
    """Connect to a peer that says these pieces, so much time apart."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(every_s)
        if not hangs_up:
            await reader.read()

    async with attacking(speak) as peer:
        connection = await connect(peer.host, peer.port, 2.0, lambda: Connection(lambda sent, data: None))
        try:
            yield connection
        finally:
            await connection.close()


async def test_what_comes_in_many_pieces_is_one() -> None:
    """Twenty pieces within a tenth of a second wake nobody before the time is over."""
    reader = _Pieces()
    async with spoken_to(*[b"x"] * 20, every_s=0.005) as connection:
        await connection.gather(reader, 1.0)
    assert reader.pieces == [b"x" * 20]


async def test_no_more_piles_up_than_may_wait() -> None:
    """A peer that says more than that is heard at once, and all of it in the end."""
    reader = _Pieces()
    said = b"x" * (3 * PAUSE_BYTES)
    async with spoken_to(said, every_s=0.0) as connection:
        began = time.monotonic()
        while sum(map(len, reader.pieces)) <= 2 * PAUSE_BYTES:
            await connection.gather(reader, 10.0)
    assert time.monotonic() - began < 5.0
    assert len(reader.pieces) > 1


async def test_a_peer_that_hangs_up_is_noticed_at_once() -> None:
    """What it said last is handed on, and then that it has ended."""
    reader = _Pieces()
    began = time.monotonic()
    async with spoken_to(b"last", every_s=0.05, hangs_up=True) as connection:
        await connection.gather(reader, 10.0)
        with pytest.raises(PeerClosed):
            await connection.gather(reader, 10.0)
    assert time.monotonic() - began < 5.0
    assert reader.pieces == [b"last"]


async def test_video_was_good_when_the_gulp_before_its_own_began_and_not_later() -> None:
    """A camera that stops within a gulp is not said to have been well after its last packet, nor long before it."""
    sent_at: list[float] = []

    def frames(number: int) -> bytes:
        if number >= 5:
            return b""
        sent_at.append(time.time())
        return packet(number)

    async with attacking(playing(frames=frames, every_s=0.05)) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), camera("/stream"), deadlines=PATIENT)
    verdict = result.verdict
    assert findings(result)[Rung.MEDIA].outcome is Outcome.OK
    assert verdict.measurements["channel_1_video_packets"] == 5
    good_until = verdict.at - verdict.silent_s
    assert sent_at[-1] - 2 * GULP_S - 0.2 < good_until <= sent_at[-1]


async def test_what_there_was_no_room_for_came_no_later_than_what_there_was_room_for() -> None:
    """A camera that says half a megabyte at once and dies: it is read in many gulps, and was well when it spoke."""
    sent_at: list[float] = []
    head = packet(0)[4:]
    parts = [head[:2] + number.to_bytes(2, "big") + head[4:] + bytes(16_000) for number in range(40)]  # of one picture
    burst = b"".join(b"$\0" + len(part).to_bytes(2, "big") + part for part in parts)

    def frames(number: int) -> bytes:
        if number:
            return b""
        sent_at.append(time.time())
        return burst

    async with attacking(playing(frames=frames, every_s=0.05)) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), camera("/stream"), deadlines=PATIENT)
    assert findings(result)[Rung.MEDIA].outcome is Outcome.OK
    assert result.verdict.measurements["channel_1_video_packets"] == len(parts)
    assert result.verdict.at - result.verdict.silent_s <= sent_at[0]


async def test_a_loop_is_not_woken_by_each_packet() -> None:
    """Hundreds of packets are taken in as few looks as there are gulps, whatever their number."""
    taken: list[int] = []
    clocks = CLOCKS._replace(monotonic=lambda: taken.append(1) or time.monotonic())  # type: ignore[func-returns-value]
    async with attacking(playing(frames=lambda number: packet(number // 50), every_s=0.005)) as peer:
        target = device(ports={"rtsp": peer.port})
        result = await probe("rtsp", target, camera("/stream"), deadlines=PATIENT, clocks=clocks)
    assert float(result.verdict.measurements["channel_1_video_packets"]) > 100
    assert len(taken) < 100
