"""The verifier that comes with every pack, ``verify.pyz``: this module and all that it needs, in one file.

It needs Python 3.11 or newer and ``cryptography``, and nothing of camfleet. It computes every figure again; the papers,
which need more, it only holds against their digests.

    python3 verify.pyz PACK [--checkpoint FILE] [--key name+id+base64] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from monitor.core.checkpoint import NoteError, VerifierKey, notes_in
from monitor.core.times import Clock
from monitor.reports import words
from monitor.reports.verifying import NoPackError, verify


def main() -> None:
    """Verify a pack; exit code 0 where all agrees, 1 where something does not, 2 where it could not be asked."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Verify what the arguments name, say what was found, and return the exit code."""
    parser = argparse.ArgumentParser(prog="verify.pyz", description="Prove that an evidence pack is what it says.")
    parser.add_argument("pack", type=Path, help="the pack's folder")
    parser.add_argument("--checkpoint", action="append", default=[], metavar="FILE", help="kept by somebody else")
    parser.add_argument("--key", action="append", default=[], metavar="VKEY", help="the verifier key that you kept")
    parser.add_argument("--json", action="store_true", help="print the finding as JSON")
    asked = parser.parse_args(arguments)
    try:
        held = [(name, note) for name in asked.checkpoint for note in notes_in(Path(name).read_text("utf-8"))]
        found = verify(asked.pack, held, [VerifierKey.parse(text) for text in asked.key])
    except (NoPackError, NoteError, OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    clock = Clock(time.time(), None)
    for line in [json.dumps(words.as_json(found))] if asked.json else words.told(found, str(asked.pack), clock):
        sys.stdout.write(line.encode("ascii", "backslashreplace").decode() + "\n")
    return 0 if found.is_whole else 1
