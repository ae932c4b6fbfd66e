"""The diagnosis: what is blamed, what is not, and what is said when that changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import inf
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from papertown import NOON, SOUND, Town, failing, town

from monitor.core.diagnosis import engine
from monitor.core.diagnosis.cause import Confidence, Kind, Turn, held, replay
from monitor.core.diagnosis.engine import Diagnosis
from monitor.core.diagnosis.hypothesis import Sighting
from monitor.core.health import RungHealth
from monitor.core.model import Credential, Position, Secret, Site
from monitor.core.topology import Layer, Scope, topology_of
from monitor.core.verdict import Reason, Rung


def test_all_cameras_behind_a_port_are_one_cause_with_exactly_its_members() -> None:
    """Ten cameras of one street fell silent together: its port, no site, no camera."""
    here = Town()
    here.fail(here.at("s1"))
    here.wait(400)
    assert list(here.causes) == [("uplink", "SW-1/1")]
    cause = here.causes["uplink", "SW-1/1"]
    assert cause.members == set(here.at("s1"))
    assert (cause.evidence, cause.confidence) == (("10 of 10 devices behind SW-1/1 fell silent.",), Confidence.FIRM)
    assert held([cause]) == cause.members
    assert [event.turn for event in here.events] == [Turn.OPENED]


def test_a_partly_failing_port_is_not_blamed() -> None:
    """Two of five poles fell silent: two sites, and the port is named as the rival that works."""
    here = Town()
    here.fail(here.at("s1p0", "s1p3"))
    here.wait(400)
    assert sorted(here.causes) == [("site", "s1p0"), ("site", "s1p3")]
    assert "uplink, 10 devices behind SW-1/1: only 4 failed." in here.causes["site", "s1p0"].rivals


def test_a_camera_that_failed_long_before_is_no_witness_and_no_member() -> None:
    """Its port failed without it: the other nine are the port's, and it stays dead by itself."""
    here = Town()
    here.fail(["s1p0c1"], at=100)
    here.wait(400)
    here.fail([id_ for id_ in here.at("s1") if id_ != "s1p0c1"], at=1000)
    here.wait(1400)
    assert here.causes["device dead", "s1p0c1"].members == {"s1p0c1"}
    cause = here.causes["uplink", "SW-1/1"]
    assert len(cause.members) == 9
    assert cause.evidence == ("9 of 9 devices behind SW-1/1 fell silent.", "1 more there was silent before.")


def test_the_sites_of_a_feeder_fail_at_different_minutes() -> None:
    """Their batteries end one after the other; the feeder is blamed once enough of them have."""
    here = Town(town(streets=8, poles=3))
    for street in range(8):
        here.fail(here.at(f"s{street}p1"), at=100 + 240 * street)
    here.wait(3000)
    assert list(here.causes) == [("power", "F-1")]
    assert len(here.causes["power", "F-1"].members) == 16
    assert Counter(event.turn for event in here.events)[Turn.MERGED] > 0


def one_feeder(streets: int = 2) -> Town:
    """Return a town whose sites are all on one feeder."""
    inventory = town(streets=streets)
    return Town(replace(inventory, sites={id_: replace(one, feeder="F-1") for id_, one in inventory.sites.items()}))


def test_a_cut_beside_a_site_that_fell_before_is_no_power_cut() -> None:
    """A battery outlasts the cut of its feeder; no site falls before it."""
    here = one_feeder(streets=1)
    here.fail(here.at("s0p0"), at=100)
    here.fail([id_ for id_ in here.at("s0") if not id_.startswith("s0p0")], at=700)
    here.wait(1100)
    assert sorted(here.causes) == [("site", "s0p0"), ("uplink", "SW-1/0")]
    cause = here.causes["uplink", "SW-1/0"]
    assert (cause.confidence, cause.rivals[0]) == (
        Confidence.LIKELY,
        "power, 10 devices on feeder F-1: explains as much, and is less likely.",
    )
    assert cause.evidence == (
        "8 of 8 devices behind SW-1/0 fell silent.",
        "2 more there were silent before.",
        "No more than likely: something of another kind explains as much.",
    )


