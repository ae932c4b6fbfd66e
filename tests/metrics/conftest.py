"""The snapshot of a faulty city, made once."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from peers.fleets import faulty_city, looked_at
from peers.standing import Standing

from exporters.prometheus import Page
from exporters.selfmetrics import SelfMetrics
from monitor.core.snapshot import Snapshot


@dataclass
class Figures:
    """A ledger's figures."""

    errors: int = 0
    lost: int = 0
    failing: str | None = None


@pytest.fixture
def figures() -> Figures:
    """The figures of a ledger that is well."""
    return Figures()


@pytest.fixture
def page(figures: Figures) -> Page:
    """A page with all that the monitor says of itself."""
    metrics = SelfMetrics("0.1.0")
    metrics.watch(figures)
    metrics.watch_checkpoints(lambda: 1.5e9, lambda: {"auditor": "it answers 503", "beside the ledger": None})
    metrics.watch_contracts(Standing())
    metrics.orders({"open": 2}, ("field",), ())
    return Page(metrics.collector)


@pytest.fixture(scope="session")
def city() -> Snapshot:
    """1,800 cameras after three rounds of probes, 600 of them not working, a few never seen."""
    inventory, faults, unseen = faulty_city()
    return looked_at(inventory, faults, unseen=unseen)[1]
