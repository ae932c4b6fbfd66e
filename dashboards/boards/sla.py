"""The contracts so far in their periods, and beside them the budget of lost time, which warns sooner than they do."""

from __future__ import annotations

from dashboards import contracts, queries, recording
from dashboards.board import Board, Line
from dashboards.config import Config
from dashboards.panel import BAD, GOOD, QUIET, WARN, Query, course, figure
from dashboards.tables import Column, rows

_FLEET = "fleet:camera_fleet_not_working:ratio"
_ZONE = "zone:camera_fleet_not_working:ratio"

#: The figures that contracts hold against their targets.
_HELD = "on (contract, figure) camera_sla_target_ratio"


def _of(expr: str) -> str:
    return f"max by (contract) ({expr})"


def board(config: Config) -> Board:
    """Return the dashboard; its windows, target and period are those of the rules."""
    slo = config.slo
    percent = f"{round(100 * slo.target, 6):g}%"
    averages = recording.windows(config)
    budget = f"{slo.budget:.6g}"
    figures = Line(
        5,
        (
            (
                6,
                figure(
                    "Budget left",
                    f"Of the time that may be lost in {slo.period} for a target of {percent}; below 0 it is overspent.",
                    "max(fleet:camera_fleet_budget:left)",
                    "percentunit",
                    base=BAD,
                    above={0: WARN, 0.25: QUIET},
                    decimals=1,
                    nothing="not judged for five minutes yet",
                ),
            ),
            (
                6,
                figure(
                    "Worked",
                    f"The share of the judged cameras that worked, on average over {slo.period}.",
                    f"1 - max({_FLEET}_avg{slo.period})",
                    "percentunit",
                    base=BAD,
                    above={slo.target: GOOD},
                    decimals=2,
                    nothing="not judged for five minutes yet",
                ),
            ),
            (
                6,
                figure(
                    "Works now",
                    "The share of the judged cameras that works.",
                    f"1 - max({_FLEET})",
                    "percentunit",
                    base=BAD,
                    above={slo.target: GOOD},
                    decimals=1,
                ),
            ),
            (
                6,
                figure(
                    "Burn alerts",
                    "Alerts of a budget that burns, of zones and of the fleet.",
                    'count(ALERTS{alertname=~"Camera.+BudgetBurn", alertstate="firing"}) or vector(0)',
                    above={1: BAD},
                    link=("What they mean", "${runbook:raw}#camerafleetbudgetburn"),
                ),
            ),
        ),
    )
    agreed = Line(
        9,
        (
            (
                16,
                rows(
                    "Contracts so far in their periods",
                    "As their reports will state them, computed each hour from the ledger. reached: the figure that is"
                    " held against the target; between low and high lies the truth; lost: of what the whole period may"
                    " lose.",
                    (
                        Query(_of(contracts.reached(config)), "reached"),
                        Query(_of(f"camera_sla_low_ratio and {_HELD}"), "low"),
                        Query(_of(f"camera_sla_high_ratio and {_HELD}"), "high"),
                        Query(_of(f"camera_sla_coverage_ratio and {_HELD}"), "seen"),
                        Query(_of(contracts.target(config)), "target"),
                        Query(_of(contracts.USED), "lost"),
                        Query(_of(contracts.PASSED), "passed"),
                        Query(_of("camera_sla_cameras"), "cameras"),
                        Query(_of("camera_sla_cameras_below_target"), "below"),
                        Query(_of("time() - camera_sla_stated_timestamp_seconds"), "age"),
                    ),
                    {
                        "contract": Column(),
                        **dict.fromkeys(
                            ("reached", "low", "high", "seen", "target", "lost", "passed"), Column("percentunit")
                        ),
                        "cameras": Column("none"),
                        "below": Column("none"),
                        "age": Column("s"),
                    },
                    nothing="no contract has figures yet: the first come some twelve minutes after a start",
                ),
            ),
            (
                8,
                rows(
                    "What the periods cost so far",
                    "By the contract's slabs and repair classes; least and most: if all that nobody saw was good, or"
                    " bad.",
                    (
                        Query("max by (contract, currency) (camera_sla_penalty)", "paid"),
                        Query("max by (contract, currency) (camera_sla_penalty_least)", "least"),
                        Query("max by (contract, currency) (camera_sla_penalty_most)", "most"),
                    ),
                    {
                        "contract": Column(),
                        "currency": Column(),
                        **dict.fromkeys(("paid", "least", "most"), Column("none")),
                    },
                    nothing="no contract puts a price on anything",
                ),
            ),
        ),
    )
    running = Line(
        8,
        (
            (
                24,
                course(
                    "Contracts over time",
                    "The figure that each holds against its target, so far in its period, and the target. It begins"
                    " anew with each period.",
                    (
                        Query(_of(contracts.reached(config)), "{{contract}}"),
                        Query(_of(contracts.target(config)), "{{contract}}: target"),
                    ),
                    "percentunit",
                    highest=1,
                ),
            ),
        ),
    )
    limits = {window.factor: BAD if window.severity == "page" else WARN for window in slo.windows}
    time = Line(
        10,
        (
            (
                12,
                course(
                    "How fast the fleet's budget burns",
                    "Averages over each window, in multiples of the budget: at 1 it lasts exactly for its period. The"
                    " lines are where alerts begin.",
                    [Query(f"max({_FLEET}_avg{window}) / {budget}", window) for window in averages],
                    limits=limits,
                ),
            ),
            (
                12,
                course(
                    "Share of cameras that work",
                    f"Of the judged ones, fleet and zones; the line is the target of {percent}.",
                    (Query(f"1 - max({_FLEET})", "fleet"), Query(f"1 - max by (zone) ({_ZONE})", "{{zone}}")),
                    "percentunit",
                    limits={slo.target: WARN},
                    highest=1,
                ),
            ),
        ),
    )
    zones = Line(
        12,
        (
            (
                24,
                rows(
                    "Zones",
                    f"Budget left in {slo.period}, and how fast it burns over each window; the worst first.",
                    (
                        Query("max by (zone) (zone:camera_fleet_budget:left)", "left"),
                        *(Query(f"max by (zone) ({_ZONE}_avg{window}) / {budget}", window) for window in averages),
                        Query("max by (zone) (zone:camera_fleet_cameras:sum)", "cameras"),
                    ),
                    {
                        "zone": Column(link=queries.ZONE),
                        "cameras": Column("none"),
                        "left": Column("percentunit"),
                        **{window: Column("none") for window in averages},
                    },
                    sort="left",
                    descending=False,
                ),
            ),
        ),
    )
    return Board(
        "camfleet-sla",
        "Camfleet: budget",
        "Contracts so far in their periods; below, the budget of lost time, a warning that is no figure of a contract.",
        (agreed, running, figures, time, zones),
        since="now-7d",
        notes=(queries.OUTAGES,),
        refresh="5m",
    )
