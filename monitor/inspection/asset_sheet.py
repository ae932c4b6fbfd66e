"""The lives of cameras and what is found of them, for a terminal and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import isfinite
from typing import Any, NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from monitor.core.asset import DAYS
from monitor.core.asset_findings import MEANINGS, Finding, Kind, Moment, denominator, in_words
from monitor.core.asset_life import Life, Lives, Proof, to_json
from monitor.core.times import Clock
from monitor.ledger.plain import printable

#: Findings of one kind that are shown to a person; of more, how many there are.
MOST_OF_A_KIND = 10
UNLISTED = "Addresses that answer but are not listed are not looked for."


class Assets(NamedTuple):
    """All that a ledger says of the cameras that are or were listed."""

    lives: Lives
    findings: Sequence[Finding]
    moment: Moment


def sheet(assets: Assets) -> RenderableType:
    """Return the denominator, and what is found, by kinds."""
    clock = Clock(assets.moment.at, assets.moment.zone)
    parts: list[RenderableType] = [Text(in_words(denominator(assets.lives, assets.moment)))]
    for kind in Kind:
        of_kind = [one for one in assets.findings if one.kind is kind]
        if of_kind:
            parts += [Text(), Text(f"{str(kind).capitalize()}: {len(of_kind):,} ({MEANINGS[kind]})", style="bold")]
            parts.append(_findings(of_kind[:MOST_OF_A_KIND], clock))
        if len(of_kind) > MOST_OF_A_KIND:
            parts.append(Text(f"  and {len(of_kind) - MOST_OF_A_KIND:,} more; --json prints all"))
    if not assets.findings:
        parts += [Text(), Text("Nothing is found that cannot be as the inventory says.")]
    return Group(*parts, Text(), Text(UNLISTED, style="dim"))


def _findings(several: Sequence[Finding], clock: Clock) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
    for one in several:
        table.add_row(*map(Text, (printable(one.camera), _since(one.since, clock), printable(one.evidence))))
    return table


def _since(since: float | date | None, clock: Clock) -> str:
    if isinstance(since, date):
        return since.isoformat()
    return clock.full(since)[:16] if since is not None and isfinite(since) else "now"


def lives_table(assets: Assets) -> Table:
    """Return every camera's life, a line each; days on paper, moments in the clock's zone."""
    clock = Clock(assets.moment.at, assets.moment.zone)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("camera", *DAYS, "listed", "first seen", "live", "last seen", "removed"):
        table.add_column(title)
    for camera in sorted(assets.lives):
        table.add_row(*map(Text, _cells(assets.lives[camera], clock)))
    return table


def _cells(life: Life, clock: Clock) -> Sequence[str]:
    seen = "now" if life.answers and life.removed is None else _at(life.last_seen, clock)
    paper = (str(life.day(key) or "-") for key in DAYS)
    proofs = (_of(proof, clock) for proof in (life.listed, life.seen, life.live))
    return (printable(life.camera), *paper, *proofs, seen, _of(life.removed, clock))


def _of(proof: Proof | None, clock: Clock) -> str:
    return _at(proof.at, clock) if proof is not None else "-"


def _at(at: float, clock: Clock) -> str:
    return clock.full(at)[:16] if isfinite(at) else "-"


def plain(assets: Assets) -> Mapping[str, Any]:
    """Return all of it for programs; moments are seconds since the epoch, days as they are written."""
    count = denominator(assets.lives, assets.moment)
    return {
        "at": assets.moment.at,
        "denominator": count._asdict(),
        "in_words": in_words(count),
        "findings": [
            {
                "kind": one.kind.value,
                "camera": one.camera,
                "since": one.since.isoformat() if isinstance(one.since, date) else one.since,
                "evidence": one.evidence,
            }
            for one in assets.findings
        ],
        "cameras": [to_json(assets.lives[camera]) for camera in sorted(assets.lives)],
        "not_looked_for": UNLISTED,
    }
