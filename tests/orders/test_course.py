"""The course of work orders: what alerts, people, causes and the clock make of them. Nothing runs but the clock."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.acknowledgement import Acknowledgement
from monitor.core.diagnosis.cause import Cause, CauseEvent, Kind, Turn
from monitor.core.topology import Layer, Scope
from monitor.core.workorder import course, words
from monitor.core.workorder.course import Alert, Known, Policy
from monitor.core.workorder.order import KEPT_S, Act, Message, OrderEvent, Orders, WorkOrder, after
from monitor.core.workorder.words import Said

NOW = 1_790_000_000.0
MIN = 60.0
POLICY = Policy({"network": ("net",), "anybody": ("desk", "phone")}, ("boss",))


def cause(kind: Kind = Kind.UPLINK, layer: Layer = Layer.UPLINK, name: str = "SW-1/3", at: float = NOW) -> Cause:
    return Cause(f"{kind}-{name}-{at:.0f}", kind, Scope(layer, name), at - 60, at, at, frozenset({"c1"}))


DEAD = Cause("dead-1", Kind.DEAD, Scope(Layer.DEVICE, "d1"), NOW, NOW, NOW, frozenset({"c1"}))


class Desk:
    """Orders under a clock that is moved by hand, and all that happened."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.policy, self.now = policy, NOW
        self.orders: Orders = {}
        self.causes: dict[str, Cause] = {}
        self.acknowledged: dict[str, Acknowledgement] = {}
        self.events: list[OrderEvent] = []
        self.ill: set[str] = set()

    @property
    def known(self) -> Known:
        return Known(self.causes, self.acknowledged, lambda camera: camera not in self.ill)

    def take(self, events: list[OrderEvent]) -> list[Act]:
        self.orders = after(self.orders, events)
        self.events += events
        return [event.act for event in events]

    def alert(self, one: Cause, site: str = "", severity: str = "page") -> list[Act]:
        self.causes[one.id] = one
        return self.take(
            course.alerted(self.orders, self.known, Alert(one, site, severity, "said"), self.policy, self.now)
        )

    def pass_(self, seconds: float) -> list[Act]:
        """Let time pass, second by second where that matters little: by tens."""
        done: list[Act] = []
        until = self.now + seconds
        while self.now < until:
            self.now = min(until, self.now + 10)
            done += self.take(course.step(self.orders, self.known, self.policy, self.now))
        return done

    def merge(self, one: Cause, into: Cause) -> list[Act]:
        event = CauseEvent(self.now, one.id, Turn.MERGED, one.kind, one.scope, one.after, one.by, other=into.id)
        del self.causes[one.id]
        self.causes[into.id] = into
        return self.take(course.followed(self.orders, self.known, [event], self.now))

    def judge(self, turn: Turn, one: Cause) -> list[Act]:
        self.causes[one.id] = one
        event = CauseEvent(self.now, one.id, turn, one.kind, one.scope, one.after, one.by, tuple(one.members))
        return self.take(course.followed(self.orders, self.known, [event], self.now))

    def say(self, act: Act, **more: str) -> list[Act]:
        return self.take([words.said(self.orders, Said(self.only.id, act, **more), self.now)])

    def tell(self) -> list[Message]:
        """Have every message taken, and return them."""
        found = [message for order in self.orders.values() for message in order.messages()]
        self.take(
            [OrderEvent(self.now, one.order, Act.TOLD, occasion=one.occasion, channel=one.channel) for one in found]
        )
        return found

    @property
    def only(self) -> WorkOrder:
        (order,) = self.orders.values()
        return order


def test_an_alert_opens_one_order_however_often_it_is_sent() -> None:
    """Three Alertmanagers, and a repetition each twelve hours, are one page."""
    desk, cut = Desk(), cause()
    assert desk.alert(cut) == [Act.OPENED, Act.CALLED]
    assert desk.alert(cut) == desk.alert(cut) == []
    assert [(one.occasion, one.channel) for one in desk.tell()] == [(1, "net")]
    assert desk.tell() == []


