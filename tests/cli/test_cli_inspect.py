"""``camfleet inspect`` in processes of its own, against the city."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from peers.cities import CityDevice, RunningCity, started_city
from runs import ALONE, Ended, camfleet


@pytest.fixture(scope="module")
def city() -> Iterator[RunningCity]:
    with started_city(120) as running:
        yield running


@pytest.fixture(scope="module")
def sound(city: RunningCity) -> CityDevice:
    return next(city.all_of(make="hikvision"))


@pytest.fixture(scope="module")
def ends(
    city: RunningCity, sound: CityDevice, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Ended]]]:
    refusing = next(camera for camera, truth in city.truth().items() if truth["fault"] == "password")
    silent = next(camera for camera, truth in city.truth().items() if truth["fault"] == "dead")
    cases = {
        "everything": (sound.cameras[0],),
        "for strangers": (sound.cameras[0], "--redact"),
        "a changed password": (refusing,),
        "nobody there": (silent, "--limit", "15"),
        "nobody of this name": ("no-such-camera",),
    }
    with ThreadPoolExecutor(2) as pool:
        yield {
            name: pool.submit(
                camfleet, "inspect", *arguments, "-i", str(city.inventory),
                folder=tmp_path_factory.mktemp("inspect"), patience_s=90.0,
            )
            for name, arguments in cases.items()
        }  # fmt: skip


def test_everything_that_a_device_says(ends: dict[str, Future[Ended]], sound: CityDevice) -> None:
    """One JSON object: the look's verdict, then the services with their answers; exit code 0, no word beside it."""
    end = ends["everything"].result()
    assert (end.code, end.err) == (0, ALONE)
    told = json.loads(end.out)
    assert set(told) == {"camfleet", "at", "make", "look", "login", "unfinished", "services"}
    assert (told["look"]["camera"], told["look"]["working"]) == (sound.cameras[0], True)
    assert (told["make"], told["login"], told["unfinished"]) == ("hikvision", "accepted", None)
    said = {one["operation"]: one["answer"] for one in told["services"]["devicemgmt"]["answers"]}
    assert said["GetDeviceInformation"]["Model"] == sound.model
    assert told["services"]["devicemgmt"]["not_asked"]["GetUsers"] == "accounts are secrets"


def test_a_report_for_strangers(ends: dict[str, Future[Ended]], sound: CityDevice) -> None:
    """--redact leaves the model and takes out the address, the serial number and the camera's name."""
    end = ends["for strangers"].result()
    assert end.code == 0
    open_ = json.loads(ends["everything"].result().out)
    serial = open_["look"]["measurements"]["serial"]
    assert sound.model in end.out
    assert not [one for one in (sound.address, serial, sound.cameras[0]) if one in end.out]


def test_a_device_that_does_not_know_our_password(ends: dict[str, Future[Ended]], city: RunningCity) -> None:
    """The look's one refused login is the only one: what needs a login stays unasked; that is said, exit code 1."""
    end = ends["a changed password"].result()
    assert end.code == 1
    assert end.err == ALONE + (
        "No login was made, because the device refuses ours: what needs one is missing. camfleet probe says when it is"
        " tried again.\n"
    )
    told = json.loads(end.out)
    assert told["look"]["reason"] == "credentials"
    assert told["login"] == "not shown"
    assert any("refused" in one for one in told["services"]["devicemgmt"]["faults"])
    assert city.password not in end.out


def test_a_device_that_does_not_answer(ends: dict[str, Future[Ended]]) -> None:
    """Exit code 1, the look's verdict, and why there is nothing else."""
    end = ends["nobody there"].result()
    assert end.code == 1
    assert end.err.startswith(f"{ALONE}The device was not asked to the end: ")


def test_a_camera_of_no_inventory(ends: dict[str, Future[Ended]]) -> None:
    """A misspelt name is one sentence and exit code 2."""
    end = ends["nobody of this name"].result()
    assert (end.code, end.out) == (2, "")
    assert end.err.startswith("No camera 'no-such-camera' in the inventory.")


def test_no_secret_and_no_traceback(ends: dict[str, Future[Ended]], city: RunningCity) -> None:
    """Whatever becomes of it, neither stands in what is printed."""
    for one in ends.values():
        end = one.result()
        assert not end.traceback
        assert not [secret for secret in (city.password, city.community) if secret in end.out + end.err]
