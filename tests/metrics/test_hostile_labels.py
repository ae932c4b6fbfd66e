"""What a device or an inventory calls itself cannot break the page."""

from __future__ import annotations

import re
import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st
from peers.fleets import NOW, good, make_inventory
from peers.servers import require
from prometheus_client.parser import text_string_to_metric_families as parse

from exporters.prometheus import Page
from exporters.text import MOST_CHARACTERS, bounded, clean, escape
from monitor.core.fleet import start, step
from monitor.core.schedule import Rates
from monitor.core.snapshot import publish

ANY = st.text(st.characters(exclude_categories=()), max_size=60)
HOSTILE = (
    'x"} 1\ncamera_working{camera="c1"} 0\n#',
    "back\\slash\\",
    'quote"',
    "line\nfeed",
    "carriage\rreturn",
    "\x00\x1b[31mred\x7f",
    "half \ud800 of a pair",
    "turned \u202eround",
    "کیمرہ‌گیٹ",
    "{{7*7}} <script>alert(1)</script> %n",
    "m" * 1_000_000,
)


def page_of(model: str, name: str = "Camera", camera_site: str = "") -> str:
    """Return the page of two cameras, one with this model and name."""
    inventory = make_inventory(2, 1, name)
    verdicts = [good("d0", "onvif", NOW, model=model), good("d1", "onvif", NOW)]
    fleet, _ = step(start(inventory, Rates()), verdicts, NOW)
    return b"".join(Page().render(publish(fleet, fleet.seq))).decode()


def infos(page: str) -> dict[str, dict[str, str]]:
    """Return the labels of camera_info by camera; fails if the page holds anything that it should not."""
    parsed = {family.name: family for family in parse(page)}
    assert len(parsed["camera_state"].samples) == 2
    return {sample.labels["camera"]: sample.labels for sample in parsed["camera_info"].samples}


def test_hostile_models_stay_values() -> None:
    """Quotes, line feeds, controls, halves of characters, a megabyte: each is one label's value, bounded, and clean."""
    for model in HOSTILE:
        page = page_of(model)
        told = infos(page)
        assert told["c0"]["model"] == clean(bounded(model))
        assert len(told["c0"]["model"]) <= MOST_CHARACTERS
        assert told["c1"]["model"] == "P3245-V"
        assert page.count("\n") == page_of("P3245-V").count("\n")


def test_promtool_accepts_hostile_models() -> None:
    """promtool finds nothing wrong with a page of hostile models."""
    promtool = require("promtool", package="prometheus")
    for model in HOSTILE:
        found = subprocess.run(
            [promtool, "check", "metrics"], input=page_of(model, model[:200]).encode(), capture_output=True, timeout=60
        )
        assert (found.stdout + found.stderr).decode() == ""


@settings(max_examples=150, deadline=None)
@given(model=ANY, name=ANY)
def test_every_text_comes_back_from_the_parser(model: str, name: str) -> None:
    """Whatever a device and an inventory say, the parser reads the very text, with unfit characters replaced."""
    told = infos(page_of(model, name))
    assert told["c0"]["model"] == clean(model)
    assert told["c0"]["name"] == clean(f"{name} 0")


@given(ANY)
def test_an_escaped_text_is_one_line_of_utf8(text: str) -> None:
    """An escaped value holds no control character, no bare quotation mark, and can be written as UTF-8."""
    escaped = escape(text)
    escaped.encode()
    assert not re.search("[\x00-\x1f\x7f-\x9f]", escaped)
    assert not re.search(r'(?<!\\)(\\\\)*"', escaped)
    assert not re.search(r"(?<!\\)(\\\\)*\\$", escaped)


def test_a_joiner_stays() -> None:
    """The zero width joiner, with which Urdu and Persian names are written, is not replaced."""
    assert clean("گیٹ\u200cوے") == "گیٹ\u200cوے"


def test_what_is_no_text_is_empty() -> None:
    """A number where a text is expected is no label."""
    assert bounded(4711) == ""
