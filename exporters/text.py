"""The text format of Prometheus, version 0.0.4: labels whose values may hold anything, and a family's head."""

from __future__ import annotations

import re
from collections.abc import Iterable

from exporters.catalogue import Metric

#: What a device says of itself is cut to this many characters.
MOST_CHARACTERS = 128
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Controls but the line feed, which the format can escape; surrogates, which UTF-8 cannot hold; and what turns the
# direction of writing or breaks a line on a screen. Joiners stay: Urdu and Persian names are written with them.
_UNFIT = "\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}
_unfit = re.compile(f"[{_UNFIT}]")
_special = re.compile(f'[\\\\"\n{_UNFIT}]')


def clean(text: str) -> str:
    """Return a text with every character that has no place in a label replaced by U+FFFD."""
    return _unfit.sub(REPLACEMENT, text)


def bounded(text: object) -> str:
    """Return what a device says of itself, cut to ``MOST_CHARACTERS``; nothing for what is no text."""
    if not isinstance(text, str):
        return ""
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def escape(text: str) -> str:
    """Return a label's value as it stands between the quotation marks."""
    return _special.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0], REPLACEMENT)


def labels(pairs: Iterable[tuple[str, str]]) -> str:
    """Return labels as they stand between the braces."""
    return ",".join(f'{name}="{escape(value)}"' for name, value in pairs)


def head(metric: Metric) -> str:
    """Return the two lines that open a family."""
    text = metric.help.replace("\\", "\\\\").replace("\n", "\\n")
    return f"# HELP {metric.name} {text}\n# TYPE {metric.name} {metric.type}\n"
