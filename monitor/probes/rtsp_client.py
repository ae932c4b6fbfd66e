"""One RTSP conversation (RFC 2326): requests with digest, frames counted as they come between.

A server may hang up behind any reply, a challenge above all; until a session is set up the next request goes over a new
connection. Some number their replies wrongly: there is one question at a time, so that is no reason to hear nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from monitor.core.model import usual_port
from monitor.probes.authentication import Authentication
from monitor.probes.base import Talk
from monitor.probes.connection import Connection
from monitor.probes.errors import PeerClosed, ProbeError, ReplyTimeout
from monitor.wire import rtsp
from monitor.wire.errors import ProtocolError, TooLarge, WireError

Fields = Sequence[tuple[str, str]]
#: Replies to other requests than the newest one that are passed over.
MOST_LATE_REPLIES = 16
#: How long the right reply is waited for when one with another number has come.
OTHER_NUMBER_S = 0.5
#: Messages, frames among them, that one conversation takes in: 12 s of 10 Mbit/s. A flood has its end there.
MOST_ITEMS = 10_000
#: After so many of them other devices get their turn.
TURN_ITEMS = 250
#: Requests of a server's own that are answered.
MOST_ANSWERED = 16


class RtspClient:
    """A device's RTSP server."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._root = _root(talk)
        self._connection: Connection | None = None
        self._reader = rtsp.RtspReader()
        self._unused = True
        self._sequence = 0
        self._authentication = Authentication(talk, "rtsp")
        self._numbers_are_wrong = False
        self._accepted = False
        self._showed_login = False
        self._refused = False
        self._items = 0
        self._answered = 0
        self.on_frame: Callable[[rtsp.Frame], None] = lambda frame: None
        self.in_session = False
        """Whether a session is set up: it ends with its connection, so nothing is asked over another one."""

    @property
    def showed_login(self) -> bool:
        """Whether the newest request carried our login."""
        return self._showed_login

    @property
    def challenged(self) -> bool:
        """Whether the server has asked for a login that we may answer."""
        return self._authentication.ready

    @property
    def obstacle(self) -> str:
        """Why nothing that the server asks for may be answered."""
        return self._authentication.obstacle

    async def open(self) -> Connection:
        """Return the connection, a new one where there is none or the old one has ended."""
        if self._connection is None or (self._connection.ended and not self.in_session):
            if self._connection is not None:
                await self._connection.close()
            self._connection = await self._talk.connect(self._talk.port("rtsp"), "rtsp")
            self._reader = rtsp.RtspReader()
            self._unused = True
        return self._connection

    async def hang_up(self) -> None:
        """Give the connection up: what may still come over it belongs to questions that are over."""
        if self._connection is not None:
            await self._connection.close()
        self._connection = None
        self.in_session = False

    async def request(self, method: str, path: str, fields: Fields = ()) -> rtsp.Response:
        """Send a request, with our login once the server has asked for one, and return the response.

        A nonce that the server calls stale, or that it replaces after it had accepted our login on this connection, is
        answered once more: that is no wrong password. A login that was refused is not shown again, not even to tear
        a session down.
        """
        response = await self._exchange(method, path, fields)
        if response.status == 401 and self._authentication.renewed:
            response = await self._exchange(method, path, fields)
        if response.status == 401 and self._showed_login:
            self._refused = True
        return response

    async def _exchange(self, method: str, path: str, fields: Fields) -> rtsp.Response:
        """Send a request and return its response; sent again if a connection ends that had answered before."""
        if method == "TEARDOWN":
            self._items = 0  # the end of a session is waited for, whatever was said before
        connection = await self.open()
        fresh = self._unused
        try:
            self._send(connection, method, path, fields)
            response = await self._response()
        except (PeerClosed, ConnectionError):
            if fresh or self.in_session or self._reader.touched:
                raise
            await self.hang_up()
            self._send(await self.open(), method, path, fields)
            response = await self._response()
        self._accepted = self._accepted or (self._showed_login and response.status != 401)
        self._authentication.hear(response.status, response.headers)
        return response

    def _send(self, connection: Connection, method: str, path: str, fields: Fields) -> None:
        if method != "TEARDOWN":
            self._talk.spend()
        self._sequence += 1
        self._unused = False
        url = self._root + path
        proof = self._proof(method, url)
        self._showed_login = bool(proof)
        connection.send(rtsp.request(method, url, self._sequence, (*fields, *proof)))

    def _proof(self, method: str, url: str) -> Fields:
        if not self._authentication.ready or self._talk.device.credential is None or self._refused:
            return ()
        if not self._accepted and not self._talk.may_log_in_to_streams:
            return ()  # the lock holds for every channel of a device
        return (("Authorization", self._authentication.proof(method, url)),)

    async def _response(self) -> rtsp.Response:
        """Return the response to the newest request; what is said of a login that gets none is not known."""
        deadline = self._talk.clocks.monotonic() + self._talk.deadlines.reply_s
        try:
            item = await self.next(deadline)
            if isinstance(item, rtsp.Response) and self._answers(item):
                return item
            return await self._best(item, deadline)
        except (ProbeError, WireError, OSError):
            if self._showed_login and not self._accepted:
                self._talk.stream_login_unread()
            raise

    def _answers(self, response: rtsp.Response) -> bool:
        """Whether this is the response to the newest request; one without a number is."""
        return response.status >= 200 and (response.sequence in (None, self._sequence) or self._numbers_are_wrong)

    async def _best(self, item: rtsp.Item | None, deadline: float) -> rtsp.Response:
        """Return the response among this item and those behind it; one with another number, if no better one comes."""
        other: rtsp.Response | None = None
        for _ in range(MOST_LATE_REPLIES):
            try:
                while not isinstance(item, rtsp.Response):
                    item = await self.next(deadline)
            except (ReplyTimeout, PeerClosed):
                if other is None:
                    raise
                self._numbers_are_wrong = True
                return other
            if self._answers(item):
                return item
            if item.status >= 200:
                other = item
                deadline = min(deadline, self._talk.clocks.monotonic() + OTHER_NUMBER_S)
            item = None
        raise ReplyTimeout("only replies to other requests")

    async def next(self, deadline: float) -> rtsp.Item:
        """Return what comes next; frames are handed on, a request of the server's is answered.

        Raises ReplyTimeout at the deadline, TooLarge where a server floods us, PeerClosed, WireError.
        """
        if self._counts_a_turn():
            await asyncio.sleep(0)
        left = deadline - self._talk.clocks.monotonic()
        if left <= 0:
            raise ReplyTimeout("no reply")
        assert self._connection is not None
        item: rtsp.Item = await self._connection.receive(self._reader, left)
        if not isinstance(item, rtsp.Response):
            self._hand_on(item)
        return item

    async def gulp(self, seconds: float) -> bool:
        """Let what comes pile up for so long and take it, like ``next``; return whether more may have come by now.

        A loop that is woken for each packet of a video has little else to do. Raises TooLarge, PeerClosed, WireError.
        """
        assert self._connection is not None
        is_full = await self._connection.gather(self._reader, seconds)
        while (item := self._reader.next()) is not None:
            if self._counts_a_turn():
                await asyncio.sleep(0)
            self._hand_on(item)
        return is_full

    def _counts_a_turn(self) -> bool:
        """Count an item, and say whether it is the others' turn. Raises TooLarge."""
        self._items += 1
        if self._items > MOST_ITEMS:
            raise TooLarge(f"over {MOST_ITEMS} messages in one conversation")
        return self._items % TURN_ITEMS == 0

    def _hand_on(self, item: rtsp.Item) -> None:
        if isinstance(item, rtsp.Frame):
            self.on_frame(item)
        elif isinstance(item, rtsp.Request):
            self._answer(item)

    def _answer(self, asked: rtsp.Request) -> None:
        self._answered += 1
        if self._answered > MOST_ANSWERED:
            raise ProtocolError(f"over {MOST_ANSWERED} requests of the server's own")
        if self._connection is not None and not self._connection.ended:
            self._connection.send(rtsp.answer(asked))


def _root(talk: Talk) -> str:
    """Return what stands before a path: the inventory's own host, whatever host the device named."""
    device, port = talk.device, talk.port("rtsp")
    name = f"[{device.host}]" if ":" in device.host else device.host
    authority = name if port == usual_port("rtsp", device.tls) else f"{name}:{port}"
    return f"{'rtsps' if device.encrypts('rtsp') else 'rtsp'}://{authority}"