def test_each_shared_cause_has_an_order_and_each_site_and_owner_one_for_the_rest() -> None:
    """Two dead cameras of a pole are one errand; a refused login there is somebody else's."""
    desk = Desk()
    desk.alert(cause())
    desk.alert(cause(name="SW-1/4"))
    assert desk.alert(cause(Kind.DEAD, Layer.DEVICE, "d1"), "s1", "ticket") == [Act.OPENED, Act.CALLED]
    assert desk.alert(cause(Kind.DEAD, Layer.DEVICE, "d2"), "s1", "ticket") == [Act.JOINED]
    desk.alert(cause(Kind.CREDENTIALS, Layer.DEVICE, "d3"), "s1", "ticket")
    desk.alert(cause(Kind.DEAD, Layer.DEVICE, "d4"), "s2", "ticket")
    desk.alert(cause(Kind.DEAD, Layer.DEVICE, "d5"), "", "ticket")
    assert [(one.key, len(one.causes)) for one in desk.orders.values()] == [
        ("uplink, uplink SW-1/3", 1),
        ("uplink, uplink SW-1/4", 1),
        ("at site s1 for field", 2),
        ("at site s1 for accounts", 1),
        ("at site s2 for field", 1),
        ("at device d5 for field", 1),
    ]


def test_a_page_that_joins_a_ticket_calls_again() -> None:
    """What is urgent is not lost in what can wait."""
    desk = Desk()
    desk.alert(cause(Kind.DEAD, Layer.DEVICE, "d1"), "s1", "ticket")
    desk.tell()
    assert desk.alert(cause(Kind.STORAGE, Layer.DEVICE, "d2"), "s1", "page") == [Act.JOINED, Act.CALLED]
    assert desk.only.severity == "page"
    assert len(desk.tell()) == 2


def test_an_acknowledged_cause_opens_nothing() -> None:
    """Somebody answers for it already."""
    desk, cut = Desk(), cause()
    desk.acknowledged[cut.id] = Acknowledgement(cut.id, NOW, "noc", "", "known", NOW + 3600)
    assert desk.alert(cut) == []


def test_an_order_is_closed_by_its_causes_end_and_ten_minutes_of_evidence() -> None:
    """Not by an alert that resolves, nor by an acknowledgement: nothing of that is even heard of."""
    desk, cut = Desk(), cause()
    desk.alert(cut)
    desk.acknowledged[cut.id] = Acknowledgement(cut.id, NOW, "noc", "", "known", NOW + 1e6)
    assert desk.pass_(3600) == []
    del desk.causes[cut.id]
    assert desk.pass_(10) == [Act.CLEARED]
    assert desk.pass_(590) == []
    assert desk.pass_(10) == [Act.CLOSED]
    assert desk.pass_(3600) == []


def test_a_fault_that_returns_within_ten_minutes_goes_on_with_its_order() -> None:
    """The same cause, or another one of the same thing; nobody is paged again."""
    desk, cut = Desk(), cause()
    desk.alert(cut)
    desk.tell()
    del desk.causes[cut.id]
    desk.pass_(300)
    again = cause(at=desk.now)
    assert desk.alert(again) == [Act.JOINED]
    assert desk.pass_(10) == [Act.RETURNED]
    assert desk.tell() == []
    del desk.causes[again.id]
    assert desk.pass_(620) == [Act.CLEARED, Act.CLOSED]
    assert desk.alert(cause(at=desk.now))[0] is Act.OPENED


def test_what_comes_back_is_known_before_it_alerts() -> None:
    """Its alert waits for five minutes, in which its order must not be closed: the same line, the same camera's fault."""
    for one, site, again in (
        (cause(), "", cause(at=NOW + 500)),
        (DEAD, "s1", Cause("dead-2", Kind.DEAD, DEAD.scope, NOW, NOW, NOW, frozenset({"c1"}))),
    ):
        desk = Desk()
        desk.alert(one, site)
        del desk.causes[one.id]
        desk.pass_(500)
        assert desk.judge(Turn.OPENED, again) == [Act.JOINED]
        assert desk.pass_(300) == [Act.RETURNED]
        assert desk.alert(again, site) == []


