"""HTTP as the devices speak it: bounded requests in, the bytes of an answer out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.connection import DeviceConnection
from simulator.device import Directory, RunningDevice

HEAD_BYTES = 16_384
BODY_BYTES = 65_536
PHRASES = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 413: "Payload Too Large", 500: "Internal Server Error"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; header names in small letters."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def keep_alive(self) -> bool:
        return self.headers.get("connection", "").lower() != "close"


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP reply before it is written."""

    status: int
    body: bytes = b""
    content_type: str = "application/soap+xml; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    close: bool = False


#: Answers a request to a device: the bytes as they go out, and True where the connection is closed after them.
Answer = Callable[[RunningDevice, Request], tuple[bytes, bool]]


class MalformedRequest(Exception):
    """What came is no HTTP request; the reply to it, before the connection is closed."""

    def __init__(self, status: int) -> None:
        super().__init__(PHRASES[status])
        self.reply = Reply(status, content_type="text/html", close=True)


def render(reply: Reply, keep_alive: bool) -> bytes:
    """A well-formed reply."""
    lines = [f"HTTP/1.1 {reply.status} {PHRASES[reply.status]}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    lines += [f"Content-Type: {reply.content_type}", f"Content-Length: {len(reply.body)}"]
    lines += [f"Connection: {'keep-alive' if keep_alive and not reply.close else 'close'}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + reply.body


def take_request(buffer: bytearray) -> Request | None:
    """Cut one complete request off the buffer; None while some of it is missing."""
    end = buffer.find(b"\r\n\r\n", 0, HEAD_BYTES)
    if end < 0:
        if len(buffer) >= HEAD_BYTES:
            raise MalformedRequest(400)
        return None
    lines = buffer[:end].decode("latin-1").split("\r\n")
    try:
        method, target, _version = lines[0].split(" ")
        fields = (line.partition(":") for line in lines[1:])
        headers = {name.strip().lower(): value.strip() for name, _, value in fields}
        length = int(headers.get("content-length", "0"))
    except ValueError as error:
        raise MalformedRequest(400) from error
    if not 0 <= length <= BODY_BYTES or "transfer-encoding" in headers:
        raise MalformedRequest(413)
    if len(buffer) < end + 4 + length:
        return None
    body = bytes(buffer[end + 4 : end + 4 + length])
    del buffer[: end + 4 + length]
    return Request(method, target, headers, body)


class HttpConnection(DeviceConnection):
    """An HTTP/1.1 connection, kept alive where the device's manners allow it."""

    def __init__(self, directory: Directory, answer: Answer) -> None:
        super().__init__(directory)
        self._answer = answer

    def read_requests(self) -> None:
        while self.transport is not None and not self.transport.is_closing() and not self.delaying:
            try:
                request = take_request(self.buffer)
            except MalformedRequest as malformed:
                self.send(render(malformed.reply, keep_alive=False), close=True)
                return
            if request is None:
                return
            self.device.counters.http_requests += 1
            self.answer(*self._answer(self.device, request))
