"""A certificate that changes under a running monitor: refused, recorded, accepted by an operator, remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from peers.certificates import identity
from peers.hostile import answering, attacking, onvif
from talks import CLOCKS

from monitor.app import Monitor
from monitor.core.schedule import Rates
from monitor.core.verdict import Reason, Rung
from monitor.inspection.accepting import alone
from monitor.inspection.notebook import Notebook
from monitor.inventory import load
from monitor.ledger.ledger import Ledger
from monitor.probes.memory import Memory

TOWN = """\
defaults: {{tls: first-use, probes: [onvif]}}
zones: {{town: {{}}}}
cameras:
  - {{id: gate, zone: town, address: 127.0.0.1, ports: {{onvif: {port}}}}}
"""


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    for _ in range(1200):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come about in 60 s")


async def test_an_operator_accepts_a_certificate(tmp_path: Path) -> None:
    """It fails with the reason tls until an operator says that it is right; then that one is trusted."""
    first, second = identity(), identity()
    async with attacking(answering(onvif()), tls=second.context(tmp_path)) as peer:
        (tmp_path / "town.yaml").write_text(TOWN.format(port=peer.port))
        monitor = Monitor(
            load(tmp_path / "town.yaml", {}), Rates(spread_s=0.0), Ledger.open(tmp_path / "ledger"), CLOCKS
        )
        monitor._memories["gate"] = Memory()._replace(certificates={"onvif": first.fingerprint})
        running = asyncio.create_task(monitor.run())
        try:
            await until(lambda: bool(_memory(monitor).strange_certificates))
            assert peer.heard == b""
            assert monitor.accept("gate", "an operator", "") == [
                f"gate: certificate accepted: https: sha256:{second.fingerprint}, accepted by an operator"
            ]
            await until(lambda: monitor.fleet.cameras["gate"][Rung.CONTROL].last_ok > 0)
        finally:
            monitor.stop.set()
            await running
    assert monitor.fleet.cameras["gate"][Rung.CONTROL].reason in (None, Reason.TLS)
    assert _memory(monitor).certificates == {"onvif": second.fingerprint}


def test_a_certificate_is_accepted_where_no_monitor_runs(tmp_path: Path) -> None:
    """It is written into the ledger, and the next monitor starts with that."""
    (tmp_path / "town.yaml").write_text(TOWN.format(port=443))
    known = Memory(certificates={"onvif": "1" * 64}, strange_certificates={"onvif": "2" * 64})
    ledger = Ledger.open(tmp_path / "ledger")
    ledger.append([], {}, {"device/gate": known.to_json()}, {})
    assert ledger.close(60.0) == 0
    inventory = load(tmp_path / "town.yaml", {})
    for expected in ([f"gate: certificate accepted: https: sha256:{'2' * 64}, accepted by somebody"], None):
        notebook = Notebook.open(tmp_path / "ledger")
        assert notebook is not None
        try:
            if expected:
                assert alone("gate", inventory, notebook, "somebody", "") == expected
            else:
                assert notebook.memory("gate").certificates == {"onvif": "2" * 64}
        finally:
            notebook.close()


def _memory(monitor: Monitor) -> Memory:
    return monitor._memories.get("gate", Memory())
