"""A small city's October as an evidence pack: what it says, that its parts agree, that it is the same again."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from fractions import Fraction
from hashlib import sha256
from math import inf
from pathlib import Path
from typing import Any

import pytest
from month import CAMERAS, TERMS, at, camera, events, plan, write

from monitor.core.asset_findings import Kind, Moment, findings
from monitor.core.asset_life import lives
from monitor.core.event import AssetEvent, ContractEvent, Heartbeat, RungEvent
from monitor.core.sla.money import hundredths
from monitor.core.sla.scope import PeriodError
from monitor.core.sla.tally import percent
from monitor.core.sla.versions import UnknownContractError
from monitor.core.statement.statement import EmptyPeriodError
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.ledger import file
from monitor.ledger.backlog import Batch
from monitor.ledger.errors import LedgerError
from monitor.ledger.writer import Writer
from monitor.reports.manifest import FILES, MANIFEST
from monitor.reports.pack import Asked, PackError, pack, statement

HOUR = 3_600_000
PAPERS = ("report.en.html", "report.en.pdf")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("month") / "ledger"
    write(path)
    return path


@pytest.fixture(scope="module")
def folder(ledger: Path) -> Path:
    place = ledger.parent / "reports" / "october"
    pack(Asked(ledger, "", "2026-10"), place, languages=["en"])
    return place


@pytest.fixture(scope="module")
def stated(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "statement.json").read_bytes()))


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def ms(text: str) -> int:
    """Return seconds with three places as milliseconds."""
    return int(text.replace(".", ""))


def test_a_pack_holds_what_its_manifest_says(folder: Path) -> None:
    """And nothing else; anybody can check the digests."""
    assert {place.name for place in folder.iterdir()} == {*FILES, *PAPERS, MANIFEST}
    lines = (folder / MANIFEST).read_text().splitlines()
    assert lines[0] == "camfleet evidence pack 1"
    for line in lines[1 : 1 + len(FILES) + len(PAPERS)]:
        digest, name = line.split("  ")
        assert sha256((folder / name).read_bytes()).hexdigest() == digest


def test_the_same_ledger_gives_the_same_bytes(ledger: Path, folder: Path, tmp_path: Path) -> None:
    """File by file; a statement alone says the same."""
    pack(Asked(ledger, "safe-city", "2026-10"), tmp_path / "again", languages=["en"])
    for name in (*FILES, *PAPERS, MANIFEST):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes(), name
    assert statement(Asked(ledger, "", "2026-10")) == json.loads((folder / "statement.json").read_bytes())


def test_an_earlier_report_can_be_made_again(ledger: Path, folder: Path, tmp_path: Path) -> None:
    """Of the events that it was made of, after others were written behind them."""
    copy = tmp_path / "ledger"
    shutil.copy(f"{ledger}-key", f"{copy}-key")
    shutil.copy(ledger, copy)
    number = len(events())
    with closing(file.reopen(copy)) as connection:
        more = [(number + 1, Heartbeat(at("11-05 00:00"), "central", {}))]
        Writer(copy, connection, "local", 1, number).write(Batch(more, {}, {}))
    pack(Asked(copy, "", "2026-10", number), tmp_path / "again", languages=["en"])
    pack(Asked(copy, "", "2026-10"), tmp_path / "newer", languages=["en"])
    for name in (*FILES, *PAPERS, MANIFEST):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes(), name
    assert (tmp_path / "newer" / MANIFEST).read_bytes() != (folder / MANIFEST).read_bytes()


def test_the_denominator_in_words(stated: dict[str, Any]) -> None:
    """One camera is another contract's, one left the list in the middle and was never seen."""
    assert stated["cameras"] == {
        "listed": CAMERAS,
        "counted": CAMERAS - 1,
        "part_of_it": 1,
        "never_seen": 1,
        "not_meant": 1,
        "not_in_service": 0,
        "never_listed": 0,
        "before_listings": 0,
    }


