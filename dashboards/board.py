"""A dashboard: its variables, the links that all have, and its panels in lines of 24 columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    GridPos,
    VariableRefresh,
    VariableSort,
)

from dashboards.config import Config
from dashboards.panel import DATASOURCE, Built

WIDTH = 24
TAG = "camfleet"


class Choice(NamedTuple):
    """A variable: the values of a label. ``many``: several of them, at first all."""

    name: str
    label: str
    query: str
    many: bool = False


class Note(NamedTuple):
    """What is marked on every line over time: each series, by a title made of its labels.

    ``at_value``: at the moment that is its value, in milliseconds, rather than for as long as it stands.
    """

    name: str
    expr: str
    title: str
    color: str
    at_value: bool = False


class Line(NamedTuple):
    """Panels beside each other, each with its width; together as wide as the dashboard."""

    height: int
    panels: Sequence[tuple[int, Built]]


@dataclass(frozen=True, slots=True)
class Board:
    """``uid`` is what links and bookmarks lead to: it never changes. ``since`` is the time that is shown at first."""

    uid: str
    title: str
    description: str
    lines: Sequence[Line]
    choices: Sequence[Choice] = ()
    notes: Sequence[Note] = ()
    since: str = "now-6h"
    refresh: str = "30s"

    def json(self, config: Config) -> str:
        """Return the dashboard as Grafana loads it (the classic model)."""
        made = (
            dashboard.Dashboard(self.title)
            .uid(self.uid)
            .description(self.description)
            .tags([TAG])
            .timezone("browser")
            .time(self.since, "now")
            .refresh(self.refresh)
            .readonly()
            .tooltip(DashboardCursorSync.CROSSHAIR)
            .with_variable(dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"))
            .with_variable(dashboard.ConstantVariable("camfleet").value(config.links.camfleet))
            .with_variable(dashboard.ConstantVariable("runbook").value(config.links.runbook))
        )
        for choice in self.choices:
            made = made.with_variable(_variable(choice))
        for note in self.notes:
            made = made.annotation(_annotation(note))
        for link in _links():
            made = made.link(link)
        for number, (panel, place) in enumerate(_placed(self.lines), start=1):
            shown = panel.build()
            shown.id_val, shown.grid_pos = number, place
            made = made.with_panel(panel)
        built = json.loads(JSONEncoder().encode(made.build()))
        return json.dumps(_visible(built), sort_keys=True, indent=1, ensure_ascii=False) + "\n"


_PLACED = (("placement", ""), ("placement", "inControlsMenu"))


def _visible(part: Any) -> Any:
    """Leave out where links and marks are placed: the SDK knows a menu only, in which nobody finds them."""
    if isinstance(part, dict):
        kept = {name: value for name, value in part.items() if (name, value) not in _PLACED}
        return {name: _visible(value) for name, value in kept.items()}
    return [_visible(value) for value in part] if isinstance(part, list) else part


def _placed(lines: Sequence[Line]) -> list[tuple[Built, GridPos]]:
    found, y = [], 0
    for line in lines:
        x = 0
        for width, panel in line.panels:
            found.append((panel, GridPos(h=line.height, w=width, x=x, y=y)))
            x += width
        if x != WIDTH:
            raise ValueError(f"a line is {x} columns wide, not {WIDTH}")
        y += line.height
    return found


def _variable(choice: Choice) -> dashboard.QueryVariable:
    query = {"qryType": 1, "query": choice.query, "refId": "PrometheusVariableQueryEditor-VariableQuery"}
    made = (
        dashboard.QueryVariable(choice.name)
        .label(choice.label)
        .datasource(DATASOURCE)
        .query(query)
        .definition(choice.query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
    )
    return made.multi(True).include_all(True).all_value(".+") if choice.many else made


def _annotation(note: Note) -> dashboard.AnnotationQuery:
    made = dashboard.AnnotationQuery().name(note.name).datasource(DATASOURCE).enable(True).icon_color(note.color)
    made = made.expr(note.expr).title_format(note.title).use_value_for_time(note.at_value)
    return made if note.at_value else made.step("60s")


def _links() -> tuple[DashboardLink, ...]:
    """The other dashboards, with the same time and the same places; the monitor's pages; the runbook."""
    others = DashboardLink("Dashboards").type(DashboardLinkType.DASHBOARDS).tags([TAG]).as_dropdown(True)
    return (
        others.include_vars(True).keep_time(True).placement(""),
        _link("The monitor's pages", "${camfleet:raw}"),
        _link("Runbook", "${runbook:raw}"),
    )


def _link(title: str, url: str) -> DashboardLink:
    made = DashboardLink(title).type(DashboardLinkType.LINK).url(url).icon("external link")
    return made.target_blank(True).placement("")
