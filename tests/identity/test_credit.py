"""Nothing that another device did is credited: the reducer, its events, and what they add up to."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from fleets import inventory
from uptime import credited

from monitor.core.event import DeviceEvent, Event, RungEvent
from monitor.core.fleet import Fleet, accept, facts, replay, start, step
from monitor.core.identity import MAC, SERIAL, SNMP_MAC, SNMP_SERIAL, accepted
from monitor.core.model import Inventory
from monitor.core.recheck import wishes
from monitor.core.schedule import Rates
from monitor.core.sla.spans import Span
from monitor.core.state import State, view
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict

OK, FAIL, UNSEEN = Outcome.OK, Outcome.FAIL, Outcome.UNSEEN
LOGIN = ("onvif", Rung.IDENTITY, "")


def onvif(at: float, serial: str, device: str = "d0", **marks: str) -> Verdict:
    """What ONVIF tells of a device in order, with its serial number."""
    rungs = (Rung.REACHABLE, Rung.CONTROL, Rung.CLOCK, Rung.CREDENTIALS)
    found = tuple(Finding(rung, OK) for rung in rungs)
    return Verdict(device, "central", "onvif", at, 0.2, found, {"model": serial}, 3, {SERIAL: serial, **marks})


def rtsp(at: float, realm: str, device: str = "d0", media: bool = True) -> Verdict:
    """What RTSP tells of a device whose video plays."""
    rungs = (Rung.REACHABLE, Rung.STREAM, Rung.MEDIA) if media else (Rung.REACHABLE, Rung.STREAM)
    found = tuple(Finding(rung, OK, camera="" if rung is Rung.REACHABLE else f"{device}c1") for rung in rungs)
    return Verdict(device, "central", "rtsp", at, 0.2, found, {}, 2, {"rtsp_realm": realm})


class Course:
    """A fleet and all its events."""

    def __init__(self, fleet: Inventory | None = None) -> None:
        self.fleet: Fleet = start(fleet or inventory(), Rates())
        self.events: list[Event] = []

    def take(self, *verdicts: Verdict) -> None:
        for verdict in verdicts:
            self.fleet, events = step(self.fleet, [verdict], verdict.at)
            self.events += events

    def rung(self, rung: Rung, camera: str = "d0c1") -> tuple[Outcome, Reason | None]:
        health = self.fleet.cameras[camera][rung]
        return health.outcome, health.reason

    def state(self, camera: str = "d0c1") -> State:
        return view(self.fleet.cameras[camera], self.fleet.standings[camera]).state

    def media(self, until: float, camera: str = "d0c1") -> list[Span]:
        rungs = [event for event in self.events if isinstance(event, RungEvent)]
        return credited(rungs, camera, Rung.MEDIA, until)


def test_another_serial_takes_back_all_since_the_last_proof() -> None:
    """Video that came after the last moment at which the serial was known may have been the stranger's."""
    course = Course()
    course.take(onvif(0.0, "OWN-1"), rtsp(20.0, "r"), rtsp(620.0, "r"), onvif(3600.0, "OTHER"))
    assert course.rung(Rung.IDENTITY) == (FAIL, Reason.IDENTITY)
    for rung in (Rung.CONTROL, Rung.STREAM, Rung.MEDIA, Rung.CLOCK):
        assert course.rung(rung) == (UNSEEN, Reason.IDENTITY)
    assert course.rung(Rung.REACHABLE) == (OK, None)
    assert course.state() is State.UNKNOWN
    media = [event for event in course.events if isinstance(event, RungEvent) and event.rung is Rung.MEDIA]
    assert [(event.outcome, event.after, event.by) for event in media] == [(OK, -inf, 20.0), (UNSEEN, 0.0, 3600.0)]
    assert course.media(4000.0) == []


def test_what_a_stranger_does_is_credited_to_nobody() -> None:
    """Neither its video nor its vital signs, and neither good nor bad."""
    course = Course()
    course.take(onvif(0.0, "OWN-1"), rtsp(20.0, "r"), onvif(60.0, "OTHER"), rtsp(80.0, "s"), rtsp(680.0, "s"))
    bad = Verdict("d0", "central", "snmp", 700.0, 0.1, (Finding(Rung.RECORDING, FAIL, Reason.STORAGE),), {"fan": 1.0})
    course.take(bad, replace(bad, at=720.0), replace(bad, at=740.0))
    assert course.rung(Rung.MEDIA) == (UNSEEN, Reason.IDENTITY)
    assert course.rung(Rung.RECORDING) == (UNSEEN, None) or course.rung(Rung.RECORDING) == (UNSEEN, Reason.IDENTITY)
    record = course.fleet.devices["d0"]
    assert record.measurements["model"] == "OWN-1"
    assert "fan" not in record.measurements