def test_what_was_changed_in_the_list_is_told(tmp_path: Path, stated: dict[str, Any]) -> None:
    """Who left it; who came later, or to the contract; not the first list, nor what the contract never meant."""
    assert stated["listing"] == {
        "number": 1,
        "first": [{"camera": camera(11), "at": int(at("10-15 00:00") * 1000), "what": "removed", "of": []}],
    }
    mine, other = ({"zone": "north", "contract": name, "site": "S-0"} for name in ("safe-city", "other"))
    more = [
        AssetEvent(at("10-03 00:00"), "new", "added", mine),
        AssetEvent(at("10-04 00:00"), "new", "changed", {**mine, "zone": "south", "name": "New"}),
        AssetEvent(at("10-05 00:00"), "new", "changed", other),
        AssetEvent(at("10-06 00:00"), "new", "changed", {**other, "zone": "south"}),
        AssetEvent(at("11-02 00:00"), camera(1), "removed", {}),
    ]
    write(tmp_path / "ledger", sorted([*events(), *more], key=lambda event: event.at))
    found = statement(Asked(tmp_path / "ledger", "", "2026-10"))["listing"]
    assert [(one["camera"], one["what"], one["of"]) for one in found["first"]] == [
        ("new", "added", []),
        ("new", "changed", ["name", "zone"]),
        ("new", "changed", ["contract", "name", "zone"]),
        (camera(11), "removed", []),
    ]


def test_a_camera_that_was_watched_before_the_ledger_kept_lists_is_not_accused(tmp_path: Path) -> None:
    """Lists begin in the middle of the month: who works goes on working, who left before is no stranger, and is told."""
    begun = at("10-10 00:00")
    told = [
        one._replace(at=max(one.at, begun)) if isinstance(one, AssetEvent) else one
        for one in events()
        if not (isinstance(one, AssetEvent) and one.camera == camera(2))
    ]
    gone = at("09-20 10:30")
    told += [RungEvent(gone, "gone", "central", Rung.MEDIA, Outcome.OK, None, "", -inf, gone)]
    told = [one for one in told if not (isinstance(one, RungEvent) and one.camera == camera(2) and one.at >= begun)]
    told.sort(key=lambda event: event.at)
    write(tmp_path / "ledger", told)
    stated = statement(Asked(tmp_path / "ledger", "", "2026-10"))
    assert stated["cameras"]["before_listings"] == 2
    assert stated["cameras"]["never_listed"] == 0
    assert {"what": "cameras of before the ledger kept lists", "about": "2"} in stated["not_computed"]
    assert stated["readings"][0]["cameras_without_figure"] == 1  # at which nobody ever looked
    assert stated["cameras"]["part_of_it"] == stated["cameras"]["counted"] == CAMERAS - 2


def test_never_seen_is_what_the_list_of_assets_calls_never_seen(tmp_path: Path) -> None:
    """A camera that answered and is excused for all of the period was seen; one that was silent all along was not."""
    excused, silent = camera(4), camera(9)
    told = [one for one in events() if not (isinstance(one, AssetEvent) and one.what == "removed")]
    told = [one for one in told if not (isinstance(one, RungEvent) and one.camera == silent)]
    first = at("09-20 10:00")
    told += [RungEvent(first, silent, "central", rung, Outcome.FAIL, Reason.TIMEOUT, "", -inf, first) for rung in Rung]
    told.append(plan("all of it", "maintenance", ["S-1"], "09-30 00:00", "11-02 00:00", "09-25 12:00"))
    told.sort(key=lambda event: event.at)
    write(tmp_path / "ledger", told)
    listed = findings(lives(enumerate(told, 1), {}), {}, Moment(at("10-31 23:00")))
    never = [one.camera for one in listed if one.kind is Kind.NEVER_SEEN]
    assert (excused in never, silent in never) == (False, True)
    assert statement(Asked(tmp_path / "ledger", "", "2026-10"))["cameras"]["never_seen"] == len(never) == 2


def test_the_figures_are_those_of_the_table(folder: Path, stated: dict[str, Any]) -> None:
    """Time and the four figures, computed again from the cameras' rows alone."""
    rows, first = table(folder, "cameras.csv"), stated["readings"][0]
    for kind in ("total", "up", "down", "excused", "unobserved"):
        assert sum(ms(row[f"{kind}_s"]) for row in rows) == first["time"][f"{kind}_ms"]
    up, down = first["time"]["up_ms"], first["time"]["down_ms"]
    assert first["camera_hours"]["value"] == percent(Fraction(up, up + down))
    own = [Fraction(ms(row["up_s"]), seen) for row in rows if (seen := ms(row["up_s"]) + ms(row["down_s"]))]
    assert first["mean"]["value"] == percent(sum(own, Fraction(0)) / len(own))
    reached = sum(one >= Fraction(99, 100) for one in own)
    assert first["share_at_target"]["cameras"]["value"] == reached
    assert first["share_at_target"]["value"] == percent(Fraction(reached, len(own)))
    ends = Counter(row["at_end"] for row in rows)
    assert first["working_at_end"]["cameras"] == dict(sorted(ends.items()))
    assert first["working_at_end"]["value"] == percent(Fraction(ends["works"], ends["works"] + ends["does not work"]))


