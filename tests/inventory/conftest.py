"""An environment with a canary for every secret: none of them may ever be seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.core.model import Inventory
from monitor.inventory import load

CANARY = "canary-7f3a"


@pytest.fixture
def environ() -> dict[str, str]:
    return {
        "CAMFLEET_PASSWORD": f"{CANARY}-password",
        "CAMFLEET_COMMUNITY": f"{CANARY}-community",
        "CAMFLEET_SNMP_AUTH": f"{CANARY}-auth",
        "CAMFLEET_SNMP_PRIVACY": f"{CANARY}-privacy",
        "CAMFLEET_LONG": f"{CANARY}-long",
        "CAMFLEET_SHORT": "canary7",
        "CAMFLEET_EMPTY": "",
    }


@pytest.fixture
def written(tmp_path: Path, environ: dict[str, str]) -> Callable[..., Inventory]:
    """Write files into a folder and load it: ``written(fleet_yaml="…", cameras_csv="…")``; a name's _ is its dot."""

    def write_and_load(**files: str) -> Inventory:
        for name, text in files.items():
            stem, _, suffix = name.rpartition("_")
            (tmp_path / f"{stem.replace('_', '-')}.{suffix}").write_text(text, encoding="utf-8")
        return load(tmp_path, environ)

    return write_and_load
