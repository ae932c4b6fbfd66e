"""Rows of the inventory as the ledger keeps them, and what another inventory changes of them."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.asset import ADDED, CHANGED, REMOVED, Listed, Rows, changes, differences, listed
from monitor.core.event import AssetEvent
from monitor.core.model import Camera, Credential, Device, Inventory, Position, Secret, Site

SITE = Site("pier-1", "Pier 1", "harbour", ("SW-2/7", "SW-4/1"), "F-3", Position(53.5, 9.9))
CAMERA = Camera(
    "gate",
    "Pier 1, gate",
    "head",
    2,
    "harbour",
    "pier-1",
    Position(53.5, 9.9),
    "/live?key=canary-7f3a",
    "0123",
    "4c:bd:8f:22:22:22",
    "safe-city",
    "Mast & Son",
    date(2017, 5, 2),
    date(2018, 8, 20),
    date(2018, 11, 1),
    date(2026, 6, 30),
)
LOGIN = Credential("city", "canary-7f3a", Secret("env:X", "canary-7f3a"))
HEAD = Device("head", "192.0.2.40", {}, ("onvif", "rtsp"), ("gate",), make="axis", credential=LOGIN)
FLEET = Inventory({"head": HEAD}, {"gate": CAMERA}, {"pier-1": SITE}, {"harbour": "Harbour"})
ROW = {
    "name": "Pier 1, gate",
    "site": "pier-1",
    "site_name": "Pier 1",
    "feeder": "F-3",
    "uplinks": ["SW-2/7", "SW-4/1"],
    "zone": "harbour",
    "zone_name": "Harbour",
    "position": [53.5, 9.9],
    "device": "head",
    "channel": 2,
    "vantage": "central",
    "address": "192.0.2.40",
    "make": "axis",
    "probes": ["onvif", "rtsp"],
    "contract": "safe-city",
    "installer": "Mast & Son",
    "serial": "0123",
    "mac": "4c:bd:8f:22:22:22",
    "sanctioned": "2017-05-02",
    "installed": "2018-08-20",
    "commissioned": "2018-11-01",
    "retired": "2026-06-30",
}


def test_a_row_says_all_by_which_a_camera_is_selected_and_counted() -> None:
    """Its own words, its device's, its site's and its zone's; no login, and no path that may hold a secret."""
    assert listed(CAMERA, FLEET) == ROW
    assert "canary" not in json.dumps(listed(CAMERA, FLEET))
    own = {field.name for field in fields(Camera)} - {"id", "stream"}
    assert own <= ROW.keys()


def test_what_follows_from_the_id_is_left_out() -> None:
    """A camera in the short form, named by its id alone, without a site."""
    camera = Camera("ferry", "ferry", "ferry", 1, "harbour")
    device = Device("ferry", "192.0.2.7", {}, ("rtsp",), ("ferry",))
    inventory = Inventory({"ferry": device}, {"ferry": camera}, {}, {"harbour": "harbour"})
    assert listed(camera, inventory) == {
        "zone": "harbour",
        "vantage": "central",
        "address": "192.0.2.7",
        "probes": ["rtsp"],
    }


def test_every_word_of_a_row_makes_a_change() -> None:
    """Of the camera, of its device, of its site, of its zone: the new row is told, once."""
    others = [
        *(
            replace(FLEET, cameras={"gate": one})
            for one in (
                replace(CAMERA, name="Gate"),
                replace(CAMERA, channel=3),
                replace(CAMERA, position=Position(1.0, 2.0)),
                replace(CAMERA, serial="9"),
                replace(CAMERA, mac=""),
                replace(CAMERA, contract="other"),
                replace(CAMERA, installer=""),
                replace(CAMERA, sanctioned=date(2017, 5, 3)),
                replace(CAMERA, installed=None),
                replace(CAMERA, commissioned=date(2018, 11, 2)),
                replace(CAMERA, retired=None),
            )
        ),
        *(
            replace(FLEET, devices={"head": one})
            for one in (
                replace(HEAD, host="192.0.2.41"),
                replace(HEAD, make=""),
                replace(HEAD, probes=("rtsp",)),
                replace(HEAD, vantage="harbour"),
            )
        ),
        *(
            replace(FLEET, sites={"pier-1": one})
            for one in (replace(SITE, name="Pier"), replace(SITE, feeder="F-4"), replace(SITE, uplinks=("SW-2/7",)))
        ),
        replace(FLEET, zones={"harbour": "The Harbour"}),
    ]
    for other in others:
        (event,) = differences(Rows(FLEET), Rows(other), 7.0)
        assert event == AssetEvent(7.0, "gate", CHANGED, listed(other.cameras["gate"], other))
        assert event.listed != ROW


def test_a_login_or_a_stream_is_no_change_of_a_row() -> None:
    """How a camera is asked says nothing of what it counts for."""
    other = replace(
        FLEET,
        devices={"head": replace(HEAD, credential=None)},
        cameras={"gate": replace(CAMERA, stream="/other")},
    )
    assert differences(Rows(FLEET), Rows(other), 7.0) == []


ROWS = st.dictionaries(st.sampled_from("abcdef"), st.fixed_dictionaries({"zone": st.sampled_from("xyz")}))


@given(ROWS, ROWS)
def test_the_events_turn_one_inventory_into_the_other(before: dict[str, Listed], now: dict[str, Listed]) -> None:
    """Each camera that differs is told once; what is kept of the events is the newer inventory."""
    events = differences(before, now, 7.0)
    kept = dict(before)
    for event in events:
        if event.what == REMOVED:
            del kept[event.camera]
        else:
            assert (event.camera in kept) == (event.what != ADDED)
            kept[event.camera] = event.listed
    assert kept == now
    assert len({event.camera for event in events}) == len(events)
    assert differences(now, kept, 8.0) == []


def test_changes_are_told_key_by_key() -> None:
    """What was not said before, or no longer is, is none."""
    before, now = {"zone": "a", "uplinks": ["1", "2"], "make": "x"}, {"zone": "b", "uplinks": ["1"], "contract": "c"}
    assert list(changes(before, now)) == ["contract none → c", "make x → none", "uplinks 1 2 → 1", "zone a → b"]
