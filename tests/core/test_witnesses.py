"""What switches and UPSs testify: which causes they prove, which they contradict, and the sentences beside them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from papertown import NOON, Town, equipped, failing, mute, tells, town, ups

from monitor.core.diagnosis.cause import Confidence, Kind, held
from monitor.core.diagnosis.witnesses import Witnesses
from monitor.core.model import Device, Inventory, Site
from monitor.core.topology import Layer, Scope, topology_of
from monitor.core.verdict import Reason, Rung
from monitor.core.wiring import wiring_of

UP = {f"port_link_{port}": "up" for port in range(4)}
POLE = Scope(Layer.UPLINK, "SW-1/9")


def lone() -> Inventory:
    """Return a town in which one pole has a port of its own (SW-1/9) and one camera."""
    inventory = equipped(town(rows={"x": Site("x", "", "z", ("SW-1/9",), "F-9")}))
    cameras = {id_: camera for id_, camera in inventory.cameras.items() if id_ != "xc2"}
    devices = {id_: device for id_, device in inventory.devices.items() if id_ != "xc2"}
    return replace(inventory, cameras=cameras, devices=devices)


def test_a_street_whose_port_has_no_link_is_the_ports_and_says_so() -> None:
    """Ten cameras fell silent between 10 s and 20 s; the switch answers and says that the port went down meanwhile."""
    here = Town(equipped(town()))
    here.hear(tells("SW-1", 95, **UP))
    here.fail(here.at("s1"))
    here.hear(tells("SW-1", 155, **UP | {"port_link_1": "down"}))
    cause = here.causes["uplink", "SW-1/1"]
    assert cause.evidence == ("10 of 10 devices behind SW-1/1 fell silent.", "SW-1 answers; its port 1 has no link.")
    assert cause.confidence is Confidence.SEEN
    assert held([cause]) == set(here.at("s1"))


def test_a_port_that_has_link_stands_beside_the_cause_too() -> None:
    """The cameras decide; that the port is up narrows down where the line is cut."""
    here = Town(equipped(town()))
    here.hear(tells("SW-1", 95, **UP))
    here.fail(here.at("s1"))
    cause = here.causes["uplink", "SW-1/1"]
    assert cause.evidence[1:] == ("SW-1 answers; its port 1 has link.",)
    assert cause.confidence is Confidence.FIRM


def test_what_a_switch_says_later_is_a_revision_with_the_same_members() -> None:
    """A cause that is open learns that its port has no link: one event, no member moves; then nothing, until it has."""
    here = Town(equipped(town()))
    here.hear(tells("SW-1", 95, **UP))
    here.fail(here.at("s1"))
    before = len(here.events)
    here.hear(tells("SW-1", 155, **UP | {"port_link_1": "down"}))
    here.hear(tells("SW-1", 215, **UP | {"port_link_1": "down"}))
    here.hear(tells("SW-1", 275, **UP))
    changes = here.events[before:]
    assert [(event.joined, event.left, str(event.confidence), event.evidence[1]) for event in changes] == [
        ((), (), "seen", "SW-1 answers; its port 1 has no link."),
        ((), (), "firm", "SW-1 answers; its port 1 has link."),
    ]


def test_a_silent_switch_is_blamed_for_what_is_behind_it() -> None:
    """It does not answer, and neither do three of its streets: the first camera is enough, the others join."""
    here = Town(equipped(town()))
    here.hear(tells("SW-1", 95, **UP))
    here.hear(*(mute("SW-1", at) for at in (105, 121, 137)))
    here.fail(here.at("s0p0"), at=100)
    assert list(here.causes) == [("uplink", "SW-1")]
    assert here.causes["uplink", "SW-1"].evidence[-1] == "SW-1 does not answer."
    here.fail(here.at("s"), at=101)
    assert here.causes["uplink", "SW-1"].members == set(here.inventory.cameras)


def test_a_silent_switch_behind_which_all_goes_on_is_blamed_for_nothing() -> None:
    """Its SNMP is out, not its ports: one camera that dies then is one camera."""
    here = Town(equipped(town()))
    here.hear(tells("SW-1", 95, **UP))
    here.hear(*(mute("SW-1", at) for at in (105, 121, 137)))
    here.goes_on(here.at("s"), 130)
    here.fail(["s1p0c1"], at=101)
    here.wait(300)
    assert list(here.causes) == [("device dead", "s1p0c1")]


def test_what_was_seen_long_before_does_not_stand_in_the_way() -> None:
    """A port that has no link while its street goes on (its number is wrong) neither proves nor hides a cut later."""
    here = Town(equipped(town()))
    here.hear(tells("SW-1", 0, **UP | {"port_link_1": "down"}))
    here.goes_on(here.at("s"), 3590)
    here.fail(here.at("s1"), at=3600)
    cause = here.causes["uplink", "SW-1/1"]
    assert (cause.confidence, cause.members) == (Confidence.FIRM, set(here.at("s1")))


def test_a_path_is_seen_down_only_as_a_whole() -> None:
    """One alternate without link proves nothing; the other's switch silent as well proves it."""
    rows = {f"s1p{pole}": Site(f"s1p{pole}", "", "z", ("SW-1/1", "SW-2/1")) for pole in range(5)}
    inventory = equipped(town(rows=rows), **{"SW-2": Device("SW-2", "192.0.2.102", {}, ("snmp",), (), make="switch")})
    here = Town(inventory)
    path = Scope(Layer.UPLINK, "SW-1/1 + SW-2/1")
    here.hear(tells("SW-1", 0, **UP), tells("SW-2", 1, port_link_1="up"))
    here.hear(tells("SW-1", 60, **UP | {"port_link_1": "lower layer down"}))
    assert here.witnesses.sightings() == []
    here.hear(*(mute("SW-2", at) for at in (61, 77, 93)))
    (sighting,) = here.witnesses.sightings()
    assert (sighting.key, sighting.after, sighting.by) == ((Kind.UPLINK, path), NOON + 1, NOON + 61)
    assert sighting.says == "SW-1 answers; its port 1 has no link. SW-2 does not answer."