def test_its_own_device_is_well_again_by_itself() -> None:
    """Two proofs ten seconds apart, and its video counts anew."""
    course = Course()
    course.take(onvif(0.0, "OWN-1"), rtsp(20.0, "r"), onvif(60.0, "OTHER"), onvif(120.0, "OWN-1"))
    assert course.rung(Rung.IDENTITY)[0] is FAIL
    assert LOGIN in wishes(course.fleet.inventory.devices["d0"], course.fleet.cameras)
    course.take(onvif(130.0, "OWN-1"), rtsp(140.0, "r"))
    assert (course.rung(Rung.IDENTITY), course.state()) == ((OK, None), State.UP)
    assert course.media(200.0) == [Span(140_000, 200_000)]


def test_a_changed_realm_puts_the_question_at_once() -> None:
    """Until it is answered nothing new counts, and nothing is taken back."""
    course = Course()
    course.take(onvif(0.0, "OWN-1"), rtsp(20.0, "r"), rtsp(80.0, "s"), rtsp(640.0, "s"))
    assert course.rung(Rung.IDENTITY) == (UNSEEN, Reason.IDENTITY)
    assert course.rung(Rung.MEDIA) == (OK, None)
    assert course.fleet.cameras["d0c1"][Rung.MEDIA].last_ok == 20.0
    assert wishes(course.fleet.inventory.devices["d0"], course.fleet.cameras)[LOGIN] <= 80.0


def test_new_firmware_with_another_realm_costs_nothing() -> None:
    """The serial is the same: the new realm is its own."""
    course = Course()
    course.take(onvif(0.0, "OWN-1"), rtsp(20.0, "r"), rtsp(80.0, "s"), onvif(81.0, "OWN-1"), rtsp(140.0, "s"))
    assert (course.rung(Rung.IDENTITY), course.state()) == ((OK, None), State.UP)
    assert course.media(200.0) == [Span(20_000, 200_000)]


def test_a_question_without_an_answer_waits_for_its_turn() -> None:
    """A device that refuses our login is not asked every ten seconds who it is."""
    course = Course()
    course.take(onvif(0.0, "OWN-1"), rtsp(20.0, "r"), rtsp(80.0, "s"))
    refused = Verdict("d0", "central", "onvif", 81.0, 0.2, (Finding(Rung.CREDENTIALS, UNSEEN, Reason.LOCKED),))
    course.take(refused)
    assert LOGIN not in wishes(course.fleet.inventory.devices["d0"], course.fleet.cameras)
    course.take(rtsp(140.0, "s"))
    assert LOGIN not in wishes(course.fleet.inventory.devices["d0"], course.fleet.cameras)
    assert course.fleet.cameras["d0c1"][Rung.MEDIA].last_ok == 20.0
    assert (course.rung(Rung.MEDIA), course.state()) == ((UNSEEN, Reason.IDENTITY), State.UNKNOWN)
    assert course.media(200.0) == []
    course.take(onvif(200.0, "OWN-1"), rtsp(210.0, "s"))
    assert course.state() is State.UP


def test_what_nobody_could_decide_goes_stale() -> None:
    """Video seen last before the doubt is not credited for ever."""
    course = Course()
    course.take(onvif(0.0, "OWN-1"), rtsp(20.0, "r"), *(rtsp(80.0 + 60 * n, "s") for n in range(60)))
    assert course.rung(Rung.MEDIA) == (UNSEEN, Reason.STALE)
    assert course.media(9000.0) == []


def test_the_inventorys_serial_is_the_one() -> None:
    """A device that was never the right one is credited with nothing, from the first look on."""
    fleet = inventory()
    camera = replace(fleet.cameras["d0c1"], serial="INV-1")
    course = Course(replace(fleet, cameras={"d0c1": camera}))
    course.take(onvif(0.0, "OTHER"), rtsp(20.0, "r"))
    assert course.rung(Rung.IDENTITY) == (FAIL, Reason.IDENTITY)
    assert course.rung(Rung.MEDIA) == (UNSEEN, Reason.IDENTITY)
    assert course.media(100.0) == []


