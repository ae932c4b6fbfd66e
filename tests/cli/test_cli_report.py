"""`camfleet report` and `camfleet verify PACK`: what a person reads, what is written, and what cannot be stated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from runs import camfleet

from monitor.core.event import AssetEvent, CalendarEvent, ContractEvent, Event, Heartbeat, RungEvent
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.ledger import keys
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader

#: 2026-10-01 00:00 UTC.
OCTOBER = 1_790_812_800.0
DAY = 86_400.0


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Two cameras for two days: one worked, one failed after a day."""
    told: list[Event] = [
        ContractEvent(OCTOBER, "city", "added", {"name": "City", "time_zone": "UTC", "excused": [], "target": "98"})
    ]
    for who in ("gate", "pier"):
        told.append(AssetEvent(OCTOBER, who, "added", {"zone": "harbour"}))
        told.append(RungEvent(OCTOBER, who, "central", Rung.MEDIA, Outcome.OK, None, "", OCTOBER, OCTOBER))
    failed = OCTOBER + DAY
    told.append(RungEvent(failed, "pier", "central", Rung.MEDIA, Outcome.FAIL, Reason.TIMEOUT, "", failed, failed))
    told += [Heartbeat(OCTOBER + 120.0 * number, "central", {}) for number in range(2 * 720 + 1)]
    path = tmp_path / "camfleet.sqlite"
    kept = Ledger.open(path)
    kept.append(sorted(told, key=lambda one: one.at), {})
    kept.seal(OCTOBER)
    assert kept.close() == 0
    return path


def test_a_statement_on_a_terminal(tmp_path: Path, ledger: Path) -> None:
    """The period, the denominator, the four figures, each reading in a line, what could not be computed, the root."""
    ended = camfleet("report", "--period", "2026-10", folder=tmp_path)
    assert ended.code == 0, ended
    lines = ended.out.splitlines()
    assert lines[:8] == [
        "City (city), 2026-10, SO FAR",
        "2026-10-01 00:00:00 to 2026-10-03 00:00:00, UTC",
        "2 cameras are counted, of 2 that were listed",
        "",
        "       75.000 %  of the camera-hours (75.000 to 75.000 %, 100.000 % seen)",
        "       75.000 %  mean of the cameras (75.000 to 75.000 %, 100.000 % seen)",
        "       50.000 %  of the cameras reach the target (50.000 to 50.000 %, 100.000 % seen)",
        "       50.000 %  of the cameras worked at the end (50.000 to 50.000 %, 100.000 % seen)",
    ]
    assert "  as written                                  75.000 %, target 98 % MISSED" in lines
    assert "Not computed, or with a gap: limit of detection (the ledger does not say how often was asked)" in lines
    assert lines[-1].startswith("From 1,447 events, root ")


def test_a_pack_is_written_and_verified(tmp_path: Path, ledger: Path) -> None:
    """By its own key and by the one that somebody kept; --json for programs."""
    made = camfleet(
        "report",
        "--contract",
        "city",
        "--period",
        "2026-10",
        "--out",
        "packs/october",
        "--language",
        "en",
        folder=tmp_path,
    )
    assert made.code == 0, made
    expected = "packs/october: the evidence pack. Whoever gets it checks it by: camfleet verify packs/october"
    assert made.out.splitlines()[-1] == expected
    key = str(keys.load(ledger).verifier)
    kept = "packs/october/checkpoint.txt"
    ended = camfleet("verify", "packs/october", "--key", key, "--checkpoint", kept, folder=tmp_path, TZ="UTC")
    assert ended.code == 0, ended
    name = keys.load(ledger).name
    assert ended.out.splitlines() == [
        "packs/october: contract city, 2026-10",
        "",
        f"Signed by {name}.",
        "11 files are as they were signed.",
        "",
        "events.jsonl.gz: 1,447 events, from 2026-10-01 00:00:00 to 2026-10-03 00:00:00 UTC",
        next(line for line in ended.out.splitlines() if line.startswith("root ")),
        "",
        f"{kept}: 1 checkpoint agrees",
        "Nothing was altered, removed, inserted or reordered since the checkpoint over 1,447 events,"
        " 2026-10-03 00:00:00 UTC.",
        "",
        "All figures were computed again from the events, and are the same to the digit: statement.json, cameras.csv,"
        " outages.csv, exclusions.csv, terms.json.",
        "Made again of these figures, and the same to the byte: report.en.html, report.en.pdf.",
    ]
    plain = json.loads(camfleet("verify", "packs/october", "--json", folder=tmp_path).out)
    assert (plain["whole"], plain["contract"], plain["signer_known"]) == (True, "city", False)


def test_a_pack_that_was_altered(tmp_path: Path, ledger: Path) -> None:
    """Exit code 1, and what is wrong first."""
    assert camfleet("report", "--period", "2026-10", "--out", "pack", folder=tmp_path).code == 0
    table = tmp_path / "pack" / "cameras.csv"
    table.write_bytes(table.read_bytes().replace(b"50.000", b"99.000"))
    ended = camfleet("verify", "pack", folder=tmp_path)
    assert ended.code == 1
    assert ended.out.splitlines()[2:5] == [
        "THIS PACK IS NOT WHAT IT SHOULD BE:",
        "  cameras.csv was altered since it was signed",
        "  cameras.csv: line 3 is not what the events give",
    ]


