"""A camera: its state, and each question that is put to it, over time."""

from __future__ import annotations

from dashboards import queries
from dashboards.board import Board, Choice, Line
from dashboards.panel import BAD, STATES, WARN, Query, bands, course, figure
from dashboards.tables import Column, rows
from exporters.catalogue import INFO, OF_CAMERA

_OF_SITE = 'zone="$zone", site="$site"'
_OF = f'{_OF_SITE}, camera="$camera"'
_PAGE = ("The camera's page", "${camfleet:raw}/cameras/${camera:percentencode}")
_NOW = "max(camfleet_snapshot_timestamp_seconds)"


def _moment(metric: str) -> str:
    return f"max(camera_{metric}_timestamp_seconds{{{_OF}}})"


_FIGURES = Line(
    4,
    (
        (
            5,
            figure(
                "State",
                "Up, degraded, unreachable (something above it is out), down, or unknown.",
                f"count by (state) (camera_state{{{_OF}}})",
                name="{{state}}",
                link=_PAGE,
            ),
        ),
        (
            5,
            figure(
                "Working",
                "Whether video arrives; nothing while nobody can say.",
                f"max(camera_working{{{_OF}}})",
                said={1: ("works", STATES["up"]), 0: ("does not work", BAD)},
                nothing="nobody can say",
                link=_PAGE,
            ),
        ),
        (
            5,
            figure(
                "In this state for",
                "Since the first observation of it.",
                f"{_NOW} - {_moment('state_changed')}",
                "s",
                nothing="never seen",
            ),
        ),
        (
            5,
            figure(
                "Last asked",
                "When a probe of its device last came to a finding, good or bad.",
                f"{_NOW} - {_moment('last_probe')}",
                "s",
                above={600: WARN},
                nothing="never",
            ),
        ),
        (
            4,
            figure(
                "Running for",
                "Since the device started, by its own uptime.",
                f"{_NOW} - {_moment('boot')}",
                "s",
                nothing="it does not say",
            ),
        ),
    ),
)

_TIME = Line(
    9,
    (
        (
            24,
            bands(
                "Rungs",
                "Each question and its confirmed answer; a gap is time in which it was not seen, or there is none.",
                (Query(f"max by (rung) (camera_rung_ok{{{_OF}}})", "{{rung}}"),),
                {1: ("ok", STATES["up"]), 0: ("failed", BAD)},
            ),
        ),
    ),
)

_STATES = Line(
    8,
    (
        (
            12,
            bands(
                "States",
                "In which state it was when.",
                (Query(f"max by (state) (camera_state{{{_OF}}})", "{{state}}"),),
                {1: ("so", STATES["unknown"])},
            ),
        ),
        (
            12,
            course(
                "Clock",
                "How far its clock is off, either way. Beyond a minute its pictures carry a wrong time.",
                (Query(f"abs(max(camera_clock_offset_seconds{{{_OF}}}))", "off by"),),
                "s",
                limits={60: BAD},
            ),
        ),
    ),
)

_ABOUT = Line(
    6,
    (
        (
            16,
            rows(
                "What it is",
                "What stands in the inventory, and what the device says of itself.",
                (Query(queries.one_of_pair("camera_info", _OF), "known"),),
                {name: Column() for name in INFO.labels if name not in OF_CAMERA},
            ),
        ),
        (
            4,
            figure(
                "Certificate ends in",
                "Where the inventory says TLS: the earlier of https and rtsps.",
                f"{_moment('certificate_expiry')} - {_NOW}",
                "s",
                base=BAD,
                above={1209600: STATES["up"]},
                nothing="no TLS",
            ),
        ),
        (
            4,
            figure(
                "Planned",
                "What the calendar has for it now.",
                f"count by (kind) (camera_planned{{{_OF}}})",
                name="{{kind}}",
                nothing="nothing",
            ),
        ),
    ),
)

BOARD = Board(
    "camfleet-camera",
    "Camfleet: camera",
    "One camera: its state, each question that is put to it over time, what it is.",
    (_FIGURES, _TIME, _STATES, _ABOUT),
    (
        Choice("zone", "Zone", "label_values(camera_fleet_cameras, zone)"),
        Choice("site", "Site", 'label_values(camera_state{zone="$zone"}, site)'),
        Choice("camera", "Camera", 'label_values(camera_state{zone="$zone", site="$site"}, camera)'),
    ),
    since="now-24h",
    notes=(queries.OUTAGES, queries.orders(_OF_SITE), queries.planned(_OF)),
)
