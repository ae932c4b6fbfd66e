"""A changed password: one device sees it first, and no other one before that accepted it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from street import NEW, OLD, WRONG, Street, running, settled, until

from monitor.core.event import DeviceEvent
from monitor.core.model import Camera, Credential, Device, Inventory, Secret
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict
from monitor.ledger.reader import Reader
from monitor.scheduler.rotation import PATIENCE_S, Rotations

# Alone: an inventory, verdicts, a clock ----------------------------------------------------------------------


def login(password: str, name: str = "city") -> Credential:
    return Credential(name, "camfleet", Secret("file:secret", password))


def fleet(password: str, devices: int = 3, other: str = OLD) -> Inventory:
    """Some devices with the set city, and one with another set."""
    found = {
        f"d{n}": Device(f"d{n}", f"127.2.0.{n}", {}, ("onvif",), (f"c{n}",), credential=login(password))
        for n in range(devices)
    }
    found["x"] = Device("x", "127.2.1.1", {}, ("onvif",), ("y",), credential=login(other, "other"))
    cameras = {device.cameras[0]: Camera(device.cameras[0], "", id_, 1, "z") for id_, device in found.items()}
    return Inventory(found, cameras, {}, {"z": "Z"})


def verdict(device: str, outcome: Outcome, reason: Reason | None = None) -> Verdict:
    findings = (Finding(Rung.CONTROL, Outcome.OK), Finding(Rung.CREDENTIALS, outcome, reason))
    return Verdict(device, "central", "onvif", 0.0, 0.1, findings)


def passwords(inventory: Inventory) -> dict[str, str]:
    return {id_: device.credential.password.reveal() for id_, device in inventory.devices.items() if device.credential}


@dataclass
class Watch:
    """Rotations with a clock to set, and what is in use."""

    used: Inventory
    now: float = 0.0
    rotations: Rotations = field(init=False)

    def __post_init__(self) -> None:
        self.rotations = Rotations(lambda: self.now)

    def load(self, wanted: Inventory) -> dict[str, str]:
        self.used = self.rotations.load(wanted, self.used, lambda device: device.id)
        return passwords(self.used)

    def hear(self, device: str, outcome: Outcome, reason: Reason | None = None) -> Verdict:
        return self.rotations.heard(self.used.devices[device], verdict(device, outcome, reason))

    def due(self) -> dict[str, str]:
        self.used = self.rotations.due() or self.used
        return passwords(self.used)


@pytest.fixture
def watch() -> Watch:
    return Watch(fleet(OLD))


def test_only_the_canary_sees_the_new_password(watch: Watch) -> None:
    """One device of the set gets it, the others and other sets keep theirs; after it was accepted all of the set get it."""
    assert watch.load(fleet(NEW)) == {"d0": NEW, "d1": OLD, "d2": OLD, "x": OLD}
    assert watch.rotations.on_trial == 1
    watch.hear("d1", Outcome.OK)
    assert watch.due() == {"d0": NEW, "d1": OLD, "d2": OLD, "x": OLD}
    watch.hear("d0", Outcome.OK)
    assert watch.due() == {"d0": NEW, "d1": NEW, "d2": NEW, "x": OLD}
    assert (watch.rotations.on_trial, watch.rotations.held, watch.rotations.due()) == (0, [], None)


def test_a_refused_password_is_held(watch: Watch) -> None:
    """Every device has the old one again, the canary too; its refusal is not the camera's fault; and it is said."""
    watch.load(fleet(NEW))
    heard = watch.hear("d0", Outcome.FAIL, Reason.CREDENTIALS)
    assert [(one.rung, one.outcome, one.reason) for one in heard.findings] == [
        (Rung.CONTROL, Outcome.OK, None),
        (Rung.CREDENTIALS, Outcome.UNSEEN, Reason.LOCKED),
    ]
    assert set(watch.due().values()) == {OLD}
    assert watch.rotations.held == ["city"]
    assert watch.rotations.trouble() == (
        "The new login of city was refused and is held back; the old one stays in use."
        " Correct the secret, then load the inventory anew."
    )
    events = [event for event in watch.rotations.events() if isinstance(event, DeviceEvent)]
    assert [(event.device, event.what) for event in events] == [("d0", "login on trial"), ("d0", "login held")]


def test_the_old_password_s_refusal_counts(watch: Watch) -> None:
    """A device that refuses the old login fails as ever."""
    watch.load(fleet(NEW))
    assert watch.hear("d1", Outcome.FAIL, Reason.CREDENTIALS).findings[1].outcome is Outcome.FAIL


def test_a_canary_that_says_nothing(watch: Watch) -> None:
    """After a quarter of an hour the next device is the canary, and the first has the old password again; round and round."""
    watch.load(fleet(NEW))
    for canary in ("d1", "d2", "d0", "d1"):
        watch.now += PATIENCE_S + 1
        assert {id_ for id_, password in watch.due().items() if password == NEW} == {canary}


def test_a_held_password_is_tried_elsewhere_by_a_reload(watch: Watch) -> None:
    """The operator insists: another device gets its turn."""
    watch.load(fleet(NEW))
    watch.hear("d0", Outcome.FAIL, Reason.CREDENTIALS)
    watch.due()
    assert watch.load(fleet(NEW)) == {"d0": OLD, "d1": NEW, "d2": OLD, "x": OLD}
    assert watch.load(fleet(NEW)) == {"d0": OLD, "d1": NEW, "d2": OLD, "x": OLD}


