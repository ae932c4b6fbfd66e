"""The ways in which real devices get HTTP and RTSP wrong, and how each garbles a reply of ours.

Every kind was met in the field; clients that read with tolerance get along with all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from simulator.httpd import Reply, render

#: Bytes to write, and True where the connection is closed after them.
Written = tuple[bytes, bool]


def with_head(reply: Reply, change: Callable[[bytes], bytes], close: bool = False) -> Written:
    """The reply with another head."""
    head, blank, body = render(reply, keep_alive=not close).partition(b"\r\n\r\n")
    return change(head) + blank + body, close or reply.close


def content_length(reply: Reply) -> bytes:
    return b"Content-Length: %d" % len(reply.body)


def space_before_colon(reply: Reply) -> Written:
    return with_head(reply, lambda head: head + b"\r\nX-Frame-Options : SAMEORIGIN")


def nameless_header(reply: Reply) -> Written:
    """The date without its name, as an old GoAhead writes it: everything before its first colon passes for a name."""
    status, _, rest = render(reply, keep_alive=True).partition(b"\r\n")
    return status + b"\r\nTue, 12 Jun 2012 01:56:34 GMT\r\n" + rest, reply.close


def long_content_length(reply: Reply) -> Written:
    """The length says 48 bytes more than come before the connection ends."""
    longer = b"Content-Length: %d" % (len(reply.body) + 48)
    return with_head(reply, lambda head: head.replace(content_length(reply), longer), close=True)


def duplicate_content_length(reply: Reply) -> Written:
    return with_head(reply, lambda head: head + b"\r\n" + content_length(reply))


def lf_only(reply: Reply) -> Written:
    head, _, body = render(reply, keep_alive=True).partition(b"\r\n\r\n")
    return head.replace(b"\r\n", b"\n") + b"\n\n" + body, reply.close


def empty_content_length(reply: Reply) -> Written:
    return with_head(reply, lambda head: head.replace(content_length(reply), b"Content-Length:"), close=True)


def chunk(body: bytes) -> bytes:
    half = len(body) // 2
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part)


def unfinished_chunks(reply: Reply) -> Written:
    """The last chunk, which would say that the body is complete, never comes."""
    head, _, body = render(reply, keep_alive=False).partition(b"\r\n\r\n")
    return head.replace(content_length(reply), b"Transfer-Encoding: chunked") + b"\r\n\r\n" + chunk(body), True


def chunked_and_length(reply: Reply) -> Written:
    head, _, body = render(reply, keep_alive=True).partition(b"\r\n\r\n")
    return head + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(body) + b"0\r\n\r\n", reply.close


def bytes_after_body(reply: Reply) -> Written:
    return render(reply, keep_alive=False) + b"\0", True


def bad_text(reply: Reply) -> Written:
    """A stray byte in a text that is no UTF-8, and NULs after the document, all within the length."""
    body = reply.body
    for tag in (b"</tt:TZ>", b"</tds:HardwareId>"):
        body = body.replace(tag, b"\xb0\xff" + tag)
    garbled = Reply(reply.status, body + b"\0\0\0", reply.content_type, reply.headers, reply.close)
    return render(garbled, keep_alive=True), reply.close


MALFORMERS: Mapping[str, Callable[[Reply], Written]] = {
    "space_before_colon": space_before_colon,
    "nameless_header": nameless_header,
    "long_content_length": long_content_length,
    "duplicate_content_length": duplicate_content_length,
    "lf_only": lf_only,
    "empty_content_length": empty_content_length,
    "unfinished_chunks": unfinished_chunks,
    "chunked_and_length": chunked_and_length,
    "bytes_after_body": bytes_after_body,
    "bad_text": bad_text,
}

#: What is wrong with RTSP is a manner of its server (see ``rtsp_manners``).
RTSP_KINDS: Sequence[str] = (
    "header_case",
    "spaced_headers",
    "double_scheme",
    "control_elsewhere",
    "spaced_session",
    "early_data",
    "other_channels",
    "server_request",
    "plain_transport",
)

#: All of them; the n-th malformed device of a city has the n-th kind, and the twenty of the default city have all.
KINDS: Sequence[str] = (*MALFORMERS, "undeclared_prefix", *RTSP_KINDS)


def kind_of(variant: int) -> str:
    """What is wrong with the device of this variant."""
    return KINDS[variant % len(KINDS)]