def test_an_alternate_that_cannot_be_asked_keeps_a_path_from_being_seen_down() -> None:
    """Nobody knows whether it carries the site."""
    here = Town(equipped(town(rows={"s1p0": Site("s1p0", "", "z", ("SW-1/1", "radio 7"))})))
    here.hear(tells("SW-1", 0, **UP | {"port_link_1": "down"}))
    assert [str(sighting.scope) for sighting in here.witnesses.sightings()] == ["uplink SW-1/1"]
    assert here.witnesses.remarks(Scope(Layer.UPLINK, "SW-1/1 + radio 7")) == ("SW-1 answers; its port 1 has no link.",)


def test_a_port_that_stops_delivering_is_a_power_cause_of_its_site() -> None:
    """Switched off, faulty or denied: power above the site; the link goes with it, and is not what failed."""
    for state, told in (("disabled", "switched off"), ("fault", "fault"), ("other fault", "other fault")):
        here = Town(equipped(town()))
        here.hear(tells("SW-1", 95, **UP, port_power_1_1="delivering"))
        here.fail(here.at("s1"))
        here.hear(tells("SW-1", 155, **UP | {"port_link_1": "down"}, port_power_1_1=state))
        assert list(here.causes) == [("power", "SW-1/1")]
        cause = here.causes["power", "SW-1/1"]
        assert cause.evidence[1] == f"SW-1 answers; its port 1 has no link and delivers no power ({told})."
        assert (cause.confidence, cause.holds, cause.members) == (Confidence.SEEN, True, set(here.at("s1")))


def test_power_denied_to_one_device_is_power_too() -> None:
    """The switch's budget is short: the one camera at the port is not dead."""
    here = Town(lone())
    here.hear(tells("SW-1", 95, port_link_9="up", port_power_1_9="delivering"))
    here.hear(tells("SW-1", 155, port_link_9="down", port_power_1_9="searching", port_power_denied_1_9_per_second=0.5))
    here.fail(["xc1"], at=120)
    here.wait(300)
    assert list(here.causes) == [("power", "SW-1/9")]
    assert here.causes["power", "SW-1/9"].evidence == (
        "The only device behind SW-1/9 fell silent.",
        "SW-1 answers; its port 9 has no link and delivers no power (denied).",
    )


def test_a_port_that_never_delivered_power_proves_nothing_by_not_doing_so() -> None:
    """A port without PoE, or whose site has power of its own, is always disabled or searching."""
    for state in ("disabled", "searching"):
        here = Town(lone())
        here.hear(tells("SW-1", 95, port_link_9="up", port_power_1_9=state))
        assert here.witnesses.sightings() == []
        assert here.witnesses.remarks(POLE) == ("SW-1 answers; its port 9 has link.",)


