"""contracts.yaml: what may stand there, and every mistake with its place."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from towns import TOWN

from monitor.core.calendar import Kind as Planned
from monitor.core.calendar import Selector
from monitor.core.diagnosis.cause import Kind
from monitor.core.model import Camera, Inventory
from monitor.core.sla.contract import Contract, Hours, Pays, Period, RepairClass, Slab, Weighting
from monitor.core.sla.terms import from_json, to_json
from monitor.core.verdict import Rung
from monitor.inventory import InventoryError, load, load_beside
from monitor.inventory.contracts_file import beside, contracts_of, load_contracts, parse_contracts
from monitor.inventory.contracts_schema import ContractEntry, RepairEntry, SlabEntry
from monitor.inventory.schema import names

ROOT = Path(__file__).parents[2]
INVALID = Path(__file__).parent / "invalid"
CASES = sorted(path.name for path in INVALID.glob("*.yaml"))
MANUAL = ROOT / "docs" / "contracts.md"
TEMPLATES = re.findall(r"```yaml\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
WHOLE = """
defaults: {time_zone: UTC, currency: EUR}
contracts:
  C-1:
    name: All that can be said
    cameras: {zone: [harbour, old-town], site: pier, camera: gate, feeder: F-1, contract: C-1}
    time_zone: Asia/Karachi
    working: stream
    path: false
    credentials: false
    excused: [works, maintenance, works]
    approval: 90 min
    hours: [{days: day, from: "06:00", to: "24:00"}]
    target: 98.5%
    quorum: 95 %
    period: quarter
    weighting: share at target
    pays: low
    currency: PKR
    value: 1250000.50
    value_each: true
    slabs: [{below: 95%, share: 0.1%}, {below: 90%, amount: 100}]
    cap: 10%
    repairs:
      - {name: all, limit: 3 d, cameras: {zone: harbour}, causes: power, business: true, penalty: 10.5, per: 8 h, at_most: "50"}
      - {name: rest, limit: 0 min, cameras: all}
    business: [{days: [sun, mon], from: "09:00", to: "17:00"}, {days: weekend, from: "10:00", to: "12:00"}]
    holidays: [2026-12-25, 2026-01-01]
    parties: {power: Grid company}
"""


def read(text: str) -> dict[str, Contract]:
    return parse_contracts("contracts.yaml", text.encode(), TOWN)


@pytest.mark.parametrize("name", CASES)
def test_wrong_contracts_are_refused_with_exactly_these_mistakes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """File, line, column, field, sentence and hint of all mistakes of a file are as written down beside it."""
    monkeypatch.chdir(INVALID)
    with pytest.raises(InventoryError) as caught:
        load_contracts(Path(name), TOWN)
    assert f"{caught.value}\n" == Path(name).with_suffix(".txt").read_text(encoding="utf-8")


def test_every_expectation_has_its_case() -> None:
    """No text file is left over from a case that is gone."""
    assert sorted(path.stem for path in INVALID.glob("*.txt")) == [Path(name).stem for name in CASES]


def test_every_key_arrives() -> None:
    """Each with another value than its default; they are the terms that the ledger keeps."""
    every = (
        ("camera", "gate"),
        ("site", "pier"),
        ("feeder", "F-1"),
        ("zone", "harbour"),
        ("zone", "old-town"),
        ("contract", "C-1"),
    )
    terms = Contract(
        "C-1",
        "All that can be said",
        tuple(Selector(*one) for one in every),
        "Asia/Karachi",
        Rung.STREAM,
        False,
        False,
        (Planned.WORKS, Planned.MAINTENANCE),
        (Hours((0, 1, 2, 3, 4, 5, 6), 360, 1440),),
        90,
        Fraction(985, 1000),
        Fraction(95, 100),
        Period.QUARTER,
        Weighting.SHARE,
        Pays.LOW,
        "PKR",
        1250000_50,
        True,
        (Slab(Fraction(95, 100), Fraction(1, 1000)), Slab(Fraction(90, 100), amount=100_00)),
        Fraction(1, 10),
        (
            RepairClass("all", 4320, (Selector("zone", "harbour"),), (Kind.POWER,), True, 10_50, 480, 50_00),
            RepairClass("rest", 0),
        ),
        (Hours((0, 6), 540, 1020), Hours((5, 6), 600, 720)),
        (date(2026, 1, 1), date(2026, 12, 25)),
        {"network": "City Network", "power": "Grid company"},
    )
    assert read(WHOLE) == {"C-1": terms}
    assert from_json("C-1", json.loads(json.dumps(to_json(terms)))) == terms


def test_what_is_not_said_is_the_default() -> None:
    """The cameras that name it; empty keys say nothing; parties are the inventory's."""
    (terms,) = read("defaults: {time_zone: UTC}\ncontracts:\n  C-1: {target: , excused: }\n").values()
    assert terms == Contract("C-1", "C-1", (Selector("contract", "C-1"),), "UTC", parties={"network": "City Network"})
    assert read("defaults: {time_zone: UTC}\ncontracts:\n  C-1:\n") == {"C-1": terms}
    assert read("contracts: {}\n") == {}


