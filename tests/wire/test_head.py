"""Heads: what is searched for must be what is read line by line."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from monitor.wire import head
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
