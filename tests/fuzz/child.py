"""One parser's fuzzer, a process of its own: ``python -m fuzz.child PARSER [libFuzzer's own arguments]``."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["monitor.wire"]):
    from fuzz.invariants import CHECKS


def main() -> None:
    """Fuzz until libFuzzer ends the process: 0 where it is out of time, another code at a broken check."""
    check = CHECKS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