def test_another_fault_of_the_same_camera_keeps_no_order_open() -> None:
    """It has its own alert, or none at all."""
    desk = Desk()
    desk.alert(DEAD, "s1")
    del desk.causes[DEAD.id]
    desk.pass_(10)
    off = Cause("off-1", Kind.SERVICE_OFF, DEAD.scope, NOW, NOW, NOW, frozenset({"c1"}))
    assert desk.judge(Turn.OPENED, off) == []
    assert desk.pass_(600) == [Act.CLOSED]


def test_while_the_monitor_is_blind_nothing_is_closed() -> None:
    """Ten minutes of evidence are ten minutes that somebody looked."""
    desk, cut, blind = Desk(), cause(), cause(Kind.BLIND, Layer.VANTAGE, "central")
    desk.alert(cut)
    del desk.causes[cut.id]
    desk.pass_(10)
    desk.causes[blind.id] = blind
    assert desk.pass_(3600) == [Act.RETURNED]
    del desk.causes[blind.id]
    assert desk.pass_(600) == [Act.CLEARED]
    assert desk.pass_(10) == [Act.CLOSED]


def test_a_camera_that_cannot_be_seen_is_no_evidence() -> None:
    """Its cause may have ended because nobody could look any more; it is not read as repaired, and nobody is reminded."""
    desk, cut = Desk(), cause()
    desk.alert(cut)
    desk.ill = {"c1"}
    del desk.causes[cut.id]
    assert desk.pass_(86400) == []
    desk.ill = set()
    assert desk.pass_(10) == [Act.CLEARED]
    desk.ill = {"c1"}
    assert desk.pass_(10) == [Act.RETURNED]
    desk.ill = {"elsewhere"}
    assert desk.pass_(610) == [Act.CLEARED, Act.CLOSED]


def test_after_a_restart_the_evidence_begins_anew() -> None:
    """Nobody watched meanwhile."""
    desk, cut = Desk(), cause()
    desk.alert(cut)
    del desk.causes[cut.id]
    desk.pass_(10)
    desk.now += 3600
    assert desk.take(course.resumed(desk.orders, desk.now)) == [Act.CLEARED]
    assert desk.pass_(590) == []
    assert desk.pass_(20) == [Act.CLOSED]


def test_nobody_answers_and_somebody_else_is_called_once() -> None:
    """After fifteen minutes; then with growing waits, once a day in the end."""
    desk = Desk()
    desk.alert(cause())
    desk.tell()
    assert desk.pass_(15 * MIN) == [Act.CALLED]
    assert [(one.occasion, one.channel) for one in desk.tell()] == [(2, "boss")]
    assert desk.pass_(14 * 86400) == [Act.CALLED] * 15
    calls = [event.at - NOW for event in desk.events if event.act is Act.CALLED]
    assert [round(after - before) for before, after in pairwise(calls)] == [
        900, 4 * 3600, 12 * 3600, *[86400] * 13
    ]  # fmt: skip


def test_what_can_wait_is_never_escalated() -> None:
    """A ticket is reminded of, and wakes nobody."""
    desk = Desk()
    desk.alert(cause(Kind.DEAD, Layer.DEVICE, "d1"), "s1", "ticket")
    desk.pass_(2 * 86400)
    assert {channel for event in desk.events for channel in event.channels} == {"desk", "phone"}


def test_an_answer_holds_for_eight_hours() -> None:
    """And takes back what was still on its way."""
    desk = Desk()
    desk.alert(cause())
    assert desk.say(Act.ON_MY_WAY, who="Team 3") == [Act.ON_MY_WAY]
    assert desk.tell() == []
    assert desk.pass_(8 * 3600 - 10) == []
    assert desk.pass_(10) == [Act.CALLED]


def test_on_my_way_does_not_silence_a_fault_that_comes_back() -> None:
    """All seemed well, and the fault is back: it is told again, and escalated anew where nobody answers that."""
    desk, cut = Desk(), cause()
    desk.alert(cut)
    desk.tell()
    desk.pass_(5 * MIN)
    desk.say(Act.ON_MY_WAY, who="Team 3")
    desk.pass_(30 * MIN)
    del desk.causes[cut.id]
    assert desk.pass_(6 * MIN) == [Act.CLEARED]
    assert desk.judge(Turn.OPENED, cause(at=desk.now)) == [Act.JOINED]
    assert desk.pass_(20) == [Act.RETURNED, Act.CALLED]
    assert (desk.only.answered, course.standing(desk.only, desk.now)) == (None, "open")
    assert [(event.why, event.channels) for event in desk.events if event.act is Act.CALLED][1:] == [
        ("back again", ("net",))
    ]
    assert len(desk.tell()) == 1
    assert desk.pass_(15 * MIN) == [Act.CALLED]
    assert [one.channel for one in desk.tell()] == ["boss"]
    desk.say(Act.ON_MY_WAY, who="Team 3")
    assert desk.pass_(7 * 3600) == []


