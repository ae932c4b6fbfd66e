"""How each contract stands so far in its period, and which of its periods are over. A process of its own.

    python -m monitor.reports.so_far LEDGER MOMENT

prints one JSON object: ``contracts``, a list of ``id``, ``state`` (``statement.so_far``), ``heading`` (null where it is
not stated), ``why`` that is so, and ``ended``: the newest periods that were over at the moment (milliseconds since the
epoch), each as its name and its end.

The figures are those of ``camfleet report`` at this moment. That the events are the ones that were recorded is proved
with each report; here they are not hashed again.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from monitor.core.sla.contract import Contract
from monitor.core.sla.facts import Facts, Terms
from monitor.core.sla.periods import ended, named
from monitor.core.sla.scope import period
from monitor.core.sla.spans import FIRST_MS, LAST_MS, Span
from monitor.core.sla.terms import from_json
from monitor.core.sla.versions import ALL_CAMERAS
from monitor.core.statement.heading import kept
from monitor.core.statement.seeing import sure_until
from monitor.core.statement.so_far import State
from monitor.core.statement.statement import EmptyPeriodError, Ledger, Statement
from monitor.ledger.errors import LedgerError
from monitor.reports.source import OfLedger

#: So many periods that are over are named: whoever was away for longer asks for the others by name.
MOST_ENDED = 12


class Standing(NamedTuple):
    """A contract by its newest terms, and the versions that it had; none of it where the ledger has no contract."""

    contract: Contract
    versions: tuple[Terms, ...]

    @property
    def is_in_force(self) -> bool:
        return not self.versions or bool(self.versions[-1].plain)


def so_far(source: OfLedger, moment: int | None = None) -> dict[str, Any]:
    """Return what this module prints; without a moment, at that of the ledger's newest event."""
    facts = source.facts()
    moment = facts.last if moment is None else moment
    ledger = Ledger("", source.size, source.seq, b64encode(source.frontier.root).decode())
    return {"contracts": [_stated(source, facts, ledger, moment, id_) for id_ in _names(facts)]}


def _names(facts: Facts) -> list[str]:
    return sorted(facts.contracts) or [ALL_CAMERAS.id]


def _stated(source: OfLedger, facts: Facts, ledger: Ledger, moment: int, id_: str) -> dict[str, Any]:
    told: dict[str, Any] = {"id": id_, "state": State.STATED, "heading": None, "why": "", "ended": []}
    try:
        standing = _standing(facts, id_)
        told["ended"] = list(islice(_ended(standing, facts, moment), MOST_ENDED))
        if not standing.is_in_force:
            return told | {"state": State.REMOVED, "why": "it was removed"}
        asked = named(standing.contract.period, standing.contract.time_zone, moment)
        statement = Statement(facts, id_, asked, ledger)
        if statement.within.end <= facts.begin:
            raise EmptyPeriodError(f"the ledger has nothing of {asked} yet")
        for _ in statement.accounts(source.rungs()):
            pass
    except EmptyPeriodError as error:
        return told | {"state": State.WAITING, "why": str(error)}
    except ValueError as error:  # terms that cannot be read
        return told | {"state": State.FAILED, "why": str(error)}
    return told | {"heading": kept(statement.plain())}


def _standing(facts: Facts, id_: str) -> Standing:
    """Return a contract by the newest terms that it had; TermsError where they cannot be read."""
    versions = facts.contracts.get(id_, [])
    plain = next((one.plain for one in reversed(versions) if one.plain), None)
    contract = ALL_CAMERAS if plain is None else from_json(id_, plain)
    return Standing(contract, tuple(versions))


def _ended(standing: Standing, facts: Facts, moment: int) -> Iterator[tuple[str, int]]:
    """Yield the periods that can be stated to their end and in which the contract stood, the newest first."""
    contract = standing.contract
    stood = [one.span for one in standing.versions if one.plain] or [Span(facts.begin, LAST_MS)]
    if stood[0].start == FIRST_MS:  # no camera was ever listed
        return
    sure = sure_until(facts, contract.working, Span(stood[0].start, facts.last))
    for name in ended(contract.period, contract.time_zone, min(moment, sure)):
        within = period(name, contract.time_zone)
        if within.end <= stood[0].start:
            return
        if any(span.start < within.end and within.start < span.end for span in stood):
            yield name, within.end


def main(arguments: list[str]) -> int:
    """Do what the command line says."""
    ledger, moment = arguments
    try:
        with OfLedger.open(Path(ledger)) as source:
            told = so_far(source, int(moment))
    except (LedgerError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
