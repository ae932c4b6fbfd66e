"""What an audit found, in plain words and as plain values: one wording for every verifier."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from monitor.core.audit import MOST_FLAWS, Audit, Judged
from monitor.core.counting import counted
from monitor.core.times import Clock

WHOLE = "Nothing was altered, removed, inserted or reordered"


def told(audit: Audit, name: str, clock: Clock) -> list[str]:
    """Return the whole finding, a line a sentence."""
    walk = audit.walk
    span = (
        f", from {clock.full(walk.first_at)} to {clock.full(walk.last.at)} {clock.zone_name}" if walk.last.seq else ""
    )
    lines = [f"{name}: {counted(walk.frontier.size, 'event')}{span}", f"root {root(walk.last.root)}", ""]
    lines += _wrong(audit, clock)
    return lines + list(_proved(audit, clock))


def root(hash_: bytes) -> str:
    """Return a root as checkpoints write it."""
    return b64encode(hash_).decode()


def _moment(one: Judged | None, clock: Clock) -> str:
    if one is None or one.seen is None or not isfinite(one.seen.at):
        return "an unknown moment"
    return f"{clock.full(one.seen.at)} {clock.zone_name}"


def _wrong(audit: Audit, clock: Clock) -> list[str]:
    if audit.is_whole:
        return []
    lines = ["THIS LEDGER IS NOT WHAT IT SHOULD BE:"]
    judged = [*((one, True) for one in audit.held), *((one, False) for one in audit.own)]
    flawed = [(one, elsewhere) for one, elsewhere in judged if one.flaw]
    lines += [f"  {_flawed(audit, one, elsewhere, clock)}" for one, elsewhere in flawed[:MOST_FLAWS]]
    more = len(flawed) - MOST_FLAWS
    lines += [f"  and {counted(more, 'more checkpoint')}"] if more > 0 else []
    lines += [f"  {flaw}" for flaw in (*audit.flaws, *audit.walk.flaws)]
    more = audit.walk.flaw_count - len(audit.walk.flaws)
    return [*lines, *([f"  and {counted(more, 'more such event')}"] if more > 0 else []), ""]


def _flawed(audit: Audit, one: Judged, elsewhere: bool, clock: Clock) -> str:
    if one.claim.checkpoint is None:
        return f"{one.claim.place}: this is no checkpoint: {one.flaw}"
    whose = f"{one.claim.place}: the checkpoint" if elsewhere else "the ledger's own checkpoint"
    words = f"{whose} over {counted(one.size, 'event')}: {one.flaw}"
    if one.claim.flaw:
        return words
    before = audit.sound_before(one.size)
    if before is None or not before.size:
        return f"{words}; no smaller checkpoint says how far back it was altered"
    since = f"event {before.size + 1:,}, {_moment(before, clock)}"
    return f"{words}; what was altered stands behind the first {counted(before.size, 'event')}: {since}, or later"


def _proved(audit: Audit, clock: Clock) -> Iterator[str]:
    proved, walk = audit.proved, audit.walk
    if not audit.held:
        yield from _unproved(audit, clock)
        return
    places = Counter(one.claim.place for one in audit.held if not one.flaw)
    for place, number in places.items():
        yield f"{place}: {counted(number, 'checkpoint')} {'agrees' if number == 1 else 'agree'}"
    if proved is None:
        yield "No checkpoint that was given agrees: nothing is proved."
        return
    whole = (
        WHOLE
        if audit.is_whole
        else f"Of these {counted(proved.size, 'event')} nothing was altered, removed, inserted or reordered"
    )
    yield f"{whole} since the checkpoint over {counted(proved.size, 'event')}, {_moment(proved, clock)}."
    behind = walk.frontier.size - proved.size
    if behind > 0:
        yield (
            f"For the {counted(behind, 'event')} behind it nobody else can vouch yet: whoever has the ledger and its"
            " key could have written them anew. A newer checkpoint, kept elsewhere, will cover them."
        )
    yield from _renewals(audit, clock)
    if not audit.signature_known:
        yield "Signatures were not checked: the ledger names no key, and none was given (--key)."


def _renewals(audit: Audit, clock: Clock) -> Iterator[str]:
    for one in audit.renewals:
        yield (
            f"The checkpoint over {counted(one.size, 'event')}, {_moment(one, clock)}, is signed by another key than"
            " the one before it. Ask why."
        )


def _unproved(audit: Audit, clock: Clock) -> Iterator[str]:
    if audit.is_whole:
        own = f" and its own {counted(len(audit.own), 'checkpoint')}" if audit.own else ""
        yield f"The ledger agrees with itself: its events, their order, its hash tree{own}."
    yield from _renewals(audit, clock)
    yield (
        "That does not prove that nothing was altered: whoever has the ledger and its key could have written all of it"
        " anew. Give a checkpoint that somebody else kept: --checkpoint FILE."
    )


def as_json(audit: Audit) -> Mapping[str, Any]:
    """Return the finding as plain values; moments in seconds since the epoch."""
    walk, proved = audit.walk, audit.proved
    return {
        "whole": audit.is_whole,
        "events": walk.frontier.size,
        "newest": walk.last.seq,
        "from": _at(walk.first_at),
        "to": _at(walk.last.at),
        "root": root(walk.last.root),
        "proved": {"events": proved.size, "until": _at(proved.seen.at)} if proved and proved.seen else None,
        "signatures_checked": audit.signature_known,
        "other_keys_since": [{"events": one.size, "at": _at(one.seen.at)} for one in audit.renewals if one.seen],
        "flaws": [*audit.flaws, *walk.flaws],
        "flawed_events": walk.flaw_count,
        "checkpoints": [_judged_json(one) for one in audit.held],
        "own_checkpoints": {"agreeing": sum(not one.flaw for one in audit.own), "flawed": _flawed_json(audit)},
    }


def _flawed_json(audit: Audit) -> list[Mapping[str, Any]]:
    return [_judged_json(one) for one in audit.own if one.flaw]


def _judged_json(one: Judged) -> Mapping[str, Any]:
    return {
        "place": one.claim.place,
        "events": one.claim.checkpoint.size if one.claim.checkpoint else None,
        "until": _at(one.seen.at) if one.seen else None,
        "agrees": not one.flaw,
        "flaw": one.flaw,
    }


def _at(moment: float) -> float | None:
    return moment if isfinite(moment) else None
