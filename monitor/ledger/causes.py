"""The open causes, as the ledger's memory keeps them from one run to the next: each as the one event that gives it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from monitor.core.diagnosis.cause import Cause, CauseEvent, replay, retold
from monitor.ledger.codec import Json, decode_kept, encode_event

#: What its key in the ledger's memory begins with; the cause's id follows.
PREFIX = "cause/"
#: Where the memory says who repairs what, so that whoever reads the ledger alone knows it.
OWNERS = "owners"


def changes(before: Mapping[str, Cause], now: Mapping[str, Cause]) -> dict[str, Json]:
    """Return what is to be written: the causes that are not as before, and None for those that closed."""
    fresh: dict[str, Json] = {
        PREFIX + id_: json.loads(encode_event(retold(cause)))
        for id_, cause in now.items()
        if before.get(id_) is not cause
    }
    return fresh | {PREFIX + id_: None for id_ in before if id_ not in now}


def restored(memory: Mapping[str, Any]) -> dict[str, Cause]:
    """Return the causes that an earlier run left open; LedgerError where one of them cannot be read."""
    events = decode_kept("cause", {key: value for key, value in memory.items() if key.startswith(PREFIX)})
    return replay(event for event in events if isinstance(event, CauseEvent))


def owners(memory: Mapping[str, Any]) -> dict[str, str]:
    """Return who repairs what, by role, as the newest inventory of a run had it; nothing where no run said so."""
    stored = memory.get(OWNERS)
    return {str(role): str(party) for role, party in stored.items()} if isinstance(stored, dict) else {}