def test_a_cut_beside_a_site_that_was_silent_before_the_first_look_is_no_power_cut() -> None:
    """The old silence stays a site's, weak; the cut is the port's."""
    here = one_feeder(streets=1)
    cold = here.at("s0p0")
    here.rungs |= {id_: failing(float("-inf"), NOON + 5) for id_ in cold}
    here.events += here.diagnosis.step(here.rungs, cold, NOON + 100)
    here.fail([id_ for id_ in here.at("s0") if id_ not in cold], at=540)
    here.wait(900)
    assert sorted(here.causes) == [("site", "s0p0"), ("uplink", "SW-1/0")]
    assert here.causes["uplink", "SW-1/0"].members == {*here.at("s0")} - {*cold}


def test_a_camera_that_died_before_its_site_does_not_speak_for_the_feeder() -> None:
    """The street is the whole of its feeder: what died minutes before is explained by neither."""
    here = Town(town(streets=3))
    sites = {id_: replace(one, feeder=f"F-{id_[:2]}") for id_, one in here.inventory.sites.items()}
    here = Town(replace(here.inventory, sites=sites))
    here.fail(["s1p0c1"], at=100)
    here.fail([id_ for id_ in here.at("s1") if id_ != "s1p0c1"], at=1000)
    here.wait(1400)
    assert sorted(here.causes) == [("device dead", "s1p0c1"), ("uplink", "SW-1/1")]


def test_the_only_port_of_a_district_whose_other_feeder_is_dark_is_a_port() -> None:
    """What is left behind it is a whole feeder, too: both explain the same devices, and the port is the more specific."""
    inventory = town(streets=2, poles=6)
    sites = {id_: replace(one, feeder="F-1" if id_[3] < "4" else "F-2") for id_, one in inventory.sites.items()}
    sites = {id_: replace(one, uplinks=("SW-1/0",)) for id_, one in sites.items()}
    here = Town(replace(inventory, sites=sites))
    dark = [id_ for id_ in here.inventory.cameras if id_[3] < "4"]
    lit = [id_ for id_ in here.inventory.cameras if id_ not in dark]
    here.goes_on(lit, 130)
    here.fail(dark, at=100)
    here.wait(400)
    here.fail(lit, at=1000)
    here.wait(1400)
    assert sorted(here.causes) == [("power", "F-1"), ("uplink", "SW-1/0")]


def test_a_path_with_alternates_fails_only_as_a_whole() -> None:
    """A ring's port fails and its sites go on; nobody blames it for the plain ones of another port."""
    ring = {f"r{n}": Site(f"r{n}", "", "z", ("SW-1/1", "SW-2/1"), "", Position(33.5, 73 + n / 1000)) for n in range(3)}
    here = Town(town(rows=ring))
    here.fail(here.at("s1"))
    here.wait(400)
    assert list(here.causes) == [("uplink", "SW-1/1")]
    assert here.causes["uplink", "SW-1/1"].evidence == ("10 of 10 devices behind SW-1/1 fell silent.",)


def test_two_cut_ports_are_not_a_dead_switch() -> None:
    """The third and fourth port work: two causes; when they fail too, at the same moment, it is the switch."""
    here = Town(town(streets=3))
    here.goes_on(here.at("s2"), 130)
    here.fail(here.at("s0", "s1"))
    here.wait(400)
    assert sorted(here.causes) == [("uplink", "SW-1/0"), ("uplink", "SW-1/1")]
    there = Town(town(streets=3))
    there.fail(there.at("s"))
    there.wait(400)
    assert list(there.causes) == [("uplink", "SW-1")]


def test_what_failed_before_the_first_look_is_grouped_by_structure_and_said_to_be_weak() -> None:
    """No onset is known; the port is the simplest story."""
    here = Town()
    cold = here.at("s1")
    here.rungs |= {id_: failing(float("-inf"), NOON + 5) for id_ in cold}
    here.events += here.diagnosis.step(here.rungs, cold, NOON + 60)
    assert list(here.causes) == [("uplink", "SW-1/1")]
    assert here.causes["uplink", "SW-1/1"].confidence is Confidence.WEAK


