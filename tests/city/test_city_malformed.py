"""The malformed replies are malformed in the way that their names say, and in no other."""

from __future__ import annotations

import pytest

from simulator.httpd import Reply
from simulator.malformed import KINDS, MALFORMERS, RTSP_KINDS, kind_of
from simulator.rtsp_manners import MANNERS, ODDITIES, manners_of

BODY = b"<a><tt:TZ>UTC</tt:TZ></a>"
REPLY = Reply(200, BODY, "text/xml")


def parts(kind: str) -> tuple[list[bytes], bytes, bool]:
    """Header lines, body and whether the connection closes."""
    data, close = MALFORMERS[kind](REPLY)
    blank = b"\n\n" if kind == "lf_only" else b"\r\n\r\n"
    head, _, body = data.partition(blank)
    return head.split(b"\n" if kind == "lf_only" else b"\r\n"), body, close


def lengths(lines: list[bytes]) -> list[bytes]:
    return [line.partition(b":")[2].strip() for line in lines if line.startswith(b"Content-Length")]


def test_a_header_with_a_space_before_its_colon() -> None:
    """As one real camera sends X-Frame-Options."""
    lines, body, close = parts("space_before_colon")
    assert b"X-Frame-Options : SAMEORIGIN" in lines
    assert (body, close) == (BODY, False)


def test_a_header_line_without_a_name() -> None:
    """A date alone on its line, right after the status."""
    lines, body, _ = parts("nameless_header")
    assert lines[1] == b"Tue, 12 Jun 2012 01:56:34 GMT"
    assert body == BODY


def test_a_length_that_never_comes() -> None:
    """The length is 48 more than the body, and the connection closes after it."""
    lines, body, close = parts("long_content_length")
    assert lengths(lines) == [b"%d" % (len(BODY) + 48)]
    assert (body, close) == (BODY, True)


def test_the_length_twice_and_the_length_empty() -> None:
    """Two equal lengths; a length without a number, and the connection closes."""
    lines, body, close = parts("duplicate_content_length")
    assert (lengths(lines), body, close) == ([b"%d" % len(BODY)] * 2, BODY, False)
    lines, body, close = parts("empty_content_length")
    assert (lengths(lines), body, close) == ([b""], BODY, True)


def test_lines_that_end_in_lf_alone() -> None:
    """No CR anywhere in the head."""
    lines, body, _ = parts("lf_only")
    assert lines[0] == b"HTTP/1.1 200 OK"
    assert not any(line.endswith(b"\r") for line in lines)
    assert body == BODY


def test_chunks() -> None:
    """Chunks without the last one; chunks with a length beside them."""
    lines, body, close = parts("unfinished_chunks")
    assert lengths(lines) == []
    assert (b"Transfer-Encoding: chunked" in lines, body.endswith(b"0\r\n\r\n"), close) == (True, False, True)
    lines, body, close = parts("chunked_and_length")
    assert lengths(lines) == [b"%d" % len(BODY)]
    assert (b"Transfer-Encoding: chunked" in lines, body.endswith(b"0\r\n\r\n"), close) == (True, True, False)


def test_bytes_that_belong_to_nothing() -> None:
    """A NUL after the body; bytes that are no UTF-8 within it, and NULs after the document."""
    assert parts("bytes_after_body")[1:] == (BODY + b"\0", True)
    lines, body, _ = parts("bad_text")
    assert body == b"<a><tt:TZ>UTC\xb0\xff</tt:TZ></a>\0\0\0"
    assert lengths(lines) == [b"%d" % len(body)]


def test_every_variant_has_a_kind() -> None:
    """The n-th malformed device has the n-th kind, and after the last the first again."""
    assert [kind_of(variant) for variant in range(len(KINDS))] == list(KINDS)
    assert kind_of(len(KINDS)) == KINDS[0]
    assert set(RTSP_KINDS) == set(ODDITIES)


@pytest.mark.parametrize("oddity", RTSP_KINDS)
@pytest.mark.parametrize("make", MANNERS)
def test_an_oddity_changes_a_makes_manners(make: str, oddity: str) -> None:
    """Each RTSP oddity is another manner on every make."""
    assert manners_of(make, oddity) != manners_of(make)
