"""What was learnt of a device, as the ledger keeps it."""

from __future__ import annotations

import json

import pytest

from monitor.core.limits import Login
from monitor.probes.memory import Memory, from_json

LEARNT = Memory(
    login=Login((1.0, 2.0), 3.0, "u:1:0"),
    scheme="token",
    services={"urn:a": "80 /a"},
    streams={"1": "/live"},
    ask_mac=True,
    rtsp_port=0,
    lost=("2",),
    streams_wait=True,
    options_first=True,
    logged_in_at=4.0,
    clock_offset_s=0.0,
    own_clock=True,
    closed_time=True,
    booted_at=0.0,
    boots=1,
    objects={},
    oids="axis@1@2",
    counters={"1.3": 5},
    counted_at=6.0,
    proven={"onvif": "token"},
    unread=Login((8.0,), evidence="x"),
    unread_streams=Login((9.0,)),
    downgrades={"rtsp": "basic"},
    certificates={"onvif": "aa"},
    strange_certificates={"onvif": "bb"},
    weak_tls={"rtsp": 7.0},
)


@pytest.mark.parametrize("known", [(), *((name,) for name in Memory._fields), Memory._fields])
def test_what_is_kept_is_read_back(known: tuple[str, ...]) -> None:
    """Nothing, one fact or all of them: also a zero and an empty list, which are not the same as not known."""
    memory = Memory(**{name: getattr(LEARNT, name) for name in known})
    assert from_json(json.loads(json.dumps(memory.to_json()))) == memory


def test_what_is_not_known_is_not_written() -> None:
    """But the login, which others read too."""
    assert Memory(boots=2).to_json() == {"login": Login()._asdict(), "boots": 2}


def test_the_example_knows_everything() -> None:
    """So that a new fact comes into the tests above."""
    assert not [name for name, value, unknown in zip(Memory._fields, LEARNT, Memory(), strict=True) if value == unknown]


def test_a_person_s_word_is_about_each_login_that_waits() -> None:
    """Also one of which no answer told whether it is right; the newest showing still counts."""
    silent = Login((10.0, 70.0), evidence="x")
    cleared = Memory(unread=silent, unread_streams=silent).cleared(100.0)
    assert [one.failures for one in (cleared.unread, cleared.unread_streams)] == [(70.0,), (70.0,)]
    assert all(one.allowed(100.0, "x") for one in (cleared.unread, cleared.unread_streams))


def test_after_another_boot_each_login_counts_from_then_on() -> None:
    """Nobody knows how long the machine was off, so what was shown before counts as shown now."""
    silent = Login((10.0, 70.0), evidence="x")
    moved = Memory(login=silent, unread=silent, unread_streams=silent).after_another_boot(500.0, 1000.0)
    assert {moved.login, moved.unread, moved.unread_streams} == {silent.after_another_boot(500.0, 1000.0)}
    assert not moved.unread.allowed(1010.0, "x")
