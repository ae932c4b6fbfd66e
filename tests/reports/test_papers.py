"""The papers of a pack: what they say is what the statement says, and camfleet makes them again to the byte."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import month
import pytest
from peers.servers import require

from monitor.paper.words import languages, words
from monitor.reports import alone, papers
from monitor.reports.manifest import KEY, VERIFIER
from monitor.reports.pack import Asked, PackError, pack, statement
from monitor.reports.single import needed, single
from monitor.reports.verifying import verify


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack in English, with the ledger that it is of."""
    folder = tmp_path_factory.mktemp("month")
    month.write(folder / "ledger", month.events())
    pack(Asked(folder / "ledger", "safe-city", "2026-10"), folder / "pack", languages=["en"])
    return folder / "pack"


def told(folder: Path) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((folder / "statement.json").read_text())
    return plain


def text_of(pdf: Path) -> str:
    command = [require("pdftotext", "poppler-utils"), "-layout", str(pdf), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_page_and_paper_say_what_the_statement_says(made: Path) -> None:
    """The four figures of every reading, the money, every exclusion's approver and all camera names stand on both."""
    plain, page, paper = told(made), (made / "report.en.html").read_text(), text_of(made / "report.en.pdf")
    said = set()
    for reading in plain["readings"]:
        for key in ("camera_hours", "mean", "share_at_target", "working_at_end"):
            said |= {reading[key]["value"]} if reading is plain["readings"][0] or key == "camera_hours" else set()
        said |= {f"{float(reading['money']['total'][part]):,.2f}" for part in ("paid", "least", "most")}
    said |= {f"{one['availability']['value']} %" for one in plain["zones"]}
    said |= {one["approver"] for one in plain["exclusions"]}
    said |= {one["camera"] for one in plain["worst"]["cameras"]}
    said |= {plain["ledger"]["root"], "Grid company", "Lens & Co"}
    assert len(said) > 20
    for one in sorted(said):
        assert one in paper, one
        assert one.replace("&", "&amp;").replace("+", "+") in page, one


def test_the_verdict_names_what_it_hangs_on(tmp_path: Path, made: Path) -> None:
    """Promised, reached, by which figure; and whether unseen time decides."""
    target = told(made)["readings"][0]["target"]
    verdict = "met" if target["met"] else "missed"
    words_ = f"Promised: 99 %. Reached: {target['figure']} % (camera-hours). The target is {verdict}."
    assert words_ in (made / "report.en.html").read_text()


def test_who_left_the_list_is_named(made: Path) -> None:
    """With the moment, on the page and on paper."""
    page, paper = (made / "report.en.html").read_text(), text_of(made / "report.en.pdf")
    assert re.search(r"cam-11</th>\s*<td[^>]*>2026-10-15 00:00</td>\s*<td[^>]*>left the list", page)
    assert re.search(r"cam-11 +2026-10-15 00:00 +left the list", paper)


def test_a_camera_that_left_in_the_middle_is_said_to_have_its_whole_value(made: Path) -> None:
    """Slabs are of the whole period's value, and nothing is cut pro rata without a word."""
    assert told(made)["cameras"]["part_of_it"] == 1
    assert words("en").say("value whole").replace("'", "&#39;") in (made / "report.en.html").read_text()


def test_a_paper_that_was_changed_is_found(tmp_path: Path) -> None:
    """Also where whoever changed it signs all of it anew: papers are made again of the statement."""
    month.write(tmp_path / "ledger", month.events())
    folder = tmp_path / "pack"
    pack(Asked(tmp_path / "ledger", "safe-city", "2026-10"), folder, languages=["en"])
    clean = verify(folder, differs=papers.differs, verifier=single())
    assert clean.is_whole, clean.flaws
    assert (clean.papers, clean.notes) == (["report.en.html", "report.en.pdf"], [])
    for name, old, new in (("report.en.html", b"missed", b"met"), ("report.en.pdf", b"startxref", b"startxreg")):
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data.replace(old, new))
        found = verify(folder, differs=papers.differs)
        assert f"{name} was altered since it was signed" in found.flaws
        assert f"{name} is not what the statement gives" in found.flaws
        (folder / name).write_bytes(data)


