"""What changes when other terms of contracts come into force. Pure: each contract that differs is one event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.core.event import ContractEvent
from monitor.core.sla.contract import Contract
from monitor.core.sla.terms import to_json

#: The terms of contracts as plain values, by id.
Known = Mapping[str, Mapping[str, Any]]


def differences(known: Known, contracts: Mapping[str, Contract], at: float) -> list[ContractEvent]:
    """Return the events of contracts that come into force at ``at`` in the place of the terms ``known``."""
    now = {id_: to_json(contract) for id_, contract in contracts.items()}
    events = []
    for id_ in sorted(known.keys() | now.keys()):
        old, new = known.get(id_), now.get(id_)
        if old != new:
            what = "added" if old is None else "removed" if new is None else "changed"
            events.append(ContractEvent(at, id_, what, new or {}))
    return events
