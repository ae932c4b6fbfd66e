"""The monitor's own health: does it look, keep up, record, and prove what it recorded."""

from __future__ import annotations

from dashboards.board import Board, Choice, Line, Note
from dashboards.panel import BAD, QUIET, Query, bands, course, figure
from dashboards.recording import FALSE_ALARMS
from dashboards.tables import Column, rows

_I = 'instance=~"$instance"'
_RATE = "[$__rate_interval]"


def _alert(name: str) -> tuple[str, str]:
    return "What to do", f"${{runbook:raw}}#{name.lower()}"


def _quantile(metric: str, share: float, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) (rate({metric}_bucket{{{_I}}}{_RATE})))"


_FIGURES = Line(
    4,
    (
        (
            4,
            figure(
                "Answers",
                "Whether the monitor answered at the newest scrape.",
                f'up{{job="$job", {_I}}}',
                said={1: ("yes", QUIET), 0: ("no", BAD)},
                link=_alert("CamfleetDown"),
            ),
        ),
        (
            4,
            figure(
                "Age of data",
                "How old the figures were when they were scraped.",
                f"max(timestamp(camfleet_snapshot_timestamp_seconds{{{_I}}}) - camfleet_snapshot_timestamp_seconds)",
                "s",
                above={60: BAD},
                decimals=1,
                link=_alert("CamfleetStale"),
            ),
        ),
        (
            4,
            figure(
                "Lag",
                "How much later than planned checks begin.",
                f"max(camfleet_schedule_lag_seconds{{{_I}}})",
                "s",
                above={10: BAD},
                decimals=2,
                link=_alert("CamfleetProbeLag"),
            ),
        ),
        (
            4,
            figure(
                "Waiting for the ledger",
                "Events that are not recorded yet.",
                f"max(camfleet_event_sequence{{{_I}}} - camfleet_ledger_recorded_sequence)",
                above={1000: BAD},
                link=_alert("CamfleetLedgerNotRecording"),
            ),
        ),
        (
            4,
            figure(
                "Newest checkpoint",
                "How long ago the newest checkpoint of the ledger was signed; one is signed each hour.",
                f"max(camfleet_snapshot_timestamp_seconds{{{_I}}} - camfleet_checkpoint_timestamp_seconds)",
                "s",
                above={10800: BAD},
                nothing="none is signed",
                link=_alert("CamfleetCheckpointOld"),
            ),
        ),
        (
            4,
            figure(
                "Inventory",
                "Whether the inventory and the calendar on disk are in force.",
                f"min(camfleet_inventory_last_reload_successful{{{_I}}})",
                said={1: ("in force", QUIET), 0: ("refused", BAD)},
                link=_alert("CamfleetInventoryRefused"),
            ),
        ),
    ),
)

_PACE = Line(
    9,
    (
        (
            8,
            course(
                "Lag and loop delay",
                "How late checks begin, and how long the event loop was blocked (99% of the seconds were better).",
                (
                    Query(f"max by (instance) (camfleet_schedule_lag_seconds{{{_I}}})", "lag {{instance}}"),
                    Query(_quantile("camfleet_loop_delay_seconds", 0.99), "loop delay"),
                ),
                "s",
            ),
        ),
        (
            8,
            course(
                "Checks in flight",
                "Conversations with devices at this moment.",
                (Query(f"camfleet_checks_in_flight{{{_I}}}", "{{instance}}"),),
            ),
        ),
        (
            8,
            course(
                "How long probes take",
                "Half of them are quicker than the lower line of each protocol, 99% quicker than the upper one.",
                (
                    Query(_quantile("camfleet_probe_duration_seconds", 0.5, "probe"), "{{probe}} 50%"),
                    Query(_quantile("camfleet_probe_duration_seconds", 0.99, "probe"), "{{probe}} 99%"),
                ),
                "s",
            ),
        ),
    ),
)

_WORK = Line(
    9,
    (
        (
            8,
            course(
                "Probes",
                "That came to an end, a second, by protocol.",
                (Query(f"sum by (probe) (rate(camfleet_probes_total{{{_I}}}{_RATE}))", "{{probe}}"),),
                "cps",
                stacked=True,
            ),
        ),
        (
            8,
            course(
                "Probes that the monitor could not carry out",
                "The share of them, by protocol. They count against no camera.",
                (
                    Query(
                        f"sum by (probe) (rate(camfleet_probes_aborted_total{{{_I}}}{_RATE}))"
                        f" / (sum by (probe) (rate(camfleet_probes_total{{{_I}}}{_RATE})) > 0)",
                        "{{probe}}",
                    ),
                ),
                "percentunit",
                limits={0.05: BAD},
            ),
        ),
        (
            8,
            course(
                "Ledger",
                "Events that wait for it; attempts to write that failed, and events that were lost, in the last hour.",
                (
                    Query(
                        f"sum(camfleet_event_sequence{{{_I}}} - camfleet_ledger_recorded_sequence)",
                        "waiting",
                    ),
                    Query(f"sum(increase(camfleet_ledger_write_errors_total{{{_I}}}[1h]))", "failed"),
                    Query(f"sum(increase(camfleet_ledger_lost_events_total{{{_I}}}[1h]))", "lost"),
                ),
            ),
        ),
    ),
)