def test_a_pole_whose_row_is_missing_joins_its_neighbours() -> None:
    """It fell silent with the street it stands in; the missing row is named."""
    lost = {"s1p9": Site("s1p9", "", "z", (), "", Position(33.604, 73.0025))}
    here = Town(town(rows=lost))
    here.fail(here.at("s1"))
    here.wait(400)
    assert list(here.causes) == [("uplink", "SW-1/1")]
    assert here.causes["uplink", "SW-1/1"].contradicted == (
        "site s1p9 has no uplink in the inventory, and fails with SW-1/1",
    )


def test_a_pole_that_joins_later_leaves_the_evidence_as_it_is() -> None:
    """What is known of it late is a member and a row more; the cause still tells of its street, not of that pole."""
    lost = {"s1p9": Site("s1p9", "", "z", (), "", Position(33.604, 73.0025))}
    here = Town(town(rows=lost))
    here.fail([id_ for id_ in here.at("s1") if not id_.startswith("s1p9")])
    here.wait(300)
    before = here.causes["uplink", "SW-1/1"]
    here.fail(here.at("s1p9"))
    here.wait(600)
    cause = here.causes["uplink", "SW-1/1"]
    assert cause.members == before.members | set(here.at("s1p9"))
    assert (cause.evidence, cause.confidence) == (before.evidence, before.confidence)
    assert cause.contradicted == ("site s1p9 has no uplink in the inventory, and fails with SW-1/1",)


def test_a_pole_whose_row_is_wrong_is_named() -> None:
    """Listed on a port that goes on, it fails with another."""
    wrong = {"s1p2": Site("s1p2", "", "z", ("SW-1/3",), "F-2", Position(33.604, 73.002))}
    here = Town(town(rows=wrong))
    here.fail(here.at("s1"))
    here.wait(400)
    assert list(here.causes) == [("uplink", "SW-1/1")]
    assert here.causes["uplink", "SW-1/1"].contradicted == ("site s1p2 is listed on SW-1/3, and fails with SW-1/1",)


def test_a_row_that_is_moved_while_its_line_is_down_is_named() -> None:
    """The inventory is changed under an open cause: what fails with a port is listed on another one since."""
    here = Town()
    here.fail(here.at("s1"))
    here.wait(400)
    before = list(here.diagnosis.causes.values())
    moved = {"s1p2": Site("s1p2", "", "z", ("SW-1/3",), "F-2", Position(33.604, 73.002))}
    later = Diagnosis(topology_of(town(rows=moved)))
    events = later.resume(before, here.rungs, NOON + 500)
    (cause,) = later.causes.values()
    assert cause.contradicted == ("site s1p2 is listed on SW-1/3, and fails with SW-1/1",)
    assert cause.members == before[0].members
    back = Diagnosis(topology_of(here.inventory))
    assert [event.contradicted for event in (*events, *back.resume([cause], here.rungs, NOON + 600))] == [
        cause.contradicted,
        (),
    ]
    assert back.resume(back.causes.values(), here.rungs, NOON + 700) == []


def test_a_switch_that_is_seen_down_is_blamed_at_once() -> None:
    """One silent camera is enough where the port has no link."""
    here = Town()
    here.fail(["s1p0c1"])
    port = Scope(Layer.UPLINK, "SW-1/1")
    here.see([Sighting(Kind.UPLINK, port, NOON + 95, NOON + 105, "The port has no link.")], at=136)
    cause = here.causes["uplink", "SW-1/1"]
    assert (cause.confidence, cause.evidence[1]) == (Confidence.SEEN, "The port has no link.")


