"""`camfleet probe` against a simulated city: what it prints, what it returns, and that it shows no secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

import pytest
from peers.cities import RunningCity, started_city
from runs import Ended, camfleet

RUNGS = {"reachable", "control", "credentials", "stream", "media", "clock", "identity", "device", "recording"}


@pytest.fixture(scope="module")
def city() -> Iterator[RunningCity]:
    with started_city(60) as running:
        yield running


@pytest.fixture(scope="module")
def looks(city: RunningCity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Ended]]]:
    """One look at each kind of camera, a few at a time."""
    folder = tmp_path_factory.mktemp("probe")
    password, broken = (city.find(fault).cameras[0] for fault in ("password", "stream_server"))
    fine, another, third = (one.cameras[0] for one in islice(city.all_of(""), 3))
    inventory = ("-i", str(city.inventory))
    cases = {
        "fine": (fine,),
        "fine, as JSON": (another, "--json"),
        "fine, in full": (third, "--debug"),
        "password, as JSON, in full": (password, "--json", "--debug"),
        "stream_server": (broken,),
    }
    with ThreadPoolExecutor(3) as pool:
        yield {
            name: pool.submit(camfleet, "probe", *arguments, *inventory, folder=folder)
            for name, arguments in cases.items()
        }


def test_a_camera_that_works(looks: dict[str, Future[Ended]]) -> None:
    """One line a rung, in words; exit code 0; nothing on standard error."""
    end = looks["fine"].result()
    assert (end.code, end.err) == (0, "")
    told = dict(re.findall(r"^  (\w+) +(ok|fail|unseen|n/a)", end.out, re.MULTILINE))
    assert set(told) <= RUNGS
    assert [told[rung] for rung in ("reachable", "control", "credentials", "stream", "media")] == ["ok"] * 5
    assert re.search(r"^  model = \S+", end.out, re.MULTILINE)


def test_a_camera_that_works_as_json(looks: dict[str, Future[Ended]]) -> None:
    """One JSON object with every rung's outcome, reason and detail, and the measurements; no conversation unasked."""
    end = looks["fine, as JSON"].result()
    assert (end.code, end.err) == (0, "")
    told = json.loads(end.out)
    assert set(told) == {"camera", "device", "address", "working", "rungs", "measurements"}
    assert told["working"] is True
    assert told["rungs"]["media"]["outcome"] == "ok"
    assert told["rungs"]["media"]["reason"] is None
    assert told["measurements"]["channel_1_video_packets"] > 0


def test_what_was_said(looks: dict[str, Future[Ended]], city: RunningCity) -> None:
    """--debug adds each message of each protocol, sent and received, without passwords, proofs or communities."""
    end = looks["fine, in full"].result()
    assert (end.code, end.err) == (0, "")
    for text in ("GetSystemDateAndTime", "DESCRIBE rtsp://", "TEARDOWN rtsp://", "RTSP/1.0 200", "HTTP/1.1 200"):
        assert text in end.out
    assert "[removed]" in end.out
    assert not [secret for secret in (city.password, city.community) if secret in end.out]
    assert not re.search(r'response="', end.out)


def test_a_camera_whose_password_was_changed(looks: dict[str, Future[Ended]], city: RunningCity) -> None:
    """The refusal is the credentials', one login was tried over all protocols, and the exit code is 1."""
    end = looks["password, as JSON, in full"].result()
    assert (end.code, end.err) == (1, "")
    told = json.loads(end.out)
    assert told["working"] is False
    assert told["rungs"]["credentials"]["reason"] == "credentials"
    assert told["rungs"]["media"]["outcome"] != "fail"
    said = json.dumps(told["conversations"])
    assert said.count("uthorization: Digest") + said.count("<Password") == 1
    assert city.password not in said


def test_a_camera_whose_stream_is_broken(looks: dict[str, Future[Ended]]) -> None:
    """The stream fails with its reason in plain words; exit code 1."""
    end = looks["stream_server"].result()
    assert (end.code, end.err) == (1, "")
    assert re.search(r"^  stream +fail +(stream not found|server error): RTSP (404|500)", end.out, re.MULTILINE)