def test_a_camera_that_is_silent_before_its_cause_is_known_again_takes_no_answer_with_it() -> None:
    """First it is seen that a camera does not work, then why: the fault is back from then on, and is told."""
    desk, cut = Desk(), cause()
    desk.alert(cut)
    desk.tell()
    desk.say(Act.ON_MY_WAY, who="Team 3")
    desk.pass_(30 * MIN)
    del desk.causes[cut.id]
    assert desk.pass_(MIN) == [Act.CLEARED]
    desk.ill = {"c1"}
    assert desk.pass_(20) == [Act.RETURNED]
    assert desk.only.answered is not None
    assert desk.judge(Turn.OPENED, cause(at=desk.now)) == [Act.JOINED]
    assert desk.pass_(10) == [Act.CALLED]
    assert (desk.events[-1].why, desk.only.answered) == ("back again", None)


def test_a_fault_that_comes_and_goes_under_a_technicians_hands_is_not_told_each_time() -> None:
    """Within a quarter of an hour of a call nobody is called again; but an answer of before does not hold either."""
    desk, cut = Desk(), cause()
    desk.alert(cut)
    desk.say(Act.ON_MY_WAY, who="Team 3")
    for minute in range(3):
        desk.causes.clear()
        assert desk.pass_(MIN) == [Act.CLEARED]
        desk.judge(Turn.OPENED, cause(at=desk.now))
        assert desk.pass_(MIN) == [Act.RETURNED], minute
    assert desk.pass_(9 * MIN) == [Act.CALLED]
    assert desk.events[-1].why == "back again"


def test_what_cannot_be_seen_for_a_while_takes_no_answer_back() -> None:
    """A blind monitor is no fault that came back; one that is back behind it is."""
    desk, cut, blind = Desk(), cause(), cause(Kind.BLIND, Layer.VANTAGE, "central")
    desk.alert(cut)
    desk.say(Act.ON_MY_WAY, who="Team 3")
    del desk.causes[cut.id]
    desk.pass_(10)
    desk.causes[blind.id] = blind
    assert desk.pass_(3600) == [Act.RETURNED]
    assert desk.only.answered is not None
    desk.judge(Turn.OPENED, cause(at=desk.now))
    assert desk.only.answered is None


def test_a_fault_that_returns_after_its_order_was_closed_pages_again() -> None:
    """Whatever was said about the order before: it is another one, with another number."""
    for act in (Act.ON_MY_WAY, Act.FALSE_ALARM, None):
        desk, cut = Desk(), cause()
        desk.alert(cut)
        desk.tell()
        if act is not None:
            desk.say(act, who="Team 3")
        del desk.causes[cut.id]
        desk.pass_(620)
        assert not desk.only.is_open
        assert desk.alert(cause(at=desk.now)) == [Act.OPENED, Act.CALLED]
        assert [one.channel for one in desk.tell()] == ["net"]
        assert len({*desk.orders}) == 2


def test_the_very_same_cause_after_its_order_was_closed_is_another_order() -> None:
    """A dead camera behind a line that was cut meanwhile: its messages must not look like those of the order before."""
    desk = Desk()
    desk.alert(DEAD, "s1")
    first = desk.tell()
    for number in range(2, 4):
        del desk.causes[DEAD.id]
        desk.pass_(620)
        assert desk.alert(DEAD, "s1") == [Act.OPENED, Act.CALLED]
        assert len(desk.orders) == number
        assert set(desk.tell()).isdisjoint(first)


