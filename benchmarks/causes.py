"""``make bench ARGS="--only diagnosis"``: how right causes are, how quiet, and what a change costs."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from benchmarks import bursts, cuts, folds, lines, outages, relapses
from benchmarks.diagnosis import Score, run, score
from benchmarks.papercity import PaperCity, blurred, random_city, storm
from benchmarks.table import Table


class Size(NamedTuple):
    """How much of each: random cities, copies of the default city in a large fleet, changes and a storm there; cameras
    and days where a city is watched second by second."""

    cities: int = 20
    copies: int = 56
    changes: int = 2_000
    storm: int = 10_000
    cameras: int = 1_800
    days: float = 7.0
    seeds: int = 12
    """Rounds of small cities with a cut beside an older silence."""
    watched: int = 8
    """Cities under watch whose lines and feeders fail one at a time."""
    relapsing: int = 4
    """Cities under watch whose lines fail, are repaired, and fail once more."""


QUICK = Size(cities=2, copies=1, changes=50, storm=200, cameras=300, days=0.1, seeds=1, watched=1, relapsing=1)


def rightness(size: Size) -> Iterator[tuple[str, ...]]:
    """Yield a row for each setting: cities, precision, recall."""
    yield _row("default city, its 600, seen falling", [_score(storm())])
    yield _row("default city, its 600, before the first look", [_score(storm(cold=True))])
    cities = range(1, size.cities + 1)
    yield _row("random cities, 1 to 30 faults", [_score(random_city(seed)) for seed in cities])
    yield _row("… 10 % of rows wrong, 20 % missing", [_blurred(seed) for seed in cities])


def _score(paper: PaperCity) -> Score:
    return score(paper, run(paper))


def _blurred(seed: int) -> Score:
    paper = random_city(seed)
    return score(paper, run(paper, blurred(paper.inventory, Random(f"blur {seed}"), 0.1, 0.2)))


def _row(name: str, scores: list[Score]) -> tuple[str, ...]:
    total = Score(*(sum(part) for part in zip(*scores, strict=True)))
    worst = min(min(one.precision, one.recall) for one in scores)
    return name, str(len(scores)), f"{total.precision:.4f}", f"{total.recall:.4f}", f"{worst:.3f}"


def measure(size: Size) -> Table:
    """Run all of it."""
    columns = ("city", "cities", "precision", "recall", "worst city")
    rows = tuple(rightness(size))
    notes = (
        "Pairs of a camera and its cause, held against the truth of cities of paper.",
        _cuts(size),
        _lines(size),
        _relapses(size),
        *_outages(size),
    )
    return Table("Causes", columns, rows, (*notes, _noise(size), *_speed(size)))


def _cuts(size: Size) -> str:
    told = [cuts.told(trial) for trial in cuts.trials(range(1, size.seeds + 1))]
    fewest, most = cuts.CAMERAS
    return (
        f"{len(told)} cities of {fewest} to {most} cameras, a site, port or switch cut beside an older silence: the cut"
        f" has its cause with exactly its members in {sum(one.fresh for one in told)}, the older silence in"
        f" {sum(one.old for one in told)}."
    )


def _lines(size: Size) -> str:
    told = [lines.told(trial) for trial in lines.trials(range(1, size.watched + 1))]
    slowest = max(one.open_s for one in told if not one.by_batteries)
    of = [sum(one.right and one.by_batteries is which for one in told) for which in (False, True)]
    there = [sum(one.by_batteries is which for one in told) for which in (False, True)]
    strangers = sum(len(one.strangers) for one in told)
    return (
        f"{size.watched} cities of {' or '.join(map(str, lines.CAMERAS))} cameras with faults of their own, under watch"
        f" at default intervals: {there[0]} lines and feeders fail at one moment, {of[0]} have their cause with exactly"
        f" their members, open within {slowest:.0f} s; of {there[1]} feeders whose sites have batteries {of[1]}."
        f" {strangers} other causes opened that are not there."
    )


def _relapses(size: Size) -> str:
    told = [relapses.told(trial) for trial in relapses.trials(range(1, size.relapsing + 1))]
    shortest, *_, longest = relapses.GAPS_S
    return (
        f"Lines cut, repaired for {shortest:.0f} to {longest:.0f} s, and cut again, or their feeder after them: of"
        f" {len(told)} second failures {sum(one.right for one in told)} have their cause with exactly its members;"
        f" {sum(len(one.strangers) for one in told)} other causes opened that are not there."
    )


def _outages(size: Size) -> Iterator[str]:
    storm = outages.the_storm(size.cameras)
    minutes = outages.STORM_S / 60
    yield (
        f"The default city's own faults at one moment, at default intervals: {storm.shared} shared causes, all open"
        f" within {storm.open_s:.0f} s, with exactly their members from {storm.exact_s:.0f} s on (target 120 s);"
        f" {storm.opened} opened within {minutes:.0f} minutes, {storm.wrong} that are not there."
    )
    minutes = outages.CUT_S / 60
    for canary, which in ((True, "with a canary beside it"), (False, "without one")):
        cut = outages.own_line(size.cameras, canary)
        yield (
            f"The monitor's own line cut for {minutes:.0f} minutes, {which}: {cut.blind} cause *monitor blind*,"
            f" {cut.others} others, {cut.down} cameras called down."
        )


def _noise(size: Size) -> str:
    found = bursts.pages(size.cameras, size.days)
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(found.opened.items())) or "none"
    return (
        f"{found.days:g} days of {found.cameras:,} cameras that lose 1 % in {found.bursts:,} bursts of 30 s, of which"
        f" {found.confirmed:,} were confirmed: causes that opened: {kinds}; stood for five minutes, so that they would"
        f" page: {sum(found.paged.values())}, which is {found.per_thousand_a_day:.2f} per 1,000 cameras a day"
        " (target 0.1)."
    )


def _speed(size: Size) -> Iterator[str]:
    paper = PaperCity(folds.many_cities(size.copies))
    alone = folds.folds(paper, size.changes, size.storm)
    whole = folds.steps(paper, min(size.changes, 100), size.storm)
    yield (
        f"CPU in a fleet of {alone.cameras:,} cameras, diagnosis alone: one change {_ms(alone.one.median_s)}"
        f" (median), 99 % below {_ms(alone.one.late_s)} (target 1 ms); a storm of {alone.changed:,} devices"
        f" {_ms(alone.storm_s)} (target 1,000 ms)."
    )
    yield (
        f"A whole step: {_ms(whole.nothing.median_s)} when nothing was heard, {_ms(whole.one.median_s)} when one"
        f" device is confirmed silent, {_ms(whole.storm_s)} when a storm is, {_ms(whole.causes_s)} to judge that."
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:,.0f} ms" if seconds >= 0.1 else f"{seconds * 1e3:.2f} ms"
