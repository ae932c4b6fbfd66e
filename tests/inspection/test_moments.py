"""Moments and spans as a person on shift types them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from monitor.inspection.moments import moment, span

EAST = timezone(timedelta(hours=5))
#: 2026-11-22 10:40:00 UTC, 15:40 in the east.
NOW = 1_795_344_000.0


@pytest.mark.parametrize(
    ("text", "ahead", "told"),
    [
        ("10:31", False, "2026-11-22 10:31:00"),
        ("15:40", False, "2026-11-22 15:40:00"),
        ("15:41", False, "2026-11-21 15:41:00"),
        ("6:05:07", True, "2026-11-23 06:05:07"),
        ("18:00", True, "2026-11-22 18:00:00"),
        ("yesterday 10:31", False, "2026-11-21 10:31:00"),
        ("today  23:00", False, "2026-11-22 23:00:00"),
        ("5 min ago", False, "2026-11-22 15:35:00"),
        ("1.5h ago", False, "2026-11-22 14:10:00"),
        ("2 d  ago", False, "2026-11-20 15:40:00"),
        ("tomorrow 06:00", True, "2026-11-23 06:00:00"),
        ("2026-11-20", False, "2026-11-20 00:00:00"),
        ("2026-11-20 10:31", False, "2026-11-20 10:31:00"),
        ("2026-11-20T10:31:05", False, "2026-11-20 10:31:05"),
        ("2026-11-20T10:31:00Z", False, "2026-11-20 15:31:00"),
        ("2026-11-20T10:31+01:00", False, "2026-11-20 14:31:00"),
    ],
)
def test_a_moment_is_meant_as_a_person_on_shift_means_it(text: str, ahead: bool, told: str) -> None:
    """A time of day is the last one, or the next; what names no zone is the reader's own."""
    found = moment(text, NOW, ahead, EAST)
    assert f"{datetime.fromtimestamp(found, UTC).astimezone(EAST):%Y-%m-%d %H:%M:%S}" == told


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "25:00",
        "10.31",
        "10:61",
        "2026-13-01",
        "now",
        "5 ago",
        "0 min ago",
        "5min",
        "9999-12-31T23:59-14:00x",
        "yesterday",
    ],
)
def test_what_is_no_moment_is_refused_with_what_could_be_written(text: str) -> None:
    """Examples, the second of them in the direction that is meant."""
    with pytest.raises(
        ValueError, match=r"^write 10:31, yesterday 10:31, 5 min ago, 2026-11-22 10:31 or 2026-11-22T10:31:00\+05:00$"
    ):
        moment(text, NOW, False, EAST)
    with pytest.raises(ValueError, match="tomorrow 10:31"):
        moment(text, NOW, True, EAST)


def test_what_is_to_come_is_not_ago() -> None:
    """An acknowledgement ends in the future."""
    with pytest.raises(ValueError, match="tomorrow 10:31, 2026"):
        moment("5 min ago", NOW, True, EAST)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30min", 1800), ("8h", 28800), ("1.5 h", 5400), ("2d", 172800), ("1w", 604800)]
)
def test_a_span(text: str, seconds: float) -> None:
    """A number and its unit."""
    assert span(text) == seconds


@pytest.mark.parametrize("text", ["", "8", "h", "-1h", "0h", "8 hours", "1e9h"])
def test_what_is_no_span_is_refused(text: str) -> None:
    """With what could be written."""
    with pytest.raises(ValueError, match=r"^write a number and min, h, d or w: 30min, 8h, 2d$"):
        span(text)