def test_all_cameras_and_no_excuse_are_said_in_words() -> None:
    """Which is something else than to say nothing."""
    (terms,) = read("defaults: {time_zone: UTC}\ncontracts: {x: {cameras: all, excused: []}}").values()
    assert (terms.selectors, terms.excused) == ((), ())


@pytest.mark.parametrize("text", TEMPLATES, ids=[re.findall(r"^  ([a-z-]+):", text, re.M)[0] for text in TEMPLATES])
def test_every_clause_of_the_manual_loads(text: str) -> None:
    """What is copied from there works, and travels through the ledger as it is."""
    contracts = read(text)
    assert contracts
    assert all(from_json(id_, to_json(terms)) == terms for id_, terms in contracts.items())


def test_the_manual_names_every_key() -> None:
    """No key is known to the loader alone; the example shows those that most contracts have."""
    manual = MANUAL.read_text(encoding="utf-8")
    every = {key for model in (ContractEntry, RepairEntry, SlabEntry) for key in names(model)} - {"id"}
    assert {key for key in every if f"`{key}`" not in manual} == set()
    example = (ROOT / "contracts.yaml").read_text(encoding="utf-8")
    assert {key for key in every if f"{key}:" not in example} == set()


def test_the_example_counts_the_cameras_of_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it stands beside the inventory that everybody starts from."""
    inventory = load(ROOT / "inventory.yaml", None)
    (terms,) = contracts_of(ROOT / "inventory.yaml", inventory).values()
    assert terms.selectors == (Selector("contract", "safe-city-2018"),)
    assert {camera.contract for camera in inventory.cameras.values()} == {"safe-city-2018"}
    assert terms.parties == {"network": "City Network", "power": "Grid company"}


def test_a_folder_holds_its_contracts_beside_its_inventory(tmp_path: Path) -> None:
    """They are no part of the inventory; another file may be named; no file is no contract."""
    (tmp_path / "fleet.yaml").write_text("zones: {z: {}}\ncameras: [{id: x, zone: z, address: 127.0.0.1}]\n")
    assert contracts_of(tmp_path, load(tmp_path, {})) == {}
    assert beside(tmp_path) == beside(tmp_path / "fleet.yaml") == tmp_path / "contracts.yaml"
    beside(tmp_path).write_text("contracts: {a: {cameras: all, time_zone: UTC}}\n")
    named = tmp_path / "others"
    named.write_text("contracts: {b: {cameras: all, time_zone: UTC}}\n")
    inventory = load(tmp_path, {})
    assert list(contracts_of(tmp_path, inventory)) == ["a"]
    assert list(contracts_of(tmp_path, inventory, named)) == ["b"]


def test_calendar_and_contracts_name_their_mistakes_together(tmp_path: Path) -> None:
    """Nobody mends one file to learn of the other's."""
    (tmp_path / "calendar.yaml").write_text("plans: {}\n")
    (tmp_path / "contracts.yaml").write_text("contract: {}\n")
    with pytest.raises(InventoryError) as caught:
        load_beside(tmp_path, TOWN)
    assert [(Path(one.file).name, one.message) for one in caught.value.mistakes] == [
        ("calendar.yaml", "unknown section"),
        ("contracts.yaml", "unknown section"),
    ]


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_contracts_or_mistakes(data: bytes) -> None:
    """Nothing else comes out of the loader."""
    with suppress(InventoryError):
        parse_contracts("c.yaml", data, TOWN)


VALUES = st.recursive(
    st.sampled_from(["all", "98%", "24 h", "x", "", None, True, 5, 1.5, "C-1", "harbour"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["name", "below", "share", "zone", "limit", "days", "from", "to"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(names(ContractEntry)), VALUES, max_size=5))
def test_any_values_are_terms_or_mistakes(entry: dict[str, object]) -> None:
    """Whatever is written under the keys of a contract; terms that come out of it travel through the ledger."""
    text = json.dumps({"contracts": {"C-1": entry}, "defaults": {"time_zone": "UTC", "currency": "EUR"}})
    with suppress(InventoryError):
        found = read(text)
        assert all(from_json(id_, to_json(terms)) == terms for id_, terms in found.items())


def test_a_hundred_contracts_for_a_hundred_thousand_cameras_are_read_at_once() -> None:
    """Names are looked up, not searched for."""
    cameras = {f"c{n}": Camera(f"c{n}", "", "d", 1, "z", contract=f"K-{n % 100}") for n in range(100_000)}
    text = "defaults: {time_zone: UTC}\ncontracts:\n" + "".join(f"  K-{n}: {{target: 98%}}\n" for n in range(100))
    found = parse_contracts("c.yaml", text.encode(), Inventory({}, cameras, {}, {"z": "z"}))
    assert len(found) == 100
