"""The repository tests itself: what it names exists, and what is listed in several places agrees."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from monitor.core.model import DEFAULT_PORTS, PROBE_NAMES
from monitor.core.schedule import PROBE_OF
from monitor.core.verdict import QUESTIONS, REASONS, Reason, Rung
from monitor.inventory import load
from monitor.probes.registry import PROBES, RUNGS
from monitor.scheduler.station import STAGGER
from monitor.scheduler.want import LIGHT, NEED_LIGHT

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    """A relative link names a file of the repository."""
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_no_two_files_of_tests_have_the_same_name() -> None:
    """In one process the second of them could not be imported."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))


def test_the_lists_of_probes_agree() -> None:
    """A probe stands in the registry, the model, the timetable and the pages, or in none."""
    names = set(PROBES)
    assert (
        names == set(PROBE_NAMES) == set(DEFAULT_PORTS) == set(RUNGS) == set(LIGHT) == set(NEED_LIGHT) == set(STAGGER)
    )
    assert all(LIGHT[name] <= RUNGS[name] for name in names)
    assert all(rung in RUNGS[probe] for rung, probe in PROBE_OF.items())
    page = (ROOT / "docs" / "probes.md").read_text()
    assert names == set(re.findall(r"(?m)^## (onvif|rtsp|snmp)$", page))
    assert all(f"| {rung.label} | {QUESTIONS[rung]} |" in page for rung in Rung)


def test_every_reason_and_every_rung_has_its_words() -> None:
    """Title, meaning and what to do, each a sentence where it should be one."""
    assert set(REASONS) == set(Reason)
    assert set(QUESTIONS) == set(Rung)
    for advice in REASONS.values():
        assert advice.meaning.endswith(".")
        assert advice.action.endswith(".")
        assert not advice.title.endswith(".")


def test_the_changelog_knows_this_version() -> None:
    """The newest entry is the version that is built."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    newest = re.search(r"(?m)^## (\S+)", (ROOT / "CHANGELOG.md").read_text())
    assert newest is not None
    assert newest[1] == version


def test_every_dependency_has_its_reason() -> None:
    """Each is a row of the page of decisions."""
    page = (ROOT / "docs" / "decisions" / "dependencies.md").read_text()
    for line in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]:
        name = re.split(r"[><=;\[ ]", line)[0]
        assert f"| {name} |" in page, name


def test_the_readmes_inventory_is_one(tmp_path: Path) -> None:
    """The ten lines of the README load as they stand."""
    block = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block is not None
    file = tmp_path / "inventory.yaml"
    file.write_text(block[1])
    assert len(load(file, {"CAMFLEET_PASSWORD": "x"}).cameras) == 2
    assert len(block[1].splitlines()) <= 11


def test_the_readmes_commands_are_targets() -> None:
    """make demo and make test are what the README says they are."""
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"(?m)^([a-z]+):", makefile))
    asked = set(re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()))
    assert {"demo", "test", "lint", "lock"} <= asked <= targets


def test_the_lock_holds_hashes_and_no_address() -> None:
    """Every locked package has hashes, and nothing names where it is fetched from."""
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-fuzz.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        pins = re.findall(r"(?m)^([a-z0-9._-]+==[^ ;\\]+)([^\n]*)\n((?:    --hash=sha256:[0-9a-f]{64}[ \\]*\n)+)", text)
        assert len(pins) == len(re.findall(r"(?m)^[a-z0-9]", text)) > 20
