"""The packs of a folder: what is shown of each is what was signed, and whatever else lies there is told or passed over."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from month import write

from monitor.core.checkpoint import KEY_BYTES, SigningKey, VerifierKey
from monitor.ledger import keys
from monitor.reports.manifest import MANIFEST, STATEMENT
from monitor.reports.pack import Asked, pack
from monitor.reports.shelf import Shelf, place

OTHER = SigningKey("camfleet/0000000000000000", b"k" * KEY_BYTES).verifier


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the ledger, and two packs of it."""
    folder = tmp_path_factory.mktemp("shelf")
    write(folder / "ledger")
    for period in ("2026-09", "2026-10"):
        pack(Asked(folder / "ledger", "", period), place(folder / "packs", "safe-city", period), languages=["en"])
    return folder


@pytest.fixture
def packs(made: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may do to what it likes."""
    shutil.copytree(made, tmp_path / "copy")
    return tmp_path / "copy" / "packs"


def key(packs: Path) -> VerifierKey:
    return keys.load(packs.parent / "ledger").verifier


def flaws(packs: Path, by: VerifierKey | None = None) -> dict[str, str]:
    return {one.period: one.flaw for one in Shelf().packs([packs], by or key(packs))}


def test_packs_are_told_the_newest_first_with_their_figures(packs: Path) -> None:
    """As their statements have them."""
    newest, older = Shelf().packs([packs], key(packs))
    assert (newest.contract, newest.period, older.period) == ("safe-city", "2026-10", "2026-09")
    stated = json.loads((newest.folder / STATEMENT).read_bytes())
    assert newest.heading is not None
    assert newest.heading.as_written.figures["camera_hours"].value == stated["readings"][0]["camera_hours"]["value"]
    assert newest.heading.root == stated["ledger"]["root"]


def test_of_two_folders_a_pack_is_told_once(packs: Path, tmp_path: Path) -> None:
    """And what only one of them has, too."""
    shutil.copytree(packs, tmp_path / "second")
    shutil.rmtree(packs / "safe-city" / "2026-09")
    found = Shelf().packs([packs, tmp_path / "second", tmp_path / "none"], key(packs))
    assert [one.period for one in found] == ["2026-10", "2026-09"]
    assert found[0].folder.is_relative_to(packs)


def test_what_was_altered_shows_no_figure(packs: Path) -> None:
    """A statement, a manifest, a signature by somebody else, a pack under another's name."""
    october = packs / "safe-city" / "2026-10"
    statement = (october / STATEMENT).read_text()
    (october / STATEMENT).write_text(statement.replace('"97.343"', '"99.343"', 1))
    (packs / "safe-city" / "2026-09").rename(packs / "safe-city" / "2026-11")
    assert flaws(packs) == {
        "2026-10": "statement.json is not the one that was signed",
        "2026-11": "it is the pack of safe-city, 2026-09",
    }
    assert set(flaws(packs, OTHER).values()) == {"it is not signed by camfleet/0000000000000000, the ledger's key"}
    assert [one.flaw for one in Shelf().packs([packs], None)] == [
        "the ledger has no key to hold its signature against"
    ] * 2
    (october / MANIFEST).write_bytes(b"\xff" * 70_000)
    assert flaws(packs)["2026-10"] == "manifest.txt is larger than 65,536 bytes"


def test_what_is_no_pack_is_passed_over(packs: Path, tmp_path: Path) -> None:
    """Drafts, files, links, folders without a manifest; of a pack's files only those that belong to one are given away."""
    october = packs / "safe-city" / "2026-10"
    october.rename(packs / "safe-city" / ".2026-10-draft")
    (packs / "notes.txt").write_text("by somebody")
    (packs / "safe-city" / "2026-12").mkdir()
    (packs / "safe-city" / "2027-01").mkdir()
    (packs / "safe-city" / "2027-01" / MANIFEST).symlink_to(packs / "safe-city" / "2026-09" / MANIFEST)
    assert flaws(packs) == {"2026-09": ""}
    september = packs / "safe-city" / "2026-09"
    (september / "cameras.csv").unlink()
    (september / "cameras.csv").symlink_to("/etc/passwd")
    (september / "more.txt").write_text("by somebody")
    (found,) = Shelf().packs([packs], key(packs))
    names = [one.name for one in found.files]
    assert {"cameras.csv", "more.txt"}.isdisjoint(names)
    assert {"report.en.pdf", "statement.json", "verify.pyz", MANIFEST} <= set(names)


def test_a_pack_is_read_once(packs: Path) -> None:
    """And again once its manifest is another file."""
    shelf = Shelf()
    first = shelf.packs([packs], key(packs))
    (packs / "safe-city" / "2026-09" / STATEMENT).unlink()
    assert [one.heading for one in shelf.packs([packs], key(packs))] == [one.heading for one in first]
    (packs / "safe-city" / "2026-09" / MANIFEST).write_text("another")
    assert shelf.packs([packs], key(packs))[-1].flaw != ""


@pytest.mark.parametrize("name", ["..", ".", "../x", "a/b", "", ".hidden", "a\0b", "%2E", "safe-city_1"])
def test_a_name_leads_nowhere_else(name: str, tmp_path: Path) -> None:
    """Whatever a contract is called, its pack lies two folders below, and no other contract's there."""
    found = place(tmp_path, name, name)
    assert found.parent.parent == tmp_path
    assert not found.name.startswith(".")
    assert (found.name == name) is (name == "safe-city_1")
