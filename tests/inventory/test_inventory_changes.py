"""A reload starts, stops and restarts exactly the devices of which something differs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.core.model import Inventory
from monitor.inventory import Changes, diff, load

Written = Callable[..., Inventory]
OLD = """
credentials:
  city: {username: camfleet, password: env:CAMFLEET_PASSWORD}
  depot: {username: viewer, password: env:CAMFLEET_LONG}
defaults: {credential: city}
zones: {z: {}, x: {name: X}}
sites: [{id: s, zone: z}]
devices: [{id: head, address: 192.0.2.40}]
cameras:
  - {id: gate, site: s, address: 192.0.2.17}
  - {id: pier, zone: z, address: 192.0.2.18, credential: depot}
  - {id: north, zone: z, device: head, channel: 1}
  - {id: south, zone: z, device: head, channel: 2}
"""


def changed(*ids: str) -> Changes:
    return Changes(changed=frozenset(ids))


CASES = {
    "nothing": ("", "", Changes()),
    "a comment": ("zones:", "# said\nzones:", Changes()),
    "a name of a zone": ("name: X", "name: Z", Changes()),
    "a new camera": (
        "cameras:\n",
        "cameras:\n  - {id: lamp, zone: z, address: 192.0.2.19}\n",
        Changes(started=frozenset({"lamp"})),
    ),
    "a camera that is gone": (
        "  - {id: gate, site: s, address: 192.0.2.17}\n",
        "",
        Changes(stopped=frozenset({"gate"})),
    ),
    "another id": (
        "id: gate,",
        "id: gate-1,",
        Changes(started=frozenset({"gate-1"}), stopped=frozenset({"gate"})),
    ),
    "another address": ("192.0.2.17", "192.0.2.77", changed("gate")),
    "a name": ("{id: pier,", "{id: pier, name: Pier,", changed("pier")),
    "a site in another zone": ("{id: s, zone: z}", "{id: s, zone: x}", changed("gate")),
    "one camera of several": ("device: head, channel: 2", "device: head, channel: 3", changed("head")),
    "one camera less": ("  - {id: south, zone: z, device: head, channel: 2}\n", "", changed("head")),
    "a default": ("credential: city}", "credential: city, probes: [rtsp]}", changed("gate", "pier", "head")),
    "a user name": ("username: viewer", "username: looker", changed("pier")),
    "where a password is": ("env:CAMFLEET_LONG", "env:CAMFLEET_COMMUNITY", changed("pier")),
}


@pytest.mark.parametrize("case", CASES)
def test_only_devices_of_which_something_differs_are_touched(
    case: str, tmp_path: Path, environ: dict[str, str]
) -> None:
    """A change in the file is a change of exactly these devices."""
    before, after, expected = CASES[case]
    assert before in OLD
    path = tmp_path / "inventory.yaml"
    path.write_text(OLD)
    old = load(path, environ)
    path.write_text(OLD.replace(before, after, 1))
    changes = diff(old, load(path, environ))
    assert changes == expected
    assert bool(changes) == (expected != Changes())


def test_a_new_password_behind_the_same_reference_is_a_change(tmp_path: Path, environ: dict[str, str]) -> None:
    """Rotating a secret and reloading starts anew what uses it, and nothing else."""
    path = tmp_path / "inventory.yaml"
    path.write_text(OLD)
    rotated = {**environ, "CAMFLEET_LONG": "a new one"}
    assert diff(load(path, environ), load(path, rotated)) == changed("pier")
