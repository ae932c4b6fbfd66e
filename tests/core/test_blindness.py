"""Blindness: what is our own line, and what is the city's."""

from __future__ import annotations

from math import inf

from papertown import town

from monitor.core.canary import OWN_MODEL, Silence
from monitor.core.diagnosis.blindness import ANSWERS, Look, blind, slept, unseen
from monitor.core.topology import topology_of
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict

TOPOLOGY = topology_of(town(streets=8))
ALL = tuple(TOPOLOGY.scopes)
GATEWAY = {"gateway": None}
MUTE = Silence((80.0, 90.0), "our own device model: no descriptor left")
CUT = {"gateway": Silence((-inf, 90.0), "gateway 10.0.0.1 does not answer")}


def behind(*streets: int) -> tuple[str, ...]:
    return tuple(id_ for id_ in ALL if id_.startswith(tuple(f"s{street}" for street in streets)))


def test_a_silent_canary_blinds_whatever_the_cameras_say() -> None:
    """Something of our own does not answer: that decides."""
    assert blind(Look("central", 80, (), CUT), TOPOLOGY) == "gateway 10.0.0.1 does not answer"


def test_half_of_all_devices_in_one_cycle_are_our_own_line() -> None:
    """Forty of eighty, of all streets, with nothing above them in common."""
    scattered = ALL[::2]
    look = Look("central", 80, scattered, GATEWAY, ALL[1::2])
    assert blind(look, TOPOLOGY) == "40 of 80 devices stopped answering within one cycle"


def test_fewer_than_half_are_an_outage() -> None:
    """Three of eight streets."""
    assert blind(Look("central", 80, behind(0, 1, 2), GATEWAY), TOPOLOGY) == ""


def test_one_switch_that_carries_all_is_an_outage_where_a_canary_answers_and_our_line_where_none_is_asked() -> None:
    """No route is ours only with the canary."""
    assert blind(Look("central", 80, ALL, GATEWAY), TOPOLOGY) == ""
    assert blind(Look("central", 80, ALL), TOPOLOGY) != ""


def test_our_own_device_model_vouches_for_no_line() -> None:
    """It answers on loopback, be the line cut or not; where it is silent, nothing that we see is worth anything."""
    assert blind(Look("central", 80, ALL, {OWN_MODEL: None}), TOPOLOGY) != ""
    assert blind(Look("central", 80, ALL, {OWN_MODEL: None, **GATEWAY}), TOPOLOGY) == ""
    assert blind(Look("central", 80, (), {OWN_MODEL: MUTE, **GATEWAY}), TOPOLOGY) == MUTE.words


def test_a_small_fleet_is_never_called_blind_by_its_numbers() -> None:
    """Four of six cameras is no mass."""
    assert blind(Look("central", 6, ALL[:4]), TOPOLOGY) == ""


def test_what_fails_from_a_blind_vantage_is_unseen_and_what_answers_answers() -> None:
    """Failures carry no weight; successes do."""
    ok = Finding(Rung.CLOCK, Outcome.OK)
    verdict = Verdict("d", "central", "onvif", 5.0, 0.1, (ok, Finding(Rung.REACHABLE, Outcome.FAIL, Reason.TIMEOUT)))
    expected = Finding(Rung.REACHABLE, Outcome.UNSEEN, Reason.ABORTED, "our line is cut")
    assert unseen(verdict, "our line is cut").findings == (ok, expected)


def test_a_refused_login_is_an_answer_but_to_who_stood_still() -> None:
    """A device that refuses has heard us, and is not asked again for ten minutes."""
    refused = Finding(Rung.CREDENTIALS, Outcome.FAIL, Reason.CREDENTIALS, "401")
    verdict = Verdict("d", "central", "onvif", 5.0, 0.1, (refused,))
    assert unseen(verdict, "our line is cut", ANSWERS).findings == (refused,)
    assert [one.outcome for one in unseen(verdict, "the monitor slept").findings] == [Outcome.UNSEEN]


def test_a_step_that_is_late_by_either_clock_was_slept_through() -> None:
    """Suspended: the wall clock jumped. Stopped: both went on. Set back: nothing."""
    assert slept(1000.0, 1001.0, 50.0, 51.0) is None
    assert slept(1000.0, 4600.0, 50.0, 51.0) == (1000.0, 4600.0)
    assert slept(1000.0, 1120.0, 50.0, 170.0) == (1000.0, 1120.0)
    assert slept(1000.0, 400.0, 50.0, 51.0) is None
