"""The page for auditors: its own program computes the root that a checkpoint signs."""

from __future__ import annotations

import re
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

from peers.fleets import NOW

from monitor.core.checkpoint import Checkpoint, Note
from monitor.core.event import DeviceEvent
from monitor.ledger.ledger import Ledger

PAGE = Path(__file__).resolve().parents[2] / "docs" / "transparency.md"


def test_the_pages_program_computes_our_roots(tmp_path: Path) -> None:
    """With Python alone, on a ledger in use, over words that are not ASCII."""
    ledger = Ledger.open(tmp_path / "ledger")
    ledger.append([DeviceEvent(NOW + number, "d", "“نیا”\x7f\t", "\\u" * number) for number in range(21)], {})
    ledger.seal(NOW)
    while ledger.sealed is None:
        assert ledger.unsealed is None
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    arguments = [sys.executable, "-I", "-c", found[1], str(tmp_path / "ledger"), "21"]
    printed = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout.strip()
    assert ledger.close(60.0) == 0
    checkpoint = Checkpoint.parse(Note.parse(ledger.sealed.note).text)
    assert (checkpoint.size, printed) == (21, b64encode(checkpoint.root).decode())
