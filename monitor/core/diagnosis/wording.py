"""What speaks for a cause, and what else it could have been, in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from math import isfinite

from monitor.core.diagnosis.cause import Confidence
from monitor.core.diagnosis.hypothesis import Hypothesis, Key, Unit
from monitor.core.diagnosis.index import Index
from monitor.core.diagnosis.rules import Rule
from monitor.core.diagnosis.symptom import Onset, Symptom
from monitor.core.times import duration
from monitor.core.topology import Layer, Scope

MOST_RIVALS = 3
MOST_ROWS = 5
#: From so many devices on, one moment cannot be chance.
MANY = 5

BEHIND = {
    Layer.SITE: "at site {}",
    Layer.UPLINK: "behind {}",
    Layer.SWITCH: "behind switch {}",
    Layer.FEEDER: "on feeder {}",
    Layer.CREDENTIAL: "with the login {}",
    Layer.FIRMWARE: "updated to {}",
    Layer.CONTRACT: "of contract {}",
    Layer.VANTAGE: "seen from {}",
}


SAYS: Mapping[Symptom, str] = {
    Symptom.SILENT: "answers nothing",
    Symptom.IDENTITY: "another device answers in its place",
    Symptom.CREDENTIALS: "refuses our login",
    Symptom.HUNG: "takes connections and answers nothing",
    Symptom.STREAM: "answers, and offers no stream",
    Symptom.NO_VIDEO: "agrees to play, and sends no video",
    Symptom.BUSY: "says that others hold its sessions",
    Symptom.FLAPPING: "comes and goes",
    Symptom.CLOCK: "has a wrong clock",
    Symptom.STORAGE: "says that its storage has failed",
    Symptom.SERVICE_OFF: "leaves one service unanswered while the others work",
    Symptom.VITALS: "reports a part that is failing",
}


def many(count: int, thing: str) -> str:
    """Return a count with its noun: 1 camera, 18 cameras."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def behind(scope: Scope) -> str:
    return BEHIND[scope.layer].format(scope.name)


def shared(
    one: Hypothesis, units: Collection[Unit], cameras: int, remarks: Iterable[str] = (), before: int = 0
) -> Iterator[str]:
    """Yield the evidence of a shared cause; ``remarks`` are what equipment says about it, ``before`` is how many more
    devices of its scope were silent already."""
    ill = len({unit.device for unit in units} | {*one.back})
    those = f"{ill} of {many(ill + one.well, 'device')}" if one.well or ill > 1 else "The only device"
    told = f" ({many(cameras, 'camera')})" if cameras != ill else ""
    how = "were silent when we first looked" if one.is_old else one.rule.verb
    if one.rule.layer is Layer.FEEDER and not one.is_old:
        how += _within([onset for unit, onset in one.units.items() if unit in units])
    yield f"{those}{told} {behind(one.scope)} {how}."
    if before:
        yield f"{before:,} more there {'was' if before == 1 else 'were'} silent before."
    if one.seen:
        yield one.seen
    if one.back:
        yield f"{many(len(one.back), 'device')} there {'answers' if len(one.back) == 1 else 'answer'} again."
    if one.well and one.rule.layer not in (Layer.CREDENTIAL, Layer.FIRMWARE, Layer.CONTRACT):
        number = many(one.well, "device")
        if one.rule.asks_again or one.seen:
            yield f"{number} there {'goes' if one.well == 1 else 'go'} on."
        else:  # nobody has asked them since: a failure may be on its way to being confirmed
            yield f"{number} there {'is' if one.well == 1 else 'are'} not known to fail."
    yield from (remark for remark in remarks if remark not in one.seen)


def _within(onsets: Collection[Onset]) -> str:
    """Return within how long several fell silent: by all that was seen, from the first to the last."""
    if len(onsets) < 2 or not all(isfinite(onset.after) for onset in onsets):
        return ""
    return f" within {duration(max(onset.by for onset in onsets) - min(onset.after for onset in onsets))}"


