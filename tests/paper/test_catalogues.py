"""The catalogues: every language says the same things, of all things that there are."""

from __future__ import annotations

from string import Formatter
from typing import Any

import pytest

from monitor.core.calendar import Kind as Planned
from monitor.core.diagnosis.cause import ROLES, Kind
from monitor.core.diagnosis.naming import HEADLINES
from monitor.core.verdict import Rung
from monitor.core.workorder.order import ESCALATION, OPENING, REMINDER, Act
from monitor.core.workorder.words import FOUND
from monitor.paper.plan import Mark
from monitor.paper.words import NoCatalogue, languages, words

#: What is told by name, group by group.
CLOSED: dict[str, list[str]] = {
    "kind": [kind.value for kind in Kind],
    "role": list(ROLES),
    "rung": [rung.label for rung in Rung],
    "question": [rung.label for rung in Rung],
    "planned": [kind.value for kind in Planned],
    "mark": [mark.name.lower() for mark in Mark],
    "bring": [kind.value for kind in Kind],
    "found": list(FOUND),
    "order state": ["open", "answered", "cleared", "closed"],
    "why": [OPENING, ESCALATION, REMINDER],
}


def places(sentence: Any) -> list[set[str]]:
    """Return the names of a sentence's places, form by form."""
    forms = list(sentence.values()) if isinstance(sentence, dict) else [sentence]
    return [{name for _, name, _, _ in Formatter().parse(form) if name} for form in forms]


def test_there_are_english_and_urdu() -> None:
    """A language is a file; one that is none is named with those that are there."""
    assert languages() == ["en", "ur"]
    for wrong in ("de", "../words/en", ""):
        with pytest.raises(NoCatalogue) as error:
            words(wrong)
        assert str(error.value) == f"no words for {wrong!r} are there: one of en, ur"


@pytest.mark.parametrize("language", languages())
def test_every_catalogue_has_the_same_sentences_and_places(language: str) -> None:
    """Nothing is left out in a language, and no place is filled in one that another does not have."""
    english, other = words("en").sentences, words(language).sentences
    assert other.keys() == english.keys()
    assert {key: places(one) for key, one in other.items()} == {key: places(one) for key, one in english.items()}
    assert len(words(language).months) == 12
    assert all(form.strip() for one in other.values() for form in (one.values() if isinstance(one, dict) else [one]))


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("group", CLOSED)
def test_every_name_has_a_word(language: str, group: str) -> None:
    """Each kind, role, rung and mark that there is can be told."""
    for name in CLOSED[group]:
        assert words(language).say(f"{group} {name}")


def test_what_is_put_in_keeps_its_direction() -> None:
    """In Urdu every value is held apart, in English one of a script that runs the other way."""
    english, urdu = words("en"), words("ur")
    assert english.count("cameras", 1800) == "1,800 cameras"
    assert english.count("cameras", 1) == "1 camera"
    assert urdu.count("cameras", 1800) == "\u20681,800\u2069 کیمرے"
    assert english.say("and") == ", "
    assert english.apart("گلبرگ") == "\u2068گلبرگ\u2069"
    assert english.apart("gate 3") == "gate 3"


@pytest.mark.parametrize("language", languages())
def test_all_that_can_happen_to_an_order_can_be_told(language: str) -> None:
    """But for what concerns no reader: that a message was taken, or given up."""
    for act in set(Act) - {Act.TOLD, Act.GAVE_UP}:
        assert words(language).say(f"order said {act}", who="x", why="y")


def test_headlines_in_english_are_those_of_the_pages() -> None:
    """One wording, in two places that know nothing of each other."""
    for kind, told in HEADLINES.items():
        assert words("en").say(f"headline {kind}", what="x") == told.format("x")
        assert words("ur").say(f"headline {kind}", what="x")
