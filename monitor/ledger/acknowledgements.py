"""The acknowledgements that hold, as the ledger's memory keeps them from one run to the next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from monitor.core.acknowledgement import Acknowledgement, after, retold
from monitor.ledger.codec import Json, decode_kept, encode_event

#: What its key in the ledger's memory begins with; the cause's id follows.
PREFIX = "acknowledgement/"


def changes(before: Mapping[str, Acknowledgement], now: Mapping[str, Acknowledgement]) -> dict[str, Json]:
    """Return what is to be written: those that are not as before, and None for those that hold no more."""
    fresh: dict[str, Json] = {
        PREFIX + id_: json.loads(encode_event(retold(one))) for id_, one in now.items() if before.get(id_) is not one
    }
    return fresh | {PREFIX + id_: None for id_ in before if id_ not in now}


def restored(memory: Mapping[str, Any]) -> Mapping[str, Acknowledgement]:
    """Return the acknowledgements that an earlier run left; LedgerError where one of them cannot be read."""
    return after({}, decode_kept("note", {key: value for key, value in memory.items() if key.startswith(PREFIX)}))
