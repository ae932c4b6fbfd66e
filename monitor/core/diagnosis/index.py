"""What fails now, by device and by scope: the memory that makes a change cost what it changes, not what there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite

from monitor.core.diagnosis.hypothesis import Key, Unit
from monitor.core.diagnosis.rules import RULES_OF, Rule
from monitor.core.diagnosis.symptom import NONE, Onset, Symptom, Symptoms, common, is_unproven, symptoms
from monitor.core.health import NEVER_SEEN, Rungs
from monitor.core.topology import Layer, Scope, Topology
from monitor.core.verdict import Outcome, Rung


class Index:
    """The failures of a fleet, kept by the changes of its rungs."""

    def __init__(self, topology: Topology, seen: Iterable[str] = ()) -> None:
        self.topology = topology
        self.onsets: dict[Unit, Onset] = {}
        """All that is to be explained."""
        self.failing: dict[Key, dict[Unit, Onset]] = {}
        """The same by the shared causes that could explain it."""
        self.seen = set(seen)
        """Devices of which it was ever known whether they can be reached."""
        self.unproven: set[str] = set()
        """Devices of which the next answer may say more, though it changes no rung."""
        self._of_camera: dict[str, Symptoms] = {}
        self._of_device: dict[str, dict[Unit, Onset]] = {}
        self._firmware: dict[str, tuple[Scope, float]] = {}
        self._updated: dict[Scope, set[str]] = {}
        self._keys: dict[Unit, tuple[tuple[Rule, Key], ...]] = {}

    def update(self, device: str, rungs: Mapping[str, Rungs]) -> set[Unit]:
        """Take a device's rungs as they are now; return the units that came, went or began anew."""
        cameras = self.topology.cameras[device]
        known = rungs.get(cameras[0], NEVER_SEEN)[Rung.REACHABLE]
        if device not in self.seen and known.outcome in (Outcome.OK, Outcome.FAIL):
            self.seen.add(device)
        if any(is_unproven(rungs.get(camera, NEVER_SEEN)) for camera in cameras):
            self.unproven.add(device)
        else:
            self.unproven.discard(device)
        before = self._of_device.get(device, {})
        now = self._units(device, cameras, rungs)
        changed = {unit for unit in before.keys() | now.keys() if before.get(unit) != now.get(unit)}
        for unit in changed:
            self._put(unit, now.get(unit))
        if now:
            self._of_device[device] = now
        else:
            self._of_device.pop(device, None)
        return changed

    def _units(self, device: str, cameras: tuple[str, ...], rungs: Mapping[str, Rungs]) -> dict[Unit, Onset]:
        found = []
        for camera in cameras:
            of_camera = symptoms(rungs.get(camera, NEVER_SEEN), self._of_camera.get(camera, NONE))
            found.append(of_camera)
            if of_camera:
                self._of_camera[camera] = of_camera
            else:
                self._of_camera.pop(camera, None)
        shared = common(found)
        units = {Unit(symptom, device): onset for symptom, onset in shared.items()}
        for camera, of_camera in zip(cameras, found, strict=True):
            units |= {
                Unit(symptom, device, camera): onset for symptom, onset in of_camera.items() if symptom not in shared
            }
        return units

    def _put(self, unit: Unit, onset: Onset | None) -> None:
        if onset is None:
            self.onsets.pop(unit, None)
        else:
            self.onsets[unit] = onset
        for _, key in self.keys(unit):
            failing = self.failing.setdefault(key, {})
            if onset is None:
                failing.pop(unit, None)
                if not failing:
                    del self.failing[key]
            else:
                failing[unit] = onset

    def keys(self, unit: Unit) -> tuple[tuple[Rule, Key], ...]:
        """Return the shared causes that could explain a unit, with their rules."""
        if unit.camera:
            return ()
        known = self._keys.get(unit)
        if known is None:
            layers = {scope.layer: scope for scope in self.topology.scopes[unit.device]}
            known = self._keys[unit] = tuple(
                (rule, Key(rule.kind, layers[rule.layer])) for rule in RULES_OF[unit.symptom] if rule.layer in layers
            )
        return (*known, *self._by_firmware(unit)) if unit.device in self._firmware else known

    def _by_firmware(self, unit: Unit) -> Iterator[tuple[Rule, Key]]:
        scope, since = self._firmware[unit.device]
        onset = self.onsets.get(unit)
        for rule in RULES_OF[unit.symptom]:
            if rule.layer is Layer.FIRMWARE and (onset is None or onset.by >= since):
                yield rule, Key(rule.kind, scope)

    def members(self, scope: Scope) -> tuple[str, ...] | set[str]:
        if scope.layer is Layer.FIRMWARE:
            return self._updated.get(scope, set())
        return self.topology.members.get(scope, ())

    def flap(self, device: str, since: Onset | None) -> None:
        """Note that a device began to flap, or ended; it is to be updated after this."""
        for camera in self.topology.cameras[device]:
            self._recall(camera, Symptom.FLAPPING, since)

    def recall(self, cameras: Iterable[str], symptom: Symptom, since: Onset) -> None:
        """Note what was known to be wrong with cameras: they are to be updated after this."""
        for camera in cameras:
            self._recall(camera, symptom, since)

    def _recall(self, camera: str, symptom: Symptom, since: Onset | None) -> None:
        known = dict(self._of_camera.get(camera, NONE))
        known.pop(symptom, None)
        if since is not None:
            known[symptom] = since
        self._of_camera[camera] = known

    def firmware(self, device: str, version: str, at: float) -> None:
        """Note that a device runs this model's version ("AXIS P3245-LV 11.2.1") since it was updated at ``at``."""
        units = dict(self._of_device.get(device, {}))
        for unit in units:
            self._put(unit, None)
        old = self._firmware.pop(device, None)
        if old is not None:
            self._updated[old[0]].discard(device)
        if isfinite(at):
            scope = Scope(Layer.FIRMWARE, version)
            self._firmware[device] = (scope, at)
            self._updated.setdefault(scope, set()).add(device)
        for unit, onset in units.items():
            self._put(unit, onset)

    def telling(self) -> set[str]:
        """Return the devices of which there is more to say than that all is well."""
        return self.unproven.union(self._of_device)

    def units(self, device: str) -> set[Unit]:
        """Return all that is to be explained of a device."""
        return set(self._of_device.get(device, ()))

    def flaps(self, device: str) -> bool:
        return Unit(Symptom.FLAPPING, device) in self.onsets

    def silent(self, device: str) -> Onset | None:
        """Return since when a device is silent, if it is."""
        return self.onsets.get(Unit(Symptom.SILENT, device))

    def cameras(self, unit: Unit) -> tuple[str, ...]:
        return (unit.camera,) if unit.camera else self.topology.cameras[unit.device]

    def whole(self, row: str) -> bool:
        """Say whether no device of a row answers."""
        return all(self.silent(device) is not None for device in self.topology.in_row[row] if device in self.seen)

    def goes_on(self, scope: Scope, row: str) -> bool:
        """Say whether at least half of a scope's devices outside a row answer."""
        others = [device for device in self.members(scope) if self.topology.row[device] != row and device in self.seen]
        return bool(others) and 2 * sum(self.silent(device) is None for device in others) >= len(others)
