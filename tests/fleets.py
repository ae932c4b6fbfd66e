"""Small inventories and verdicts for tests of the reducer."""

from __future__ import annotations

from hypothesis import strategies as st

from monitor.core.model import PROBE_NAMES, Camera, Device, Inventory, Site
from monitor.core.verdict import REASONS, Finding, Outcome, Reason, Rung, Verdict


def inventory(devices: int = 1, channels: int = 1, probes: tuple[str, ...] = PROBE_NAMES) -> Inventory:
    """Return devices d0, d1, … with cameras d0c1, d0c2, … in one zone."""
    made = {}
    cameras = {}
    for number in range(devices):
        ids = [f"d{number}c{channel}" for channel in range(1, channels + 1)]
        made[f"d{number}"] = Device(f"d{number}", f"127.1.0.{number + 1}", {}, probes, tuple(ids))
        for channel, id_ in enumerate(ids, 1):
            cameras[id_] = Camera(id_, id_, f"d{number}", channel, "zone", "site")
    return Inventory(made, cameras, {"site": Site("site", "Site", "zone")}, {"zone": "Zone"})


def verdict(at: float, *findings: Finding, device: str = "d0", probe: str = "rtsp", duration_s: float = 0.1) -> Verdict:
    """Return a verdict that ended at this moment."""
    return Verdict(device, "central", probe, at, duration_s, findings)


OUTCOMES = st.one_of(
    st.just((Outcome.OK, None)),
    st.tuples(st.just(Outcome.FAIL), st.sampled_from([reason for reason in Reason if not REASONS[reason].ours])),
    st.tuples(st.just(Outcome.UNSEEN), st.sampled_from([Reason.BUSY, Reason.ABORTED, Reason.LOCKED])),
)
CHANNEL = (Rung.STREAM, Rung.MEDIA)


@st.composite
def histories(draw: st.DrawFn) -> list[list[Verdict]]:
    """Draw steps of verdicts on two devices of two cameras each."""
    at = 1000.0
    steps = []
    for _ in range(draw(st.integers(1, 25))):
        at += draw(st.floats(0.5, 400))
        verdicts = []
        for _ in range(draw(st.integers(0, 4))):
            device = draw(st.sampled_from(["d0", "d1"]))
            findings = []
            for rung in draw(st.lists(st.sampled_from(list(Rung)), min_size=1, max_size=3, unique=True)):
                outcome, reason = draw(OUTCOMES)
                camera = device + draw(st.sampled_from(["c1", "c2"])) if rung in CHANNEL else ""
                findings.append(Finding(rung, outcome, reason, "", camera))
            ended = at - draw(st.floats(0, 0.4))
            verdicts.append(verdict(ended, *findings, device=device, duration_s=draw(st.floats(0, 5))))
        steps.append(verdicts)
    return steps
