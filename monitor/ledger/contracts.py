"""The terms in force, as the ledger's memory keeps them from one run to the next: what a change is held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from monitor.core.event import ContractEvent
from monitor.ledger.codec import Json

#: What its key in the ledger's memory begins with; the contract's id follows.
PREFIX = "contract/"


def changes(events: Iterable[ContractEvent]) -> dict[str, Json]:
    """Return what is to be written with these events; None for a contract that was removed."""
    return {PREFIX + event.contract: dict(event.terms) or None for event in events}


def restored(memory: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the terms that an earlier run had in force, as plain values; what is no table is as if it were new."""
    found = {key.removeprefix(PREFIX): value for key, value in memory.items() if key.startswith(PREFIX)}
    return {id_: value for id_, value in found.items() if isinstance(value, dict)}
