"""The catalogue spells every metric once, and the pages of the documentation say the same."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from exporters import catalogue
from monitor.core.verdict import REASONS, Reason

DOCS = Path(__file__).parents[2] / "docs"


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["metrics.md", "reasons.md"])
def test_a_generated_page_is_what_is_committed(name: str) -> None:
    """docs/metrics.md and docs/reasons.md are what `python docs/generate.py` writes."""
    assert (DOCS / name).read_text(encoding="utf-8") == _generator().PAGES[name](), "run: python docs/generate.py"


def test_every_name_stands_once() -> None:
    """No two families share a name."""
    assert [name for name, count in Counter(metric.name for metric in catalogue.ALL).items() if count > 1] == []


def test_a_camera_has_at_most_twelve_series() -> None:
    """The families of a camera add up to the budget; one more where there is a certificate."""
    assert sum(metric.series for metric in catalogue.CAMERA) == catalogue.MOST_SERIES + catalogue.CERTIFICATE.series
    assert (catalogue.MOST_SERIES, catalogue.CERTIFICATE.series) == (12, 1)


def test_names_follow_the_conventions() -> None:
    """Counters, and only they, end in _total; names are of our two prefixes; each has a help text."""
    for metric in catalogue.ALL:
        assert metric.name.endswith("_total") == (metric.type == "counter"), metric.name
        assert metric.name.startswith(("camera_", "camfleet_")), metric.name
        assert metric.help.endswith("."), metric.name
        assert bool(metric.buckets) == (metric.type == "histogram"), metric.name


def test_every_reason_is_explained() -> None:
    """The closed list of reasons and the texts about them are the same list."""
    assert set(REASONS) == set(Reason)
