"""A statement's first page as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from monitor.core.counting import are, counted

#: What the four figures are called.
FIGURES: Mapping[str, str] = {
    "camera_hours": "of the camera-hours",
    "mean": "mean of the cameras",
    "share_at_target": "of the cameras reach the target",
    "working_at_end": "of the cameras worked at the end",
}
MET = {True: "met", False: "MISSED", None: "not known"}


def told(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield the first page, a line a sentence; also of what is kept of it alone (``heading.kept``)."""
    contract, period, cameras = statement["contract"], statement["period"], statement["cameras"]
    zone = ZoneInfo(period["time_zone"])
    over = "" if period["is_over"] else ", SO FAR"
    yield f"{contract['name']} ({contract['id']}), {period['asked']}{over}"
    yield f"{_time(period['start'], zone)} to {_time(period['until'], zone)}, {period['time_zone']}"
    were = "was" if cameras["never_seen"] == 1 else "were"
    never = f"; {cameras['never_seen']:,} of them {were} never seen" if cameras["never_seen"] else ""
    yield f"{are(cameras['counted'], 'camera')} counted, of {cameras['listed']:,} that were listed{never}"
    yield ""
    first = statement["readings"][0]
    for key, words in FIGURES.items():
        if first[key]:
            yield _figure(first[key], words)
    if first["median_width"]:
        yield f"  {first['median_width'] + ' %':>13}  between the bounds of half of the cameras, or less"
    yield ""
    for reading in statement["readings"]:
        yield f"  {reading['reading']:44}{_reading(reading)}"
    yield ""
    for other in contract.get("others", ()):
        since = _time(other["since"], zone)
        yield f"Under the terms since {since}: {_reading(other['as_written'])}"
    for one in statement.get("not_computed", ()):
        yield f"Not computed, or with a gap: {one['what']} ({one['about']})"
    ledger = statement["ledger"]
    yield f"From {counted(ledger['leaves'], 'event')}, root {ledger['root']}"


def _figure(figure: Mapping[str, Any], words: str) -> str:
    value = f"{figure['value']} %" if figure["value"] else "nothing seen"
    bounds = f"{figure['low']} to {figure['high']} %" if figure["low"] else "no bounds"
    seen = f", {figure['coverage']} % seen" if figure["coverage"] else ""
    return f"  {value:>13}  {words} ({bounds}{seen})"


def _reading(reading: Mapping[str, Any]) -> str:
    """Return one reading in a line: its camera-hours, the target, the money."""
    hours, target, money = reading["camera_hours"], reading["target"], reading["money"]
    parts = [f"{hours['value']} %" if hours["value"] else "nothing seen"]
    if target is not None:
        parts.append(f"target {target['promised']} % {MET[target['met']]}")
    if money is not None:
        total = money["total"]
        bounds = f" ({total['least']} to {total['most']})" if total["least"] != total["most"] else ""
        parts.append(f"{money['currency']} {total['paid']}{bounds}")
    return ", ".join(parts)


def _time(at: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone(zone):%Y-%m-%d %H:%M:%S}"