def test_the_parts_add_up(folder: Path, stated: dict[str, Any]) -> None:
    """Zones, sites, kinds of cause and parties each to the whole; the outages' table to the causes."""
    first = stated["readings"][0]["time"]
    for places in (stated["zones"], stated["sites"]):
        for key in first:
            assert sum(one["time"][key] for one in places) == first[key]
    for part in ("kinds", "parties"):
        assert sum(one["down_ms"] for one in stated["blame"][part]) == first["down_ms"]
    outages = table(folder, "outages.csv")
    assert sum(ms(row["counted_s"]) for row in outages) == first["down_ms"]
    assert len(outages) == stated["outages"]["number"] == sum(one["outages"] for one in stated["blame"]["kinds"])


def test_money_is_that_of_the_table(folder: Path, stated: dict[str, Any]) -> None:
    """Repairs by their rows; slabs by the figure; the cap by the value."""
    money = stated["readings"][0]["money"]
    outages = table(folder, "outages.csv")
    assert hundredths(money["repairs"]["paid"]) == sum(hundredths(row["penalty"] or "0") for row in outages) > 0
    assert stated["readings"][0]["target"]["met"] is False
    assert (money["slab_below"], money["slabs"]["paid"], money["cap"]) == ("99", "20000.00", "200000.00")
    assert hundredths(money["total"]["paid"]) == hundredths(money["slabs"]["paid"]) + hundredths(
        money["repairs"]["paid"]
    )


def test_what_readings_take_otherwise(stated: dict[str, Any]) -> None:
    """The cut is excused where the path does not count, a refused login is not seen, a late plan excuses or does not."""
    down = {one["reading"]: one["time"]["down_ms"] for one in stated["readings"]}
    written = down["as written"]
    assert written - down["path not counted"] == 4 * (7 * HOUR - 60_000)
    assert written - down["lost passwords not counted"] == 24 * HOUR - 60_000
    # of camera 8 an outage of four hours lies in the plan that was recorded three days late
    assert written - down["whatever was approved excuses, however late"] == 4 * HOUR - 60_000
    assert down["only what was approved in time excuses"] == written == down["nothing excuses"]
    repairs = {one["reading"]: hundredths(one["money"]["repairs"]["paid"]) for one in stated["readings"]}
    assert repairs["as written"] - repairs["path not counted"] == 6000_00


def test_every_rung_side_by_side(stated: dict[str, Any]) -> None:
    """Of the cameras of which anything was ever said; what the calendar excuses is excused of each."""
    rungs = {one["rung"]: one for one in stated["rungs"]}
    assert {name: one["cameras"] for name, one in rungs.items()} == dict.fromkeys(rungs, CAMERAS - 2)
    media = next(one for one in stated["readings"] if one["reading"] == "lost passwords not counted")["time"]
    for key in ("up_ms", "down_ms", "excused_ms"):
        assert rungs["media"]["time"][key] == media[key]
    assert rungs["credentials"]["time"]["down_ms"] == 24 * HOUR - 60_000


def test_an_outage_is_cut_to_when_its_camera_counted(tmp_path: Path) -> None:
    """Of a camera that was found silent and left the list it is neither longer than its listing, nor open at the end."""
    listed, first, gone = at("10-05 08:00"), at("10-05 09:00"), at("10-06 08:00")
    told = [
        *(event for event in events() if isinstance(event, Heartbeat | ContractEvent)),
        AssetEvent(listed, "gate", "added", {"contract": "safe-city"}),
        RungEvent(first, "gate", "central", Rung.MEDIA, Outcome.FAIL, Reason.TIMEOUT, "", -inf, first),
        AssetEvent(gone, "gate", "removed", {}),
    ]
    write(tmp_path / "ledger", sorted(told, key=lambda one: one.at))
    pack(Asked(tmp_path / "ledger", "", "2026-10"), tmp_path / "pack")
    (row,) = table(tmp_path / "pack", "outages.csv")
    assert (ms(row["least_in_period_s"]), ms(row["most_in_period_s"])) == (23 * HOUR, 24 * HOUR)
    assert (ms(row["least_of_class_s"]), ms(row["most_of_class_s"])) == (23 * HOUR, 24 * HOUR)
    plain = json.loads((tmp_path / "pack" / "statement.json").read_bytes())
    assert (row["open_at_end"], plain["outages"]["open"], plain["repairs"]["classes"][1]["open"]) == ("no", 0, 0)


