"""Every metric, once: its name, its type, its meaning, its labels and its unit.

Rules: base units; ``_total`` on counters only; the moment of an event rather than the time since; text that a device
says is a label of ``camera_info`` only, bounded; a camera never has more than ``MOST_SERIES`` series, and beside them
one for its certificate where the inventory says TLS, and one of each kind that is planned for it while that holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MOST_SERIES = 12
"""How many series a camera has at most, beside its certificate and what is planned for it."""

OF_CAMERA = ("camera", "zone", "site")
"""The labels that every series of a camera has."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One family. ``series`` is how many series a camera (or, for the others, the monitor) has of it at most."""

    name: str
    type: Literal["gauge", "counter", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    unit: str = ""
    series: int = 1
    buckets: tuple[float, ...] = ()


WORKING = Metric(
    "camera_working",
    "gauge",
    "1 if the camera works, 0 if it does not; absent while nobody can say.",
    OF_CAMERA,
)
STATE = Metric(
    "camera_state",
    "gauge",
    "1 for the camera's present state: up, degraded, unreachable (cut off by something above it: a line, a feeder),"
    " down or unknown.",
    (*OF_CAMERA, "state"),
)
RUNG_OK = Metric(
    "camera_rung_ok",
    "gauge",
    "1 if the confirmed answer to this question is ok, 0 if it failed; absent while unseen or where there is none.",
    (*OF_CAMERA, "rung"),
    series=5,
)
CHANGED = Metric(
    "camera_state_changed_timestamp_seconds",
    "gauge",
    "When the present state began: the first observation of it. An outage that gets worse does not begin anew; absent"
    " for a camera never seen.",
    OF_CAMERA,
    "seconds since the epoch",
)
LAST_PROBE = Metric(
    "camera_last_probe_timestamp_seconds",
    "gauge",
    "When a probe of the camera's device last came to a finding, good or bad. Probes run on the monitor's own schedule,"
    " not at a scrape.",
    OF_CAMERA,
    "seconds since the epoch",
)
BOOT = Metric(
    "camera_boot_timestamp_seconds",
    "gauge",
    "When the device started, by its own uptime; absent while stale.",
    OF_CAMERA,
    "seconds since the epoch",
)
CLOCK_OFFSET = Metric(
    "camera_clock_offset_seconds",
    "gauge",
    "How far the device's clock is ahead of ours (negative: behind); absent while stale.",
    OF_CAMERA,
    "seconds",
)
CERTIFICATE = Metric(
    "camera_certificate_expiry_timestamp_seconds",
    "gauge",
    "When the certificate of the device's https or rtsps expires, the earlier of both; only where the inventory says"
    " TLS; absent while stale.",
    OF_CAMERA,
    "seconds since the epoch",
)
INFO = Metric(
    "camera_info",
    "gauge",
    "Always 1; its labels say what stands in the inventory and what the device says of itself.",
    (
        *OF_CAMERA,
        "name",
        "device",
        "vantage",
        "uplink",
        "feeder",
        "make",
        "manufacturer",
        "model",
        "firmware",
        "serial",
    ),
)

CAMERA = (WORKING, STATE, RUNG_OK, CHANGED, LAST_PROBE, BOOT, CLOCK_OFFSET, CERTIFICATE, INFO)
"""The families that each camera has, in the order of the page."""

PLANNED = Metric(
    "camera_planned",
    "gauge",
    "1 while the calendar plans something of this kind for the camera; otherwise absent. A rule leaves such cameras out"
    " by: unless on (camera) camera_planned.",
    (*OF_CAMERA, "kind"),
)
CAUSE_OPEN = Metric(
    "camera_cause_open",
    "gauge",
    "How many cameras an open cause holds; absent when it is closed. Alerts fire on causes alone, by:"
    " camera_cause_open unless on (cause) camera_cause_quiet. No two have kind, layer and scope in common. Site, zone"
    " and contract are told where all that hangs on what failed has the same one. Of very many, the shared and the"
    " oldest are told.",
    ("cause", "kind", "layer", "scope", "site", "zone", "contract", "owner"),
    "cameras",
)
CAUSE_OPENED = Metric(
    "camera_cause_opened_timestamp_seconds",
    "gauge",
    "When an open cause was opened. camfleet_snapshot_timestamp_seconds less this is its age by the monitor's clock,"
    " which no restart of anything makes younger.",
    ("cause",),
    "seconds since the epoch",
)
ORDER_OPENED = Metric(
    "camfleet_order_opened_timestamp_seconds",
    "gauge",
    "When an open work order was opened; of the newest 500. With its site, and the zone of that, where it has one.",
    ("order", "severity", "site", "zone", "owner"),
    "seconds since the epoch",
)
CAUSE_QUIET = Metric(
    "camera_cause_quiet",
    "gauge",
    "1 while an open cause is not to alert: acknowledged by a person, or the calendar plans something for each of its"
    " cameras. It is open and shown all the same, and its end is told.",
    ("cause", "why"),
)
CAUSES = Metric(
    "camera_causes",
    "gauge",
    "How many causes of a kind are open, of all of them.",
    ("kind",),
    "causes",
)
FLEET_CAMERAS = Metric(
    "camera_fleet_cameras",
    "gauge",
    "How many cameras of a zone are in a state; every zone with every state.",
    ("zone", "state"),
    "cameras",
)
FLEET_REASONS = Metric(
    "camera_fleet_reasons",
    "gauge",
    "How many cameras of a zone do not work, by the reason that is told first.",
    ("zone", "reason"),
    "cameras",
)
LATITUDE = Metric(
    "camera_site_latitude_degrees",
    "gauge",
    "Where a site stands, north of the equator; absent where the inventory does not say.",
    ("zone", "site"),
    "degrees (WGS 84)",
)
LONGITUDE = Metric(
    "camera_site_longitude_degrees",
    "gauge",
    "Where a site stands, east of Greenwich; absent where the inventory does not say.",
    ("zone", "site"),
    "degrees (WGS 84)",
)
CANARY_UP = Metric(
    "camfleet_canary_up",
    "gauge",
    "1 if a canary of this vantage answers, 0 if it does not: then nothing that is seen from there counts; absent while"
    " that is not known.",
    ("vantage", "canary"),
)
SNAPSHOT_AT = Metric(
    "camfleet_snapshot_timestamp_seconds",
    "gauge",
    "The moment that the camera metrics on this page describe.",
    unit="seconds since the epoch",
)
EVENT_SEQUENCE = Metric(
    "camfleet_event_sequence",
    "gauge",
    "The number of the newest event.",
)
RECORDED_SEQUENCE = Metric(
    "camfleet_ledger_recorded_sequence",
    "gauge",
    "The number of the newest event that is safely in the ledger; behind camfleet_event_sequence while it is not all.",
)

FLEET = (
    PLANNED,
    CAUSE_OPEN,
    CAUSE_OPENED,
    CAUSE_QUIET,
    CAUSES,
    ORDER_OPENED,
    FLEET_CAMERAS,
    FLEET_REASONS,
    LATITUDE,
    LONGITUDE,
    CANARY_UP,
    SNAPSHOT_AT,
    EVENT_SEQUENCE,
    RECORDED_SEQUENCE,
)
"""What a snapshot says beside its cameras."""

OF_FIGURE = ("contract", "figure")
"""``figure``: camera_hours, mean, share_at_target, working_at_end."""

SLA = Metric(
    "camera_sla_ratio",
    "gauge",
    "A contract's figure so far in its period, of what was seen; absent where nothing was. Cut, never rounded up.",
    OF_FIGURE,
)
SLA_LOW = Metric("camera_sla_low_ratio", "gauge", "The figure if all that nobody saw was bad.", OF_FIGURE)
SLA_HIGH = Metric("camera_sla_high_ratio", "gauge", "The figure if all that nobody saw was good.", OF_FIGURE)
SLA_COVERAGE = Metric("camera_sla_coverage_ratio", "gauge", "How much of what counts was seen.", OF_FIGURE)
SLA_TARGET = Metric(
    "camera_sla_target_ratio",
    "gauge",
    "What the contract promises of the figure that it holds against its target; 1 where each camera has to reach it.",
    OF_FIGURE,
)
SLA_REACHED = Metric(
    "camera_sla_reached_ratio",
    "gauge",
    "That figure so far, with time that nobody saw taken as the contract says.",
    OF_FIGURE,
)
SLA_CAMERAS = Metric("camera_sla_cameras", "gauge", "Cameras that the contract counts.", ("contract",), "cameras")
SLA_BELOW = Metric(
    "camera_sla_cameras_below_target", "gauge", "Cameras below the target so far, as seen.", ("contract",), "cameras"
)
SLA_PENALTY = Metric(
    "camera_sla_penalty",
    "gauge",
    "What the period costs so far, as the contract says.",
    ("contract", "currency"),
    "units of the currency",
)
SLA_PENALTY_LEAST = Metric(
    "camera_sla_penalty_least",
    "gauge",
    "What it costs if all that nobody saw was good.",
    ("contract", "currency"),
    "units of the currency",
)
SLA_PENALTY_MOST = Metric(
    "camera_sla_penalty_most",
    "gauge",
    "What it costs if all that nobody saw was bad.",
    ("contract", "currency"),
    "units of the currency",
)
SLA_START = Metric(
    "camera_sla_period_start_timestamp_seconds",
    "gauge",
    "When the contract's present period began.",
    ("contract",),
    "seconds since the epoch",
)
SLA_END = Metric(
    "camera_sla_period_end_timestamp_seconds",
    "gauge",
    "When the contract's present period ends.",
    ("contract",),
    "seconds since the epoch",
)
SLA_UNTIL = Metric(
    "camera_sla_stated_timestamp_seconds",
    "gauge",
    "Until when the figures so far reach: time() less this is their age.",
    ("contract",),
    "seconds since the epoch",
)
CONTRACTS_FAILING = Metric(
    "camfleet_sla_failing", "gauge", "1 while the figures of contracts cannot be computed, or not all of them."
)
CONTRACTS_AT = Metric(
    "camfleet_sla_computed_timestamp_seconds",
    "gauge",
    "When the figures of contracts were computed last; they are each hour.",
    unit="seconds since the epoch",
)
CONTRACTS_TOOK = Metric(
    "camfleet_sla_duration_seconds",
    "gauge",
    "How long that took, in a process of its own at the lowest priority.",
    unit="seconds",
)
PACK_FAILING = Metric(
    "camfleet_pack_failing",
    "gauge",
    "1 while an evidence pack that should be in a folder could not be made.",
    ("depot",),
)
PACKS_MADE = Metric("camfleet_packs_total", "counter", "Evidence packs that were made.", unit="packs")

CONTRACTS = (
    SLA,
    SLA_LOW,
    SLA_HIGH,
    SLA_COVERAGE,
    SLA_TARGET,
    SLA_REACHED,
    SLA_CAMERAS,
    SLA_BELOW,
    SLA_PENALTY,
    SLA_PENALTY_LEAST,
    SLA_PENALTY_MOST,
    SLA_START,
    SLA_END,
    SLA_UNTIL,
    CONTRACTS_FAILING,
    CONTRACTS_AT,
    CONTRACTS_TOOK,
    PACK_FAILING,
    PACKS_MADE,
)
"""How the contracts stand so far in their periods, computed from the ledger."""

BUILD_INFO = Metric("camfleet_build_info", "gauge", "Always 1; the version that runs.", ("version", "python"))
PROBES = Metric("camfleet_probes_total", "counter", "Probes that came to an end.", ("probe",), "probes")
PROBES_ABORTED = Metric(
    "camfleet_probes_aborted_total",
    "counter",
    "Probes that the monitor itself could not carry out; they count against no camera.",
    ("probe",),
    "probes",
)
REQUESTS = Metric("camfleet_requests_total", "counter", "Requests sent to devices.", ("probe",), "requests")
LOGINS_REFUSED = Metric(
    "camfleet_logins_refused_total",
    "counter",
    "Logins that a device refused. A refused one is repeated ever more rarely, so that no account is locked.",
    ("probe",),
    "logins",
)
PROBE_DURATION = Metric(
    "camfleet_probe_duration_seconds",
    "histogram",
    "How long a probe took, over the whole fleet.",
    ("probe",),
    "seconds",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0),
)
LAG = Metric(
    "camfleet_schedule_lag_seconds",
    "gauge",
    "How much later than planned checks begin now; rises when the monitor is overloaded.",
    unit="seconds",
)
LATENESS = Metric(
    "camfleet_check_lateness_seconds",
    "histogram",
    "How much later than planned each check began.",
    unit="seconds",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0),
)
IN_FLIGHT = Metric("camfleet_checks_in_flight", "gauge", "Checks that run at this moment.", unit="checks")
LOOP_DELAY = Metric(
    "camfleet_loop_delay_seconds",
    "histogram",
    "How long the event loop was blocked when a timer was due, measured once a second.",
    unit="seconds",
    buckets=(0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 10.0),
)
LEDGER_ERRORS = Metric(
    "camfleet_ledger_write_errors_total",
    "counter",
    "Attempts to write the ledger that failed; each is repeated.",
    unit="attempts",
)
LEDGER_LOST = Metric(
    "camfleet_ledger_lost_events_total",
    "counter",
    "Events that overflowed while the ledger could not be written; the ledger holds a gap in their place.",
    unit="events",
)
LEDGER_FAILING = Metric("camfleet_ledger_failing", "gauge", "1 while the ledger cannot be written.")
CHECKPOINT_AT = Metric(
    "camfleet_checkpoint_timestamp_seconds",
    "gauge",
    "When the newest checkpoint of the ledger was signed.",
    unit="seconds since the epoch",
)
CHECKPOINT_FAILING = Metric(
    "camfleet_checkpoint_failing",
    "gauge",
    "1 while the newest checkpoint has not reached a holder, or cannot be signed.",
    ("holder",),
)
ORDERS = Metric(
    "camfleet_orders",
    "gauge",
    "Work orders by how they stand: open, answered (somebody is on it), cleared (all seems well, it is being watched).",
    ("state",),
    series=3,
)
ORDERS_OPENED = Metric(
    "camfleet_orders_opened_total", "counter", "Work orders that were opened.", ("severity",), series=2
)
ORDER_MESSAGES = Metric(
    "camfleet_order_messages_total",
    "counter",
    "Messages about work orders that a channel took, or that were given up after some three hours of attempts.",
    ("channel", "outcome"),
    series=2,
)
ORDER_CHANNEL_FAILING = Metric(
    "camfleet_order_channel_failing",
    "gauge",
    "1 while a channel has not taken a message about a work order that is tried again.",
    ("channel",),
)
FALSE_ALARMS = Metric(
    "camfleet_false_alarms_total", "counter", "Work orders of which somebody said that there was nothing to find."
)
RELOAD_AT = Metric(
    "camfleet_inventory_reload_success_timestamp_seconds",
    "gauge",
    "When the inventory in force was loaded.",
    unit="seconds since the epoch",
)
RELOAD_OK = Metric(
    "camfleet_inventory_last_reload_successful",
    "gauge",
    "1 if the newest attempt to load the inventory succeeded; 0 if it was wrong and the one before stays in force.",
)
LOGINS = Metric(
    "camfleet_credential_rotations",
    "gauge",
    "Credential sets whose new login is not in force: on trial at one device, or held because that device refused it.",
    ("state",),
)

SELF = (
    BUILD_INFO,
    PROBES,
    PROBES_ABORTED,
    REQUESTS,
    LOGINS_REFUSED,
    PROBE_DURATION,
    LAG,
    LATENESS,
    IN_FLIGHT,
    LOOP_DELAY,
    LEDGER_ERRORS,
    LEDGER_LOST,
    LEDGER_FAILING,
    CHECKPOINT_AT,
    CHECKPOINT_FAILING,
    ORDERS,
    ORDERS_OPENED,
    ORDER_MESSAGES,
    ORDER_CHANNEL_FAILING,
    FALSE_ALARMS,
    RELOAD_AT,
    RELOAD_OK,
    LOGINS,
)
"""What the monitor says of itself; ``process_`` metrics of the client library stand beside them."""

ALL = CAMERA + FLEET + CONTRACTS + SELF
