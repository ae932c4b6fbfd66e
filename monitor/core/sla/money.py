"""Amounts, shares and limits of time as texts that are exactly the figure, and back. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

_DECIMAL = re.compile(r"\d{1,15}(\.\d{1,6})?", re.ASCII)
_TIME = re.compile(r"(\d{1,9}) ?(min|h|d)", re.ASCII)
_MINUTES = {"min": 1, "h": 60, "d": 24 * 60}


def money(hundredths: int) -> str:
    """Return an amount: 125000 is "1250.00"."""
    sign, whole = "-" if hundredths < 0 else "", abs(hundredths)
    return f"{sign}{whole // 100}.{whole % 100:02d}"


def hundredths(text: str) -> int:
    """Return an amount in hundredths; ValueError where the text is none, or has parts of a hundredth."""
    figure = _decimal(text) * 100
    if figure.denominator != 1:
        raise ValueError(f"{text!r} is no amount: write it like 1250 or 1250.50")
    return int(figure)


def percentage(share: Fraction) -> str:
    """Return a share as the percentage that it exactly is: 197/200 is "98.5"; up to six decimal places."""
    return f"{(Decimal(share.numerator) * 100 / Decimal(share.denominator)).normalize():f}"


def share(text: str) -> Fraction:
    """Return the share that a percentage is; ValueError where the text is none."""
    return _decimal(text) / 100


def minutes(text: str) -> int:
    """Return how many minutes "90 min", "24 h" or "3 d" are; ValueError where it is none of these. A day has 24 h."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no length of time: write it like 30 min, 24 h or 3 d")
    return int(found[1]) * _MINUTES[found[2]]


def limit(minutes_: int) -> str:
    """Return minutes as ``minutes`` reads them, in hours where they are whole ones."""
    return f"{minutes_ // 60} h" if minutes_ and minutes_ % 60 == 0 else f"{minutes_} min"


def _decimal(text: str) -> Fraction:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"{text!r} is no number: digits, and a point with up to six places")
    return Fraction(text)