def test_a_statement_as_json(tmp_path: Path, ledger: Path) -> None:
    """What the pack would hold; of the first events only, where that is asked for."""
    plain = json.loads(camfleet("report", "--period", "2026-10", "--json", folder=tmp_path).out)
    assert plain["readings"][0]["camera_hours"]["value"] == "75.000"
    first = json.loads(camfleet("report", "--period", "2026-10", "--json", "--events", "500", folder=tmp_path).out)
    assert (first["ledger"]["leaves"], first["readings"][0]["camera_hours"]["value"]) == (500, "100.000")


def test_how_the_contracts_stand_so_far(tmp_path: Path, ledger: Path) -> None:
    """Without a period: that of the newest event, as the oversight page has it; --json has the same figures, and why not."""
    ended = camfleet("report", folder=tmp_path)
    assert ended.code == 0, ended
    lines = camfleet("report", "--period", "2026-10", folder=tmp_path).out.splitlines()
    assert ended.out.splitlines() == [line for line in lines if not line.startswith("Not computed")]
    (one,) = json.loads(camfleet("report", "--json", folder=tmp_path).out)["contracts"]
    stated = json.loads(camfleet("report", "--period", "2026-10", "--json", folder=tmp_path).out)
    assert (one["id"], one["state"], one["why"], one["ended"][:1]) == ("city", "stated", "", [])
    assert one["heading"]["readings"] == stated["readings"]
    assert one["heading"]["period"] == stated["period"]
    with Reader.open(ledger) as reader:
        first = next(seq for seq, event in reader.events() if isinstance(event, AssetEvent))
    early = camfleet("report", "--events", str(first - 1), folder=tmp_path)
    assert (early.code, early.out) == (0, "city: not stated: the ledger has nothing of 2026-10 yet\n")


def test_one_exclusion_refused(tmp_path: Path, ledger: Path) -> None:
    """What it comes to stands beside the other readings: the camera that failed was excused for half of the time."""
    planned = {
        "kind": "works", "camera": ["pier"], "time_zone": "UTC", "start": "2026-10-02 00:00", "end": "2026-10-02 12:00",
        "approver": "K", "approved_at": "2026-10-01 12:00", "reason": "a trench",
    }  # fmt: skip
    kept = Ledger.open(ledger)
    kept.append([CalendarEvent(OCTOBER + 2 * DAY, "trench", "added", planned, "", 0.0, False)], {})
    terms = {"name": "City", "time_zone": "UTC", "excused": ["works"], "target": "98"}
    kept.append([ContractEvent(OCTOBER + 2 * DAY, "city", "changed", terms)], {})
    assert kept.close() == 0
    whole = {"contract": "city", "period": "2026-10-01/2026-10-03"}
    asked = [part for key, value in whole.items() for part in (f"--{key}", value)]
    ended = camfleet("report", *asked, "--refuse", "trench", folder=tmp_path)
    assert ended.code == 0, ended
    rows = {line[2:46].strip(): line[46:54] for line in ended.out.splitlines() if line.startswith("  ")}
    assert (rows["as written"], rows["if trench is refused"]) == ("85.714 %", "75.000 %")
    plain = json.loads(camfleet("report", *asked, "--refuse", "trench", "--json", folder=tmp_path).out)
    assert plain["readings"][-1]["reading"] == "if trench is refused"
    assert plain["readings"][-1]["time"]["excused_ms"] == 0
    wrong = camfleet("report", *asked, "--refuse", "french", folder=tmp_path)
    assert wrong.err.endswith("nothing called 'french' was ever planned; it has trench\n")
    assert camfleet("report", "--refuse", "trench", folder=tmp_path).err.startswith(
        "--refuse: a period is stated by it"
    )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["--out", "pack"], "--out: a pack is of a period: say which, by --period"),
        (["--contract", "ctiy"], "--contract ctiy: the ledger has city"),
        (
            ["--period", "today"],
            "--period today: 'today' is no period: write it like 2026, 2026-10, 2026-Q4, 2026-W43,",
        ),
        (["--period", "october"], "--period october: 'october' is no period: write it like 2026, 2026-10, 2026-Q4,"),
        (["--period", "2027-01"], "--period 2027-01: the ledger has nothing of 2027-01 yet"),
        (
            ["--period", "2026-10", "--contract", "ctiy"],
            "--contract ctiy --period 2026-10: the ledger has no contract 'ctiy'; it has city",
        ),
        (["--period", "2026-10", "--ledger", "other"], "other: there is no ledger here; `camfleet run` makes one"),
        (["--period", "2026-10", "--out", "."], ".: this is there already, and is not overwritten"),
    ],
)
def test_what_cannot_be_stated(tmp_path: Path, ledger: Path, asked: list[str], message: str) -> None:
    """A sentence that says what is wrong; nothing on standard output."""
    ended = camfleet("report", *asked, folder=tmp_path)
    assert ended.code != 0
    assert ended.out == ""
    assert ended.err.startswith(message)


def test_a_ledger_without_its_key_gives_no_pack(tmp_path: Path, ledger: Path) -> None:
    """The statement alone needs none."""
    (tmp_path / "camfleet.sqlite-key").unlink()
    assert camfleet("report", "--period", "2026-10", folder=tmp_path).code == 0
    ended = camfleet("report", "--period", "2026-10", "--out", "pack", folder=tmp_path)
    assert ended.code == 1
    assert "there is no key" in ended.err


def test_a_folder_that_is_no_pack(tmp_path: Path) -> None:
    """Exit code 2."""
    ended = camfleet("verify", ".", folder=tmp_path)
    assert (ended.code, ended.err.strip()) == (2, ".: this is no evidence pack: there is no manifest.txt in it")
