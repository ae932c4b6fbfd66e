"""``camfleet inspect``: a look at the camera first, then all that its device's services say.

The look is held as ``camfleet probe`` holds it: by the running monitor, or with the ledger in hand, so the login lock
and the budgets are honoured. Only a login that this look has just seen accepted is shown by the asking process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from monitor.core.model import Device, Inventory
from monitor.core.verdict import Outcome, Rung
from monitor.dossier.hiding import hidden
from monitor.dossier.process import Untrusted, ask, order
from monitor.dossier.redaction import anonymous
from monitor.dossier.report import Dossier
from monitor.inspection.errors import LookError
from monitor.inspection.explanation import did_you_mean
from monitor.inspection.look import look
from monitor.inspection.report import Report
from monitor.inspection.whom import Wanted
from monitor.probes.transcript import Veil

Event = Mapping[str, Any]


async def inspect(
    wanted: Wanted, inventory: Inventory, limit_s: int, redact: bool, tell: Callable[[Event], None]
) -> tuple[dict[str, Any], bool]:
    """Return everything that a camera's device says, and whether it was asked to the end. Raises LookError."""
    camera = inventory.cameras.get(wanted.camera)
    if camera is None:
        raise LookError(
            f"No camera {wanted.camera!r} in the inventory.{did_you_mean(wanted.camera, inventory.cameras)}"
        )
    device = inventory.devices[camera.device]
    looked = await look(wanted, tell)
    accepted = looked.rungs.get(Rung.CREDENTIALS)
    with_login = accepted is not None and accepted.outcome is Outcome.OK
    dossier = Dossier()
    try:
        wanted_of_it = order(device, limit_s, with_login, looked.known)
    except Untrusted as error:
        dossier.unfinished = str(error)
    else:
        async with aclosing(ask(wanted_of_it)) as events:
            async for event in events:
                tell(event)
                dossier.take(event)
    told = _told(looked, device, dossier)
    return anonymous(told) if redact else told, dossier.unfinished is None and dossier.answered > 0


def _told(looked: Report, device: Device, dossier: Dossier) -> dict[str, Any]:
    """Return the whole report. What the look says was veiled where it was held; it is veiled here once more."""
    secrets = [device.credential.password.reveal()] if device.credential else []
    head = {"camfleet": version("camfleet"), "at": datetime.now(UTC).isoformat(timespec="seconds"), "make": device.make}
    return head | {"look": hidden(looked.to_json(False), Veil(secrets)), **dossier.to_json()}
