"""The sections of a report: each cell is the statement's, and each sentence says what is so."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.paper.blocks import Picture, Table
from monitor.paper.words import words
from monitor.sheet.behind import repairs
from monitor.sheet.first import counted, is_cut, verdict
from monitor.sheet.places import places
from monitor.sheet.telling import Telling

SAID = Telling(words("en"), "Asia/Karachi")
TARGET: dict[str, Any] = {
    "weighting": "camera-hours", "promised": "99", "figure": "99.1", "met": True,
    "met_if_unseen_was_bad": True, "met_if_unseen_was_good": True,
}  # fmt: skip
MISSED = {"figure": "97.343", "met": False, "met_if_unseen_was_bad": False, "met_if_unseen_was_good": False}


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (None, "The contract promises no figure."),
        (TARGET, "Promised: 99 %. Reached: 99.1 % (camera-hours). The target is met."),
        (
            TARGET | {"weighting": "each", "promised": "98", "figure": "99.1"},
            "Promised: 98 % of each camera. Reached: 99.1 % (cameras at target). The target is met.",
        ),
        (TARGET | MISSED, "Promised: 99 %. Reached: 97.343 % (camera-hours). The target is missed."),
        (
            TARGET | {"met_if_unseen_was_bad": False},
            "Promised: 99 %. Reached: 99.1 % (camera-hours). The target is met. It hangs on the time that nobody saw.",
        ),
        (
            TARGET | {"met": None, "figure": None},
            "99 % were promised. Nothing was seen from which to say whether that was reached.",
        ),
    ],
    ids=["none", "met", "each", "missed", "unsure", "unseen"],
)
def test_the_verdict(target: dict[str, Any] | None, sentence: str) -> None:
    """Whether what was promised was kept, and whether that hangs on what nobody saw."""
    assert verdict(target, SAID) == sentence


def test_the_denominator_names_who_does_not_count() -> None:
    """Each number has its sentence; what is nought has none."""
    cameras = dict.fromkeys(("not_in_service", "part_of_it", "never_seen", "never_listed", "before_listings"), 0)
    told = counted({**cameras, "counted": 1790, "listed": 1800, "not_meant": 10, "never_seen": 1}, SAID)
    assert told == (
        "1,790 of 1,800 listed cameras are counted. 10 belong to another contract."
        " 1 was never seen: it has not answered once."
    )


@pytest.mark.parametrize(
    ("slabs", "part", "since", "cut"),
    [
        ([{"below": "98", "share": "2"}], 1, 0, True),
        ([{"below": "98", "share": "2"}], 0, 200, True),
        ([{"below": "98", "share": "2"}], 0, 0, False),
        ([], 1, 200, False),
    ],
    ids=["a camera", "the contract", "whole", "no slabs"],
)
def test_it_is_said_where_a_whole_value_is_held_against_a_part(
    slabs: list[dict[str, str]], part: int, since: int, cut: bool
) -> None:
    """A slab takes nothing off for a camera that came, or a contract that began, in the middle of the period."""
    statement = {
        "contract": {"terms": {"slabs": slabs}, "versions": [{"since": since}]},
        "period": {"start": 100},
        "cameras": {"part_of_it": part},
    }
    assert is_cut(statement) is cut


def test_each_repair_class_has_its_own_numbers() -> None:
    """In time, perhaps late, late and open stand each under its title; what is open stands oldest first."""
    row = {
        "class": "cut off", "limit": "4 h", "business_hours": True, "outages": 11, "in_time": 2, "perhaps_late": 3,
        "late": 5, "open": 7, "median_ms": [3_600_000, 3_660_000],
    }  # fmt: skip
    oldest = {
        "camera": "cam-06", "name": "Gate", "site": "S-1", "zone_name": "South", "kind": "power", "role": "power",
        "party": "Grid company", "start": 1_793_329_200_000,
    }  # fmt: skip
    plain = {
        "outages": {"number": 11, "median_ms": [3_600_000, 3_660_000], "longest_ms": [90_000_000, 90_000_000]},
        "repairs": {"classes": [row], "open": {"number": 7, "oldest": [oldest]}},
    }
    classes, still = (block for block in repairs(plain, SAID) if isinstance(block, Table))
    titles = [column.title for column in classes.columns]
    assert dict(zip(titles, classes.rows[0], strict=True)) == {
        "class": "cut off", "limit": "4 h of business hours", "outages": "11", "in time": "2", "perhaps late": "3",
        "late": "5", "open": "7", "median": "1 h 0 min to 1 h 1 min",
    }  # fmt: skip
    assert still.caption == "Still open at the end of the period, the oldest first: 1 of 7"
    assert still.rows == (("cam-06 Gate", "S-1, South", "power", "Grid company (power)", "2026-10-30 08:00"),)


@pytest.mark.parametrize(
    ("reached", "drawn"),
    [
        ("99.0", ("circle", "#b9bec3")),
        ("98.9", ("rect", "#fff")),
        ("49.9", ("rect", "#111")),
        (None, ("circle", "#fff")),
    ],
    ids=["at target", "below", "mostly not working", "not seen"],
)
def test_a_site_is_drawn_by_what_it_reached(reached: str | None, drawn: tuple[str, str]) -> None:
    """A pale dot, a hollow square, a black square, a ring."""
    figure = {"value": reached, "low": reached, "high": reached, "coverage": "100.000"}
    site = {
        "site": "S-1", "name": "S-1", "position": [31.5, 74.3], "cameras": 4, "outages": 1, "availability": figure,
        "time": {"down_ms": 0}, "at_end": {"not_working": 0},
    }  # fmt: skip
    plain = {"contract": {"terms": {"target": "99"}}, "zones": [], "sites": [site]}
    plan, legend = (block for block in places(plain, SAID) if isinstance(block, Picture))
    shape, fill = drawn
    marks = plan.svg.split("/>")[1:]  # behind the frame
    assert [f"<{shape}" in marks[0], f'fill="{fill}"' in marks[0]] == [True, True]
    assert legend.svg.count("<text") == 4
