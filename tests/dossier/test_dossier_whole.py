"""A camera that is not inspected, and why."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from fleets import inventory

from monitor.core.model import Tls
from monitor.dossier.whole import inspect
from monitor.inspection.errors import LookError
from monitor.inspection.look import Wanted


async def test_a_device_behind_tls_is_not_asked_in_the_clear(tmp_path: Path) -> None:
    """Where the inventory says TLS, nothing is said without it: neither a look nor a question."""
    fleet = inventory()
    device = replace(fleet.devices["d0"], tls=Tls())
    fleet = replace(fleet, devices={"d0": device})
    wanted = Wanted("d0c1", tmp_path / "ledger.sqlite", lambda: fleet)
    with pytest.raises(LookError, match=r"over TLS, which inspect cannot do yet; camfleet probe d0c1 --debug"):
        await inspect(wanted, fleet, 10, False, lambda event: None)
    assert os.listdir(tmp_path) == []
