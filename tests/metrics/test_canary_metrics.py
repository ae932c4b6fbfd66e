"""Which canaries answer, as a metric."""

from __future__ import annotations

from peers.fleets import make_inventory
from prometheus_client.parser import text_string_to_metric_families as parse

from exporters.prometheus import Page
from monitor.core.canary import Silence
from monitor.core.fleet import start
from monitor.core.schedule import Rates
from monitor.core.snapshot import publish


def test_a_canary_is_one_series_of_its_vantage() -> None:
    """1 where it answers, 0 where it is silent, and nothing of one of which that is not known yet."""
    silence = Silence((0.0, 5.0), "the gateway does not answer")
    heard = {"central": {"device model": None, 'gate"way': silence}, "harbour": {}}
    text = b"".join(Page().render(publish(start(make_inventory(), Rates()), 0, canaries=heard))).decode()
    family = next(one for one in parse(text) if one.name == "camfleet_canary_up")
    assert {tuple(sample.labels.values()): sample.value for sample in family.samples} == {
        ("central", "device model"): 1,
        ("central", 'gate"way'): 0,
    }
