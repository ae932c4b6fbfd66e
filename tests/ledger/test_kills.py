"""Five hundred kills of a monitor that writes under load: nothing that it called recorded is lost."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from multiprocessing import get_context
from pathlib import Path

import pytest
from child import steady
from depth import part
from test_faults import assert_nothing_is_lost

from monitor.ledger.ledger import Ledger

KILLS = part(500)


def _live(path: Path, told: int) -> None:
    """Write until somebody ends it; say on this descriptor what is recorded."""
    with os.fdopen(told, "w") as sys.stdout:
        steady(Ledger.open(path, capacity=200))


@pytest.mark.soak
def test_five_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    """Each at a moment of its own, in the middle of whatever is being written then."""
    context, chance = get_context("fork"), random.Random(7)
    recorded = 0
    for number in range(KILLS):
        path = tmp_path / f"{number}.sqlite"
        heard, told = os.pipe()
        process = context.Process(target=_live, args=(path, told))
        process.start()
        os.close(told)
        with os.fdopen(heard) as lines:
            acknowledged = int(lines.readline())
            time.sleep(chance.uniform(0.0, 0.15))
            os.kill(process.pid or 0, signal.SIGKILL)
            rest = lines.read()
        process.join()
        acknowledged = max([acknowledged, *map(int, rest.split("\n")[:-1])])
        assert_nothing_is_lost(path, acknowledged)
        recorded += acknowledged
    print(f"{KILLS} kills, {recorded:,} events recorded before them, none lost")
