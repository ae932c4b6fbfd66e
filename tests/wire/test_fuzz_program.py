"""``make fuzz`` as a program: what it says of a parser that is clean, and of one that is not."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.__main__ import Found, found, options, reproduce

TESTS = Path(__file__).resolve().parents[1]
CLEAN = "#9\tDONE   cov: 42 ft: 74\nstat::number_of_executed_units: 1234\n"
BROKEN = (
    "#9\tNEW    cov: 12 ft: 74\n === Uncaught Python exception: ===\nAssertionError: why\n==7== ERROR: libFuzzer\n"
    "Test unit written to .fuzz/crashes/sdp-crash-0a\nstat::number_of_executed_units: 7\n"
)


def test_a_clean_parser() -> None:
    """How many inputs, how far they reached, and that none broke the check."""
    result = found("sdp", 0, CLEAN)
    assert result.clean
    assert result.line(60) == "sdp              1,234 inputs     60 s     42 edges   clean"


def test_a_broken_check() -> None:
    """The traceback, and the file that shows it again."""
    result = found("sdp", 1, BROKEN)
    assert not result.clean
    assert (result.crash, result.why) == (Path(".fuzz/crashes/sdp-crash-0a"), "AssertionError: why")
    assert result.line(60).endswith("BROKEN by .fuzz/crashes/sdp-crash-0a")


def test_a_fuzzer_that_did_not_run() -> None:
    """Nothing run is not clean."""
    assert not Found("sdp", 0, 0, None, "").clean
    assert found("sdp", 1, "ImportError").line(1).endswith("did not run")


def test_an_input_is_run_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A kept input goes through the check of the parser that its name begins with."""
    kept = tmp_path / "sdp-crash-0a"
    kept.write_bytes(b"v=0\r\n")
    assert reproduce(kept) == 0
    assert capsys.readouterr().out == f"{kept}: the check of sdp holds\n"
    assert reproduce(tmp_path / "other") == 2


@pytest.mark.parametrize("wrong", [["--seconds", "0"], ["--only", "nobody"], ["--seconds", "x"]])
def test_wrong_options(wrong: list[str]) -> None:
    """A wrong option ends with 2."""
    with pytest.raises(SystemExit) as ended:
        options(wrong)
    assert ended.value.code == 2


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="make fuzz installs atheris")
def test_a_second_of_fuzzing(tmp_path: Path) -> None:
    """It runs, bounded, and leaves its corpus where it was started."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "fuzz", "--seconds", "1", "--only", "sdp"], cwd=tmp_path, capture_output=True,
        text=True, timeout=90, env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(TESTS), os.environ.get("PYTHONPATH"))))}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("sdp ")
    assert list((tmp_path / ".fuzz" / "corpus" / "sdp").iterdir())