_PROOF = Line(
    8,
    (
        (
            8,
            rows(
                "Checkpoints",
                "Who keeps them, and whether the newest one has arrived (1: it has not).",
                (Query(f"camfleet_checkpoint_failing{{{_I}}}", "missing"),),
                {"instance": Column(), "holder": Column(), "missing": Column("none")},
                sort="missing",
            ),
        ),
        (
            8,
            bands(
                "Canaries",
                "Whether each answers: where one does not, nothing that is seen from there counts.",
                (Query(f"camfleet_canary_up{{{_I}}}", "{{vantage}}: {{canary}}"),),
                {1: ("answers", QUIET), 0: ("silent", BAD)},
            ),
        ),
        (
            8,
            rows(
                "Logins that change",
                "Credential sets whose new login is not in force: on trial at one device, or held because it refused.",
                (Query(f"camfleet_credential_rotations{{{_I}}}", "sets"),),
                {"instance": Column(), "state": Column(), "sets": Column("none")},
            ),
        ),
    ),
)

_ORDERS = Line(
    8,
    (
        (
            6,
            figure(
                "False alarms",
                "Work orders that somebody called a false alarm, per 1,000 cameras and day, over the last seven days.",
                f"max({FALSE_ALARMS})",
                above={1: BAD},
                decimals=2,
            ),
        ),
        (
            10,
            course(
                "Work orders",
                "How many are open, answered by somebody, and cleared: all seems well, and it is being watched.",
                (Query(f"max by (state) (camfleet_orders{{{_I}}})", "{{state}}"),),
            ),
        ),
        (
            8,
            rows(
                "Channels",
                "Over which people are told of work orders, and whether each takes what it is told (1: it does not).",
                (Query(f"camfleet_order_channel_failing{{{_I}}}", "failing"),),
                {"instance": Column(), "channel": Column(), "failing": Column("none")},
                sort="failing",
            ),
        ),
    ),
)

_MACHINE = Line(
    8,
    (
        (
            6,
            course(
                "Processor",
                "Of one core.",
                (Query(f'rate(process_cpu_seconds_total{{job="$job", {_I}}}{_RATE})', "{{instance}}"),),
                "percentunit",
            ),
        ),
        (
            6,
            course(
                "Memory",
                "That the process holds.",
                (Query(f'process_resident_memory_bytes{{job="$job", {_I}}}', "{{instance}}"),),
                "bytes",
            ),
        ),
        (
            6,
            course(
                "Descriptors",
                "Open, and the most that may be.",
                (
                    Query(f'process_open_fds{{job="$job", {_I}}}', "open {{instance}}"),
                    Query(f'process_max_fds{{job="$job", {_I}}}', "most {{instance}}"),
                ),
            ),
        ),
        (
            6,
            rows(
                "Versions",
                "What runs, and since when.",
                (
                    Query(f"max by (instance, version, python) (camfleet_build_info{{{_I}}})", "is"),
                    Query(f'1000 * max by (instance) (process_start_time_seconds{{job="$job", {_I}}})', "started"),
                ),
                {
                    "instance": Column(),
                    "version": Column(),
                    "python": Column(),
                    "started": Column("dateTimeFromNow"),
                },
            ),
        ),
    ),
)

BOARD = Board(
    "camfleet-monitor",
    "Camfleet: the monitor",
    "The monitor's own health: does it look, keep up, record, and prove what it recorded.",
    (_FIGURES, _PACE, _WORK, _ORDERS, _PROOF, _MACHINE),
    (
        Choice("job", "Job", "label_values(camfleet_build_info, job)"),
        Choice("instance", "Monitor", 'label_values(camfleet_build_info{job="$job"}, instance)', many=True),
    ),
    notes=(
        Note(
            "Starts",
            f'1000 * process_start_time_seconds{{job="$job", {_I}}}',
            "{{instance}} started",
            QUIET,
            at_value=True,
        ),
    ),
)