def test_a_repair_does_not_tear_a_cause_apart_and_what_stays_dead_is_told_later() -> None:
    """While the street comes back its cause keeps the rest; minutes later the rest are causes of their own."""
    here = Town()
    here.fail(here.at("s1"))
    here.heal([id_ for id_ in here.at("s1") if id_ != "s1p3c2"], at=2000)
    assert here.causes["uplink", "SW-1/1"].members == {"s1p3c2"}
    here.wait(2400)
    assert list(here.causes) == [("device dead", "s1p3c2")]
    here.heal(["s1p3c2"], at=3000)
    assert here.causes == {}
    assert here.events[-1].turn is Turn.CLOSED


def test_those_that_recovered_are_still_those_that_fell() -> None:
    """While a street comes back, its cause tells of all that fell, and how many answer again."""
    here = Town()
    here.fail(here.at("s1"))
    here.heal(here.at("s1p0", "s1p1", "s1p2", "s1p3c1"), at=2000)
    assert here.causes["uplink", "SW-1/1"].evidence == (
        "10 of 10 devices behind SW-1/1 fell silent.",
        "7 devices there answer again.",
    )


@pytest.mark.parametrize("seen", [True, False], ids=["seen falling", "before the first look"])
def test_an_older_cut_of_a_feeder_stays_one_when_its_power_comes_back(seen: bool) -> None:
    """A port of the feeder was cut long before; what is left of the power cut after its end is not that port's."""
    inventory = town(streets=4)
    sites = {id_: replace(one, feeder="F-2" if id_[1] == "3" else "F-1") for id_, one in inventory.sites.items()}
    here = Town(replace(inventory, sites=sites))
    here.goes_on(here.at("s1", "s2", "s3"), 130)
    here.fail(here.at("s0"), at=100)
    if not seen:
        here.rungs |= dict.fromkeys(here.at("s0"), failing(-inf, NOON + 100))
        here.say("s0p0c1", 151)
    here.wait(400)
    before = here.causes["uplink", "SW-1/0"]
    here.goes_on(here.at("s3"), 5030)
    here.fail(here.at("s1", "s2"), at=5000)
    here.wait(5400)
    assert sorted(here.causes) == [("power", "F-1"), ("uplink", "SW-1/0")]
    here.heal([id_ for id_ in here.at("s1", "s2") if id_ != "s1p1c1"], at=6000)
    assert sorted(here.causes) == [("power", "F-1"), ("uplink", "SW-1/0")]
    assert here.causes["power", "F-1"].members == {"s1p1c1"}
    assert here.causes["uplink", "SW-1/0"].members == before.members
    here.wait(6400)
    assert sorted(here.causes) == [("device dead", "s1p1c1"), ("uplink", "SW-1/0")]


def test_a_camera_that_was_dead_before_its_feeders_first_sites_fell_is_none_of_them() -> None:
    """It is one of two at its pole, whose other camera goes on: no site has fallen there."""
    here = one_feeder(streets=2)
    here.goes_on(here.at("s"), 130)
    here.fail(["s0p0c1"], at=100)
    here.wait(400)
    for number, pole in enumerate(("s0p1", "s0p2", "s0p3", "s0p4", "s1p0", "s1p1", "s1p2", "s1p3", "s1p4", "s0p0c2")):
        here.fail(here.at(pole), at=1000 + 120 * number)
    here.wait(2500)
    assert sorted(here.causes) == [("device dead", "s0p0c1"), ("power", "F-1")]
    assert len(here.causes["power", "F-1"].members) == 19


def test_each_symptom_of_one_device_is_a_cause_of_its_kind() -> None:
    """Hung, refused, without stream, without video, clock, storage: each says which."""
    here = Town()
    shows = {
        "device hung": ((Rung.CONTROL, Rung.STREAM, Rung.MEDIA), Reason.NO_REPLY),
        "credentials": ((Rung.CREDENTIALS,), Reason.CREDENTIALS),
        "stream": ((Rung.STREAM, Rung.MEDIA), Reason.NOT_FOUND),
        "no video": ((Rung.MEDIA,), Reason.NO_VIDEO),
        "clock": ((Rung.CLOCK,), Reason.CLOCK),
        "storage": ((Rung.RECORDING,), Reason.STORAGE),
        "service off": ((Rung.CONTROL,), Reason.UNSUPPORTED),
        "identity": ((Rung.IDENTITY,), Reason.IDENTITY),
        "vital sign": ((Rung.DEVICE,), Reason.VITALS),
    }
    for number, (rungs, reason) in enumerate(shows.values()):
        here.fail([f"s{number % 4}p{number // 4}c1"], 100, rungs, reason)
    here.wait(NOON + 180)
    assert sorted(kind for kind, _ in here.causes) == sorted(shows)


