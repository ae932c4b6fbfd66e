"""How one contract can be read: as it says, and with one thing at a time taken the other way. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from monitor.core.sla.contract import Contract


class Exclusions(StrEnum):
    """Which planned times excuse."""

    AS_WRITTEN = "as written"
    """What was approved and recorded within the contract's time limit for that."""
    ALL = "all"
    IN_TIME = "in time"
    NONE = "none"

    def __str__(self) -> str:
        return self.value


class Reading(NamedTuple):
    """One way to read a contract."""

    name: str
    path: bool
    credentials: bool
    exclusions: Exclusions = Exclusions.AS_WRITTEN


def readings(contract: Contract) -> tuple[Reading, ...]:
    """Return how a contract can be read: first as it says, then with one thing at a time taken the other way."""
    path, credentials = contract.path, contract.credentials
    found = [
        Reading("as written", path, credentials),
        Reading("path not counted" if path else "path counted", not path, credentials),
        Reading("lost passwords not counted" if credentials else "lost passwords counted", path, not credentials),
    ]
    if contract.approval_min is not None:
        found.append(Reading("whatever was approved excuses, however late", path, credentials, Exclusions.ALL))
    if contract.approval_min != 0:
        found.append(
            Reading("only what was approved in time excuses", path, credentials, Exclusions.IN_TIME),
        )
    found.append(Reading("nothing excuses", path, credentials, Exclusions.NONE))
    return tuple(found)