def test_another_verifier_is_named(tmp_path: Path, made: Path) -> None:
    """Whoever signs a pack could put a program of his own into it: it is not to be run without a thought."""
    found = verify(made, verifier=single() + b" ")
    assert found.is_whole
    assert found.notes[-1] == "verify.pyz is not the one of this camfleet: do not run it unless you trust who signed it"


def test_a_language_that_cannot_be_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it was asked for there is no pack; else the others are there, and a sentence says what to install."""
    month.write(tmp_path / "ledger", month.events())
    monkeypatch.setattr("monitor.paper.pdf.FONT_FOLDERS", (tmp_path,))
    asked = Asked(tmp_path / "ledger", "safe-city", "2026-10")
    sentence = "report.ur.pdf: a PDF in Urdu needs the font Noto Naskh Arabic: apt install fonts-noto-core"
    with pytest.raises(PackError) as error:
        pack(asked, tmp_path / "pack", languages=["ur"])
    assert str(error.value) == sentence
    assert not (tmp_path / "pack").exists()
    heard: list[str] = []
    pack(asked, tmp_path / "pack", tell=heard.append)
    assert heard == [sentence]
    there = {place.name for place in (tmp_path / "pack").iterdir()}
    assert {"report.en.html", "report.en.pdf", "report.ur.html"} <= there
    assert "report.ur.pdf" not in there


@pytest.mark.parametrize("language", languages())
def test_every_section_in_every_language(tmp_path: Path, language: str) -> None:
    """A month with all kinds of things in it, and a ledger with nothing but a camera, can be told in each language."""
    month.write(tmp_path / "ledger", month.events())
    month.write(tmp_path / "bare", [one for one in month.events() if type(one).__name__ in ("AssetEvent", "Heartbeat")])
    for ledger in ("ledger", "bare"):
        plain = statement(Asked(tmp_path / ledger, "", "2026-10"))
        page = papers.made(plain, f"report.{language}.html").decode()
        assert f'lang="{language}"' in page
        assert words(language).say("verify") in page


def test_the_single_file_needs_nothing_of_camfleet(tmp_path: Path, made: Path) -> None:
    """With Python and cryptography alone it says what camfleet says, and finds what was altered."""
    venv.create(tmp_path / "bare", with_pip=False, system_site_packages=False)
    python = tmp_path / "bare" / "bin" / "python"
    folder = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    site = next((tmp_path / "bare" / "lib").iterdir()) / "site-packages"
    for name in ("cryptography", "_cffi_backend", "cffi", "pycparser", "typing_extensions"):
        for place in folder.glob(f"{name}*"):
            if not place.name.endswith(".dist-info"):
                (site / place.name).symlink_to(place)
    key = (made / KEY).read_text().strip()
    whole = subprocess.run([python, "-I", made / VERIFIER, made, "--key", key], capture_output=True, text=True)
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "All figures were computed again from the events, and are the same to the digit" in whole.stdout
    assert "report.en.html, report.en.pdf: not made again; read statement.json" in whole.stdout
    spoilt = tmp_path / "spoilt"
    spoilt.mkdir()
    for place in made.iterdir():
        (spoilt / place.name).write_bytes(place.read_bytes())
    (spoilt / "cameras.csv").write_bytes((made / "cameras.csv").read_bytes().replace(b"cam-01", b"cam-0l"))
    ended = subprocess.run([python, "-I", made / VERIFIER, spoilt, "--json"], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "cameras.csv was altered since it was signed" in json.loads(ended.stdout)["flaws"]


def test_the_single_file_is_the_same_each_time_and_small() -> None:
    """It holds our own modules, none that needs more than cryptography, and no moment."""
    assert single() == single()
    names = dict(needed())
    assert "monitor/reports/verifying.py" in names
    assert not [name for name in names if name.split("/")[1] in ("paper", "sheet", "web", "cli", "probes", "inventory")]
    assert len(single()) < 1_000_000


def test_the_single_file_says_what_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and a sentence."""
    assert alone.run([str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"{tmp_path}: this is no evidence pack: there is no manifest.txt in it\n"
    assert alone.run([str(tmp_path), "--key", "x"]) == 2
    assert capsys.readouterr().err == "a verifier key is name+id+base64\n"
