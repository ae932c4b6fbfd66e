"""``python -m fuzz``: random bytes for each parser of ``monitor.wire``, bounded in time and memory.

Corpora and what breaks a check are kept under ``.fuzz`` of the folder that it is started in.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fuzz.invariants import CHECKS
from fuzz.seeds import SEEDS

FOLDER = Path(".fuzz")
#: What one input may take before it counts as a fault, and what a whole process may hold.
MOST_INPUT_S = 5
MOST_MEMORY_MB = 1024
MOST_INPUT_BYTES = 4096
#: How much longer than asked for a process may take: it finishes the input that it is at.
PATIENCE_S = 60


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; exits with 2 where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m fuzz",
        description="Random bytes for each parser of monitor/wire, guided by which of its lines they reach.",
        epilog='example: make fuzz ARGS="--seconds 600 --only rtsp"',
    )
    parser.add_argument("--seconds", type=int, default=60, metavar="N", help="how long for each parser (%(default)s)")
    parser.add_argument("--only", choices=list(CHECKS), action="append", help="one parser; may be repeated (all)")
    parser.add_argument("--reproduce", type=Path, metavar="FILE", help="run one input that broke a check, once more")
    chosen = parser.parse_args(arguments)
    if not 1 <= chosen.seconds <= 86_400:
        parser.error("--seconds must be from 1 to 86400")
    return chosen


@dataclass(frozen=True)
class Found:
    """What one process did."""

    parser: str
    inputs: int
    covered: int
    crash: Path | None
    said: str

    def line(self, seconds: int) -> str:
        outcome = f"BROKEN by {self.crash}" if self.crash else "clean" if self.inputs else "did not run"
        return f"{self.parser:<10}{self.inputs:>12,} inputs{seconds:>7} s{self.covered:>7} edges   {outcome}"

    @property
    def clean(self) -> bool:
        return self.inputs > 0 and self.crash is None

    @property
    def why(self) -> str:
        """The traceback of a check that broke, or the end of what was said where there is none."""
        told = re.search(r"=== Uncaught Python exception: ===\n(.*?)\n(?:==|INFO)", self.said, re.DOTALL)
        return told[1][-3000:] if told else self.said[-3000:]


def corpus(parser: str) -> Path:
    """Return a parser's folder of inputs, with our own seeds in it."""
    folder = FOLDER / "corpus" / parser
    folder.mkdir(parents=True, exist_ok=True)
    for seed in SEEDS[parser]:
        (folder / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
    return folder


def fuzz(parser: str, seconds: int) -> Found:
    """Fuzz one parser in a process of its own, for this long at the most."""
    crashes = FOLDER / "crashes"
    crashes.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-P", "-m", "fuzz.child", parser, str(corpus(parser)),
        f"-max_total_time={seconds}", f"-timeout={MOST_INPUT_S}", f"-rss_limit_mb={MOST_MEMORY_MB}",
        f"-max_len={MOST_INPUT_BYTES}", f"-artifact_prefix={crashes / parser}-", "-print_final_stats=1",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds + PATIENCE_S, check=False)
    except subprocess.TimeoutExpired as error:
        return Found(parser, 0, 0, None, (error.stderr or b"").decode("utf-8", "replace"))
    return found(parser, done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace"))


def found(parser: str, code: int, said: str) -> Found:
    """Read what libFuzzer wrote (its own statistics, and where it put an input that broke a check)."""
    inputs = re.search(r"stat::number_of_executed_units: (\d+)", said)
    covered = re.findall(r"\bcov: (\d+)", said)
    written = re.search(r"Test unit written to (\S+)", said)
    crash = Path(written[1]) if written else None
    return Found(
        parser, int(inputs[1]) if inputs and (code == 0 or crash) else 0, int((covered or ["0"])[-1]), crash, said
    )


def reproduce(file: Path) -> int:
    """Run one kept input through the check that it broke; the traceback says what is wrong."""
    name = file.name.split("-")[0]
    if name not in CHECKS or not file.is_file():
        print(f"{file}: no input of a fuzzer; they are under {FOLDER / 'crashes'}", file=sys.stderr)
        return 2
    CHECKS[name](file.read_bytes())
    print(f"{file}: the check of {name} holds")
    return 0


def main() -> None:
    """Run the command line: 0 where every parser is clean, 1 where one is not."""
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # which ends the fuzzer that runs, too
    if chosen.reproduce:
        raise SystemExit(reproduce(chosen.reproduce))
    all_clean = True
    for parser in chosen.only or CHECKS:
        result = fuzz(parser, chosen.seconds)
        print(result.line(chosen.seconds), flush=True)
        if not result.clean:
            all_clean = False
            print(result.why, file=sys.stderr)
        if result.crash:
            print(f'To see it again: make fuzz ARGS="--reproduce {result.crash}"', file=sys.stderr)
    raise SystemExit(0 if all_clean else 1)


if __name__ == "__main__":
    main()
