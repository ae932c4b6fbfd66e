"""Chance that repeats: the same words always give the same numbers."""

from __future__ import annotations

from random import Random


def chance(*words: object) -> Random:
    """A source of random numbers that is a pure function of these words; nothing here protects a secret."""
    return Random(" ".join(map(str, words)))  # noqa: S311 - a city must be the same from the same seed