def test_repairs_against_their_classes(stated: dict[str, Any]) -> None:
    """Late by three hours for four cameras, by days for two; the open one is told with how it went on."""
    power, own = stated["repairs"]["classes"]
    assert (power["class"], power["outages"], power["late"], power["cost"]["paid"]) == ("cut off", 4, 4, "6000.00")
    assert (own["outages"], own["late"], own["open"]) == (6, 3, 1)
    # of one that began in September ten hours were planned then, and are not asked
    began_before = next(one for one in stated["repairs"]["late"]["longest"] if one["camera"] == camera(5))
    assert began_before["lasted_ms"][0] == (100 - 10) * HOUR - 60_000
    (oldest,) = stated["repairs"]["open"]["oldest"]
    assert (oldest["camera"], oldest["party"]) == (camera(6), "Port authority")
    assert oldest["repaired_later"] == [int(at("11-03 11:59")) * 1000, int(at("11-03 12:00")) * 1000]


def test_who_answers_for_what(stated: dict[str, Any]) -> None:
    """By the contract's parties, and by whom a person gave a cause."""
    parties = {(one["role"], one["party"]) for one in stated["blame"]["parties"]}
    assert {("power", "Grid company"), ("field", "Lens & Co"), ("field", "Port authority"), ("accounts", "")} <= parties


def test_a_camera_that_failed_again_is_chronic(stated: dict[str, Any]) -> None:
    """For the same kind of cause within thirty days."""
    (again,) = stated["chronic"]["cameras"]
    assert (again["camera"], again["kind"], again["times"]) == (camera(1), "device dead", 1)


def test_exclusions_with_their_approvers(stated: dict[str, Any]) -> None:
    """In time, after the fact within the limit, and too late to count."""
    by_name = {one["entry"]: one for one in stated["exclusions"]}
    assert {name: (one["after_the_fact"], one["counted_ms"]) for name, one in by_name.items()} == {
        "lenses": (False, 2 * HOUR),
        "late": (True, 10 * HOUR),
        "too-late": (True, 0),
    }
    assert by_name["late"]["excused_ms"] == 4 * 10 * HOUR
    assert by_name["late"]["approver"] == "+92 duty officer"


def test_terms_that_changed(stated: dict[str, Any]) -> None:
    """Those of the end count; the earlier and the later ones are scored beside, the newest first."""
    contract = stated["contract"]
    assert contract["which"] == "in force at the end"
    assert contract["terms"]["target"] == "99"
    assert [one["terms"]["target"] for one in contract["others"]] == ["99", "98"]
    assert contract["others"][0]["terms"]["path"] is False
    later = contract["others"][0]["as_written"]["time"]["down_ms"]
    assert later == next(one["time"]["down_ms"] for one in stated["readings"] if one["reading"] == "path not counted")
    assert contract["others"][1]["as_written"]["target"]["promised"] == "98"


def test_the_monitors_own_record(stated: dict[str, Any]) -> None:
    """Two hours in which nobody looked, with the reason; the limit of detection; what cannot be read."""
    (vantage,) = stated["monitor"]["vantages"]
    (spell,) = stated["monitor"]["longest"]
    assert vantage["blind_ms"] == spell["end"] - spell["start"] == 2 * HOUR + 120_000
    assert spell["why"] == "the monitor was not running"
    media = next(one for one in stated["limit_of_detection"][0]["rungs"] if one["rung"] == "media")
    assert media["outage_ms"] == 710_000
    assert {"what": "an event that cannot be read", "about": "calendar odd"} in stated["not_computed"]


def test_whom_to_look_at_is_drawn_by_the_root(stated: dict[str, Any]) -> None:
    """Anybody can draw them again."""
    seed = stated["check_on_foot"]["seed"]
    assert seed == stated["ledger"]["root"]
    counted = [camera(number) for number in range(CAMERAS) if number != 10]
    order = sorted(counted, key=lambda one: sha256(f"{seed}\n{one}".encode()).digest())
    assert [one["camera"] for one in stated["check_on_foot"]["cameras"]] == order


def test_no_cell_begins_a_formula(folder: Path) -> None:
    """What somebody typed comes with an apostrophe before it; what breaks lines and quotes stays whole."""
    rows = {row["camera"]: row["name"] for row in table(folder, "cameras.csv")}
    assert rows[camera(2)] == '\'=HYPERLINK("http://x")'
    assert rows[camera(3)] == 'Gate, "north"\nside'
    assert rows[camera(4)] == "بازار"
    assert {row["approver"] for row in table(folder, "exclusions.csv")} == {"'+92 duty officer"}
    assert {row["reason"] for row in table(folder, "exclusions.csv")} == {"'@lenses"}


