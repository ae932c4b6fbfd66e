"""Drawings: well-formed whatever is written in them, mirrored where reading is, and true to their figures."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from monitor.paper.charts import WIDTH, Amount, Reach, amounts, reaches
from monitor.paper.plan import Mark, Spot, plan
from monitor.paper.svg import Canvas, End
from monitor.paper.words import words

SVG = "{http://www.w3.org/2000/svg}"
SHARES = st.fractions(0, 1, max_denominator=10_000)


@given(st.text(), st.booleans())
def test_any_text_is_a_text(text: str, right_to_left: bool) -> None:
    """What cannot stand in XML is left out, the rest is there."""
    canvas = Canvas(100, 20, right_to_left)
    canvas.text(5, 10, text)
    (found,) = etree.fromstring(canvas.svg().encode()).iter(f"{SVG}text")
    held = (found.text or "").removeprefix("\u2067").removesuffix("\u2069") if right_to_left else found.text or ""
    kept = "".join(letter for letter in text if letter in "\t\n\r" or (letter >= " " and letter not in "\ufffe\uffff"))
    assert held == kept.replace("\r\n", "\n").replace("\r", "\n")


@given(st.lists(st.tuples(SHARES, SHARES, SHARES).map(sorted), min_size=1), SHARES)
def test_a_chart_of_shares_stays_in_its_frame(rows: list[list[Fraction]], target: Fraction) -> None:
    """Boxes go from the lower bound to the upper one, in order, on a scale that has room for all of them."""
    told = [Reach("x", value, low, high, "y") for low, value, high in rows]
    drawn = etree.fromstring(reaches(told, words("en"), target).encode())
    boxes = [(float(one.get("x", "")), float(one.get("width", ""))) for one in drawn.iter(f"{SVG}rect")]
    assert len(boxes) == len(rows)
    assert all(x >= 0 and wide >= 0 and x + wide <= WIDTH for x, wide in boxes)
    ordered = sorted(zip(boxes, rows, strict=True), key=lambda one: one[1][0])
    lefts = [x for (x, _), _ in ordered]
    assert lefts == sorted(lefts)


def test_a_row_without_a_figure_draws_none() -> None:
    """What was never seen has its label, and nothing beside it."""
    drawn = reaches([Reach("recording", None, None, None, "–")], words("en"))
    assert "<rect" not in drawn
    assert "recording" in drawn


def test_amounts_are_as_long_as_they_are_large() -> None:
    """Half as much is half as long; nothing at all is no bar and no error."""
    drawn = etree.fromstring(
        amounts([Amount("a", 10, ""), Amount("b", 5, ""), Amount("c", 0, "")], words("en")).encode()
    )
    wide = [float(one.get("width", "")) for one in drawn.iter(f"{SVG}rect")]
    assert (wide[1] * 2, wide[2]) == (wide[0], 0)
    assert amounts([Amount("a", 0, "")], words("en"))
    assert amounts([], words("en"))


def test_reading_from_the_right_mirrors_a_chart_and_not_a_plan() -> None:
    """What begins left in English begins right in Urdu; west stays west."""
    canvas = Canvas(100, 20, right_to_left=True)
    canvas.box(10, 0, 20, 5)
    canvas.text(10, 10, "x", End.START)
    drawn = etree.fromstring(canvas.svg().encode())
    (box,), (text,) = drawn.iter(f"{SVG}rect"), drawn.iter(f"{SVG}text")
    assert (box.get("x"), text.get("x"), text.get("text-anchor")) == ("70", "90", "end")
    spots = [Spot(31.5, 74.3, Mark.GOOD), Spot(31.5, 74.4, Mark.GOOD)]
    for language in ("en", "ur"):
        west, east = etree.fromstring(plan(spots, words(language)).encode()).iter(f"{SVG}circle")
        assert float(west.get("cx", "")) < float(east.get("cx", ""))


def test_a_plan_of_one_place_or_none() -> None:
    """One place is drawn; where nothing has a place there is no plan."""
    assert plan([], words("en")) == ""
    assert "<rect" in plan([Spot(31.5, 74.3, Mark.BAD)], words("en"))