def test_one_dead_device_whose_port_delivers_power_and_has_link_hangs() -> None:
    """It takes power and holds the line: no cable to look at."""
    here = Town(lone())
    here.hear(tells("SW-1", 95, port_link_9="up", port_power_1_9="delivering"))
    here.fail(["xc1"])
    here.wait(300)
    assert here.causes["device dead", "xc1"].evidence == (
        "xc1 answers nothing.",
        "SW-1 answers; its port 9 has link and delivers power.",
        "The device has a line, and does not answer: it hangs, or has lost its address.",
    )


def test_one_dead_device_whose_port_searches_is_dead_or_cut_off() -> None:
    """The port offers power and nobody takes it. Of one device nobody can say that the port is to blame."""
    here = Town(lone())
    here.hear(tells("SW-1", 95, port_link_9="up", port_power_1_9="delivering"))
    here.fail(["xc1"])
    here.hear(tells("SW-1", 155, port_link_9="down", port_power_1_9="searching"))
    here.wait(300)
    assert list(here.causes) == [("device dead", "xc1")]
    assert here.causes["device dead", "xc1"].evidence == (
        "xc1 answers nothing.",
        "SW-1 answers; its port 9 has no link and offers power that nothing takes.",
        "The device takes no power: it is dead, or its cable is cut.",
    )


def test_a_hung_device_is_told_its_port_too() -> None:
    """Whatever one device has by itself; a port with several devices says nothing about one of them."""
    here = Town(lone())
    here.hear(tells("SW-1", 95, port_link_9="up", port_power_1_9="delivering", **UP))
    here.fail(["xc1", "s1p0c1"], rungs=(Rung.CONTROL, Rung.STREAM, Rung.MEDIA), reason=Reason.NO_REPLY)
    assert here.causes["device hung", "xc1"].evidence[1] == "SW-1 answers; its port 9 has link and delivers power."
    assert len(here.causes["device hung", "s1p0c1"].evidence) == 1


def test_cameras_that_fall_silent_while_a_ups_of_their_feeder_is_on_battery_are_power() -> None:
    """Site by site as batteries end, though the rest goes on: from the first one on, and only whole sites."""
    here = Town(equipped(town(streets=6), u=ups("u", "s0p2")))
    here.hear(tells("u", 0, output_source="normal", battery="normal"))
    here.hear(tells("u", 60, output_source="battery", battery="normal"))
    assert here.causes == {}
    here.fail(here.at("s4p2"), at=700)
    here.goes_on([id_ for id_ in here.at("s") if not id_.startswith("s4p2")], 720)
    here.wait(800)
    assert list(here.causes) == [("power", "F-2")]
    assert here.causes["power", "F-2"].evidence == (
        "2 of 12 devices on feeder F-2 fell silent within 12 s.",
        "u is on its battery.",
        "10 devices there go on.",
    )
    here.goes_on(["s1p2c2"], 920)
    here.fail(["s1p2c1"], at=900)
    here.wait(1000)
    assert list(here.causes) == [("power", "F-2"), ("device dead", "s1p2c1")]


def test_long_after_a_battery_began_a_dead_site_is_no_power_cut() -> None:
    """The batteries of a feeder end within 45 minutes; what falls silent hours later has another cause."""
    here = Town(equipped(town(streets=6), u=ups("u", "s0p2")))
    here.hear(tells("u", 0, output_source="normal"))
    here.hear(tells("u", 60, output_source="battery"))
    here.goes_on(here.at("s"), 7100)
    here.fail(here.at("s4p2"), at=7200)
    here.wait(7400)
    assert list(here.causes) == [("site", "s4p2")]


def test_a_ups_that_was_on_battery_when_it_fell_silent_speaks_on() -> None:
    """Its battery ended with its site: what it said last is why."""
    here = Town(equipped(town(), u=ups("u", "s1p2")))
    here.hear(tells("u", 0, output_source="normal"))
    here.hear(tells("u", 60, output_source="battery", battery="low"))
    assert here.witnesses.remarks(Scope(Layer.FEEDER, "F-2")) == ("u is on its battery, which is low.",)
    here.hear(*(mute("u", at) for at in (120, 136, 152)))
    here.fail(here.at("s1p2"), at=115)
    here.wait(250)
    assert here.causes["power", "F-2"].evidence[1] == "u was on its battery when it was last heard."


