"""Numbers with their nouns, as a person reads them."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number of things: 1 device, 1,800 devices."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def are(number: int, noun: str) -> str:
    """Return a number of things with its verb: 1 device is, 1,800 devices are."""
    return f"{counted(number, noun)} {'is' if number == 1 else 'are'}"
