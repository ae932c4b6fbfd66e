"""contracts.yaml to the terms of contracts: strictly, and every name looked up in the inventory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from monitor.core.calendar import SELECTORS, Selector
from monitor.core.calendar import Kind as Planned
from monitor.core.diagnosis.cause import Kind as Cause
from monitor.core.model import Inventory
from monitor.core.sla.contract import Contract, Hours, Pays, Period, RepairClass, Slab, TermsError, Weighting
from monitor.inventory import companion
from monitor.inventory.calendar_file import selectable
from monitor.inventory.contracts_schema import (
    RUNGS,
    ContractDefaults,
    ContractEntry,
    HoursEntry,
    RepairEntry,
    SelectedEntry,
)
from monitor.inventory.document import Origin
from monitor.inventory.entries import Entry
from monitor.inventory.files import CONTRACTS
from monitor.inventory.findings import Findings
from monitor.inventory.mistake import shown

KIND = companion.Kind(CONTRACTS, "a file of contracts", "contracts", ContractDefaults, ContractEntry, 1_000)
Contracts = dict[str, Contract]
_EVERY_DAY = tuple(range(7))
_UNIT_MIN = 60


def beside(inventory: Path) -> Path:
    """Return where the contracts of an inventory stand unless the file is named: in the same folder."""
    return KIND.beside(inventory)


def contracts_of(inventory_path: Path, inventory: Inventory, named: Path | None = None) -> Contracts:
    """Read the contracts that are named, or those beside the inventory, which need not be there."""
    path = named or beside(inventory_path)
    return load_contracts(path, inventory) if named or path.exists() else {}


def load_contracts(path: Path, inventory: Inventory) -> Contracts:
    """Read the contracts for an inventory. Raises ``InventoryError`` with every mistake; nothing else."""
    findings = Findings()
    return _contracts(companion.load(KIND, path, findings), inventory, findings)


def parse_contracts(name: str, data: bytes, inventory: Inventory) -> Contracts:
    """Return the contracts of a file's bytes. Raises ``InventoryError`` with every mistake."""
    findings = Findings()
    return _contracts(companion.parse(KIND, name, data, findings), inventory, findings)


def _contracts(
    written: companion.Written[ContractDefaults, ContractEntry] | None, inventory: Inventory, findings: Findings
) -> Contracts:
    found: dict[str, Contract | None] = {}
    if written is not None:
        # where defaults: is wrong itself, that no contract has a time zone is no mistake of the contracts
        unsaid = ContractDefaults(time_zone="UTC" if written.has_defaults else None)
        bench = _Bench(written.defaults or unsaid, selectable(inventory), inventory.owners, findings)
        found = {entry.written.id: _terms(entry, bench) for entry in written.entries}
        for maimed in written.maimed:
            _check_left(maimed, bench)
    findings.done()
    return {id_: terms for id_, terms in found.items() if terms is not None}


class _Bench(NamedTuple):
    """What terms are read by: the file's defaults, the inventory's names and parties, and where mistakes go."""

    defaults: ContractDefaults
    known: Mapping[str, Mapping[str, object]]
    owners: Mapping[str, str]
    findings: Findings


def _check_left(maimed: Entry[Any], bench: _Bench) -> None:
    """Name what else is wrong with a contract whose mistakes in single keys are named already."""
    given = maimed.document.sections[maimed.section][maimed.key] or {}
    wrong = {*given, "id"} - maimed.written.keys()
    try:
        written = TypeAdapter(ContractEntry).validate_python({"id": "x", **maimed.written})
    except ValidationError:
        return
    entry = maimed._replace(written=written)
    _terms(entry, bench, wrong)
    repairs = given.get("repairs") if "repairs" in wrong else ()
    places: list[tuple[Any, tuple[str | int, ...]]] = [(given, ())] if "cameras" in wrong else []
    places += [(one, ("repairs", number)) for number, one in enumerate(repairs if isinstance(repairs, list) else ())]
    for place, path in places:
        _look_up(place, _origin(entry, *path, "cameras"), bench)


def _look_up(place: Any, origin: Origin, bench: _Bench) -> None:
    """Look up what cameras are selected by where something beside it is wrong."""
    selected = place.get("cameras") if isinstance(place, dict) else None
    for by in SELECTORS:
        names = selected.get(by) if isinstance(selected, dict) else None
        for name in names if isinstance(names, list) else [names]:
            if isinstance(name, str) and name:
                _known(by, name, origin, bench)


