"""The asking process: ``python -m monitor.dossier.child``. An order comes over standard input, lines of JSON go out.

An order is one JSON object, ``process.Order``. The lines: ``question`` (a service and an
operation), ``answer``, ``login`` (what became of ours), ``end``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from monitor.core.model import Tls
from monitor.dossier import fence
from monitor.dossier.hiding import hidden
from monitor.dossier.line import Line, Target
from monitor.probes.transcript import Veil


def _write(event: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


async def _ask(target: Target) -> None:
    # Imported here, behind the limits: these are the field's libraries, and they do things as they are imported.
    from monitor.dossier.asking import Asking

    line = Line(target)
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), os._exit, 1)  # the pipe ends with whoever ordered this

    def tell(event: dict[str, Any]) -> None:
        _write(hidden(event, Veil([target.password, *line.proofs])))

    try:
        await Asking(line, target, tell).everything()
    finally:
        await line.aclose()


def main() -> None:
    """Take an order, close the fence, ask."""
    sys.dont_write_bytecode = True
    order = json.loads(sys.stdin.readline())
    tls = order.pop("tls")
    fence.limit(order.pop("seconds"))
    try:
        addresses = fence.resolve(order["host"])
    except OSError as error:
        _write({"event": "end", "error": f"the host's name cannot be resolved: {error.strerror}"})
        return
    fence.raise_fence(addresses)
    asyncio.run(_ask(Target(address=addresses[0], tls=Tls(**tls) if tls else None, **order)))


if __name__ == "__main__":
    main()
