"""Gzip in pieces: any program reads it, and a piece that stays is deflated once."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.web.compression import Compression


@given(st.lists(st.lists(st.binary(max_size=3000), max_size=6), max_size=4))
def test_any_pieces_give_the_text_again(texts: list[list[bytes]]) -> None:
    """Whatever pieces came before, and stay: the text is read again whole, its length and its check are right."""
    compression = Compression()
    kept: list[bytes] = []
    for fresh in texts:
        pieces = [*kept, *fresh]
        assert gzip.decompress(compression.packed(pieces)) == b"".join(pieces)
        kept = pieces[::2]


def test_a_piece_that_stays_is_deflated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three pieces two stay: the next text deflates one."""
    deflated: list[int] = []
    begin = zlib.compressobj

    def counted(*arguments: int, **named: int) -> object:
        deflated.append(1)
        return begin(*arguments, **named)

    monkeypatch.setattr(zlib, "compressobj", counted)
    compression = Compression()
    pieces = [b"camera_working{} 1\n" * count for count in (100, 200, 300)]
    small = compression.packed(pieces)
    assert len(deflated) == 3
    assert len(small) < len(b"".join(pieces)) / 20
    compression.packed([pieces[0], pieces[1] + b"#\n", pieces[2]])
    assert len(deflated) == 4
