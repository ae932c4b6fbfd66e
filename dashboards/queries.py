"""Expressions that several dashboards share. Each figure is taken of one monitor of a pair, never of both together."""

from __future__ import annotations

from dashboards.board import Note
from dashboards.panel import BAD, QUIET, STATES
from monitor.core.diagnosis.naming import OWN_LAYERS

#: What a click leads to: a title and an address.
ZONE = ("Zone", "/d/camfleet-zone?var-zone=${__data.fields.zone:percentencode}&${datasource:queryparam}")
SITE = (
    "Site",
    "/d/camfleet-site?var-zone=${zone:percentencode}&var-site=${__data.fields.site:percentencode}&${datasource:queryparam}",
)
CAMERA = (
    "Camera",
    "/d/camfleet-camera?var-zone=${zone:percentencode}&var-site=${__data.fields.site:percentencode}&var-camera=${__data.fields.camera:percentencode}"
    "&${datasource:queryparam}",
)
SCOPE = (
    "This cause",
    "/d/camfleet-causes?var-kind=${__data.fields.kind:percentencode}&var-scope=${__data.fields.scope:percentencode}&${datasource:queryparam}",
)
CAUSE = ("The cause's page", "${camfleet:raw}/causes/${__data.fields.cause:percentencode}")
KIND = (
    "Causes of this kind",
    "/d/camfleet-causes?var-kind=${__field.labels.kind:percentencode}&${datasource:queryparam}",
)

#: Causes that lie in something that several devices share.
SHARED = 'layer!~"' + "|".join(OWN_LAYERS) + '"'
_NOT_WORKING = "down|unreachable"


def cameras(by: str = "", states: str = "", zone: str = "", pair: str = "max") -> str:
    """Return how many cameras are in these states, by a label or all together, from the pre-counted series."""
    filters = [f'zone="{zone}"'] * bool(zone) + [f'state=~"{states}"'] * bool(states)
    chosen = f"{{{','.join(filters)}}}" if filters else ""
    inner = f"sum by (instance{', ' + by if by else ''}) (camera_fleet_cameras{chosen})"
    return f"{pair} by ({by}) ({inner})" if by else f"{pair}({inner})"


def not_working(by: str = "", zone: str = "") -> str:
    """Return how many cameras do not work."""
    return cameras(by, _NOT_WORKING, zone)


def share(by: str = "", zone: str = "") -> str:
    """Return the share of the judged cameras that does not work."""
    judged = f"({cameras(by, zone=zone)} - {cameras(by, 'unknown', zone, pair='min')} > 0)"
    return f"{not_working(by, zone)} / {judged}"


def one_of_pair(metric: str, filters: str = "") -> str:
    """Return a metric of each camera, of the monitor that says most."""
    return f"max without (instance, job) ({metric}{{{filters}}})"


def causes(filters: str = "") -> str:
    """Return the open causes, each once: a pair of monitors knows the same fact under two ids."""
    return f"topk by (kind, layer, scope) (1, camera_cause_open{{{filters}}})"


def opened(of: str) -> str:
    """Return when causes were opened, in milliseconds, with the labels that ``of`` has."""
    return f"1000 * camera_cause_opened_timestamp_seconds and on (instance, cause) {of}"


#: Each shared cause, marked where it was opened.
OUTAGES = Note(
    "Shared causes",
    "1000 * camera_cause_opened_timestamp_seconds"
    f" * on (instance, cause) group_left (kind, scope) (camera_cause_open{{{SHARED}}} > bool 0)",
    "{{kind}}: {{scope}}",
    BAD,
    at_value=True,
)


def orders(filters: str = "") -> Note:
    """Return the work orders that were opened here, each marked at its moment."""
    expr = f"1000 * camfleet_order_opened_timestamp_seconds{f'{{{filters}}}' if filters else ''}"
    return Note("Work orders", expr, "{{order}} for {{owner}} ({{severity}})", QUIET, at_value=True)


def planned(filters: str) -> Note:
    """Return what the calendar has for these cameras, marked for as long as it holds."""
    return Note("Planned", f"count by (kind) (camera_planned{{{filters}}})", "{{kind}}", STATES["unknown"])


def in_state(state: str, zone: str = "") -> str:
    """Return how many cameras are in one state."""
    return cameras("", state, zone, pair="min" if state == "unknown" else "max")
