"""What the monitor and a prober say to each other arrives as it was said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict
from monitor.probes.base import Result
from monitor.probes.transcript import Conversation
from monitor.scheduler.packing import packed, unpacked

FINDINGS = st.builds(
    Finding, st.sampled_from(Rung), st.sampled_from(Outcome), st.none() | st.sampled_from(Reason), st.text(), st.text()
)
NAMED = st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.floats(allow_nan=False), max_size=3)
VERDICTS = st.builds(
    Verdict, st.text(), st.text(), st.sampled_from(["onvif", "rtsp", "snmp"]), st.floats(0, 2e9), st.floats(0, 60),
    st.lists(FINDINGS, max_size=6).map(tuple), NAMED, st.integers(0, 99), st.dictionaries(st.text(), st.text(), max_size=2),
    st.floats(0, 60),
)  # fmt: skip


@given(st.lists(VERDICTS, max_size=4))
def test_verdicts_arrive_as_they_were_said(verdicts: list[Verdict]) -> None:
    """All fields and their kinds: a reason is one, not the text that looks like it."""
    words = [Result(one, {"ask_mac": True}, Conversation(one, ())) for one in verdicts]
    assert unpacked(packed(words)) == words
    arrived = [finding for one in unpacked(packed(verdicts)) for finding in one.findings]
    said = [finding for one in verdicts for finding in one.findings]
    assert [list(map(type, one)) for one in arrived] == [list(map(type, one)) for one in said]


def test_what_thousands_of_devices_say_alike_is_one_value() -> None:
    """A fleet that is well costs the monitor one finding, not nine for each device."""
    said = [Verdict(str(n), "", "onvif", 0.0, 0.0, (Finding(Rung.CONTROL, Outcome.OK),)) for n in range(3)]
    assert len({id(one.findings[0]) for one in unpacked(packed(said))}) == 1
