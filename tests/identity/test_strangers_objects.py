"""What SNMP is asked for while it is not the camera's own device that answers: the objects of its own."""

from __future__ import annotations

from monitor.probes.memory import Memory

OWN = Memory(objects={"1.1": "mac", "1.2": "fan!"}, oids="axis@aaaa@100", counters={"1.3": 7}, counted_at=5.0, boots=1)
ANOTHERS = OWN._replace(objects={"2.1": "mac"}, oids="dahua@bbbb@900", counters={"2.3": 9}, counted_at=6.0, boots=2)


def test_what_a_stranger_has_is_not_asked_for_when_the_own_device_is_back() -> None:
    """Its objects are forgotten; that they were looked for just now is not, or each check would walk it again."""
    kept = OWN.beside(ANOTHERS)
    assert (kept.objects, kept.oids) == (OWN.objects, "axis@bbbb@900")
    assert (kept.counters, kept.counted_at, kept.boots) == ({"1.3": 7}, 5.0, 2)


def test_while_it_is_open_who_answers_the_own_objects_are_asked_for() -> None:
    """A reboot in that time is kept, and so is what else was learnt."""
    kept = ANOTHERS._replace(scheme="digest").asking_as(OWN)
    assert (kept.objects, kept.oids, kept.boots, kept.scheme) == (OWN.objects, "axis@bbbb@900", 2, "digest")


def test_where_the_own_objects_are_not_known_anothers_are_asked_for() -> None:
    """Otherwise each check would look for them."""
    assert ANOTHERS.asking_as(Memory()) == ANOTHERS
    assert Memory().beside(ANOTHERS).objects == {"2.1": "mac"}


def test_what_a_walk_that_fell_silent_found_of_the_own_device_is_not_all_of_it() -> None:
    """How far the newest walk came goes with what it found, be it of a stranger: or each check would hold another."""
    cut = OWN._replace(cut_walks=1)
    assert ANOTHERS.asking_as(cut) == ANOTHERS
    kept = cut.beside(ANOTHERS)
    assert (kept.objects, kept.oids, kept.cut_walks) == (ANOTHERS.objects, "dahua@bbbb@900", 0)
    assert OWN.beside(ANOTHERS._replace(cut_walks=2)).cut_walks == 2
