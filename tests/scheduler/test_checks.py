"""A secret that was changed while no monitor ran: the next one notices it, and shows it to one device first."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from street import DEVICES, NEW, OLD, WRONG, Street, running, settled, until

from monitor.core.event import DeviceEvent
from monitor.core.model import Credential, Secret
from monitor.core.verdict import Outcome, Rung
from monitor.ledger.reader import Reader
from monitor.scheduler.checks import PREFIX, SALT, Checks


def login(password: str, name: str = "city", username: str = "camfleet") -> Credential:
    return Credential(name, username, Secret("env:CITY", password))


def kept(password: str, salt: str = "") -> dict[str, str | None]:
    return Checks({SALT: salt} if salt else {}).keep([login(password)], ())


def test_a_check_is_a_byte_and_differs_from_ledger_to_ledger() -> None:
    """Two hex digits for each set; the same login has many checks, one for each salt."""
    several = [kept(OLD) for _ in range(12)]
    assert all(set(one) == {SALT, f"{PREFIX}city"} for one in several)
    assert all(len(one[f"{PREFIX}city"] or "") == 2 for one in several)
    assert len({one[SALT] for one in several}) == 12
    assert len({one[f"{PREFIX}city"] for one in several}) > 1


def test_another_login_is_noticed() -> None:
    """Another password or user name changes the check in all but one of 256 cases; the same login never does."""
    memory = kept(OLD)
    assert Checks(memory).changed([login(OLD)]) == set()
    others = [login(f"password-{number}") for number in range(40)] + [login(OLD, username="admin")]
    noticed = sum(Checks(memory).changed([one]) == {"city"} for one in others)
    assert noticed >= len(others) - 4


def test_a_set_that_is_not_known_yet_is_taken_as_it_is() -> None:
    """Nothing was in force before: its login is on no trial; nor where the ledger's salt is none."""
    assert Checks({}).changed([login(OLD)]) == set()
    assert Checks({PREFIX + "city": "00", SALT: "short"}).changed([login(OLD)]) == set()


def test_only_what_changed_is_written() -> None:
    """A set on trial keeps its old check, one that is gone is forgotten, and where nothing changed nothing is written."""
    salt = "00" * 16
    checks = Checks(kept(OLD, salt))
    assert checks.keep([login(OLD)], ()) == {}
    assert checks.keep([], ["city"]) == {}
    assert checks.changed([login(NEW)]) == {"city"}
    assert checks.keep([login(NEW)], ()) == kept(NEW, salt) != kept(OLD, salt)
    assert checks.keep([], ()) == {SALT: salt, f"{PREFIX}city": None}


def trials(folder: Path) -> list[str]:
    """Return what the ledger tells of trials, in order."""
    with Reader.open(folder / "ledger.sqlite") as reader:
        told = [event.what for _, event in reader.events(kind="device") if isinstance(event, DeviceEvent)]
    return [what for what in told if what != "login refused"]


async def test_a_wrong_secret_at_a_start_is_shown_to_one_device(tmp_path: Path) -> None:
    """The old one is kept nowhere, so the others wait: no device but one sees a wrong login, over a second start too, and
    none is called failing. With the right one all log in, one of them first."""
    street = Street({OLD})
    async with running(street, tmp_path) as run:
        await settled(run, street)
    for starts in (1, 2):
        seen = len(street.logins)
        async with running(street, tmp_path, WRONG) as run:
            await until(lambda: bool(run.monitor.trouble()))
            assert run.monitor.trouble() == (
                "The new login of city was refused and is held back; none is shown to its devices."
                " Correct the secret, then load the inventory anew."
            )
            street.asked.clear()
            await until(lambda: sum(count > 3 for count in street.asked.values()) == DEVICES)
            failing = [
                one for one in run.monitor.fleet.cameras.values() if one[Rung.CREDENTIALS].outcome is Outcome.FAIL
            ]
            assert failing == []
            assert len(street.logins) == seen + 1
            assert len(set(street.shown(WRONG))) == starts == len(street.shown(WRONG))
            if starts == 2:
                street.taken = {NEW}
                await run.change(NEW)
                await until(lambda: len(set(street.shown(NEW))) == DEVICES)
                await until(lambda: run.monitor.trouble() is None)
    refused = [(device, password) for device, password, taken in street.logins if not taken]
    assert [password for _, password in refused] == [WRONG, WRONG]
    seen = len(street.logins)
    async with running(street, tmp_path, NEW):
        await until(lambda: len({device for device, _, _ in street.logins[seen:]}) == DEVICES)
    assert trials(tmp_path) == ["login on trial", "login held"] * 2 + ["login on trial", "login accepted"]


async def test_a_right_secret_at_a_start_follows_everywhere(tmp_path: Path) -> None:
    """It was changed at the devices and in its file while nobody ran: one device tries it, then all have it."""
    street = Street({OLD})
    async with running(street, tmp_path) as run:
        await settled(run, street)
    street.taken = {NEW}
    async with running(street, tmp_path, NEW):
        await until(lambda: len(set(street.shown(NEW))) == DEVICES)
    assert trials(tmp_path) == ["login on trial", "login accepted"]
    assert all(taken for _, _, taken in street.logins)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as file:
        everything = "\n".join(file.iterdump())
    assert OLD not in everything
    assert NEW not in everything
