"""Who is who, over restarts: as the ledger's memory keeps it."""

from __future__ import annotations

import json

import pytest

from monitor.core.identity import Identity
from monitor.ledger.identities import changes, from_json, restored, to_json

KNOWN = Identity({"serial": "S1"}, 5.0, {"serial": "X"}, {"rtsp_realm": "r"}, {"rtsp_realm": 2})


@pytest.mark.parametrize("identity", [Identity(), Identity({"serial": "S1"}, 5.0), KNOWN])
def test_an_identity_is_kept_as_it_is(identity: Identity) -> None:
    """JSON and back."""
    assert from_json(json.loads(json.dumps(to_json(identity)))) == identity


@pytest.mark.parametrize(
    "value", [None, 3, [], {"marks": 1}, {"marks": {"serial": 7}}, {"since": True}, {"changes": {"a": "b"}}]
)
def test_what_is_no_identity_is_unknown(value: object) -> None:
    """A ledger that somebody edited does not stop a start."""
    assert from_json(value) is None
    assert restored({"identity/c1": value, "device/d1": {}}) == {}


def test_only_what_changed_is_written() -> None:
    """And who left is forgotten."""
    other = Identity({"serial": "S2"}, 6.0)
    assert changes({"a": KNOWN, "b": other}, {"a": KNOWN, "c": other}) == {
        "identity/c": to_json(other),
        "identity/b": None,
    }
