"""Every file or folder under ``invalid/`` is refused with exactly the mistakes in the text file beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.inventory import InventoryError, load

INVALID = Path(__file__).parent / "invalid"
CASES = sorted(path.name for path in INVALID.iterdir() if path.suffix != ".txt")


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_inventory_is_refused_with_exactly_these_mistakes(
    name: str, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, line, column, field, sentence and hint of all mistakes of a file are as written down beside it."""
    monkeypatch.chdir(INVALID)
    expected = Path(name).with_suffix(".txt").read_text(encoding="utf-8")
    with pytest.raises(InventoryError) as caught:
        load(Path(name), environ)
    assert f"{caught.value}\n" == expected


def test_every_expectation_has_its_case() -> None:
    """No text file is left over from a case that is gone."""
    assert sorted(path.stem for path in INVALID.glob("*.txt")) == sorted(Path(name).stem for name in CASES)


def test_a_mistake_is_a_value_with_its_parts(environ: dict[str, str]) -> None:
    """A mistake's parts are there for programs as well as its line for people."""
    with pytest.raises(InventoryError) as caught:
        load(INVALID / "unknown-key.yaml", environ)
    (mistake,) = caught.value.mistakes
    assert (mistake.line, mistake.column, mistake.where) == (3, 25, "cameras[0].adress")
    assert (mistake.message, mistake.hint) == ("unknown key", "did you mean address?")


def test_a_path_that_is_not_there_is_one_mistake(tmp_path: Path) -> None:
    """A missing file is named, without line and column."""
    with pytest.raises(InventoryError) as caught:
        load(tmp_path / "none.yaml", {})
    assert str(caught.value) == f"{tmp_path}/none.yaml: cannot be read: No such file or directory"


def test_a_file_of_another_kind_is_refused_by_its_name(tmp_path: Path) -> None:
    """Only the endings of the three formats are read."""
    path = tmp_path / "inventory.toml"
    path.write_text("[cameras]\n")
    with pytest.raises(InventoryError) as caught:
        load(path, {})
    expected = "not the name of an inventory; it ends in .yaml, .yml, .csv or .jsonl"
    assert str(caught.value) == f"{path}: {expected}"
