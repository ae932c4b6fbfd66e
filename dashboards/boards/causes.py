"""The causes: what is open, of which kind, since when, whose."""

from __future__ import annotations

from dashboards import queries
from dashboards.board import Board, Choice, Line
from dashboards.panel import BAD, WARN, Query, bars, course, figure
from dashboards.tables import Column, rows

_CHOSEN = 'kind=~"$kind", scope=~"$scope"'
_OPEN = queries.causes(_CHOSEN)
_AGE = "camfleet_snapshot_timestamp_seconds - on (instance) group_right () camera_cause_opened_timestamp_seconds"
#: Of very many, so many are listed.
_MOST = 200

_FIGURES = Line(
    4,
    (
        (
            6,
            figure(
                "Open causes",
                "How many causes are open, of all kinds.",
                "max(sum by (instance) (camera_causes))",
                above={1: WARN},
                link=("The list", "${camfleet:raw}/causes"),
            ),
        ),
        (
            6,
            figure(
                "Shared",
                "Those that lie in something that several devices share: a line, a feeder, a site, a login.",
                f"count({queries.causes(queries.SHARED)}) or vector(0)",
                above={1: BAD},
            ),
        ),
        (
            6,
            figure(
                "Quiet",
                "Acknowledged by a person, or covered by the calendar: open, and not alerting.",
                "max(count by (instance) (count by (instance, cause) (camera_cause_quiet))) or vector(0)",
            ),
        ),
        (
            6,
            figure(
                "Oldest",
                "How long the oldest open cause has been open.",
                f"max({_AGE}) or vector(0)",
                "s",
                above={2592000: WARN},
            ),
        ),
    ),
)

_LIST = Line(
    13,
    (
        (
            24,
            rows(
                "Open causes of the kinds and scopes chosen above",
                f"What failed, whose it is, how many cameras it holds, since when; at most {_MOST}, the largest.",
                (
                    Query(f"topk({_MOST}, {_OPEN})", "cameras"),
                    Query(queries.opened(f"topk({_MOST}, {_OPEN})"), "opened"),
                ),
                {
                    "kind": Column(),
                    "layer": Column(),
                    "scope": Column(),
                    "site": Column(),
                    "owner": Column(),
                    "cameras": Column("none"),
                    "opened": Column("dateTimeFromNow"),
                    "cause": Column(link=queries.CAUSE),
                },
                sort="cameras",
                nothing="no such cause is open",
            ),
        ),
    ),
)

_TIME = Line(
    10,
    (
        (
            8,
            bars(
                "By kind",
                "How many causes of each kind are open.",
                Query("sort_desc(max by (kind) (camera_causes) > 0)", "{{kind}}"),
                link=queries.KIND,
            ),
        ),
        (
            8,
            course(
                "Open causes over time",
                "By kind.",
                (Query('max by (kind) (camera_causes{kind=~"$kind"}) > 0', "{{kind}}"),),
                stacked=True,
            ),
        ),
        (
            8,
            course(
                "Cameras held",
                "How many cameras causes hold, by owner; one of several causes is counted with each.",
                (Query(f"sum by (owner) ({_OPEN})", "{{owner}}"),),
                stacked=True,
            ),
        ),
    ),
)

_WHY = Line(
    9,
    (
        (
            12,
            bars(
                "Why cameras do not work",
                "The reason that is told first, of those that are down or unreachable.",
                Query(
                    "sort_desc(max by (reason) (sum by (instance, reason) (camera_fleet_reasons)))",
                    "{{reason}}",
                ),
            ),
        ),
        (
            12,
            rows(
                "Which are quiet",
                "Open causes that do not alert, and why.",
                (Query("max by (cause, why) (camera_cause_quiet)", "is"),),
                {"cause": Column(link=queries.CAUSE), "why": Column()},
                nothing="none is quiet",
            ),
        ),
    ),
)

BOARD = Board(
    "camfleet-causes",
    "Camfleet: causes",
    "Why cameras do not work: the open causes, by kind, scope and owner.",
    (_FIGURES, _LIST, _TIME, _WHY),
    (
        Choice("kind", "Kind", "label_values(camera_causes, kind)", many=True),
        Choice("scope", "Scope", 'label_values(camera_cause_open{kind=~"$kind"}, scope)', many=True),
    ),
    notes=(queries.OUTAGES, queries.orders()),
)