def test_a_period_that_is_not_over_is_stated_so_far(ledger: Path) -> None:
    """Until the ledger's newest moment; a part of what the contract settles costs no slab."""
    november = statement(Asked(ledger, "", "2026-11"))
    assert november["period"]["is_over"] is False
    assert november["period"]["until"] < november["period"]["end"]
    week = statement(Asked(ledger, "", "2026-W43"))
    assert week["readings"][0]["money"]["slabs"] is None
    assert {"what": "slabs of another period", "about": "month"} in week["not_computed"]


def test_a_ledger_without_contracts(tmp_path: Path) -> None:
    """Every camera counts, around the clock, and nothing has a price."""
    told = [event for event in events() if type(event).__name__ != "ContractEvent"]
    write(tmp_path / "ledger", told)
    plain = statement(Asked(tmp_path / "ledger", "", "2026-10"))
    assert plain["contract"]["which"] == "the ledger has no contract"
    assert plain["cameras"]["counted"] == CAMERAS
    assert plain["readings"][0]["money"] is None
    assert {"what": "no target", "about": "all-cameras"} in plain["not_computed"]


def test_what_cannot_be_stated(ledger: Path) -> None:
    """A contract that is not there, a period that is none, one before the ledger's time or yet to come."""
    with pytest.raises(UnknownContractError):
        statement(Asked(ledger, "other", "2026-10"))
    with pytest.raises(PeriodError):
        statement(Asked(ledger, "", "october"))
    with pytest.raises(EmptyPeriodError) as caught:
        statement(Asked(ledger, "", "2027-01"))
    assert str(caught.value) == "the ledger has nothing of 2027-01 yet"
    with pytest.raises(LedgerError) as few:
        statement(Asked(ledger, "", "2026-10", 10**9))
    assert "not 1,000,000,000" in str(few.value)


def test_nothing_is_overwritten_and_nothing_half_is_left(ledger: Path, folder: Path, tmp_path: Path) -> None:
    """A folder that is there stays; one that could not be made is gone."""
    with pytest.raises(PackError) as caught:
        pack(Asked(ledger, "", "2026-10"), folder)
    assert str(caught.value) == f"{folder}: this is there already, and is not overwritten"
    with pytest.raises(PeriodError):
        pack(Asked(ledger, "", "october"), tmp_path / "october")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(PackError):
        pack(Asked(ledger, "", "2026-10"), tmp_path / "file" / "pack")


def test_an_altered_ledger_gives_no_pack(ledger: Path, tmp_path: Path) -> None:
    """Its events do not give the root of its tree."""
    copy = tmp_path / "ledger"
    shutil.copy(ledger, copy)
    shutil.copy(f"{ledger}-key", f"{copy}-key")
    with closing(sqlite3.connect(copy)) as database:
        database.executescript(
            "DROP TRIGGER events_are_never_changed;"
            "UPDATE events SET body = replace(body, 'dead-1', 'dead-2') WHERE kind = 'cause';"
        )
    for make in (
        lambda: pack(Asked(copy, "", "2026-10"), tmp_path / "p"),
        lambda: statement(Asked(copy, "", "2026-10")),
    ):
        with pytest.raises(LedgerError) as caught:
            make()
        assert str(caught.value) == f"{copy}: the ledger is not what it should be; `camfleet verify` says what is wrong"
    assert not (tmp_path / "p").exists()


def test_terms_of_the_pack_are_those_of_the_ledger(folder: Path) -> None:
    """Word for word, but for what follows from the usual."""
    kept = json.loads((folder / "terms.json").read_bytes())
    assert {key: kept[key] for key in TERMS if key != "repairs"} == {
        key: TERMS[key] for key in TERMS if key != "repairs"
    }


def test_a_period_that_goes_on_is_stated_until_all_of_it_is_confirmed(tmp_path: Path) -> None:
    """What fails now is confirmed later: the limit of detection before the newest heartbeat a statement ends."""
    now = at("10-21 12:00")
    write(tmp_path / "ledger", [one for one in events() if one.at <= now])
    stated = statement(Asked(tmp_path / "ledger", "safe-city", "2026-10"))
    video = next(row for row in stated["limit_of_detection"][0]["rungs"] if row["rung"] == "media")
    assert stated["period"]["until"] == 1000 * int(now) - video["outage_ms_of_many_channels"]
    assert not stated["period"]["is_over"]
    assert stated["readings"][0]["working_at_end"]["coverage"] == "100.000"