def test_a_device_that_hangs_is_not_first_one_with_a_service_off() -> None:
    """One of its services is confirmed stuck before the other: what it has waits for that."""
    here = Town()
    here.fail(["s1p0c1"], 100, (Rung.CONTROL,), Reason.NO_REPLY)
    here.fail(["s1p0c1"], 130, (Rung.CONTROL, Rung.STREAM, Rung.MEDIA), Reason.NO_REPLY)
    here.wait(NOON + 400)
    assert [(str(event.kind), event.turn) for event in here.events] == [("device hung", Turn.OPENED)]


def test_what_fell_with_a_device_is_no_cause_when_it_answers_again() -> None:
    """Its stream stands as failed until it is asked: then it is well, or a cause by itself."""
    here = Town()
    here.fail(["s1p0c1"], 100)
    here.wait(NOON + 200)
    back = SOUND[Rung.REACHABLE]._replace(after=NOON + 290, by=NOON + 300, last_ok=NOON + 310)
    fallen = here.rungs["s1p0c1"]
    here.rungs["s1p0c1"] = (back, *fallen[1:])
    here.say("s1p0c1", 310)
    here.wait(NOON + 600)
    assert here.causes == {}
    asked = fallen[Rung.STREAM]._replace(last_fail=NOON + 610, again=NOON + 610)
    back = back._replace(last_ok=NOON + 610)
    here.rungs["s1p0c1"] = tuple(
        {Rung.REACHABLE: back, Rung.STREAM: asked}.get(rung, one)
        for rung, one in zip(Rung, here.rungs["s1p0c1"], strict=True)
    )
    here.say("s1p0c1", 700)
    assert list(here.causes) == [("stream", "s1p0c1")]


def test_what_was_wrong_before_the_power_went_is_still_wrong() -> None:
    """A camera without video falls silent with its street: it is in both causes, and the first one did not close."""
    here = Town()
    here.fail(["s1p0c1"], 100, (Rung.MEDIA,), Reason.NO_VIDEO)
    here.fail(here.at("s1"), 1000)
    here.wait(1400)
    assert sorted(here.causes) == [("no video", "s1p0c1"), ("uplink", "SW-1/1")]


def test_a_service_that_is_on_again_is_told_though_another_was_never_seen() -> None:
    """SNMP was never asked; ONVIF fails, then answers: the cause closes."""
    here = Town()
    never = RungHealth()
    here.fail(["s1p0c1"], 100, (Rung.CONTROL,), Reason.UNSUPPORTED)
    here.wait(NOON + 180)
    assert list(here.causes) == [("service off", "s1p0c1")]
    here.rungs["s1p0c1"] = tuple(never if rung is Rung.DEVICE else SOUND[rung] for rung in Rung)
    here.events += here.diagnosis.step(here.rungs, ["s1p0c1"], NOON + 500)
    assert here.causes == {}


def test_a_login_that_was_changed_for_a_whole_set_is_one_cause() -> None:
    """All that were asked since refuse it; those that nobody asked yet say nothing."""
    inventory = town()
    login = Credential("city", "viewer", Secret("env:NONE", ""))
    devices = {id_: replace(device, credential=login) for id_, device in inventory.devices.items()}
    here = Town(replace(inventory, devices=devices))
    here.fail(here.at("s0", "s1"), 100, (Rung.CREDENTIALS,), Reason.CREDENTIALS)
    assert list(here.causes) == [("credentials", "city")]
    assert here.causes["credentials", "city"].evidence == ("20 of 20 devices with the login city refused our login.",)


