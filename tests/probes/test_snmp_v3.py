"""SNMP v3 against Debian's snmpd: every level and algorithm, wrong keys told apart, an engine that restarts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from peers import snmpd
from talks import device, findings, probe, said

from monitor.core.model import Secret, SnmpAccess
from monitor.core.schedule import Deadlines
from monitor.core.verdict import Rung
from monitor.probes.snmp_socket import OwnSocket
from monitor.probes.snmp_user import UserSession

PATIENT = Deadlines()
FINE = {"reachable": "ok", "device": "ok", "recording": "n/a"}
UPTIME = "1.3.6.1.2.1.1.3.0"


def access(auth: str | None = None, privacy: str | None = None) -> SnmpAccess:
    """Return the access of the user that is named after its algorithms."""
    return SnmpAccess(
        "v3",
        "v3",
        None,
        "-".join(filter(None, (auth, privacy))) or "nobody",
        auth,
        Secret("env:A", snmpd.AUTH) if auth else None,
        privacy,
        Secret("env:P", snmpd.PRIVACY) if privacy else None,
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def agent(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[int]:
    """One snmpd for all of these."""
    async with snmpd.running_snmpd(tmp_path_factory.mktemp("snmpd"), snmpd.users()) as port:
        yield port


LEVELS: dict[str, SnmpAccess] = {
    one.username: one
    for one in (
        access(),
        *(access(auth) for auth in snmpd.AUTHS),
        *(access(auth, privacy) for auth in snmpd.AUTHS for privacy in snmpd.PRIVACIES),
    )
}


@pytest.mark.parametrize("name", LEVELS)
async def test_a_level_and_its_algorithms(name: str, agent: int) -> None:
    """noAuth, authNoPriv and authPriv with each pair of algorithms bring the vitals."""
    result = await probe("snmp", device(ports={"snmp": agent}, snmp=LEVELS[name]), deadlines=PATIENT)
    assert said(result) == FINE
    assert result.verdict.measurements["description"] == "A real agent"


GOOD = access("sha256", "aes128")
WRONG = Secret("env:W", "not-the-password")
REFUSED: dict[str, tuple[SnmpAccess, str]] = {
    "an unknown user": (replace(GOOD, username="stranger"), "the agent does not know the user"),
    "a wrong password": (
        replace(GOOD, auth_password=WRONG),
        "the agent refuses the user's key: wrong auth_password or auth algorithm",
    ),
    "another algorithm": (
        replace(GOOD, auth="sha512"),
        "the agent refuses the user's key: wrong auth_password or auth algorithm",
    ),
    "a wrong privacy password": (
        replace(GOOD, privacy_password=WRONG),
        "the agent is silent to what is encrypted: wrong privacy_password or privacy algorithm",
    ),
    "more security than the user has": (
        replace(access("sha256"), privacy="aes128", privacy_password=WRONG),
        "the agent does not accept this level of security for the user",
    ),
    "less security than the user needs": (
        replace(access("sha256"), username="sha256-aes128"),
        "the agent does not let this user read: authorization error",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_login_refused(name: str, agent: int) -> None:
    """usmStats reports fail ``device`` for credentials, and say which key is wrong."""
    wrong, detail = REFUSED[name]
    result = await probe("snmp", device(ports={"snmp": agent}, snmp=wrong), deadlines=PATIENT)
    assert said(result) == {"device": "fail credentials"}
    assert findings(result)[Rung.DEVICE].detail == detail


async def test_an_engine_that_restarts_within_a_conversation(tmp_path: Path) -> None:
    """After a reboot the agent reports notInTimeWindows: its time is learnt anew, and the question put once more."""
    async with snmpd.running_snmpd(tmp_path, snmpd.users()) as port:
        way = OwnSocket("127.0.0.1", port)
        session = UserSession(way, 5.0, GOOD)
        try:
            before = await session.get([UPTIME])
        except BaseException:
            way.close()
            raise
    try:
        async with snmpd.running_snmpd(tmp_path, snmpd.users(), port):
            after = await session.get([UPTIME])
    finally:
        way.close()
    assert isinstance(before[UPTIME], int)
    assert isinstance(after[UPTIME], int)


async def test_an_engine_that_forgot_who_it_was(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A device that was reset has a new engine id: that is learnt too, and is no failure of its."""
    other = tmp_path_factory.mktemp("reset")
    async with snmpd.running_snmpd(tmp_path, snmpd.users() + "\nengineID 0x80001f8801020304") as port:
        way = OwnSocket("127.0.0.1", port)
        session = UserSession(way, 5.0, GOOD)
        try:
            await session.get([UPTIME])
        except BaseException:
            way.close()
            raise
    try:
        async with snmpd.running_snmpd(other, snmpd.users() + "\nengineID 0x80001f8805060708", port):
            after = await session.get([UPTIME])
    finally:
        way.close()
    assert isinstance(after[UPTIME], int)


async def test_a_walk(agent: int) -> None:
    """GETNEXT over v3 finds one object after the other, and what is behind the table is another one's."""
    way = OwnSocket("127.0.0.1", agent)
    session = UserSession(way, 5.0, GOOD)
    root = "1.3.6.1.2.1.2.2.1.2"
    try:
        found, oid = [], root
        while (row := (await session.next([oid]))[oid]) and row[0].startswith(root + "."):
            oid = row[0]
            found.append(row)
    finally:
        way.close()
    assert (found[0][0], found[0][1]) == (f"{root}.1", b"lo")
    assert row is not None
    assert row[0] == "1.3.6.1.2.1.2.2.1.3.1"
