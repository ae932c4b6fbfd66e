"""Panels of figures, lines and bands: what every dashboard stamps on its own alike. Each says what it shows.

Colours are those of the monitor's pages: quiet grey for what works. None is needed alone: each state has its word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from grafana_foundation_sdk.builders import bargauge, common, prometheus, stat, statetimeline, timeseries
from grafana_foundation_sdk.builders.dashboard import DashboardLink, FieldColor, ThresholdsConfig
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as values
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DynamicConfigValue,
    FieldColorModeId,
    Panel,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

DATASOURCE = values.DataSourceRef(type_val="prometheus", uid="${datasource}")

QUIET, GOOD, WARN, BAD = "#98a4af", "#5c9a6b", "#e8b73c", "#ff6a3d"
STATES = {"up": QUIET, "degraded": WARN, "unreachable": "#c892f5", "down": BAD, "unknown": "#67b4f0"}

Built = Builder[Panel]
Steps = Mapping[float, str]


class Query(NamedTuple):
    """An expression and what its series, or its column of a table, is called."""

    expr: str
    name: str = ""


def steps(base: str, above: Steps | None = None) -> ThresholdsConfig:
    """Return thresholds: a colour, and others from these values on."""
    found = [Threshold(value=None, color=base)]
    found += [Threshold(value=value, color=color) for value, color in sorted((above or {}).items())]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(found)


def words(said: Mapping[int, tuple[str, str]] | None) -> list[ValueMapping]:
    """Return what numbers are called, and in which colour."""
    if not said:
        return []
    results = {
        str(value): ValueMappingResult(text=text, color=color, index=index)
        for index, (value, (text, color)) in enumerate(said.items())
    }
    return [ValueMap(options=results)]


def figure(
    title: str,
    description: str,
    query: str,
    unit: str = "none",
    *,
    base: str = QUIET,
    above: Steps | None = None,
    said: Mapping[int, tuple[str, str]] | None = None,
    name: str = "",
    nothing: str = "no data",
    decimals: int | None = None,
    link: tuple[str, str] | None = None,
) -> Built:
    """Return one large figure, or one for each series; with a ``name``, a label's text in its place."""
    panel = (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .no_value(nothing)
        .thresholds(steps(base, above))
        .mappings(words(said))
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .color_mode(values.BigValueColorMode.VALUE)
        .graph_mode(values.BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .text_mode(values.BigValueTextMode.NAME if name else values.BigValueTextMode.AUTO)
        .with_target(target(Query(query, name or "__auto"), 0, instant=True))
    )
    if decimals is not None:
        panel = panel.decimals(decimals)
    return panel.data_links([_link(*link)]) if link else panel


def course(
    title: str,
    description: str,
    queries: Sequence[Query],
    unit: str = "none",
    *,
    stacked: bool = False,
    colors: Mapping[str, str] | None = None,
    limits: Steps | None = None,
    highest: float | None = None,
) -> Built:
    """Return lines over time; ``limits`` are drawn across."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .no_value("no data")
        .min(0)
        .line_width(1)
        .fill_opacity(40 if stacked else 5)
        .show_points(values.VisibilityMode.NEVER)
        .legend(
            common.VizLegendOptions()
            .display_mode(values.LegendDisplayMode.LIST)
            .placement(values.LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(common.VizTooltipOptions().mode(values.TooltipDisplayMode.MULTI).sort(values.SortOrder.DESCENDING))
    )
    if highest is not None:
        panel = panel.max(highest)
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(values.StackingMode.NORMAL).group("A"))
    if limits:
        panel = panel.thresholds(steps("transparent", limits))
        panel = panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(values.GraphThresholdsStyleMode.DASHED))
    for name, color in (colors or {}).items():
        panel = panel.override_by_name(name, [_fixed(color)])
    return panel.targets([target(query, number) for number, query in enumerate(queries)])


def bars(
    title: str, description: str, query: Query, unit: str = "none", *, link: tuple[str, str] | None = None
) -> Built:
    """Return a bar for each series, the longest first as the query sorts them."""
    panel = (
        bargauge.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .no_value("none")
        .min(0)
        .thresholds(steps(WARN))
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .orientation(values.VizOrientation.HORIZONTAL)
        .display_mode(values.BarGaugeDisplayMode.BASIC)
        .value_mode(values.BarGaugeValueMode.TEXT)
        .show_unfilled(False)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(target(query, 0, instant=True))
    )
    return panel.data_links([_link(*link)]) if link else panel


def bands(
    title: str, description: str, queries: Sequence[Query], said: Mapping[int, tuple[str, str]], per_page: int = 20
) -> Built:
    """Return a band of states for each series."""
    return (
        statetimeline.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit("none")
        .no_value("not seen")
        .mappings(words(said))
        .thresholds(steps(QUIET))
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .merge_values(True)
        .show_value(values.VisibilityMode.NEVER)
        .row_height(0.8)
        .per_page(per_page)
        .fill_opacity(80)
        .legend(
            common.VizLegendOptions()
            .display_mode(values.LegendDisplayMode.LIST)
            .placement(values.LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(common.VizTooltipOptions().mode(values.TooltipDisplayMode.SINGLE))
        .targets([target(query, number) for number, query in enumerate(queries)])
    )


def target(query: Query, number: int, *, instant: bool = False, as_table: bool = False) -> prometheus.Dataquery:
    """Return a query under the letter of its number."""
    made = prometheus.Dataquery().datasource(DATASOURCE).expr(query.expr).ref_id(letter(number))
    made = made.legend_format(query.name if not as_table else "__auto")
    made = made.format(PromQueryFormat.TABLE if as_table else PromQueryFormat.TIME_SERIES)
    return made.instant() if instant else made.range()


def letter(number: int) -> str:
    """Return what a query of a panel is called, by its number."""
    return chr(ord("A") + number)


def _fixed(color: str) -> DynamicConfigValue:
    return DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": color})


def _link(title: str, url: str) -> DashboardLink:
    return DashboardLink(title).type(DashboardLinkType.LINK).url(url).placement("")
