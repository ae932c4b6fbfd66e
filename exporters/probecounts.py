"""What probes came to, counted in plain numbers: thousands end in a second, and few pages ask for it in a minute.

The client library's counters take a lock at each step, and a histogram two.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString as written

from exporters import catalogue
from monitor.core.verdict import Reason, Verdict

BOUNDS = catalogue.PROBE_DURATION.buckets


class _Counts:
    """The figures of one protocol's probe; ``within`` has a count for each bucket, and one for what took longer."""

    __slots__ = ("aborted", "probes", "refused", "requests", "took_s", "within")

    def __init__(self) -> None:
        self.probes = self.aborted = self.requests = self.refused = 0
        self.took_s = 0.0
        self.within = [0] * (len(BOUNDS) + 1)


class ProbeCounts(Collector):
    """The figures of every probe. One that begins at 0 shows its first step as a rate."""

    def __init__(self, probes: Iterable[str]) -> None:
        self._of = {probe: _Counts() for probe in probes}

    def count(self, verdict: Verdict) -> None:
        """Count a probe that came to an end."""
        counts = self._of[verdict.probe]
        counts.probes += 1
        counts.requests += verdict.requests
        counts.took_s += verdict.duration_s
        counts.within[bisect_left(BOUNDS, verdict.duration_s)] += 1
        if Reason.ABORTED in [finding.reason for finding in verdict.findings]:
            counts.aborted += 1

    def refused(self, probe: str) -> None:
        """Count a login that a device refused."""
        self._of[probe].refused += 1

    def collect(self) -> Iterable[Metric]:
        for metric, name in (
            (catalogue.PROBES, "probes"),
            (catalogue.PROBES_ABORTED, "aborted"),
            (catalogue.REQUESTS, "requests"),
            (catalogue.LOGINS_REFUSED, "refused"),
        ):
            family = CounterMetricFamily(metric.name, metric.help, labels=metric.labels)
            for probe, counts in self._of.items():
                family.add_metric((probe,), getattr(counts, name))
            yield family
        duration = catalogue.PROBE_DURATION
        histogram = HistogramMetricFamily(duration.name, duration.help, labels=duration.labels)
        for probe, counts in self._of.items():
            bounds = [*map(written, BOUNDS), "+Inf"]
            histogram.add_metric((probe,), list(zip(bounds, accumulate(counts.within), strict=True)), counts.took_s)
        yield histogram