def test_an_acknowledgement_on_the_wallboard_is_an_answer() -> None:
    """While it holds; when it ends, people are reminded again."""
    desk, cut = Desk(), cause()
    desk.alert(cut)
    desk.acknowledged[cut.id] = Acknowledgement(cut.id, NOW, "noc", "", "known", NOW + 1e6)
    assert desk.pass_(86400) == []
    desk.acknowledged.clear()
    assert desk.pass_(10) == [Act.CALLED]


def test_a_cause_that_merges_takes_its_order_with_it() -> None:
    """Into the other one's order where there is one; else the order goes on with the other cause."""
    desk = Desk()
    site, cut = cause(Kind.SITE, Layer.SITE, "s1"), cause()
    desk.alert(site, "s1")
    assert desk.merge(site, cut) == [Act.JOINED]
    assert desk.alert(cut) == []
    assert desk.pass_(20) == []
    other = cause(Kind.SITE, Layer.SITE, "s2")
    desk.alert(other, "s2")
    assert desk.merge(other, cut) == [Act.MERGED]
    first, second = desk.orders.values()
    assert (first.is_open, second.is_open, second.events[-1].other) == (True, False, first.id)


def test_a_site_with_other_faults_keeps_its_order_when_one_of_them_merges() -> None:
    """The rest of the errand is left."""
    desk = Desk()
    cut, dead, hung = cause(), cause(Kind.DEAD, Layer.DEVICE, "d1"), cause(Kind.HUNG, Layer.DEVICE, "d2")
    desk.alert(cut)
    desk.alert(dead, "s1", "ticket")
    desk.alert(hung, "s1", "ticket")
    assert desk.merge(dead, cut) == []
    assert [one.is_open for one in desk.orders.values()] == [True, True]


def test_closed_orders_are_forgotten_after_a_week() -> None:
    """The ledger has them for ever."""
    desk, cut = Desk(), cause()
    desk.alert(cut)
    del desk.causes[cut.id]
    desk.pass_(700)
    desk.now += KEPT_S - 600
    desk.alert(cause(name="SW-9/9", at=desk.now))
    assert len(desk.orders) == 2
    desk.now += 700
    desk.alert(cause(name="SW-9/8", at=desk.now))
    assert sorted(one.key for one in desk.orders.values()) == ["uplink, uplink SW-9/8", "uplink, uplink SW-9/9"]


def test_a_number_is_the_same_wherever_it_is_computed() -> None:
    """So that a monitor that was killed before it could write calls the same order by the same number."""
    one, other = Desk(), Desk()
    one.alert(cause())
    other.alert(cause())
    assert one.only.id == other.only.id
    assert len(one.only.id) == len("WO-ABCD-EFGH")


STEPS = st.lists(
    st.tuples(st.sampled_from(["alert", "end", "answer", "false", "ack", "tell", "wait", "merge"]), st.integers(0, 3)),
    max_size=40,
)


@given(STEPS)
def test_whatever_happens_the_events_alone_give_the_same_orders(steps: list[tuple[str, int]]) -> None:
    """No key has two open orders, no message is told twice, and nothing closed waits."""
    desk = Desk()
    told: list[Message] = []
    for what, number in steps:
        one = cause(name=f"SW-1/{number}") if number else cause(Kind.DEAD, Layer.DEVICE, "d1")
        match what:
            case "alert":
                desk.alert(one, "" if number else "s1", "page")
            case "end":
                desk.causes.pop(one.id, None)
            case "ack" if one.id in desk.causes:
                desk.acknowledged[one.id] = Acknowledgement(one.id, desk.now, "noc", "", "known", desk.now + 3600)
            case "answer" | "false":
                act = Act.ON_MY_WAY if what == "answer" else Act.FALSE_ALARM
                for order in [order for order in desk.orders.values() if order.is_open][:1]:
                    desk.take([words.said(desk.orders, Said(order.id, act), desk.now)])
            case "tell":
                told += desk.tell()
            case "wait":
                desk.pass_(400.0 * (number + 1))
            case "merge" if one.id in desk.causes and number > 1:
                desk.merge(one, cause(name="SW-1/1"))
    assert after({}, desk.events) == desk.orders
    keys = [one.key for one in desk.orders.values() if one.is_open]
    assert len(keys) == len(set(keys))
    assert len(told) == len(set(told))
    assert all(not one.waiting for one in desk.orders.values() if not one.is_open)