def test_a_ups_of_a_site_without_feeder_speaks_for_the_site() -> None:
    """There the site is what fell silent, and its power why."""
    here = Town(equipped(town(rows={"s1p2": Site("s1p2", "", "z", ("SW-1/1",))}), u=ups("u", "s1p2")))
    here.hear(tells("u", 0, output_source="none"))
    here.fail(here.at("s1p2"), at=115)
    here.wait(250)
    assert here.causes["site", "s1p2"].evidence[1] == "u is without output."


def test_what_a_site_hangs_on_is_told_with_it() -> None:
    """A dead site behind a port that has link and a UPS on the mains: what is broken is there."""
    here = Town(equipped(town(), u=ups("u", "s1p2")))
    here.hear(tells("SW-1", 95, **UP), tells("u", 96, output_source="normal"))
    here.fail(here.at("s1p2"))
    here.wait(300)
    assert here.causes["site", "s1p2"].evidence[1:] == (
        "SW-1 answers; its port 1 has link.",
        "u is on the mains.",
        "No more than likely: it is few devices.",
    )


def test_there_is_news_when_something_else_is_said() -> None:
    """At the beginning, at each change, and not when a switch says the same again; a first word is news, too."""
    inventory = equipped(town())
    told = Witnesses(wiring_of(inventory), topology_of(inventory))
    said = []
    for verdict in (
        None,
        tells("SW-1", 0, **UP),
        tells("SW-1", 60, **UP),
        tells("SW-1", 120, **UP | {"port_link_1": "down"}),
    ):
        told.hear([verdict] if verdict else [])
        said.append(told.news())
    assert said[:3] == [[], [], None]
    assert [str(sighting.scope) for sighting in said[3] or ()] == ["uplink SW-1/1"]
    assert told.news() is None


def test_a_restart_takes_up_what_equipment_said() -> None:
    """What is known and what is open from before: nothing is told twice, and a port that comes back is told."""
    here = Town(equipped(town()))
    here.hear(tells("SW-1", 95, **UP, port_power_1_1="delivering"))
    here.fail(here.at("s1"))
    here.hear(tells("SW-1", 155, **UP | {"port_link_1": "down"}, port_power_1_1="fault"))
    again = Town(here.inventory, now=here.now)
    again.witnesses.known = here.witnesses.known
    again.rungs |= here.rungs
    assert again.diagnosis.resume(here.diagnosis.causes.values(), again.rungs, again.now) == []
    again.see(again.witnesses.sightings(), 200)
    assert again.events == []
    again.hear(tells("SW-1", 215, **UP, port_power_1_1="delivering"))
    assert [event.evidence[-2:] for event in again.events] == [
        (
            "SW-1 answers; its port 1 has link and delivers power.",
            "No more than likely: something of another kind explains as much.",
        )
    ]


@given(
    st.lists(
        st.tuples(st.sampled_from(["up", "testing", "dormant", "unknown"]), st.sampled_from(["delivering", "test"])),
        max_size=8,
    )
)
def test_sound_equipment_sees_nothing_down(looks: list[tuple[str, str]]) -> None:
    """Ports that are not said to be down, and a UPS on the mains, prove nothing, whatever came before."""
    inventory = equipped(town(), u=ups("u", "s1p2"))
    told = Witnesses(wiring_of(inventory), topology_of(inventory))
    for number, (link, power) in enumerate(looks):
        told.hear([tells("SW-1", 60.0 * number, port_link_1=link, port_power_1_1=power)])
        told.hear([tells("u", 60.0 * number + 1, output_source="booster")])
    assert told.sightings() == []


def test_what_is_seen_down_itself_waits_for_no_neighbour() -> None:
    """Cameras behind a switch that does not answer have their cause at once; those behind a line wait for the others."""
    here = Town(equipped(town()))
    here.hear(tells("SW-1", 95, **UP))
    here.hear(*(mute("SW-1", at) for at in (105, 121, 137)))
    for camera in here.at("s0p0"):
        here.rungs[camera] = failing(NOON + 100, NOON + 110)
    here._step(here.at("s0p0"), 139)
    assert list(here.causes) == [("uplink", "SW-1")]
    there = Town(equipped(town()))
    there.hear(tells("SW-1", 95, **UP))
    for camera in there.at("s1"):
        there.rungs[camera] = failing(NOON + 130, NOON + 138)
    there._step(there.at("s1"), 139)
    assert there.causes == {}
    there.wait(190)
    assert list(there.causes) == [("uplink", "SW-1/1")]