def contradicted(one: Hypothesis, adopted: Iterable[str]) -> tuple[str, ...]:
    """Return the rows of the inventory that what was seen contradicts."""
    rows = [f"{row} is listed on {one.scope.name}, and goes on" for row in one.against[:MOST_ROWS]]
    return (*sorted(adopted), *rows)


def rows_told(before: Collection[str], now: Collection[str]) -> list[str]:
    """Return what is said, from one event of a cause to the next, of rows of the inventory that it contradicts."""
    return [
        *(f"the inventory seems wrong: {row}" for row in now if row not in before),
        *(f"no longer so: {row}" for row in before if row not in now),
    ]


def alone(index: Index, unit: Unit) -> Iterator[str]:
    """Yield the evidence of what one device has by itself."""
    if unit.camera:
        yield f"{unit.camera}, and no other camera of {unit.device}: {SAYS[unit.symptom]}."
    else:
        cameras = len(index.cameras(unit))
        yield unit.device + (f", with its {cameras} cameras," if cameras > 1 else "") + f" {SAYS[unit.symptom]}."


def confidence(one: Hypothesis, others: Collection[Hypothesis] = ()) -> Confidence:
    """Return how sure a shared cause is, beside ``others`` that could explain the same."""
    if one.seen:
        return Confidence.SEEN
    if one.is_old:
        return Confidence.WEAK
    return Confidence.LIKELY if _doubts(one, others) else Confidence.FIRM


def doubt(one: Hypothesis, others: Collection[Hypothesis]) -> Iterator[str]:
    """Yield why a cause is likely and no more, where it is."""
    if confidence(one, others) is Confidence.LIKELY:
        yield f"No more than likely: {'; '.join(_doubts(one, others))}."


def _doubts(one: Hypothesis, others: Iterable[Hypothesis]) -> list[str]:
    """Return what keeps a cause from being firm."""
    held = {
        "it is few devices": one.ill + len(one.back) < MANY,
        "some were never seen well": not all(isfinite(onset.after) for onset in one.units.values()),
        "some there are not known to fail": one.well > 0,
        "something of another kind explains as much": any(
            _explains(other, one.units) and other.rule.kind is not one.rule.kind for other in others
        ),
    }
    return [reason for reason, holds in held.items() if holds]


def _explains(one: Hypothesis, units: Collection[Unit]) -> bool:
    """Say whether a hypothesis explains all of these, and nothing speaks against it."""
    return not one.well and all(unit in one.units for unit in units)


def rivals(
    index: Index, key: Key | None, units: Collection[Unit], weighed: Mapping[Key, Hypothesis]
) -> tuple[str, ...]:
    """Return what else could explain these units, each with the reason why it was not blamed.

    ``weighed`` are the hypotheses that could be believed.
    """
    met: Counter[tuple[Rule, Key]] = Counter()
    for unit in units:
        met.update((rule, other) for rule, other in index.keys(unit) if other != key and not rule.only_seen)
    ranked = sorted(met.items(), key=lambda item: (-item[1], item[0][1]))
    return tuple(
        f"{_head(index, other)}: {_rejected(index, rule, other, count, units, weighed.get(other))}."
        for (rule, other), count in ranked[:MOST_RIVALS]
    )


def _head(index: Index, key: Key) -> str:
    return f"{key.kind}, {many(len(index.members(key.scope)), 'device')} {behind(key.scope)}"


def _rejected(index: Index, rule: Rule, key: Key, count: int, units: Collection[Unit], one: Hypothesis | None) -> str:
    """Return why a rival was not blamed; ``count`` of these units are in its scope."""
    if one is not None and _explains(one, units):
        return "explains as much, and is less likely"
    ill = len({unit.device for unit in index.failing.get(key, {})})
    members = len(index.members(key.scope))
    if ill < rule.share * members:
        return f"only {ill} failed"
    if members == 1:
        return "it would be this one alone"
    explained = sum(unit in one.units for unit in units) if one is not None else count
    if explained < len(units):
        return f"explains only {explained} of the {len(units)}"
    if one is not None:
        return f"{many(one.well, 'device')} there {'is' if one.well == 1 else 'are'} not known to fail"
    return "what is there did not fail at one moment"
