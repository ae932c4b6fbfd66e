"""What a cause is called by people: what failed, a headline, and whose it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.core.acknowledgement import Acknowledgement
from monitor.core.diagnosis.cause import Cause, Causes, Kind
from monitor.core.model import Inventory
from monitor.core.topology import Layer, Scope

#: Scopes that one thing can take down together, with all that hangs on it; the others are one device, or one camera.
OWN_LAYERS = (Layer.CAMERA, Layer.DEVICE)

#: A cause in one line; "{}" is what failed (``thing``).
HEADLINES: Mapping[Kind, str] = {
    Kind.BLIND: "The monitor cannot see from {}",
    Kind.POWER: "No power from {}",
    Kind.UPLINK: "{} is cut off",
    Kind.SITE: "All of {} is silent",
    Kind.PROVIDER: "All cameras of {} stopped together",
    Kind.FIRMWARE: "Cameras fail since they run {}",
    Kind.DEAD: "{} is silent",
    Kind.IDENTITY: "Another device answers for {}",
    Kind.CREDENTIALS: "{} refuses our login",
    Kind.HUNG: "{} hangs",
    Kind.STREAM: "{} offers no stream",
    Kind.NO_VIDEO: "{} sends no video",
    Kind.BUSY: "{} has no session left for us",
    Kind.FLAPPING: "{} comes and goes",
    Kind.CLOCK: "The clock of {} is wrong",
    Kind.STORAGE: "The storage of {} has failed",
    Kind.SERVICE_OFF: "{} leaves one service unanswered",
    Kind.VITALS: "{} reports a part that is failing",
    Kind.UNDETERMINED: "{} fails, and nothing says why",
}


def is_shared(cause: Cause) -> bool:
    """Say whether a cause lies in something that several devices can share."""
    return cause.scope.layer not in OWN_LAYERS


def ordered(causes: Causes) -> list[Cause]:
    """Return causes: what several devices share first, the largest first, then the oldest."""
    return sorted(causes.values(), key=rank)


def rank(cause: Cause) -> tuple[bool, int, float, str]:
    """Order causes by how much hangs on them."""
    return not is_shared(cause), -len(cause.members), cause.by, cause.id


def thing(scope: Scope, inventory: Inventory) -> str:
    """Return what failed, with the word for what it is: uplink SW-14/3, site Harbour 12, a camera by its name."""
    if scope.layer in OWN_LAYERS:
        return _device(scope, inventory)
    if scope.layer is Layer.SITE:
        site = inventory.sites.get(scope.name)
        return f"site {site.name if site and site.name else scope.name}"
    word = {Layer.CREDENTIAL: "login", Layer.VANTAGE: "vantage"}.get(scope.layer, scope.layer.value)
    return f"{word} {scope.name}"


def _device(scope: Scope, inventory: Inventory) -> str:
    """Return the name of the one camera that a device has; the device, where it has several or the camera left."""
    device = inventory.devices.get(scope.name)
    id_ = device.cameras[0] if device and len(device.cameras) == 1 else scope.name
    camera = inventory.cameras.get(id_)
    return (camera.name or camera.id) if camera else scope.name


def headline(kind: Kind, scope: Scope, inventory: Inventory) -> str:
    """Return a cause in one line of plain words."""
    if kind is Kind.CREDENTIALS and scope.layer is Layer.CREDENTIAL:
        return f"The login {scope.name} is refused"
    told = HEADLINES[kind].format(thing(scope, inventory))
    begins_with_a_name = scope.layer in OWN_LAYERS and HEADLINES[kind].startswith("{}")
    return told if begins_with_a_name else told[:1].upper() + told[1:]


def short(kind: Kind, scope: Scope) -> str:
    """Return what a cause is in the ledger's own words, for which no inventory is needed: uplink, uplink SW-14/3."""
    return f"{kind}, {scope}"


def owner_of(cause: Cause, note: Acknowledgement | None, owners: Mapping[str, str]) -> str:
    """Return whose a cause is: by its acknowledgement, by the inventory (role to party), or else its role."""
    return (note.owner if note else "") or owners.get(cause.owner, cause.owner)
