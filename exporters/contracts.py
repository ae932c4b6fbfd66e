"""How the contracts stand so far: the figures of a report of their period as metrics; few, as contracts are few."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from exporters import catalogue
from exporters.text import clean
from monitor.core.statement.heading import Heading, amount, share
from monitor.core.statement.so_far import SoFar

Sample = tuple[tuple[str, ...], float]
_Samples = Callable[[Heading], Iterator[Sample]]


class Packs(Protocol):
    """What is told of evidence packs."""

    @property
    def failing(self) -> Mapping[str, str | None]: ...

    @property
    def made(self) -> int: ...


class Standing(Protocol):
    """What is told of the contracts' figures. Moments are seconds since the epoch."""

    @property
    def standings(self) -> Sequence[SoFar]: ...

    @property
    def failing(self) -> str | None: ...

    @property
    def computed_at(self) -> float | None: ...

    @property
    def took_s(self) -> float | None: ...

    @property
    def packing(self) -> Packs: ...


class Contracts(Collector):
    """The families of contracts."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def collect(self) -> Iterable[Metric]:
        headings = [one.heading for one in self._standing.standings if one.heading is not None]
        for metric, samples in _FAMILIES.items():
            yield _gauge(metric, (sample for heading in headings for sample in samples(heading)))
        at, took, packs = self._standing.computed_at, self._standing.took_s, self._standing.packing
        yield _gauge(catalogue.CONTRACTS_FAILING, [((), float(self._standing.failing is not None))])
        yield _gauge(catalogue.CONTRACTS_AT, [] if at is None else [((), at)])
        yield _gauge(catalogue.CONTRACTS_TOOK, [] if took is None else [((), took)])
        failing = (((depot,), float(why is not None)) for depot, why in packs.failing.items())
        yield _gauge(catalogue.PACK_FAILING, failing)
        yield CounterMetricFamily(catalogue.PACKS_MADE.name, catalogue.PACKS_MADE.help, packs.made)


def _gauge(metric: catalogue.Metric, samples: Iterable[Sample]) -> Metric:
    family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
    for labels, value in samples:
        family.add_metric([clean(label) for label in labels], value)
    return family


def _figures(part: str) -> _Samples:
    def samples(heading: Heading) -> Iterator[Sample]:
        for name, figure in heading.as_written.figures.items():
            if (percent := getattr(figure, part)) is not None:
                yield (heading.contract, name), share(percent)

    return samples


def _promised(heading: Heading) -> Iterator[Sample]:
    if (target := heading.as_written.target) is not None:
        yield (heading.contract, target.figure), share(target.promised)


def _reached(heading: Heading) -> Iterator[Sample]:
    target = heading.as_written.target
    if target is not None and target.reached is not None:
        yield (heading.contract, target.figure), share(target.reached)


def _below(heading: Heading) -> Iterator[Sample]:
    if heading.as_written.below is not None:
        yield (heading.contract,), heading.as_written.below


def _penalty(part: str) -> _Samples:
    def samples(heading: Heading) -> Iterator[Sample]:
        if (bill := heading.as_written.bill) is not None:
            yield (heading.contract, bill.currency), amount(getattr(bill, part))

    return samples


def _moment(part: str) -> _Samples:
    return lambda heading: iter([((heading.contract,), getattr(heading, part) / 1000)])


_FAMILIES: Mapping[catalogue.Metric, _Samples] = {
    catalogue.SLA: _figures("value"),
    catalogue.SLA_LOW: _figures("low"),
    catalogue.SLA_HIGH: _figures("high"),
    catalogue.SLA_COVERAGE: _figures("coverage"),
    catalogue.SLA_TARGET: _promised,
    catalogue.SLA_REACHED: _reached,
    catalogue.SLA_CAMERAS: lambda heading: iter([((heading.contract,), heading.counted)]),
    catalogue.SLA_BELOW: _below,
    catalogue.SLA_PENALTY: _penalty("paid"),
    catalogue.SLA_PENALTY_LEAST: _penalty("least"),
    catalogue.SLA_PENALTY_MOST: _penalty("most"),
    catalogue.SLA_START: _moment("start"),
    catalogue.SLA_END: _moment("end"),
    catalogue.SLA_UNTIL: _moment("until"),
}
