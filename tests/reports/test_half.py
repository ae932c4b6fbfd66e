"""A statement that two processes make, half of the cameras each, is the one that a single process makes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from month import camera, events, write

from monitor.core.event import AssetEvent, Event, RungEvent
from monitor.core.statement.most import Most
from monitor.ledger.errors import LedgerError
from monitor.reports import half
from monitor.reports.manifest import COMPUTED
from monitor.reports.pack import Asked, pack, statement


def stray() -> list[Event]:
    """Cameras that were never listed: before all others, among them, and behind."""
    looks = [event for event in events() if isinstance(event, RungEvent) and event.camera == camera(1)]
    return [look._replace(camera=name) for name in ("a-first", "cam-055", "zz-last") for look in looks]


TOWNS: dict[str, Callable[[], list[Event]]] = {
    "a city": events,
    "with strays": lambda: sorted([*events(), *stray()], key=lambda event: event.at),
    "one camera": lambda: [
        event for event in events() if not isinstance(event, (AssetEvent, RungEvent)) or event.camera == camera(1)
    ],
    "no camera": lambda: [event for event in events() if not isinstance(event, (AssetEvent, RungEvent))],
}


@pytest.mark.parametrize("town", TOWNS)
def test_two_halves_are_the_whole(town: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the byte: every figure, list and table, under the terms of today and under others."""
    write(tmp_path / "ledger", TOWNS[town]())
    asked = Asked(tmp_path / "ledger", "", "2026-10")
    pack(asked, tmp_path / "one", languages=["en"])
    monkeypatch.setattr(half, "MANY_EVENTS", 1)
    assert half.is_worth_it(1)
    shown: list[int] = []
    pack(asked, tmp_path / "two", shown.append, languages=["en"])
    for name in COMPUTED:
        assert (tmp_path / "two" / name).read_bytes() == (tmp_path / "one" / name).read_bytes(), name
    assert (tmp_path / "two" / "manifest.txt").read_bytes() == (tmp_path / "one" / "manifest.txt").read_bytes()
    assert shown[-1] == {"a city": 12, "with strays": 12, "one camera": 1, "no camera": 0}[town]


def test_an_earlier_report_is_made_by_two_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the first events only, whose root is not the ledger's own."""
    whole = write(tmp_path / "ledger")
    asked = Asked(tmp_path / "ledger", "", "2026-10", whole - 1000)
    one = statement(asked)
    monkeypatch.setattr(half, "MANY_EVENTS", 1)
    assert statement(asked) == one


def test_a_half_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its own sentence; no pack is left behind."""
    write(tmp_path / "ledger")
    monkeypatch.setattr(half, "MANY_EVENTS", 1)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "broken"))
    broken = tmp_path / "broken" / "sitecustomize.py"
    broken.parent.mkdir()
    broken.write_text("import sys\nif 'monitor.reports.half' in sys.orig_argv: sys.exit('no memory is left')\n")
    with pytest.raises(LedgerError) as caught:
        pack(Asked(tmp_path / "ledger", "", "2026-10"), tmp_path / "pack", languages=["en"])
    assert (
        str(caught.value) == f"{tmp_path}/ledger: half of the cameras cannot be stated: SystemExit: no memory is left"
    )
    assert [path.name for path in tmp_path.iterdir() if "pack" in path.name] == []


def test_a_small_ledger_is_made_by_one() -> None:
    """Another process would take longer to start than it saves."""
    assert not half.is_worth_it(half.MANY_EVENTS - 1)


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)), st.integers(1, 4))
def test_the_few_that_come_first_are_the_same(earlier: list[int], later: list[int], number: int) -> None:
    """Of equal ones the first stays, in whichever half it was."""
    whole, first, second = Most[str](number), Most[str](number), Most[str](number)
    for place, key in enumerate([*earlier, *later]):
        whole.take(key, lambda place=place: str(place))
        (first if place < len(earlier) else second).take(key, lambda place=place: str(place))
    first.add(second)
    assert (first.items(), first.seen) == (whole.items(), whole.seen)
    whole.take(3, lambda: "one more")
    first.take(3, lambda: "one more")
    assert first.items() == whole.items()
