"""Refused logins as a metric: one a login, none for a look that shows no login."""

from __future__ import annotations

from pathlib import Path

from guarded import Guarded, watching
from peers.hostile import answering, attacking
from polite.virtual import Time, run
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families as parse

from monitor.app import Monitor


def refused(monitor: Monitor) -> float:
    """Return how many logins were refused, over all protocols."""
    families = parse(generate_latest(monitor.metrics.collector).decode())
    return sum(
        sample.value for one in families for sample in one.samples if sample.name == "camfleet_logins_refused_total"
    )


def test_a_login_that_is_refused_is_counted_once(tmp_path: Path) -> None:
    """Looks that follow show no login, and count nothing."""
    time = Time(1_795_000_000.0)

    async def course() -> None:
        guarded = Guarded(time, taken=False)
        async with (
            attacking(answering(guarded.answer)) as peer,
            watching(time, peer.port, tmp_path / "ledger") as monitor,
        ):
            assert refused(monitor) == 0
            for _ in range(3):
                async for _event in monitor.look("camera", False):
                    pass
            assert refused(monitor) == len(guarded.logins) == 1

    run(time, course())
