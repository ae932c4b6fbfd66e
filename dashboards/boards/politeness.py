"""Politeness: what load we are on the cameras, and whether any of them minds."""

from __future__ import annotations

from dashboards.board import Board, Line
from dashboards.panel import BAD, WARN, Query, bars, course, figure

#: Requests a minute that a device may be asked at most: over HTTP 6, over RTSP 20 (docs/politeness.md).
_MOST = 26
_RATE = "[$__rate_interval]"
_DEVICES = "count(count by (device) (camera_info))"
_REQUESTS = f"60 * sum(rate(camfleet_requests_total{_RATE}))"

_FIGURES = Line(
    4,
    (
        (
            6,
            figure(
                "Requests a device and minute",
                "On average over all devices. None is asked more than 6 times over HTTP and 20 times over RTSP.",
                f"60 * sum(rate(camfleet_requests_total[5m])) / {_DEVICES}",
                above={_MOST / 2: WARN, _MOST: BAD},
                decimals=2,
            ),
        ),
        (
            6,
            figure(
                "Requests a probe",
                "How many requests a probe costs a device.",
                "sum(rate(camfleet_requests_total[5m])) / sum(rate(camfleet_probes_total[5m]))",
                decimals=2,
            ),
        ),
        (
            6,
            figure(
                "Full for us",
                "Devices that say that others hold their sessions. Are we one too many?",
                'max(sum by (instance) (camera_causes{kind="busy"}))',
                above={1: WARN},
                link=("What it means", "${runbook:raw}#camerabusy"),
            ),
        ),
        (
            6,
            figure(
                "Logins refused",
                "In the last day. A refused login is repeated ever more rarely, so that no account is locked.",
                "sum(increase(camfleet_logins_refused_total[1d]))",
                decimals=0,
                above={1: WARN},
                link=("What to do", "${runbook:raw}#cameraloginrefused"),
            ),
        ),
    ),
)

_TIME = Line(
    10,
    (
        (
            12,
            course(
                "Requests",
                "Sent to devices, a second, by protocol.",
                (Query(f"sum by (probe) (rate(camfleet_requests_total{_RATE}))", "{{probe}}"),),
                "reqps",
                stacked=True,
            ),
        ),
        (
            12,
            course(
                "Requests a device and minute, over time",
                "On average; the line is the most that any device may be asked.",
                (Query(f"{_REQUESTS} / {_DEVICES}", "average"),),
                limits={_MOST: BAD},
            ),
        ),
    ),
)

_MORE = Line(
    10,
    (
        (
            8,
            course(
                "Conversations at one moment",
                "Over the whole fleet; with one device there is never more than one.",
                (Query("sum(camfleet_checks_in_flight)", "in flight"),),
            ),
        ),
        (
            8,
            course(
                "Devices that mind",
                "Full for us, refusing our login, or hung.",
                [
                    Query(f'max(sum by (instance) (camera_causes{{kind="{kind}"}}))', kind)
                    for kind in ("busy", "credentials", "device hung")
                ],
            ),
        ),
        (
            8,
            bars(
                "Cameras that do not work, by reason",
                "What the devices answer, where the fault is with them.",
                Query(
                    "sort_desc(max by (reason) (sum by (instance, reason) (camera_fleet_reasons)))",
                    "{{reason}}",
                ),
            ),
        ),
    ),
)

BOARD = Board(
    "camfleet-politeness",
    "Camfleet: politeness",
    "What load the monitor is on the cameras, and whether any of them minds.",
    (_FIGURES, _TIME, _MORE),
    since="now-24h",
)
