"""The table of rules: which symptoms, shared by how many of which scope, are one cause. A new kind is a row.

An explanation has a price, and what it does not fit has one too, in natural logarithms of odds: a price of 6 is a thing
that happens once where 400 do not. What explains most for its price wins (``explanation``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.diagnosis.cause import Kind
from monitor.core.diagnosis.symptom import Symptom
from monitor.core.topology import Layer

#: The price of a row of the inventory that is wrong, or of a device that goes on where all should have stopped.
CONTRADICTION_PRICE = 2.5


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of shared cause.

    All of at least ``least_all`` devices of a scope, or ``share`` of at least ``least``, must show one of the symptoms
    with onsets within ``window_s`` of one moment. Devices that failed before are no witnesses.
    """

    kind: Kind
    symptoms: tuple[Symptom, ...]
    layer: Layer
    price: float
    verb: str = "fell silent"
    least_all: int = 2
    least: int = 5
    share: float = 0.8
    lasting_share: float = 0.6
    """What an open cause must keep of its share, those that recovered aside."""
    window_s: float = 0.0
    settle_s: float = 45.0
    """How long after the first failure it may open: by then all that fell with it is confirmed. Each device is asked
    every 20 s, and the third silence, 10 s after the second, confirms."""
    contradiction: float = CONTRADICTION_PRICE
    """The price of each device that goes on."""
    rows_may_err: bool = False
    """Whether whole rows that go on may be rows of the inventory that are wrong, down to ``lasting_share``."""
    asks_again: bool = False
    """Whether only devices that were asked since are witnesses: some questions are put hourly."""
    by_rows: bool = False
    """Whether rows fall silent one by one, each when its battery ends, within ``window_s`` of a cut."""
    only_seen: bool = False
    """Whether it is blamed only where it was seen itself: nothing else tells it from its rivals."""


STOPPED = (Symptom.SILENT, Symptom.CREDENTIALS, Symptom.HUNG, Symptom.STREAM, Symptom.NO_VIDEO)
BROKEN = (Symptom.SILENT, Symptom.HUNG, Symptom.STREAM, Symptom.NO_VIDEO)
SILENT = (Symptom.SILENT,)
#: UPSs of one feeder end within this long of each other.
BATTERIES_S = 2700.0
#: The price of a site that fell silent by itself.
SITE_PRICE = 4.0

RULES: tuple[Rule, ...] = (
    Rule(Kind.SITE, SILENT, Layer.SITE, SITE_PRICE, settle_s=75.0),
    Rule(Kind.UPLINK, SILENT, Layer.UPLINK, 5.0, rows_may_err=True),
    Rule(Kind.UPLINK, SILENT, Layer.SWITCH, 6.0, rows_may_err=True),
    Rule(Kind.POWER, SILENT, Layer.UPLINK, 5.0, rows_may_err=True, only_seen=True),
    Rule(Kind.POWER, SILENT, Layer.FEEDER, 6.0, window_s=BATTERIES_S, rows_may_err=True, by_rows=True),
    Rule(
        Kind.CREDENTIALS, (Symptom.CREDENTIALS,), Layer.CREDENTIAL, 8.0, "refused our login",
        least_all=3, settle_s=0.0, asks_again=True,
    ),
    Rule(
        Kind.FIRMWARE, BROKEN, Layer.FIRMWARE, 10.0, "failed since the update",
        least_all=5, share=0.3, lasting_share=0.2, window_s=86400.0, settle_s=120.0, contradiction=0.5,
    ),
    Rule(
        Kind.PROVIDER, STOPPED, Layer.CONTRACT, 12.0, "stopped together",
        least_all=5, window_s=3600.0, settle_s=120.0,
    ),
)  # fmt: skip

#: The layers whose failures silence what is below them.
SILENCED = frozenset(rule.layer for rule in RULES if rule.symptoms == SILENT)

#: What is a symptom of one device alone.
ALONE: Mapping[Symptom, Kind] = {
    Symptom.SILENT: Kind.DEAD,
    Symptom.IDENTITY: Kind.IDENTITY,
    Symptom.CREDENTIALS: Kind.CREDENTIALS,
    Symptom.HUNG: Kind.HUNG,
    Symptom.STREAM: Kind.STREAM,
    Symptom.NO_VIDEO: Kind.NO_VIDEO,
    Symptom.BUSY: Kind.BUSY,
    Symptom.FLAPPING: Kind.FLAPPING,
    Symptom.CLOCK: Kind.CLOCK,
    Symptom.STORAGE: Kind.STORAGE,
    Symptom.SERVICE_OFF: Kind.SERVICE_OFF,
    Symptom.VITALS: Kind.VITALS,
}
#: What a device that comes and goes fails at is no cause beside that.
HIDDEN_BY_FLAPPING = BROKEN
#: A device that fell silent waits this long for its neighbours before it counts as dead by itself. One that fails at
#: one service waits for the other, and for its own silence, of which that may be the first to be confirmed: if both are
#: stuck, it hangs. One that comes and goes must do so for longer than a few bursts of loss side by side can last.
ALONE_SETTLES_S: Mapping[Symptom, float] = {
    Symptom.SILENT: 75.0,
    Symptom.STREAM: 75.0,
    Symptom.SERVICE_OFF: 75.0,
    Symptom.FLAPPING: 900.0,
}

#: The price of a device that failed by itself just then; and before our first look, when it had years to do so.
ALONE_PRICE = 6.0
ALONE_PRICE_BEFORE = 3.0
#: The price of a row that did not fail at the moment of the cut, where a rule allows for that (a UPS that held).
APART_PRICE = 2.5
#: An open cause counts those that recovered as witnesses against it only this long after the last of them.
RECOVERY_S = 300.0
#: … and where they are this share of all that it held.
RECOVERED_SHARE = 0.2

RULES_OF: Mapping[Symptom, tuple[Rule, ...]] = {
    symptom: tuple(rule for rule in RULES if symptom in rule.symptoms) for symptom in Symptom
}
