"""What another process found out of each contract: how it stands so far, and which periods are over. Pure.

Read as input from a stranger: SoFarError for whatever is not exactly that.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any, NamedTuple

from monitor.core.statement.heading import Heading, HeadingError, read

MOST_CONTRACTS = 1000
MOST_ENDED = 100
MOST_CHARACTERS = 1000


class SoFarError(ValueError):
    """What was read is no such finding; a sentence."""


class Ended(NamedTuple):
    """A period that is over: its name, and its end in milliseconds since the epoch."""

    name: str
    end: int


class State(StrEnum):
    """How far a contract can be stated."""

    STATED = "stated"
    WAITING = "waiting"
    """Nothing is known of its period yet."""
    REMOVED = "removed"
    FAILED = "failed"
    """For a fault: its terms cannot be read."""

    def __str__(self) -> str:
        return self.value


class SoFar(NamedTuple):
    """One contract. ``why`` says in words what its state is, where it is not stated and has no heading."""

    contract: str
    state: State
    heading: Heading | None
    why: str
    ended: tuple[Ended, ...]
    """The newest first."""


def findings(text: bytes) -> tuple[SoFar, ...]:
    """Return what was found, by contract."""
    try:
        contracts = json.loads(text)["contracts"]
        if not isinstance(contracts, list) or len(contracts) > MOST_CONTRACTS:
            raise TypeError("contracts is no list of some")
        return tuple(_of_contract(one) for one in contracts)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise SoFarError(f"what was found cannot be read: {type(error).__name__}: {str(error)[:200]}") from error


def _of_contract(plain: Any) -> SoFar:
    id_, why, ended, state = plain["id"], plain["why"], plain["ended"], State(plain["state"])
    if not (isinstance(id_, str) and isinstance(why, str) and isinstance(ended, list)):
        raise TypeError("a contract is not told as it should be")
    heading = None if plain["heading"] is None else read(plain["heading"])
    if (heading is not None) is not (state is State.STATED) or (heading is not None and heading.contract != id_):
        raise HeadingError(f"the figures of {id_[:60]!r} are another's, or none")
    if len(id_) > MOST_CHARACTERS:
        raise TypeError("a contract's id is too long")
    return SoFar(id_, state, heading, why[:MOST_CHARACTERS], tuple(map(_ended, ended[:MOST_ENDED])))


def _ended(plain: Any) -> Ended:
    name, end = plain
    if not isinstance(name, str) or type(end) is not int or len(name) > MOST_CHARACTERS:
        raise TypeError("a period is not told as it should be")
    return Ended(name, end)