@pytest.mark.parametrize("accepted", [1, 15])
def test_a_login_that_is_mended_device_by_device_stays_one_cause(accepted: int) -> None:
    """What takes the login again is told once, among those that refused it, and tears the others not apart."""
    inventory = town()
    login = Credential("city", "viewer", Secret("env:NONE", ""))
    devices = {id_: replace(device, credential=login) for id_, device in inventory.devices.items()}
    here = Town(replace(inventory, devices=devices))
    everywhere = sorted(inventory.cameras)
    here.fail(everywhere, 100, (Rung.CREDENTIALS,), Reason.CREDENTIALS)
    mended = everywhere[:accepted]
    here.goes_on(mended, 2000)
    for camera in mended:
        here.say(camera, 2001)
    assert list(here.causes) == [("credentials", "city")]
    assert here.causes["credentials", "city"].evidence == (
        f"{len(everywhere)} of {len(everywhere)} devices with the login city refused our login.",
        f"{accepted} device{'s' * (accepted > 1)} there answer{'s' * (accepted == 1)} again.",
    )


def test_one_password_that_was_changed_is_no_rotation() -> None:
    """The others were asked since, and take the login."""
    inventory = town()
    login = Credential("city", "viewer", Secret("env:NONE", ""))
    devices = {id_: replace(device, credential=login) for id_, device in inventory.devices.items()}
    here = Town(replace(inventory, devices=devices))
    asked = SOUND[Rung.CREDENTIALS]._replace(last_ok=NOON + 200)
    sound = (*SOUND[: Rung.CREDENTIALS], asked, *SOUND[Rung.CREDENTIALS + 1 :])
    here.rungs |= dict.fromkeys(here.rungs, sound)
    here.fail(here.at("s0p0", "s0p1"), 100, (Rung.CREDENTIALS,), Reason.CREDENTIALS)
    assert len(here.causes) == 4


def test_the_cameras_of_one_contract_that_stop_together_are_switched_off() -> None:
    """One camera of every pole, in every way, while its neighbour on the same port goes on."""
    inventory = town()
    cameras = {
        id_: replace(camera, contract="north" if id_.endswith("c1") else "south")
        for id_, camera in inventory.cameras.items()
    }
    here = Town(replace(inventory, cameras=cameras))
    theirs = [id_ for id_ in inventory.cameras if id_.endswith("c1")]
    here.fail(theirs[:12], 100)
    here.fail(theirs[12:], 700, (Rung.STREAM, Rung.MEDIA), Reason.NOT_FOUND)
    here.wait(1200)
    assert list(here.causes) == [("provider switch-off", "north")]
    assert here.causes["provider switch-off", "north"].members == set(theirs)


def test_cameras_that_fail_after_an_update_are_the_firmwares() -> None:
    """Eight of sixteen that were updated lose their video within hours; the old version goes on."""
    here = Town()
    updated = here.at("s0", "s1")[:16]
    for camera in updated:
        here.diagnosis.index.firmware(camera, "P3245 11.2", NOON + 50)
    for number, camera in enumerate(updated[::2]):
        here.fail([camera], 100 + 900 * number, (Rung.MEDIA,), Reason.NO_VIDEO)
    here.wait(20000)
    assert list(here.causes) == [("firmware", "P3245 11.2")]
    assert here.causes["firmware", "P3245 11.2"].members == set(updated[::2])


faults = st.lists(
    st.tuples(
        st.sampled_from([f"s{s}" for s in range(4)] + [f"s{s}p{p}" for s in range(4) for p in range(5)]), st.booleans()
    ),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=40)
@given(faults, st.integers(0, 2**32))
def test_the_order_within_a_step_means_nothing(happened: list[tuple[str, bool]], seed: int) -> None:
    """The same changes in another order give the same events."""
    one, other = Town(), Town()
    chance = Random(seed)
    for number, (place, ill) in enumerate(happened):
        cameras = one.at(place)
        shuffled = chance.sample(cameras, len(cameras))
        at = 100.0 + 200 * number
        for here, order in ((one, cameras), (other, shuffled)):
            state = failing(NOON + at - 10, NOON + at) if ill else SOUND
            here.rungs |= dict.fromkeys(order, state)
            here.wait(at)
            here.events += here.diagnosis.step(here.rungs, order, NOON + at + 30)
    assert one.events == other.events


