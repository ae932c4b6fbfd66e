"""Which conversations are kept for a reader: a few of each device, failures longest, and no more than fits in memory."""

from __future__ import annotations

from fleets import verdict
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.verdict import Finding, Outcome, Reason, Rung
from monitor.probes.journal import FRAME_BYTES, KEPT_CONVERSATIONS, Journal
from monitor.probes.transcript import Conversation


def conversation(at: float, reason: Reason | None, device: str = "d0", said: bytes = b"") -> Conversation:
    found = verdict(at, Finding(Rung.CONTROL, Outcome.FAIL if reason else Outcome.OK, reason), device=device)
    return Conversation(found, ((0.0, False, said),))


def test_the_journal_is_bounded_and_failures_outlive_successes() -> None:
    """The conversation that explains an outage is still there after many that went well."""
    journal = Journal()
    journal.add(conversation(0, Reason.NO_REPLY))
    for at in range(1, 20):
        journal.add(conversation(at, None))
    kept = journal.of("d0")
    assert len(kept) == KEPT_CONVERSATIONS
    assert kept[-1].verdict.at == 0
    for at in range(20, 40):
        journal.add(conversation(at, Reason.TIMEOUT))
    assert [one.verdict.at for one in journal.of("d0")] == list(range(39, 39 - KEPT_CONVERSATIONS, -1))
    journal.forget(["d0"])
    assert journal.of("d0") == ()


def test_a_failure_does_not_push_out_the_newest_successes() -> None:
    """One failure takes one place of a device's six."""
    journal = Journal()
    for at in range(3):
        journal.add(conversation(at, None))
    journal.add(conversation(3, Reason.TIMEOUT))
    assert [one.verdict.at for one in journal.of("d0")] == [3, 2, 1, 0]


def test_beyond_the_common_bound_the_successes_of_whom_was_asked_longest_ago_go_first() -> None:
    """A fleet of any size fits: who was asked just now has its conversations, and failures stay longer."""
    journal = Journal(4 * FRAME_BYTES)
    journal.add(conversation(0, Reason.TIMEOUT, "failed"))
    for at, device in enumerate(("a", "b", "a", "c"), 1):
        journal.add(conversation(at, None, device))
    assert [len(journal.of(device)) for device in ("failed", "a", "b", "c")] == [1, 2, 0, 1]
    for at in range(5, 9):
        journal.add(conversation(at, Reason.TIMEOUT, f"failed-{at}"))
    assert [len(journal.of(device)) for device in ("failed", "a", "c", "failed-5", "failed-8")] == [0, 0, 0, 1, 1]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 3000)), max_size=60))
def test_the_journal_never_takes_more_than_its_bound(added: list[tuple[str, bool, int]]) -> None:
    """Whatever comes, in whichever order."""
    most = 5 * FRAME_BYTES
    journal = Journal(most)
    for at, (device, failed, size) in enumerate(added):
        journal.add(conversation(at, Reason.TIMEOUT if failed else None, device, bytes(size)))
        kept = [one for id_ in "abc" for one in journal.of(id_)]
        assert sum(FRAME_BYTES + len(data) for one in kept for _, _, data in one.said) <= most
