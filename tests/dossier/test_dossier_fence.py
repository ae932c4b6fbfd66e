"""The asking process can reach the device and nothing else, whatever runs in it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from peers.hostile import attacking, silent

FENCED = Path(__file__).with_name("fenced.py")


async def test_nothing_but_the_device_can_be_reached(tmp_path: Path) -> None:
    """No other address, name, socket, program, file; and no more memory than a gigabyte."""
    async with attacking(silent) as device, attacking(silent, "127.0.0.9", device.port) as elsewhere:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-P", str(FENCED), str(device.port), str(tmp_path),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await child.communicate()
    assert child.returncode == 0, err.decode()
    told = json.loads(out)
    assert told.pop("the device") == "done"
    assert told.pop("2 GB of memory") == "MemoryError"
    assert set(told.values()) <= {"PermissionError", "URLError"}, told
    assert (device.connections, elsewhere.connections) == (1, 0)
    assert os.listdir(tmp_path) == []
