"""Changed passwords: a set's new login is shown to one device, its canary, before any other device sees it (design §6).

    on trial ── the canary accepts it ──▶ in force at every device of the set
             ── the canary refuses it ──▶ held: every device keeps the old login until the inventory is loaded anew
             ── no answer for PATIENCE_S ──▶ on trial at the next device

The canary shows one login; a refusal there says that the new secret is wrong, not that the canary fails. Where it
was changed while no monitor ran, the old one is gone: other devices are shown none until the new one is accepted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from monitor.core.event import DeviceEvent, Event
from monitor.core.model import Credential, Device, Inventory
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict

log = logging.getLogger("camfleet.credentials")

#: How long a canary may stay silent before another device is tried.
PATIENCE_S = 900.0
#: How fit a device is to be the canary; the least goes first.
Fitness = Callable[[Device], Any]


@dataclass(frozen=True, slots=True)
class Rotation:
    """A set whose login was changed. ``canary`` is "" while it is held."""

    old: Credential | None
    """None where it is not known any more."""
    new: Credential
    canary: str
    since: float
    tried: tuple[str, ...] = ()
    accepted: bool = False


class Rotations:
    """Every set whose new login is not in force yet. ``wall`` is the wall clock."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._by_name: dict[str, Rotation] = {}
        self._wanted: Inventory | None = None
        self._fitness: Fitness = lambda device: device.id
        self._changed = False
        self._events: list[Event] = []

    @property
    def on_trial(self) -> int:
        return sum(bool(one.canary) for one in self._by_name.values())

    @property
    def names(self) -> list[str]:
        """The names of the sets whose new login is on trial or held."""
        return sorted(self._by_name)

    @property
    def held(self) -> list[str]:
        """The names of the sets whose new login was refused."""
        return sorted(name for name, one in self._by_name.items() if not one.canary)

    def trouble(self) -> str | None:
        """Say in a sentence that new logins are held, or None."""
        if not self.held:
            return None
        lost = any(self._by_name[name].old is None for name in self.held)
        meanwhile = "none is shown to its devices" if lost else "the old one stays in use"
        return (
            f"The new login of {', '.join(self.held)} was refused and is held back; {meanwhile}."
            " Correct the secret, then load the inventory anew."
        )

    def events(self) -> list[Event]:
        """Return what happened since this was last asked."""
        events, self._events = self._events, []
        return events

    # Another inventory ---------------------------------------------------------------------------

    def begin(self, wanted: Inventory, changed: Iterable[str], fitness: Fitness) -> Inventory:
        """Return the inventory to start with; ``changed`` are the sets whose login was another one at the last run."""
        self._wanted, self._fitness = wanted, fitness
        for name in changed:
            self._begin(name, None, _logins(wanted)[name], None)
        return self._in_use(wanted)

    def in_force(self, inventory: Inventory) -> list[Credential]:
        """Return the logins that are not on trial or held."""
        return [one for name, one in _logins(inventory).items() if name not in self._by_name]

    def load(self, wanted: Inventory, used: Inventory, fitness: Fitness) -> Inventory:
        """Return the inventory to use instead of ``used`` where ``wanted`` was loaded."""
        before, self._by_name = self._by_name, {}
        self._wanted, self._fitness, self._changed = wanted, fitness, False
        in_force: dict[str, Credential | None] = {
            **_logins(used),
            **{name: one.new if one.accepted else one.old for name, one in before.items()},
        }
        for name, new in _logins(wanted).items():
            old = in_force.get(name)
            is_new = old is not None and _proof(old) != _proof(new)
            if is_new or (name in in_force and old is None):
                self._begin(name, old, new, before.get(name))
        return self._in_use(wanted)

    def _begin(self, name: str, old: Credential | None, new: Credential, known: Rotation | None) -> None:
        """Try a new login, or go on trying it; one that was held is tried at another device."""
        if known is not None and _proof(known.new) == _proof(new):
            if known.canary in self._members(name):
                self._by_name[name] = replace(known, new=new)
                return
            tried = known.tried
        else:
            tried = ()
        self._try(name, Rotation(old, new, "", self._wall(), tried))

    def _try(self, name: str, rotation: Rotation) -> None:
        """Choose the canary: a device that was not tried yet, or else any."""
        members = self._members(name)
        fresh = [id_ for id_ in members if id_ not in rotation.tried]
        assert self._wanted is not None
        devices = [self._wanted.devices[id_] for id_ in fresh or members]
        canary = min(devices, key=self._fitness).id
        tried = (*(rotation.tried if fresh else ()), canary)
        self._by_name[name] = replace(rotation, canary=canary, since=self._wall(), tried=tried)
        others = len(members) - 1
        meanwhile = "keep the old login" if rotation.old else "are shown none"
        log.info("credential %s was changed; %s tries it, %d others %s meanwhile", name, canary, others, meanwhile)
        self._tell(canary, "login on trial", f"the new login of {name} is tried here before any other device")

    def _members(self, name: str) -> list[str]:
        return [device.id for device in _of(name, self._wanted)]

    def _in_use(self, wanted: Inventory) -> Inventory:
        """Return the inventory with the old login, or none to show, wherever the new one is not to be shown yet."""
        old = {
            device.id: replace(device, credential=rotation.old or replace(rotation.new, held=True))
            for name, rotation in self._by_name.items()
            for device in _of(name, wanted)
            if device.id != rotation.canary
        }
        return replace(wanted, devices={**wanted.devices, **old}) if old else wanted

    # What the canary says ------------------------------------------------------------------------

    def heard(self, device: Device, verdict: Verdict) -> Verdict:
        """Take in a verdict. A canary's refusal does not count against it: it is returned without."""
        name = device.credential.name if device.credential else ""
        rotation = self._by_name.get(name)
        if rotation is None or rotation.canary != device.id or device.credential != rotation.new:
            return verdict
        outcomes = {finding.outcome for finding in verdict.findings if finding.rung is Rung.CREDENTIALS}
        if Outcome.FAIL in outcomes:
            self._refused(name, rotation)
            return replace(verdict, findings=tuple(map(_withheld, verdict.findings)))
        if Outcome.OK in outcomes and not rotation.accepted:
            self._by_name[name] = replace(rotation, accepted=True)
            self._changed = True
            log.info("credential %s: %s accepts the new login; now all devices of the set get it", name, device.id)
            self._tell(device.id, "login accepted", f"the new login of {name} follows at every device")
        return verdict

    def _refused(self, name: str, rotation: Rotation) -> None:
        canary, self._by_name[name] = rotation.canary, replace(rotation, canary="")
        self._changed = True
        meanwhile = "the old one stays in use" if rotation.old else "none is shown"
        log.error(
            "credential %s: %s refuses the new login; it is held back, and %s at all %d devices."
            " Correct the secret, then load the inventory anew",
            name, canary, meanwhile, len(self._members(name)),
        )  # fmt: skip
        self._tell(canary, "login held", f"the new login of {name} was refused here; {meanwhile}")

    def due(self) -> Inventory | None:
        """Return another inventory to use from now on, or None."""
        for name, rotation in tuple(self._by_name.items()):
            if rotation.canary and not rotation.accepted and self._wall() - rotation.since > PATIENCE_S:
                log.warning("credential %s: %s says neither yes nor no to the new login", name, rotation.canary)
                self._try(name, rotation)
                self._changed = True
        if not self._changed or self._wanted is None:
            return None
        self._changed = False
        self._by_name = {name: one for name, one in self._by_name.items() if not one.accepted}
        return self._in_use(self._wanted)

    def _tell(self, device: str, what: str, detail: str) -> None:
        self._events.append(DeviceEvent(self._wall(), device, what, detail))


def new_logins(before: Inventory, after: Inventory, devices: Iterable[str]) -> Iterator[str]:
    """Yield those of the devices that get another login: what the old one achieved says nothing about it."""
    for id_ in devices:
        one, other = before.devices[id_].credential, after.devices[id_].credential
        if one is not None and other is not None and _proof(one) != _proof(other):
            yield id_


def _logins(inventory: Inventory) -> dict[str, Credential]:
    """Return every login that some device uses, by the name of its set."""
    return {one.credential.name: one.credential for one in inventory.devices.values() if one.credential}


def _of(name: str, inventory: Inventory | None) -> list[Device]:
    devices = inventory.devices.values() if inventory else ()
    return [device for device in devices if device.credential is not None and device.credential.name == name]


def _proof(credential: Credential) -> tuple[str, str]:
    return credential.username, credential.password.reveal()


def _withheld(finding: Finding) -> Finding:
    """Return a finding of a canary that refused: what it hides is not known, and it is no fault of the camera's."""
    if finding.reason is Reason.CREDENTIALS:
        return finding._replace(outcome=Outcome.UNSEEN, reason=Reason.LOCKED)
    return finding
