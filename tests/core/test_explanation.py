"""Which of several hypotheses are believed together."""

from __future__ import annotations

from math import inf

from monitor.core.diagnosis.cause import Kind
from monitor.core.diagnosis.explanation import explain
from monitor.core.diagnosis.hypothesis import Hypothesis, Key, Unit
from monitor.core.diagnosis.onset import Moment
from monitor.core.diagnosis.rules import RULES
from monitor.core.diagnosis.symptom import Onset, Symptom
from monitor.core.topology import Layer, Scope

OLD = {Unit(Symptom.SILENT, f"old{number}"): Onset(-inf, 10.0) for number in range(10)}
NEW = {Unit(Symptom.SILENT, f"new{number}"): Onset(500.0, 510.0) for number in range(12)}
MOST = dict(list(NEW.items())[:10])


def guess(kind: Kind, layer: Layer, name: str, units: dict[Unit, Onset], price: float) -> Hypothesis:
    rule = next(rule for rule in RULES if (rule.kind, rule.layer) == (kind, layer))
    return Hypothesis(rule, Scope(layer, name), units, Moment(500.0, 510.0, 0), len(units), 0, price=price)


def test_what_is_believed_for_a_part_may_take_the_rest() -> None:
    """A feeder explains most of two cuts at a high price, and a port is left with two devices: it explains all of its
    own for no more, and its switch, which has the same devices, is not called in beside it."""
    feeder = guess(Kind.POWER, Layer.FEEDER, "F-1", OLD | MOST, 20.0)
    before = guess(Kind.UPLINK, Layer.UPLINK, "SW-1/1", OLD, 5.0)
    port = guess(Kind.UPLINK, Layer.UPLINK, "SW-2/1", NEW, 5.0)
    switch = guess(Kind.UPLINK, Layer.SWITCH, "SW-2", NEW, 6.0)
    believed = explain([feeder, before, port, switch], OLD | NEW)
    assert believed == {
        Key(Kind.UPLINK, before.scope): frozenset(OLD),
        Key(Kind.UPLINK, port.scope): frozenset(NEW),
    }