@settings(deadline=None, max_examples=40)
@given(faults)
def test_judging_in_parts_is_judging_at_once(happened: list[tuple[str, bool]]) -> None:
    """What does not hang together is judged apart from each other to the same end, in whatever order."""
    whole, parts = Town(), Town()
    for number, (place, ill) in enumerate(happened):
        cameras, at = whole.at(place), NOON + 100.0 + 200 * number
        for here in (whole, parts):
            here.rungs |= dict.fromkeys(cameras, failing(at - 10, at) if ill else SOUND)
        for moment in (at + 30, at + 110):
            told = cameras if moment == at + 30 else ()
            whole.events += whole.diagnosis.step(whole.rungs, told, moment)
            parts.events += parts.diagnosis.step(parts.rungs, told, moment, most=1)
            while parts.diagnosis.waits(moment):
                parts.events += parts.diagnosis.step(parts.rungs, (), moment, most=1)
    assert sorted(parts.events) == sorted(whole.events)
    assert parts.causes == whole.causes


def test_where_much_fails_changes_are_judged_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """At three failures a second, nine that are open are gone through no sooner than three seconds after the last time."""
    monkeypatch.setattr(engine, "JUDGED_A_SECOND", 3)
    here = Town()
    here.fail(here.at("s1"))
    here.wait(400)
    here.rungs |= dict.fromkeys(here.at("s1"), SOUND)
    (fewer,) = here.diagnosis.step(here.rungs, here.at("s1")[:1], NOON + 401)
    assert fewer.turn is Turn.CHANGED
    assert here.diagnosis.step(here.rungs, here.at("s1")[1:], NOON + 403) == []
    assert not here.diagnosis.waits(NOON + 403)
    (closed,) = here.diagnosis.step(here.rungs, (), NOON + 404)
    assert closed.turn is Turn.CLOSED


@settings(deadline=None, max_examples=40)
@given(faults)
def test_replaying_the_events_gives_the_same_causes_and_every_closing_follows_an_opening(
    happened: list[tuple[str, bool]],
) -> None:
    """The ledger is enough; and members of one kind of cause are never in two at once."""
    here = Town()
    for number, (place, ill) in enumerate(happened):
        at = 100.0 + 200 * number
        (here.fail if ill else here.heal)(here.at(place), at)
    here.wait(6000)
    assert replay(here.events) == here.diagnosis.causes
    is_open: set[str] = set()
    for event in here.events:
        if event.turn in (Turn.OPENED, Turn.SPLIT):
            assert event.cause not in is_open
            is_open.add(event.cause)
        else:
            assert event.cause in is_open
            is_open -= {event.cause} if event.turn in (Turn.MERGED, Turn.CLOSED) else set()
    assert is_open == here.diagnosis.causes.keys()
    ill = {id_ for id_, rungs in here.rungs.items() if rungs is not SOUND}
    members = [id_ for cause in here.diagnosis.causes.values() for id_ in cause.members]
    assert (sorted(members), len(members)) == (sorted(ill), len(ill))


def test_a_restart_takes_up_the_causes_that_were_open() -> None:
    """Resumed over the same rungs nothing changes; what recovered meanwhile is closed."""
    here = Town()
    here.fail(here.at("s1"))
    here.fail(["s2p0c1"], at=100)
    here.wait(400)
    again = Diagnosis(topology_of(here.inventory))
    assert again.resume(here.diagnosis.causes.values(), here.rungs, NOON + 500) == []
    assert again.causes == here.diagnosis.causes
    later = Diagnosis(topology_of(here.inventory))
    events = later.resume(here.diagnosis.causes.values(), here.rungs | {"s2p0c1": SOUND}, NOON + 500)
    assert [(event.turn, str(event.kind)) for event in events] == [(Turn.CLOSED, "device dead")]
