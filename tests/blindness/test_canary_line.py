"""A monitor's own line is cut, between two hosts that are network namespaces: its canary tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from peers.namespaces import WATCHED, inside, two_hosts

WELL = {"gateway": "answers", "device model": "answers"}
WATCHING = Path(__file__).with_name("watching_canary.py")


@pytest.mark.parametrize(("end", "words"), [("far", " does not answer"), ("near", ": no route")])
def test_a_cut_line_silences_the_canary_and_not_our_own_model(end: str, words: str) -> None:
    """Nothing listens on the gateway's port: it answers by refusing. Cut far away it times out, here there is no route."""
    with two_hosts() as hosts:
        command = inside(hosts.watching, sys.executable, str(WATCHING), WATCHED, "22")
        environment = {**os.environ, "PYTHONPATH": str(WATCHING.parents[1])}
        child = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        assert child.stdout is not None
        try:
            assert json.loads(child.stdout.readline()) == WELL
            hosts.cut(end)
            said = json.loads(child.stdout.readline())
            assert said == {"gateway": f"gateway {WATCHED}{words}", "device model": "answers"}
            hosts.mend(end)
            assert json.loads(child.stdout.readline()) == WELL
        finally:
            child.kill()
            child.wait()
            child.stdout.close()
