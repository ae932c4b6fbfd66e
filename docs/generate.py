"""Write the reference pages that come from the code: docs/metrics.md and docs/reasons.md.

`python docs/generate.py` writes them; a test compares what is committed with what this makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from exporters import catalogue
from exporters.catalogue import Metric
from exporters.text import MOST_CHARACTERS
from monitor.core.state import MEANINGS, State
from monitor.core.verdict import ONE_SILENT, QUESTIONS, REASONS, Rung

DOCS = Path(__file__).parent

_METRICS = """\
# Metrics

Generated from `exporters/catalogue.py` by `python docs/generate.py`; not edited by hand.

`/metrics` is text in Prometheus' format 0.0.4. It never waits for a camera: probes run on the monitor's own schedule,
so that the record goes on while Prometheus is away and two of them do not double the load on the cameras. The price is
freshness, and it is shown: `camera_last_probe_timestamp_seconds` says when a camera was last asked with a result. What
is stale vanishes: a camera whose state is unknown has no `camera_working` and no measurement, but it keeps its
`camera_state` and `camera_info`, so that "600 of 1,800" never becomes "600 of 1,650".

A camera has at most {most} series. Beside them stand its certificate's, where the inventory says TLS, and
`camera_planned`, only while something is planned for it. What stands in `camera_info` is joined, so that the other
series stay what they are when a device gets other firmware. How many cameras do not work behind each uplink:

    count by (uplink) ((camera_working == 0) * on (camera) group_left (uplink) camera_info)

Text from a device stands in `camera_info` only, cut to {characters} characters, its control characters replaced.
"""


def metrics() -> str:
    """Return docs/metrics.md."""
    parts = [_METRICS.format(most=catalogue.MOST_SERIES, characters=MOST_CHARACTERS)]
    for title, families in (
        ("Of each camera", catalogue.CAMERA),
        ("Of the fleet", catalogue.FLEET),
        ("Of the contracts", catalogue.CONTRACTS),
        ("Of the monitor itself", catalogue.SELF),
    ):
        parts.append(f"## {title}\n\n" + _table(("metric", "type", "labels", "meaning"), map(_metric, families)))
    parts.append("Beside them stand the client library's `process_` metrics: CPU, memory, descriptors, start.\n")
    return "\n".join(parts)


def _metric(metric: Metric) -> tuple[str, ...]:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    unit = f" Unit: {metric.unit}." if metric.unit else ""
    buckets = " Buckets: " + ", ".join(f"{bound:g}" for bound in metric.buckets) + "." if metric.buckets else ""
    return (f"`{metric.name}`", metric.type, labels, metric.help + unit + buckets)


_REASONS = """\
# States, rungs and reasons

Generated from `monitor/core/state.py` and `monitor/core/verdict.py` by `python docs/generate.py`; not edited by hand.

A *rung* is one question about a camera. Where the answer is no, or where nobody could look, one *reason* of this closed
list says why; it is the `reason` of `camera_fleet_reasons`, of the pages, of `camfleet why` and of the ledger.
"""

_STATES = """\
## States

A camera's state follows from its rungs. *Working* means that video arrives; where the inventory leaves RTSP out, that
ONVIF answers, and without that that the device does.

{table}
A camera is `unreachable` rather than `down` while an open cause above it holds it: its line, its power, its whole site
([why cameras do not work](diagnosis.md)). While the monitor itself is blind, all that it should see is `unknown`.

A state is told with the interval in which it began: after the last check that found it otherwise, and by the first that
found it so. It keeps this beginning until another state follows: an outage that gets worse, or whose reason changes,
does not begin anew; nor does a restart of the monitor change it.
"""

_SINCE = {
    State.UP: "the last rung that was in the way recovered",
    State.DEGRADED: "what fails beside the video began to fail; after an outage, the video came back",
    State.UNREACHABLE: "the video failed",
    State.DOWN: "the video failed, or the login was refused, whichever came first",
    State.UNKNOWN: "nobody can say any more; never, for a camera that was not seen yet",
}


def reasons() -> str:
    """Return docs/reasons.md."""
    camera = [reason for reason, advice in REASONS.items() if not advice.ours]
    ours = [reason for reason, advice in REASONS.items() if advice.ours]
    head = ("reason", "in short", "what it means", "what to do")
    rows = {reason: (f"`{reason}`", advice.title, advice.meaning, advice.action) for reason, advice in REASONS.items()}
    return "\n".join(
        (
            _REASONS,
            _STATES.format(table=_table(("state", "meaning", "since"), map(_state, State))),
            "## Rungs\n\n" + _table(("rung", "question"), ((f"`{rung.label}`", QUESTIONS[rung]) for rung in Rung)),
            "## Reasons that lie with the camera\n\n" + _table(head, (rows[reason] for reason in camera)),
            "Where only one service is silent and the device can be reached, `timeout` means something else:\n\n"
            + _table(("rung", *head[1:]), ((f"`{rung.label}`", *told[:3]) for rung, told in ONE_SILENT.items())),
            "## Reasons that lie with the monitor\n\nThese never count against a camera.\n\n"
            + _table(head, (rows[reason] for reason in ours)),
        )
    )


def _state(state: State) -> tuple[str, ...]:
    return (f"`{state}`", MEANINGS[state], _SINCE.get(state, ""))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


PAGES: dict[str, Callable[[], str]] = {"metrics.md": metrics, "reasons.md": reasons}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
