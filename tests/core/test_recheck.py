"""What is asked again, by which probe, and when."""

from __future__ import annotations

from fleets import inventory, verdict

from monitor.core import fleet as fleets
from monitor.core.fleet import Fleet, step
from monitor.core.recheck import Wishes, wishes
from monitor.core.schedule import Rates
from monitor.core.verdict import Finding, Outcome, Reason, Rung

OK, FAIL = Outcome.OK, Outcome.FAIL


def wished(fleet: Fleet) -> Wishes:
    return wishes(fleet.inventory.devices["d0"], fleet.cameras)


def seen(*findings: Finding, at: float = 100.0, fleet: Fleet | None = None) -> Fleet:
    return step(fleet or fleets.start(inventory(), Rates()), [verdict(at, *findings)], at)[0]


def test_nothing_is_asked_again_while_all_is_well() -> None:
    """A rung that was seen and is as it was has no wish."""
    assert wished(seen(Finding(Rung.STREAM, OK, camera="d0c1"), Finding(Rung.MEDIA, OK, camera="d0c1"))) == {}


def test_a_first_failure_is_asked_again_after_ten_seconds() -> None:
    """The probe that judges the rung asks for that rung."""
    assert wished(seen(Finding(Rung.CONTROL, FAIL, Reason.NO_REPLY))) == {("onvif", Rung.CONTROL, ""): 110.0}


def test_another_reason_is_asked_again_after_ten_seconds() -> None:
    """A rung that still fails, but otherwise, does not tell the old reason for three of its intervals."""
    fleet = fleets.start(inventory(), Rates())
    for number in range(3):
        fleet = seen(Finding(Rung.CONTROL, FAIL, Reason.TIMEOUT), at=100 + 10.1 * number, fleet=fleet)
    assert wished(fleet) == {}
    fleet = seen(Finding(Rung.CONTROL, FAIL, Reason.NO_REPLY), at=200.0, fleet=fleet)
    assert wished(fleet) == {("onvif", Rung.CONTROL, ""): 210.0}


def test_where_the_network_is_in_doubt_only_the_network_is_asked() -> None:
    """What depends on reachable waits for it, and two protocols take turns so that one filtered port does not decide."""
    fleet = seen(
        Finding(Rung.REACHABLE, FAIL, Reason.TIMEOUT),
        Finding(Rung.CONTROL, FAIL, Reason.TIMEOUT),
        Finding(Rung.STREAM, FAIL, Reason.TIMEOUT, "", "d0c1"),
    )
    assert wished(fleet) == {("onvif", Rung.REACHABLE, ""): 110.0}
    fleet = seen(Finding(Rung.REACHABLE, FAIL, Reason.TIMEOUT), at=110.5, fleet=fleet)
    assert wished(fleet) == {("rtsp", Rung.REACHABLE, ""): 120.5}


def test_the_recovery_of_a_stream_asks_for_media_at_once() -> None:
    """Media stood as failed because the stream did; it does not wait for its ten minutes."""
    fleet = fleets.start(inventory(), Rates())
    for number in range(3):
        fleet = seen(Finding(Rung.STREAM, FAIL, Reason.NOT_FOUND, "", "d0c1"), at=100 + 10.1 * number, fleet=fleet)
    for at in (200.0, 210.1):
        fleet = seen(Finding(Rung.STREAM, OK, None, "", "d0c1"), at=at, fleet=fleet)
    assert ("rtsp", Rung.MEDIA, "d0c1") in wished(fleet)


def back_since_200() -> Fleet:
    """Return a fleet whose device was silent and answers connections again."""
    fleet = seen(Finding(Rung.REACHABLE, OK), Finding(Rung.CONTROL, OK), at=50.0)
    for number in range(3):
        fleet = seen(Finding(Rung.REACHABLE, FAIL, Reason.TIMEOUT), at=100 + 10.1 * number, fleet=fleet)
    for at in (200.0, 210.1):
        fleet = seen(Finding(Rung.REACHABLE, OK), at=at, fleet=fleet)
    return fleet


def test_a_device_that_is_back_is_asked_at_once_for_all_that_failed_with_it() -> None:
    """Its failures are older than its reachability; they do not wait for the next turn, which may be five minutes off."""
    due = wished(back_since_200())
    assert set(due) == {("onvif", Rung.CONTROL, ""), ("rtsp", Rung.MEDIA, "d0c1")}
    assert max(due.values()) <= 210.1


def test_a_device_that_is_back_and_full_is_asked_once() -> None:
    """Then its back-off counts again."""
    full = Finding(Rung.STREAM, Outcome.UNSEEN, Reason.BUSY, "", "d0c1")
    fleet = seen(Finding(Rung.REACHABLE, OK), full, at=212.0, fleet=back_since_200())
    assert set(wished(fleet)) == {("onvif", Rung.CONTROL, "")}


def test_an_agent_that_falls_silent_puts_the_network_in_doubt() -> None:
    """Silence over UDP proves nothing, so a connection is tried at once; when it was, the doubt is over."""
    fleet = seen(Finding(Rung.REACHABLE, OK), Finding(Rung.DEVICE, OK))
    fleet = seen(Finding(Rung.DEVICE, FAIL, Reason.TIMEOUT), at=160.0, fleet=fleet)
    assert wished(fleet) == {("snmp", Rung.DEVICE, ""): 170.0, ("rtsp", Rung.REACHABLE, ""): 110.0}
    fleet = seen(Finding(Rung.REACHABLE, OK), at=161.0, fleet=fleet)
    assert wished(fleet) == {("snmp", Rung.DEVICE, ""): 170.0}


def test_a_camera_that_was_full_is_not_pressed() -> None:
    """Busy is left to its back-off."""
    fleet = seen(
        Finding(Rung.STREAM, OK, None, "", "d0c1"), Finding(Rung.MEDIA, Outcome.UNSEEN, Reason.BUSY, "", "d0c1")
    )
    assert wished(fleet) == {}


def test_a_probe_that_the_inventory_leaves_out_is_never_wished_for() -> None:
    """Without SNMP nobody asks for vitals."""
    fleet = fleets.start(inventory(probes=("onvif", "rtsp")), Rates())
    fleet, _ = step(fleet, [verdict(100.0, Finding(Rung.DEVICE, FAIL, Reason.TIMEOUT), probe="snmp")], 100.0)
    assert wished(fleet) == {}
