"""Something long that another process does: bounded in time, memory and words, and its end certain."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.app.errand import Bounds, ErrandError, run

BOUNDS = Bounds(seconds=30.0, memory_bytes=1 << 30, said_bytes=10_000)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose modules a child can run."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def program(folder: Path, text: str) -> str:
    (folder / "errand_program.py").write_text(f"import os, sys, time\n{text}\n")
    return "errand_program"


async def test_what_it_says_is_returned(here: Path) -> None:
    """With its arguments; it runs at the lowest priority, and no secret of ours is in its environment."""
    os.environ["CAMFLEET_PASSWORD"] = "s3cret"
    try:
        said = await run(program(here, "print(sys.argv[1], os.nice(0), sorted(os.environ))"), ["a b"], BOUNDS)
    finally:
        del os.environ["CAMFLEET_PASSWORD"]
    assert said.startswith(b"a b 19 [")
    assert b"CAMFLEET" not in said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sys.exit('first\\nthe disk is full')", "the disk is full"),
        ("sys.exit(3)", "it ended with exit code 3"),
        ("os.kill(os.getpid(), 9)", "it ended with signal 9"),
        ("print('x' * 20_000)", "it said more than 10,000 bytes"),
        ("held = bytearray(2 << 30)", "MemoryError"),
        ("sys.stderr.write('x' * 10_000_000 + '\\nlast\\n'); sys.exit(1)", "last"),
    ],
    ids=["a sentence", "a code", "a signal", "too many words", "too much memory", "many complaints"],
)
async def test_what_goes_wrong_is_a_sentence(here: Path, text: str, why: str) -> None:
    """The last one that it said, or how it ended."""
    with pytest.raises(ErrandError) as caught:
        await run(program(here, text), [], BOUNDS)
    assert str(caught.value) == why


async def test_what_takes_too_long_is_ended_with_all_that_it_started(here: Path) -> None:
    """Its children, too."""
    pids = here / "pids"
    text = "import subprocess; one = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    text += f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{one.pid}}'); time.sleep(60)"
    with pytest.raises(ErrandError) as caught:
        await run(program(here, text), [], BOUNDS._replace(seconds=3.0))
    assert str(caught.value) == "not finished within 3 s"
    for pid in map(int, pids.read_text().split()):
        await gone(pid)


async def test_nobody_waits_for_it_any_more(here: Path) -> None:
    """A monitor that ends takes it along."""
    pids = here / "pids"
    text = f"open({str(pids)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    task = asyncio.create_task(run(program(here, text), [], BOUNDS))
    await asyncio.to_thread(wait_for, lambda: pids.exists() and pids.read_text() != "")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(int(pids.read_text()))


async def gone(pid: int) -> None:
    """Wait until a process is gone, or dead and not asked for by whoever has it now."""
    await asyncio.to_thread(wait_for, lambda: state(pid) in ("", "Z"))


def state(pid: int) -> str:
    """Return the state of a process; nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def wait_for(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; a minute at the most."""
    until = time.monotonic() + 60.0
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)
