"""Heads: what is searched for must be what is read line by line."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.wire import head
from monitor.wire.errors import WireError
from monitor.wire.head import Headers, content_length

NAMES = ("cseq", "content-length", "connection", "www-authenticate")
PIECES = st.sampled_from(
    [
        *(
            "CSeq",
            "cseq: 1\r\n",
            "Content-Length",
            "X-Content-Length: 9\r\n",
            "Connection: close",
            "Proxy-Connection: x",
        ),
        *(
            "WWW-Authenticate: Digest\r\n",
            "WWW-AUTHENTICATE",
            "Date: 12:30\r\n",
            "words\r\n",
            ":",
            ": ",
            " :",
            "7",
            "5, 5",
        ),
        *("\r\n", "\r\n", "\n", " ", "\t", "\r", "\xa0", "\x0b", "\0", "", "close"),
    ]
)


@given(st.lists(PIECES, max_size=16).map("".join))
@example("CSeq: 1\r\n a fold\r\n")
@example("CSeq: 1\r\nwords\r\n a fold\r\n")
@example("X-CSeq: 1\r\nCSeq: 2\r\n")
@example("CSeq : 1\r\nCSeq: 2\r\n")
def test_a_search_finds_what_a_reader_reads(fields: str) -> None:
    """Fields are the same, whether each is looked for, or the whole head is read line by line."""
    text = f"\n{fields}\r\n"
    searched, read = Headers(text=text), Headers(head._fields(text))
    assert [searched.first(name) for name in NAMES] == [read.first(name) for name in NAMES]
    assert [list(searched.all(name)) for name in NAMES] == [list(read.all(name)) for name in NAMES]
    assert content_length(Headers(text=text)) == content_length(read)
    assert searched == read


def test_a_length_is_the_first_field_that_says_a_number() -> None:
    """One that is empty or no number hides none behind it."""
    assert content_length(Headers(text="\nContent-Length: \r\nContent-Length: x\r\nContent-Length: 5, 5\r\n")) == 5


FIRST = st.sampled_from(
    [
        "HTTP/1.1 200 OK", "RTSP/1.0 401 Unauthorized", "HTTP/1.1 000 x", "HTTP/1.0 200 OK", "RTSP/1.0 200",
        "rtsp/1.0 200 OK", "HTTP/1.1 200  a  b ", "HTTP/1.1 2000 OK", "OPTIONS * RTSP/1.0", "HTTP/1.1 200 \xa0",
        "HTTP/1.1 404 Not\tFound", "",
    ]
)  # fmt: skip
LINES = st.sampled_from(
    [
        "Content-Length: 7", "content-length:7 ", "Content-Length : 7", "Content-Length: ", "Content-Length: 5, 5",
        "Content-Length-X: 1", "Transfer-Encoding: chunked", "Content-Encoding: gzip", " a fold", "\ta fold", ": x",
        "Content-Type: application/sdp", "CSeq: 1", "Date: 12:30", "words", "X: \xa0a\r b", "a:",
        "Content-Length: 12345678",
    ]
)  # fmt: skip
ENDS = st.sampled_from(["\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n\r\n", ""])


@given(st.tuples(FIRST, ENDS), st.lists(st.tuples(LINES, ENDS), max_size=8), st.sampled_from(["\r\n", "\n", "", "$"]))
@example(("HTTP/1.1 200 OK", "\r\n"), [("Content-Length: 7", "\r\n")] * 2, "\r\n")
@example(("RTSP/1.0 200 OK", "\r\n"), [("CSeq: 1", "\n"), (" a fold", "\r\n")], "\r\n")
def test_one_look_sees_what_care_reads(first: tuple[str, str], lines: list[tuple[str, str]], end: str) -> None:
    """A head that is read by one pattern is the same read with care, and its body is neither chunked nor packed."""
    data = "".join([*first, *("".join(line) for line in lines), end, "body\r\n\r\n"]).encode("latin-1")
    if (seen := head.usual(data)) is not None:
        assert seen._replace(plain=False) == head.careful(data)
        assert not seen.headers.first("transfer-encoding") + seen.headers.first("content-encoding")


@pytest.mark.parametrize(
    "first", ["HTTP/1.1 200 OK", "HTTP/1.1 401 Unauthorized", "RTSP/1.0 200 OK", "RTSP/1.0 404 Not Found"]
)
@pytest.mark.parametrize(
    "lines", [(), ("CSeq: 1",), ("Date: 12:30", "Content-Length: 7"), ("content-length:7 ", "A:b")]
)
def test_most_heads_are_read_at_one_look(first: str, lines: tuple[str, ...]) -> None:
    """What is written as the standards want it is usual, whatever comes behind it."""
    data = "\r\n".join([first, *lines, "", "a body"]).encode()
    seen = head.usual(data)
    assert seen is not None
    assert seen.length == (7 if len(lines) == 2 else None)


def test_no_head_of_many_fields_is_usual() -> None:
    """The most fields are counted with care."""
    data = b"HTTP/1.1 200 OK\r\n" + b"a:\n" * 257 + b"\r\n"
    assert head.usual(data) is None
    with pytest.raises(WireError, match="over 256"):
        head.parse_head(data)
