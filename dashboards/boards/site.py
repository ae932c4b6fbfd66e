"""A site: one pole or cabinet, and each of its cameras."""

from __future__ import annotations

from dashboards import queries
from dashboards.board import Board, Choice, Line
from dashboards.panel import BAD, STATES, Query, bands, course, figure
from dashboards.tables import Column, rows

_OF = 'zone="$zone", site="$site"'
_INFO = queries.one_of_pair("camera_info", _OF)
_WORKING = queries.one_of_pair("camera_working", _OF)
_STATE = queries.one_of_pair("camera_state", _OF)
_CHANGED = queries.one_of_pair("camera_state_changed_timestamp_seconds", _OF)
_PROBED = queries.one_of_pair("camera_last_probe_timestamp_seconds", _OF)

_FIGURES = Line(
    4,
    (
        (
            5,
            figure(
                "Not working",
                "Cameras of the site that are down or unreachable.",
                f"sum(1 - {_WORKING})",
                above={1: BAD},
                link=("Which", "${camfleet:raw}/cameras?site=${site:percentencode}"),
            ),
        ),
        (5, figure("Of", "All cameras of the site.", f"count({_INFO})")),
        (
            7,
            figure(
                "Uplink",
                "What carries the site's cameras; alternates are separated by commas.",
                f"count by (uplink) ({_INFO})",
                name="{{uplink}}",
                nothing="not in the inventory",
            ),
        ),
        (
            7,
            figure(
                "Feeder",
                "What feeds the site.",
                f"count by (feeder) ({_INFO})",
                name="{{feeder}}",
                nothing="not in the inventory",
            ),
        ),
    ),
)

_CAMERAS = Line(
    9,
    (
        (
            24,
            rows(
                "Cameras",
                "Each camera of the site: its state and since when, when it was last asked, what it is.",
                (
                    Query(f"max by (camera, site, state) ({_STATE})", "is"),
                    Query(f"1000 * max by (camera, site) ({_CHANGED})", "since"),
                    Query(f"1000 * max by (camera, site) ({_PROBED})", "last asked"),
                    Query(f"max by (camera, site, name, device, make, model, firmware) ({_INFO})", "known"),
                ),
                {
                    "camera": Column(link=queries.CAMERA),
                    "name": Column(),
                    "state": Column(),
                    "since": Column("dateTimeFromNow"),
                    "last asked": Column("dateTimeFromNow"),
                    "device": Column(),
                    "make": Column(),
                    "model": Column(),
                    "firmware": Column(),
                    "site": Column(width=120),
                },
                sort="since",
            ),
        ),
    ),
)

_TIME = Line(
    10,
    (
        (
            12,
            bands(
                "Working, over time",
                "Each camera of the site; a gap is time in which nobody could say.",
                (Query(_WORKING, "{{camera}}"),),
                {1: ("works", STATES["up"]), 0: ("does not work", BAD)},
            ),
        ),
        (
            12,
            course(
                "Clocks",
                "How far each camera's clock is off, either way. Beyond a minute its pictures carry a wrong time.",
                (Query(f"abs({queries.one_of_pair('camera_clock_offset_seconds', _OF)})", "{{camera}}"),),
                "s",
                limits={60: BAD},
            ),
        ),
    ),
)

_CAUSES = Line(
    7,
    (
        (
            24,
            rows(
                "Causes at this site",
                "Open causes that lie here. What is shared with other sites stands with its line or feeder.",
                (
                    Query(queries.causes('site="$site"'), "cameras"),
                    Query(queries.opened(queries.causes('site="$site"')), "since"),
                ),
                {
                    "kind": Column(),
                    "layer": Column(),
                    "scope": Column(),
                    "owner": Column(),
                    "cameras": Column("none"),
                    "since": Column("dateTimeFromNow"),
                    "cause": Column(link=queries.CAUSE),
                },
                sort="since",
                nothing="no cause lies at this site",
            ),
        ),
    ),
)

BOARD = Board(
    "camfleet-site",
    "Camfleet: site",
    "One pole or cabinet: its cameras, their clocks, the causes that lie here.",
    (_FIGURES, _CAMERAS, _TIME, _CAUSES),
    (
        Choice("zone", "Zone", "label_values(camera_fleet_cameras, zone)"),
        Choice("site", "Site", 'label_values(camera_state{zone="$zone"}, site)'),
    ),
    since="now-24h",
    notes=(queries.OUTAGES, queries.orders(_OF), queries.planned(_OF)),
)
