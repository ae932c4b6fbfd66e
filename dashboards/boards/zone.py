"""A zone: its sites on the map, and each of its cameras that does not work."""

from __future__ import annotations

from dashboards import queries
from dashboards.board import Board, Choice, Line
from dashboards.panel import BAD, STATES, Query, course, figure
from dashboards.tables import Column, city_map, rows

_ZONE = "$zone"
_OF = 'zone="$zone"'
_LIST = "${camfleet:raw}/cameras?zone=${zone:percentencode}&state="
_WORKING = queries.one_of_pair("camera_working", _OF)
_ILL = queries.one_of_pair("camera_state", f'{_OF}, state!="up"')
_CHANGED = queries.one_of_pair("camera_state_changed_timestamp_seconds", _OF)
_EXPIRY = 'min without (instance, job) (camera_certificate_expiry_timestamp_seconds{zone="$zone"})'

_FIGURES = Line(
    4,
    (
        (
            5,
            figure(
                "Not working",
                "Cameras of the zone that are down or unreachable.",
                queries.not_working(zone=_ZONE),
                above={1: BAD},
                link=("Which", _LIST + "not_working"),
            ),
        ),
        (5, figure("Of", "All cameras of the zone.", queries.cameras(zone=_ZONE))),
        (
            5,
            figure(
                "Share",
                "The share of the judged cameras that does not work.",
                queries.share(zone=_ZONE),
                "percentunit",
                decimals=1,
                above={0.05: BAD},
            ),
        ),
        *(
            (
                width,
                figure(
                    state.capitalize(),
                    text,
                    queries.in_state(state, _ZONE),
                    above={1: STATES[state]},
                    link=("Which", _LIST + state),
                ),
            )
            for width, state, text in (
                (5, "degraded", "Video arrives, and something else is wrong."),
                (4, "unknown", "Neither up nor down: not seen, or full for us."),
            )
        ),
    ),
)

_PLACES = Line(
    12,
    (
        (
            12,
            city_map(
                "Sites",
                "Each site where it stands; the disc grows with the number of its cameras that do not work.",
                (
                    Query(f"sum by (site) (1 - {_WORKING})", "not working"),
                    Query(f"max by (site) (camera_site_latitude_degrees{{{_OF}}})", "latitude"),
                    Query(f"max by (site) (camera_site_longitude_degrees{{{_OF}}})", "longitude"),
                ),
                "site",
                queries.SITE,
            ),
        ),
        (
            12,
            rows(
                "Sites with cameras that do not work",
                "The worst first.",
                (
                    Query(f"sum by (site) (1 - {_WORKING}) > 0", "not working"),
                    Query(
                        f"count by (site) ({queries.one_of_pair('camera_info', _OF)})"
                        f" and on (site) (sum by (site) (1 - {_WORKING}) > 0)",
                        "cameras",
                    ),
                ),
                {"site": Column(link=queries.SITE), "not working": Column("none"), "cameras": Column("none")},
                sort="not working",
            ),
        ),
    ),
)

_CAMERAS = Line(
    12,
    (
        (
            12,
            rows(
                "Cameras that are not up",
                "Down, unreachable, degraded or unknown, and since when.",
                (
                    Query(f"max by (camera, site, state) ({_ILL})", "is"),
                    Query(f"1000 * max by (camera, site) ({_CHANGED} and on (camera) {_ILL})", "since"),
                ),
                {
                    "camera": Column(link=queries.CAMERA),
                    "site": Column(link=queries.SITE),
                    "state": Column(),
                    "since": Column("dateTimeFromNow"),
                },
                sort="since",
            ),
        ),
        (
            12,
            course(
                "States over time",
                "Cameras of the zone that are not up, by state.",
                [
                    Query(queries.in_state(state, _ZONE), state)
                    for state in ("down", "unreachable", "degraded", "unknown")
                ],
                stacked=True,
                colors=STATES,
            ),
        ),
    ),
)

_UPKEEP = Line(
    8,
    (
        (
            12,
            rows(
                "Certificates",
                "Where the inventory says TLS: which certificate ends next.",
                (Query(f"1000 * max by (camera, site) (bottomk(50, {_EXPIRY}))", "ends"),),
                {"camera": Column(link=queries.CAMERA), "site": Column(), "ends": Column("dateTimeFromNow")},
                sort="ends",
                descending=False,
                nothing="no camera of this zone speaks TLS",
            ),
        ),
        (
            12,
            rows(
                "Planned",
                "What the calendar has for cameras of the zone now.",
                (Query(f"count by (site, kind) ({queries.one_of_pair('camera_planned', _OF)})", "cameras"),),
                {"site": Column(link=queries.SITE), "kind": Column(), "cameras": Column("none")},
                sort="cameras",
                nothing="nothing is planned now",
            ),
        ),
    ),
)

BOARD = Board(
    "camfleet-zone",
    "Camfleet: zone",
    "One zone: its sites, its cameras that are not up, its certificates.",
    (_FIGURES, _PLACES, _CAMERAS, _UPKEEP),
    (Choice("zone", "Zone", "label_values(camera_fleet_cameras, zone)"),),
    notes=(queries.OUTAGES, queries.orders(_OF), queries.planned(_OF)),
)
