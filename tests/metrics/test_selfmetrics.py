"""What the monitor says of itself."""

from __future__ import annotations

from typing import Any

from peers.fleets import NOW, bad, good
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families as parse

from exporters.selfmetrics import SelfMetrics
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict


def values(metrics: SelfMetrics) -> dict[tuple[str, ...], float]:
    """Return every sample by its name and the values of its labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in parse(generate_latest(metrics.collector).decode())
        for sample in family.samples
    }


def test_probes_are_counted() -> None:
    """Probes, their requests and durations are counted by probe, and those that we could not carry out apart."""
    metrics = SelfMetrics("0.1.0")
    metrics.count(good("d0", "onvif", NOW))
    metrics.count(bad("d0", "onvif", NOW, Rung.REACHABLE, Reason.TIMEOUT))
    ours = (Finding(Rung.REACHABLE, Outcome.UNSEEN, Reason.ABORTED),)
    metrics.count(Verdict("d0", "central", "rtsp", NOW, 0.0, ours))
    seen = values(metrics)
    assert seen["camfleet_probes_total", "onvif"] == 2
    assert seen["camfleet_probes_aborted_total", "onvif"] == 0
    assert seen["camfleet_probes_total", "rtsp"] == 1
    assert seen["camfleet_probes_aborted_total", "rtsp"] == 1
    assert seen["camfleet_requests_total", "onvif"] == 3
    assert seen["camfleet_probe_duration_seconds_count", "onvif"] == 2
    assert seen["camfleet_probe_duration_seconds_sum", "onvif"] == 3.1
    assert seen["camfleet_probes_total", "snmp"] == 0


def test_refused_logins_are_counted() -> None:
    """By probe, from 0 on."""
    metrics = SelfMetrics("0.1.0")
    metrics.refused("rtsp")
    seen = values(metrics)
    assert (seen["camfleet_logins_refused_total", "rtsp"], seen["camfleet_logins_refused_total", "onvif"]) == (1, 0)


def test_two_metrics_tell_of_a_reload() -> None:
    """A wrong inventory sets one metric to 0 and leaves the moment of the last good one."""
    metrics = SelfMetrics("0.1.0")
    metrics.reloaded(True, NOW)
    metrics.reloaded(False, NOW + 60.0)
    seen = values(metrics)
    assert seen["camfleet_inventory_last_reload_successful",] == 0
    assert seen["camfleet_inventory_reload_success_timestamp_seconds",] == NOW


def test_the_pace() -> None:
    """Lag, lateness of each check, checks in flight and the loop's delay are shown."""
    metrics = SelfMetrics("0.1.0")
    metrics.pace(1.5, [0.004, 1.5], 40, 0.003)
    seen = values(metrics)
    assert seen["camfleet_schedule_lag_seconds",] == 1.5
    assert seen["camfleet_check_lateness_seconds_bucket", "0.25"] == 1
    assert seen["camfleet_check_lateness_seconds_count",] == 2
    assert seen["camfleet_checks_in_flight",] == 40
    assert seen["camfleet_loop_delay_seconds_bucket", "0.005"] == 1
    assert seen["camfleet_loop_delay_seconds_bucket", "0.001"] == 0


def test_a_failing_ledger_shows(figures: Any) -> None:
    """Errors, lost events and the failure itself are read from the ledger at each scrape."""
    metrics = SelfMetrics("0.1.0")
    metrics.watch(figures)
    assert values(metrics)["camfleet_ledger_failing",] == 0
    figures.errors, figures.lost, figures.failing = 3, 7, "disk full"
    seen = values(metrics)
    assert seen["camfleet_ledger_failing",] == 1
    assert seen["camfleet_ledger_write_errors_total",] == 3
    assert seen["camfleet_ledger_lost_events_total",] == 7


def test_no_series_is_made_for_its_creation() -> None:
    """The client library's _created series, which nobody reads, are left out."""
    assert [name for name, *_ in values(SelfMetrics("0.1.0")) if name.endswith("_created")] == []


def test_nothing_is_global() -> None:
    """Two monitors in one process count apart."""
    one, other = SelfMetrics("0.1.0"), SelfMetrics("0.1.0")
    one.count(good("d0", "onvif", NOW))
    assert values(other)["camfleet_probes_total", "onvif"] == 0


def test_the_process_is_measured() -> None:
    """CPU, memory and descriptors of the process stand beside our own figures."""
    seen = values(SelfMetrics("0.1.0"))
    assert seen["process_resident_memory_bytes",] > 1_000_000
    assert seen["process_open_fds",] > 0


def test_checkpoints_show_when_and_who_has_not_got_them() -> None:
    """The moment of the newest, and 1 for each holder that misses it; no moment before the first."""
    metrics = SelfMetrics("0")
    sealed: list[float] = []
    failing = {"auditor": "it answers 503", "beside the ledger": None}
    metrics.watch_checkpoints(lambda: sealed[-1] if sealed else None, lambda: failing)
    families = {family.name: family for family in metrics.collector.collect()}
    assert families["camfleet_checkpoint_timestamp_seconds"].samples == []
    holders = families["camfleet_checkpoint_failing"].samples
    assert {sample.labels["holder"]: sample.value for sample in holders} == {"auditor": 1, "beside the ledger": 0}
    sealed.append(1.5e9)
    (moment,) = {family.name: family for family in metrics.collector.collect()}[
        "camfleet_checkpoint_timestamp_seconds"
    ].samples
    assert moment.value == 1.5e9
