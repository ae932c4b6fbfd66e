"""The control interface: the truth follows the switches, and what cannot be done is said in a sentence."""

from __future__ import annotations

import json
import urllib.error
from typing import Any

import pytest
from peers.cities import RunningCity


def refusal(city: RunningCity, body: dict[str, Any] | None, method: str = "POST") -> str:
    """The sentence with which a request is refused."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        city.ask("/faults", method, body)
    with refused.value as error:
        assert error.code == 400
        sentence: str = json.load(error)["error"]
        return sentence


@pytest.mark.parametrize(
    ("fault", "state", "working"),
    [
        ("dead", "down", False),
        ("hung", "down", False),
        ("password", "down", False),
        ("stream_server", "down", False),
        ("no_video", "down", False),
        ("clock", "degraded", True),
        ("flapping", "up", True),
        ("slow", "up", True),
        ("malformed", "up", True),
        ("other_host", "up", True),
        ("busy", "unknown", None),
    ],
)
def test_the_truth_follows_a_fault(city: RunningCity, fault: str, state: str, working: bool | None) -> None:
    """A fault that is switched on is the truth at once, and no longer when it is switched off."""
    device = city.find(make="noname")
    assert city.switch_on(fault, cameras=device.cameras) == device.cameras
    assert city.truth()[device.cameras[0]] == {"fault": fault, "state": state, "working": working}
    assert city.switch_off(fault, cameras=device.cameras) == device.cameras
    assert city.truth()[device.cameras[0]] == {"fault": "", "state": "up", "working": True}


def test_a_failed_card_shows_in_the_truth_of_its_make(city: RunningCity) -> None:
    """Switched on for a Dahua, refused for another make, with the reason."""
    device, other = city.find(make="dahua"), city.find(make="axis")
    city.switch_on("sd_card", cameras=device.cameras)
    assert city.truth()[device.cameras[0]]["state"] == "degraded"
    city.switch_off("sd_card", cameras=device.cameras)
    said = refusal(city, {"fault": "sd_card", "cameras": other.cameras})
    assert said == f"{other.cameras[0]} is of axis; sd_card is only for dahua"


def test_a_fault_of_a_device_is_a_fault_of_all_its_cameras(city: RunningCity) -> None:
    """One camera of a head, an encoder or a recorder is named, all of them are concerned."""
    device = next(city.all_of(several=True))
    assert city.switch_on("dead", cameras=device.cameras[:1]) == device.cameras
    assert {city.truth()[camera]["fault"] for camera in device.cameras} == {"dead"}
    city.switch_off("dead", cameras=device.cameras[:1])


def test_a_feeder_takes_its_sites_with_it(city: RunningCity) -> None:
    """All cameras of a feeder are down, and those that were sound are up again afterwards."""
    truth = city.truth()
    feeder, members = next(
        (name, some) for name, some in city.structure["feeders"].items() if truth[some[0]]["fault"] == ""
    )
    assert set(city.switch_on("feeder", feeder=feeder)) == set(members)
    assert {city.truth()[camera]["state"] for camera in members} == {"unreachable"}
    city.switch_off("feeder", feeder=feeder)
    assert city.truth() == truth


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"fault": "rust", "cameras": []}, "fault must be one of fibre, feeder, dead, hung, "),
        ({"fault": "dead"}, "dead needs cameras"),
        ({"fault": "dead", "cameras": "all"}, "dead needs cameras"),
        ({"fault": "dead", "cameras": ["nowhere-1"]}, "no camera is called 'nowhere-1'"),
        ({"fault": "fibre"}, "fibre needs uplink"),
        ({"fault": "fibre", "uplink": "SW-99/9"}, "no uplink is called 'SW-99/9'"),
        ({"fault": "feeder", "feeder": "F-99"}, "no feeder is called 'F-99'"),
        (None, "Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_what_cannot_be_switched(city: RunningCity, body: dict[str, Any] | None, sentence: str) -> None:
    """The sentence names what is wrong, and nothing has changed."""
    truth = city.truth()
    assert refusal(city, body).startswith(sentence)
    assert refusal(city, body, "DELETE").startswith(sentence)
    assert city.truth() == truth
