"""What the monitor says of itself: counted in a registry of its own, never in the client library's global one."""

from __future__ import annotations

import platform
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from exporters import catalogue
from exporters.contracts import Contracts, Standing
from exporters.probecounts import ProbeCounts
from monitor.core.model import PROBE_NAMES
from monitor.core.survey import SURVEY
from monitor.core.verdict import Verdict
from monitor.core.workorder.order import Act, OrderEvent


class LedgerFigures(Protocol):
    """What a ledger tells of its writing."""

    @property
    def errors(self) -> int: ...

    @property
    def lost(self) -> int: ...

    @property
    def failing(self) -> str | None: ...


class SelfMetrics:
    """The monitor's own figures. ``collector`` goes to ``prometheus.Page``."""

    def __init__(self, version: str) -> None:
        self._registry = CollectorRegistry()
        self.collector: Collector = _WithoutCreated(self._registry)
        self._gauge(catalogue.BUILD_INFO).labels(version, platform.python_version()).set(1)
        self._probes = ProbeCounts((*PROBE_NAMES, SURVEY))
        self._registry.register(self._probes)
        self._lag = self._gauge(catalogue.LAG)
        self._in_flight = self._gauge(catalogue.IN_FLIGHT)
        self._lateness = self._histogram(catalogue.LATENESS)
        self._loop_delay = self._histogram(catalogue.LOOP_DELAY)
        self._reload_at = self._gauge(catalogue.RELOAD_AT)
        self._reload_ok = self._gauge(catalogue.RELOAD_OK)
        self._logins = self._gauge(catalogue.LOGINS)
        self.logins(0, 0)
        self._orders = self._gauge(catalogue.ORDERS)
        self._opened = self._counter(catalogue.ORDERS_OPENED)
        self._messages = self._counter(catalogue.ORDER_MESSAGES)
        self._channels = self._gauge(catalogue.ORDER_CHANNEL_FAILING)
        self._false_alarms = self._counter(catalogue.FALSE_ALARMS)
        for severity in ("page", "ticket"):
            self._opened.labels(severity)
        ProcessCollector(registry=self._registry)

    def count(self, verdict: Verdict) -> None:
        """Count a probe that came to an end."""
        self._probes.count(verdict)

    def refused(self, probe: str) -> None:
        """Count a login that a device refused."""
        self._probes.refused(probe)

    def pace(self, lag_s: float, late_s: Iterable[float], in_flight: int, loop_delay_s: float) -> None:
        """Note, once a second, how the monitor keeps up; ``late_s`` are the checks that began in that second."""
        self._lag.set(lag_s)
        for late in late_s:
            self._lateness.observe(late)
        self._in_flight.set(in_flight)
        self._loop_delay.observe(loop_delay_s)

    def reloaded(self, successful: bool, at: float) -> None:
        """Note an attempt to load the inventory; ``at`` is when it was made."""
        self._reload_ok.set(successful)
        if successful:
            self._reload_at.set(at)

    def logins(self, on_trial: int, held: int) -> None:
        """Note how many changed logins are not in force yet."""
        self._logins.labels("on_trial").set(on_trial)
        self._logins.labels("held").set(held)

    def ordered(self, event: OrderEvent, is_news: bool = True) -> None:
        """Count what happened to a work order; ``is_news``: nobody had called it a false alarm before."""
        if event.act is Act.OPENED:
            self._opened.labels(event.severity).inc()
        elif event.act is Act.FALSE_ALARM and is_news:
            self._false_alarms.inc()
        elif event.act in (Act.TOLD, Act.GAVE_UP):
            self._messages.labels(event.channel, "told" if event.act is Act.TOLD else "given_up").inc()

    def orders(self, states: Mapping[str, int], channels: Iterable[str], failing: Container[str]) -> None:
        """Note how work orders stand, and which of the channels do not take what they are told."""
        for state in ("open", "answered", "cleared"):
            self._orders.labels(state).set(states.get(state, 0))
        self._channels.clear()
        for channel in channels:
            self._channels.labels(channel).set(channel in failing)
            for outcome in ("told", "given_up"):
                self._messages.labels(channel, outcome)

    def watch(self, ledger: LedgerFigures) -> None:
        """Show a ledger's figures from now on."""
        self._registry.register(_LedgerCollector(ledger))

    def watch_checkpoints(
        self, sealed_at: Callable[[], float | None], failing: Callable[[], Mapping[str, str | None]]
    ) -> None:
        """Show from now on when the newest checkpoint was signed, and which holder has not got it."""
        self._registry.register(_CheckpointCollector(sealed_at, failing))

    def watch_contracts(self, standing: Standing) -> None:
        """Show from now on how the contracts stand."""
        self._registry.register(Contracts(standing))

    def _counter(self, metric: catalogue.Metric) -> Counter:
        return Counter(metric.name, metric.help, metric.labels, registry=self._registry)

    def _gauge(self, metric: catalogue.Metric) -> Gauge:
        return Gauge(metric.name, metric.help, metric.labels, registry=self._registry)

    def _histogram(self, metric: catalogue.Metric) -> Histogram:
        return Histogram(metric.name, metric.help, metric.labels, registry=self._registry, buckets=metric.buckets)


class _LedgerCollector(Collector):
    def __init__(self, ledger: LedgerFigures) -> None:
        self._ledger = ledger

    def collect(self) -> Iterable[Metric]:
        errors, lost, failing = catalogue.LEDGER_ERRORS, catalogue.LEDGER_LOST, catalogue.LEDGER_FAILING
        yield CounterMetricFamily(errors.name, errors.help, self._ledger.errors)
        yield CounterMetricFamily(lost.name, lost.help, self._ledger.lost)
        yield GaugeMetricFamily(failing.name, failing.help, self._ledger.failing is not None)


class _CheckpointCollector(Collector):
    def __init__(self, sealed_at: Callable[[], float | None], failing: Callable[[], Mapping[str, str | None]]) -> None:
        self._sealed_at = sealed_at
        self._failing = failing

    def collect(self) -> Iterable[Metric]:
        at, failing = catalogue.CHECKPOINT_AT, catalogue.CHECKPOINT_FAILING
        signed = GaugeMetricFamily(at.name, at.help)
        if (sealed_at := self._sealed_at()) is not None:
            signed.add_metric((), sealed_at)
        yield signed
        holders = GaugeMetricFamily(failing.name, failing.help, labels=failing.labels)
        for holder, why in self._failing().items():
            holders.add_metric((holder,), why is not None)
        yield holders


class _WithoutCreated(Collector):
    """A registry without its ``_created`` series, which double the histograms and tell nobody anything."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterable[Metric]:
        for family in self._registry.collect():
            family.samples = [sample for sample in family.samples if not sample.name.endswith("_created")]
            yield family
