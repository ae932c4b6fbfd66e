"""A language's words: a catalogue file each, the same keys and places in all of them.

Rules:
1. A value that is put into a sentence is held apart from its direction: a Latin name in an Urdu sentence, and the other
   way round, stays in one piece and where it was put (UAX #9, isolates).
2. A key or a place that a catalogue does not have is an error, never an empty text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_LANGUAGE = re.compile("[a-z]{2,3}")
#: The one in C, where there is one, reads a catalogue in a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NoCatalogue(Exception):
    """There is no catalogue for a language. The message says which there are."""


@dataclass(frozen=True)
class Words:
    """What a catalogue says."""

    language: str
    name: str
    right_to_left: bool
    font: str
    """The family that has this script's letters; "": the one that is always there."""
    package: str
    """The Debian package that brings it."""
    months: tuple[str, ...]
    sentences: Mapping[str, Any]

    def say(self, key: str, **values: object) -> str:
        """Return a sentence with its values in their places."""
        return str(self.sentences[key]).format(**{name: self.apart(str(value)) for name, value in values.items()})

    def count(self, key: str, number: int, **values: object) -> str:
        """Return a sentence that counts: {n} is the number, and one has a form of its own."""
        form = self.sentences[key]["one" if number == 1 else "other"]
        told = {name: self.apart(str(value)) for name, value in values.items()}
        return str(form).format(n=self.apart(f"{number:,}"), **told)

    def apart(self, text: str) -> str:
        """Return a text that is held apart from the direction of what stands around it, where that could matter."""
        if self.right_to_left or _RIGHT_TO_LEFT.search(text):
            return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"
        return text


def languages() -> list[str]:
    """Return the languages that have a catalogue."""
    found = (place.name.removesuffix(".yaml") for place in files(__package__).joinpath("words").iterdir())
    return sorted(name for name in found if _LANGUAGE.fullmatch(name))


def _of_orders(language: str) -> Mapping[str, Any]:
    """Return the sentences of work orders, which stand by themselves."""
    text = files(__package__).joinpath("words", f"{language}-orders.yaml").read_text(encoding="utf-8")
    sentences: Mapping[str, Any] = yaml.load(text, _LOADER)  # noqa: S506 - a safe one
    return sentences


@cache
def words(language: str) -> Words:
    """Return the words of a language. Raises NoCatalogue."""
    if language not in languages():
        raise NoCatalogue(f"no words for {language!r} are there: one of {', '.join(languages())}")
    text = files(__package__).joinpath("words", f"{language}.yaml").read_text(encoding="utf-8")
    read = yaml.load(text, _LOADER)  # noqa: S506 - a safe one
    return Words(
        language,
        read["name"],
        read["right_to_left"],
        read["font"],
        read["package"],
        tuple(read["months"]),
        {**read["sentences"], **_of_orders(language)},
    )