def test_a_pin_is_an_event() -> None:
    """Who was seen first stands in the ledger, with the camera."""
    course = Course()
    course.take(onvif(5.0, "OWN-1", mac="b8:a4:4f:00:00:01"))
    pin = DeviceEvent(5.0, "d0", "identity pinned", "serial number OWN-1, hardware address b8:a4:4f:00:00:01", "d0c1")
    assert pin in course.events


def snmp(at: float, asked: bool = False, told: str = "hardware address", **marks: str) -> Verdict:
    """What SNMP tells of a device in order; where it was asked who answers, it says so."""
    found = (Finding(Rung.REACHABLE, OK), Finding(Rung.DEVICE, OK), Finding(Rung.RECORDING, Outcome.NA))
    found += (Finding(Rung.IDENTITY, Outcome.NA),) if asked else ()
    return Verdict("d0", "central", "snmp", at, 0.1, found, {}, 1, {"snmp_told": told, **marks})


OWN, OTHER = {SNMP_MAC: "02:a4:4f:00:00:01"}, {SNMP_MAC: "02:a4:4f:00:00:02"}
NONE = {SNMP_SERIAL: ""}
BY_SNMP = ("snmp", Rung.IDENTITY, "")


def without_onvif() -> Course:
    """A camera without ONVIF whose own device is known, and whose video plays."""
    course = Course(inventory(probes=("snmp", "rtsp")))
    course.take(snmp(0.0, **OWN), rtsp(20.0, "r"), snmp(60.0, **OWN))
    assert (course.rung(Rung.IDENTITY), course.state()) == ((OK, None), State.UP)
    return course


def test_another_hardware_address_over_snmp_takes_back_a_minute() -> None:
    """Each light check tells who answers, so that a stranger's video counts for that long at the most."""
    course = without_onvif()
    course.take(rtsp(80.0, "r"), snmp(120.0, **OTHER))
    assert course.rung(Rung.IDENTITY) == (FAIL, Reason.IDENTITY)
    assert (course.rung(Rung.MEDIA), course.state()) == ((UNSEEN, Reason.IDENTITY), State.UNKNOWN)
    assert course.media(200.0) == [Span(20_000, 60_000)]
    course.take(rtsp(140.0, "r"), snmp(180.0, **OWN))
    assert BY_SNMP in wishes(course.fleet.inventory.devices["d0"], course.fleet.cameras)
    course.take(snmp(190.0, asked=True, **OWN), rtsp(200.0, "r"))
    assert (course.rung(Rung.IDENTITY), course.state()) == ((OK, None), State.UP)


def test_a_device_that_tells_no_proof_any_more_is_asked_by_snmp() -> None:
    """The question is SNMP's where ONVIF is not asked; without an answer nothing counts until there is a proof."""
    course = without_onvif()
    course.take(snmp(120.0, told="none", **NONE))
    assert course.rung(Rung.IDENTITY) == (UNSEEN, Reason.IDENTITY)
    assert course.rung(Rung.MEDIA) == (OK, None)
    assert BY_SNMP in wishes(course.fleet.inventory.devices["d0"], course.fleet.cameras)
    course.take(snmp(131.0, asked=True, told="none", **NONE))
    assert wishes(course.fleet.inventory.devices["d0"], course.fleet.cameras) == {}
    assert (course.rung(Rung.MEDIA), course.state()) == ((UNSEEN, Reason.IDENTITY), State.UNKNOWN)
    course.take(snmp(180.0, told="none", **NONE))
    assert wishes(course.fleet.inventory.devices["d0"], course.fleet.cameras) == {}
    course.take(snmp(240.0, **OWN), rtsp(250.0, "r"))
    assert (course.rung(Rung.IDENTITY), course.state()) == ((OK, None), State.UP)


def test_the_answer_to_the_question_decides() -> None:
    """Another proof, found elsewhere, is another device; that it tells none in its place is no news after that."""
    course = without_onvif()
    course.take(snmp(120.0, told="none", **NONE), snmp(131.0, asked=True, told="none", **OTHER))
    assert course.rung(Rung.IDENTITY) == (FAIL, Reason.IDENTITY)
    course.take(snmp(180.0, told="none", **NONE))
    assert wishes(course.fleet.inventory.devices["d0"], course.fleet.cameras) == {}