def test_a_correction(watch: Watch) -> None:
    """A third password is on trial against the one in use, not against the refused one; going back ends the trial."""
    watch.load(fleet(WRONG))
    watch.hear("d0", Outcome.FAIL, Reason.CREDENTIALS)
    watch.due()
    assert watch.load(fleet(NEW)) == {"d0": NEW, "d1": OLD, "d2": OLD, "x": OLD}
    assert watch.load(fleet(OLD)) == {"d0": OLD, "d1": OLD, "d2": OLD, "x": OLD}
    assert (watch.rotations.on_trial, watch.rotations.held) == (0, [])


def test_a_reload_between_an_answer_and_what_follows(watch: Watch) -> None:
    """An accepted password is in force, even if the inventory is loaded anew in that very second."""
    watch.load(fleet(NEW))
    watch.hear("d0", Outcome.OK)
    assert set(watch.load(fleet(NEW, other=NEW)).values()) == {NEW}


def test_a_new_device_of_a_set_on_trial(watch: Watch) -> None:
    """It has the old password like the others."""
    watch.load(fleet(NEW))
    assert watch.load(fleet(NEW, devices=4))["d3"] == OLD


def test_a_canary_that_is_taken_out(watch: Watch) -> None:
    """Another one takes its place."""
    watch.load(fleet(NEW))
    wanted = fleet(NEW)
    kept = {id_: device for id_, device in wanted.devices.items() if id_ != "d0"}
    assert watch.load(replace(wanted, devices=kept)) == {"d1": NEW, "d2": OLD, "x": OLD}


def test_the_same_password_from_elsewhere(watch: Watch) -> None:
    """Where a secret is kept is no matter of the devices."""
    wanted = fleet(OLD)
    moved = {
        id_: replace(device, credential=Credential("city", "camfleet", Secret("env:CITY", OLD)))
        for id_, device in wanted.devices.items()
    }
    watch.load(replace(wanted, devices=moved))
    assert watch.rotations.on_trial == 0


# A whole monitor, devices that really check digests ------------------------------------------------------------


async def test_a_rotation_over_a_fleet(tmp_path: Path) -> None:
    """The password is changed at the cameras, then in its file: one device is shown it, then all; nobody restarts."""
    street = Street({OLD})
    async with running(street, tmp_path) as run:
        await settled(run, street)
        street.taken = {OLD, NEW}
        await run.change(NEW)
        await until(lambda: len(set(street.shown(NEW))) == 4)
        first = next(place for place, (_, password, _) in enumerate(street.logins) if password == NEW)
        canary = street.logins[first][0]
        after = street.logins[first + 1 :]
        second = next(
            place for place, (device, password, _) in enumerate(after) if password == NEW and device != canary
        )
        assert street.logins[first][2]
        assert not [one for one in after[:second] if one[1] == NEW and one[0] != canary]
    assert not [one for one in street.logins if not one[2]]
    with Reader.open(tmp_path / "ledger.sqlite") as reader:
        told = [
            (event.device, event.what) for _, event in reader.events(kind="device") if isinstance(event, DeviceEvent)
        ]
    assert told == [(canary, "login on trial"), (canary, "login accepted")]


async def test_a_wrong_password_for_a_fleet(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A slip in the secret costs one login at one device, is said everywhere, and fails no camera; a correction follows."""
    street = Street({OLD})
    async with running(street, tmp_path) as run:
        await settled(run, street)
        with caplog.at_level(logging.INFO):
            await run.change(WRONG)
            await until(lambda: bool(street.shown(WRONG)))
        seen = len(street.logins)
        await until(lambda: len({device for device, password, _ in street.logins[seen:] if password == OLD}) == 4)
        assert len(street.shown(WRONG)) == 1
        trouble = "The new login of city was refused and is held back; the old one stays in use."
        assert trouble in await run.get("/")
        assert trouble in await run.get("/api/v1/summary")
        assert await run.get("/readyz") == "ready\n"
        assert 'camfleet_credential_rotations{state="held"} 1.0' in await run.get("/metrics")
        assert "refuses the new login; it is held back, and the old one stays in use at all 4 devices" in caplog.text
        assert run.monitor.snapshot is not None
        failing = [
            id_ for id_, rungs in run.monitor.fleet.cameras.items() if rungs[Rung.CREDENTIALS].outcome is Outcome.FAIL
        ]
        assert failing == []
        # The old one for as long as it is shown: a second refusal would lock the device that tries the new one.
        street.taken = {OLD, NEW}
        await run.change(NEW)
        await until(lambda: len(set(street.shown(NEW))) == 4)
        await until(lambda: run.monitor.trouble() is None)
        assert 'camfleet_credential_rotations{state="held"} 0.0' in await run.get("/metrics")
    assert not [secret for secret in (OLD, NEW, WRONG) if secret in caplog.text]
    assert not [device for device in "0123" if sum(one[0] == f"d{device}" and not one[2] for one in street.logins) > 2]