def _terms(entry: Entry[ContractEntry], bench: _Bench, wrong: Set[str] = frozenset()) -> Contract | None:
    """Return a contract's terms, or None where they have mistakes; nothing is said of keys that are ``wrong``."""
    written = entry.written
    zone = written.time_zone or bench.defaults.time_zone
    if zone is None and "time_zone" not in wrong:
        bench.findings.add(entry.at("time_zone"), "must be given", "here, or for all contracts under defaults:")
    selectors = tuple(_whose(entry, bench)) if not wrong & {"id", "cameras"} else ()
    repairs = tuple(_repair(entry, number, one, bench) for number, one in enumerate(written.repairs or ()))
    try:
        return Contract(
            id=written.id,
            name=written.name or written.id,
            selectors=selectors,
            time_zone=zone or "UTC",
            working=RUNGS[written.working],
            path=written.path,
            credentials=written.credentials,
            excused=tuple(Planned(kind) for kind in dict.fromkeys(written.excused)),
            hours=tuple(_hours(entry, "hours", bench)),
            approval_min=written.approval,
            target=written.target,
            quorum=written.quorum,
            period=Period(written.period),
            weighting=Weighting(written.weighting),
            pays=Pays(written.pays),
            currency=written.currency or bench.defaults.currency or "",
            value=written.value or 0,
            value_each=written.value_each,
            slabs=tuple(Slab(one.below, one.share or Fraction(0), one.amount or 0) for one in written.slabs or ()),
            cap=written.cap,
            repairs=repairs,
            business=tuple(_hours(entry, "business", bench)),
            holidays=tuple(sorted({*(written.holidays or ())})),
            parties={**bench.owners, **(written.parties or {})},
        )
    except TermsError as error:
        for flaw in error.flaws:
            if not wrong & {flaw.at[0], *flaw.others}:
                bench.findings.add(_origin(entry, *flaw.at), flaw.sentence)
        return None


def _origin(entry: Entry[ContractEntry], *path: str | int) -> Origin:
    return Origin(entry.document, (entry.section, entry.key, *path))


def _whose(entry: Entry[ContractEntry], bench: _Bench) -> Iterator[Selector]:
    """Yield whom a contract counts: by default the cameras that name it."""
    written = entry.written
    if written.cameras is not None:
        yield from _selectors(written.cameras, _origin(entry, "cameras"), bench)
        return
    if written.id not in bench.known["contract"]:
        hint = bench.findings.guess(written.id, bench.known["contract"])
        said = f"no camera of the inventory has contract: {shown(written.id)}"
        bench.findings.add(entry.at_id, said, hint or "write it there, or here cameras:")
    yield Selector("contract", written.id)


def _selectors(selected: SelectedEntry, origin: Origin, bench: _Bench) -> Iterator[Selector]:
    """Yield what is selected; a name that the inventory does not have is a mistake."""
    for by in SELECTORS:
        for name in dict.fromkeys(getattr(selected, by) or ()):
            _known(by, name, origin, bench)
            yield Selector(by, name)


def _known(by: str, name: str, origin: Origin, bench: _Bench) -> None:
    if name not in bench.known[by]:
        hint = bench.findings.guess(name, bench.known[by])
        bench.findings.add(origin.child(by), f"no {by} {shown(name)} is in the inventory", hint)


def _repair(entry: Entry[ContractEntry], number: int, written: RepairEntry, bench: _Bench) -> RepairClass:
    origin = _origin(entry, "repairs", number)
    if written.per is not None and not written.penalty:
        bench.findings.add(origin.child("per"), "says nothing without a penalty", "write penalty: too, or take it out")
    return RepairClass(
        name=written.name,
        limit_min=written.limit,
        selectors=tuple(_selectors(written.cameras, origin.child("cameras"), bench)) if written.cameras else (),
        kinds=tuple(Cause(kind) for kind in dict.fromkeys(written.causes or ())),
        business=written.business,
        penalty=written.penalty or 0,
        unit_min=_UNIT_MIN if written.per is None else written.per,
        most=written.at_most,
    )


def _hours(entry: Entry[ContractEntry], key: str, bench: _Bench) -> Iterator[Hours]:
    written: list[HoursEntry] = getattr(entry.written, key) or []
    for number, one in enumerate(written):
        start, end = _minutes(one.from_), _minutes(one.to)
        if end <= start:
            hint = 'a night is two: to "24:00", and from "00:00" on the next day'
            bench.findings.add(_origin(entry, key, number, "to"), "must be later than from", hint)
            start, end = 0, _minutes("24:00")  # no second mistake is made of it
        yield Hours(one.days or _EVERY_DAY, start, end)


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)
