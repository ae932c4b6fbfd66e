"""The wallboard: one screen, and no query that grows with the fleet."""

from __future__ import annotations

from dashboards import queries
from dashboards.board import Board, Line
from dashboards.panel import BAD, QUIET, STATES, Query, bars, course, figure
from dashboards.tables import Column, city_map, rows

_LIST = "${camfleet:raw}/cameras?state="
#: So many rows fit the screen.
_ROWS = 8
_WORST = f"topk({_ROWS}, {queries.not_working('zone')} > 0)"
_SHARED = f"topk({_ROWS}, {queries.causes(queries.SHARED)})"
_NEWEST = f"topk({_ROWS}, camera_cause_opened_timestamp_seconds)"

_STATES = {
    "down": ("Down", "No video arrives, or the login is refused."),
    "unreachable": ("Unreachable", "Something above the camera holds it: a line, a switch, the power."),
    "degraded": ("Degraded", "Video arrives, and something else is wrong."),
    "unknown": ("Unknown", "Nobody could look yet, or not for too long: neither up nor down."),
}

_FIGURES = Line(
    5,
    (
        (
            4,
            figure(
                "Not working",
                "Cameras that are down or unreachable.",
                queries.not_working(),
                base=QUIET,
                above={1: BAD},
                link=("Which", _LIST + "not_working"),
            ),
        ),
        (3, figure("Of", "All cameras of the inventory, whatever is known of them.", queries.cameras())),
        *(
            (
                3,
                figure(
                    title,
                    text,
                    queries.in_state(state),
                    above={1: STATES[state]},
                    link=("Which", _LIST + state),
                ),
            )
            for state, (title, text) in _STATES.items()
        ),
        (
            3,
            figure(
                "Firing pages",
                "Alerts of severity page that fire now.",
                'count(ALERTS{alertstate="firing", severity="page"}) or vector(0)',
                above={1: BAD},
                link=("Alerts and what to do", "${runbook:raw}"),
            ),
        ),
        (
            2,
            figure(
                "Age of data",
                "How old the figures are: of the newest monitor, at its last scrape and since.",
                "time() - max(camfleet_snapshot_timestamp_seconds)",
                "s",
                above={90: BAD},
                decimals=0,
            ),
        ),
    ),
)

_PLACES = Line(
    11,
    (
        (
            7,
            rows(
                "Shared causes",
                "What several cameras have in common, the largest first: what failed, whose it is, how many it holds.",
                (Query(_SHARED, "cameras"), Query(queries.opened(_SHARED), "since")),
                {
                    "kind": Column(width=110),
                    "scope": Column(link=queries.SCOPE),
                    "owner": Column(),
                    "cameras": Column("none", width=75),
                    "since": Column("dateTimeFromNow", width=105),
                },
                sort="cameras",
            ),
        ),
        (
            10,
            city_map(
                "Where",
                "Each zone at the middle of its sites; the disc grows with the number of cameras that do not work.",
                (
                    Query(queries.not_working("zone"), "not working"),
                    Query("max by (zone) (zone:camera_site_latitude_degrees:avg)", "latitude"),
                    Query("max by (zone) (zone:camera_site_longitude_degrees:avg)", "longitude"),
                ),
                "zone",
                queries.ZONE,
            ),
        ),
        (
            7,
            rows(
                "Zones",
                f"The {_ROWS} zones with the most cameras that do not work.",
                (
                    Query(_WORST, "not working"),
                    Query(f"{queries.cameras('zone')} and on (zone) {_WORST}", "cameras"),
                    Query(f"{queries.share('zone')} and on (zone) {_WORST}", "share"),
                ),
                {
                    "zone": Column(link=queries.ZONE),
                    "not working": Column("none"),
                    "cameras": Column("none"),
                    "share": Column("percentunit"),
                },
                sort="not working",
            ),
        ),
    ),
)

_TIME = Line(
    9,
    (
        (
            7,
            bars(
                "Causes by kind",
                "How many causes of each kind are open.",
                Query("sort_desc(max by (kind) (camera_causes) > 0)", "{{kind}}"),
                link=queries.KIND,
            ),
        ),
        (
            10,
            course(
                "Cameras that do not work, or are unknown",
                "Over time, by state.",
                [Query(queries.in_state(state), state) for state in ("down", "unreachable", "unknown")],
                stacked=True,
                colors=STATES,
            ),
        ),
        (
            7,
            rows(
                "Newest outages",
                "The causes that were opened last.",
                (
                    Query(f"1000 * {_NEWEST}", "opened"),
                    Query(f"camera_cause_open and on (instance, cause) {_NEWEST}", "cameras"),
                ),
                {
                    "opened": Column("dateTimeFromNow", width=105),
                    "kind": Column(width=110),
                    "scope": Column(link=queries.SCOPE),
                    "cameras": Column("none", width=75),
                },
                sort="opened",
            ),
        ),
    ),
)

BOARD = Board(
    "camfleet-fleet",
    "Camfleet: fleet",
    "The wallboard: how many cameras do not work, why, where, since when. Open it with ?kiosk on a wall.",
    (_FIGURES, _PLACES, _TIME),
    notes=(queries.OUTAGES,),
)