def test_a_changed_realm_is_a_question_for_snmp() -> None:
    """New firmware with another realm costs nothing."""
    course = without_onvif()
    course.take(rtsp(80.0, "s"))
    assert course.rung(Rung.IDENTITY) == (UNSEEN, Reason.IDENTITY)
    assert BY_SNMP in wishes(course.fleet.inventory.devices["d0"], course.fleet.cameras)
    course.take(snmp(81.0, asked=True, **OWN), rtsp(140.0, "s"))
    assert (course.rung(Rung.IDENTITY), course.state()) == ((OK, None), State.UP)


def test_a_camera_that_tells_no_proof_over_snmp_has_no_identity() -> None:
    """It is not asked again and again, and works all the same."""
    course = Course(inventory(probes=("snmp", "rtsp")))
    course.take(snmp(0.0, told="none", **NONE), rtsp(20.0, "r"), snmp(60.0, told="none", **NONE), rtsp(80.0, "s"))
    assert (course.rung(Rung.IDENTITY), course.state()) == ((Outcome.NA, None), State.UP)
    assert course.fleet.cameras["d0c1"][Rung.IDENTITY].detail == "it tells no serial number"


def test_two_devices_with_one_serial_have_no_identity() -> None:
    """It tells them not apart; with a hardware address they are told apart again."""
    course = Course(inventory(2))
    course.take(onvif(0.0, "0123456", "d0"), onvif(1.0, "0123456", "d1"), onvif(60.0, "0123456", "d0"))
    assert course.rung(Rung.IDENTITY) == (Outcome.NA, None)
    assert (
        course.fleet.cameras["d0c1"][Rung.IDENTITY].detail == "its serial number '0123456' is that of other devices too"
    )
    course.take(onvif(120.0, "0123456", "d0", **{MAC: "00:12:1e:00:00:01"}), rtsp(130.0, "r"))
    assert (course.rung(Rung.IDENTITY), course.state()) == ((OK, None), State.UP)
    course.take(onvif(180.0, "0123456", "d0", **{MAC: "00:12:1e:00:00:02"}))
    assert course.rung(Rung.IDENTITY) == (FAIL, Reason.IDENTITY)


def test_a_replacement_counts_from_when_it_was_accepted() -> None:
    """The new device is asked at once; what it did before stays credited to nobody."""
    course = Course()
    course.take(onvif(0.0, "OWN-1"), rtsp(20.0, "r"), onvif(60.0, "NEW-1"), rtsp(70.0, "s"))
    known = course.fleet.identities["d0c1"]
    course.fleet, events = accept(course.fleet, "d0c1", accepted(known, 100.0), "NEW-1 for OWN-1", 100.0)
    course.events += events
    assert DeviceEvent(100.0, "d0", "replacement accepted", "NEW-1 for OWN-1", "d0c1") in events
    assert LOGIN in wishes(course.fleet.inventory.devices["d0"], course.fleet.cameras)
    course.take(onvif(110.0, "NEW-1"), rtsp(120.0, "s"))
    assert (course.rung(Rung.IDENTITY), course.state()) == ((OK, None), State.UP)
    assert course.media(200.0) == [Span(120_000, 200_000)]


def test_a_device_that_was_carried_to_another_place_is_known_there() -> None:
    """Its serial number is pinned at both places, but it is seen at one."""
    course = Course(inventory(2))
    course.take(onvif(0.0, "S-1", "d0"), onvif(1.0, "S-2", "d1"), onvif(60.0, "S-2", "d0"), onvif(61.0, "S-9", "d1"))
    course.fleet, _ = accept(course.fleet, "d0c1", accepted(course.fleet.identities["d0c1"], 70.0), "S-2 for S-1", 70.0)
    course.take(onvif(80.0, "S-2", "d0"), onvif(81.0, "S-9", "d1"))
    assert course.rung(Rung.IDENTITY) == (OK, None)
    assert course.rung(Rung.IDENTITY, "d1c1") == (FAIL, Reason.IDENTITY)


def test_replaying_the_events_gives_the_same_facts() -> None:
    """A stranger that comes and goes is in the events alone."""
    course = Course()
    course.take(onvif(0.0, "OWN-1"), rtsp(20.0, "r"), rtsp(80.0, "s"), onvif(81.0, "OTHER"), onvif(200.0, "OWN-1"))
    course.take(onvif(210.0, "OWN-1"), rtsp(220.0, "r"))
    again = replay(course.events, course.fleet.inventory, Rates())
    assert facts(again.cameras) == facts(course.fleet.cameras)
    assert again.standings == course.fleet.standings
