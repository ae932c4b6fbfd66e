"""Panels: what every dashboard stamps on its own alike. A panel says what it shows, in a title and a description.

Colours are those of the monitor's pages: quiet grey for what works. None is needed alone: each state has its word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from grafana_foundation_sdk.builders import bargauge, common, geomap, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.dashboard import DashboardLink, FieldColor, ThresholdsConfig
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as values
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
    Panel,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)
from grafana_foundation_sdk.models.geomap import TooltipMode
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


class Column(NamedTuple):
    """How a column of a table is shown: its unit, where a click leads (a title and an address), its width in pixels."""

    unit: str = ""
    link: tuple[str, str] | None = None
    width: int = 0


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
        .with_target(_target(Query(query, name or "__auto"), 0, instant=True))
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
    return panel.targets([_target(query, number) for number, query in enumerate(queries)])


def rows(
    title: str,
    description: str,
    queries: Sequence[Query],
    columns: Mapping[str, Column],
    *,
    sort: str = "",
    descending: bool = True,
    nothing: str = "none",
) -> Built:
    """Return a table: a row for each set of labels that the queries share; ``columns`` in this order and no others."""
    panel = (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .no_value(nothing)
        .targets([_target(query, number, instant=True, as_table=True) for number, query in enumerate(queries)])
        .transformations(_merged(queries, columns))
    )
    for name, column in columns.items():
        properties = []
        if column.unit:
            properties.append(DynamicConfigValue(id_val="unit", value=column.unit))
        if column.width:
            properties.append(DynamicConfigValue(id_val="custom.width", value=column.width))
        if column.link:
            properties.append(DynamicConfigValue(id_val="links", value=[_data_link(*column.link)]))
        if properties:
            panel = panel.override_by_name(name, properties)
    if sort:
        panel = panel.sort_by([common.TableSortByFieldState().display_name(sort).desc(descending)])
    return panel


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
        .with_target(_target(query, 0, instant=True))
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
        .targets([_target(query, number) for number, query in enumerate(queries)])
    )


def city_map(title: str, description: str, queries: Sequence[Query], key: str, link: tuple[str, str]) -> Built:
    """Return a map: a disc for each ``key``, as large as the first query's value; two more say where."""
    size = queries[0].name
    style = {
        "color": {"field": size, "fixed": BAD},
        "opacity": 0.7,
        "rotation": {"fixed": 0, "max": 360, "min": -360, "mode": "mod"},
        "size": {"field": size, "fixed": 5, "max": 28, "min": 3},
        "symbol": {"fixed": "img/icons/marker/circle.svg", "mode": "fixed"},
        "text": {"field": key, "fixed": "", "mode": "field"},
        "textConfig": {"fontSize": 11, "offsetX": 0, "offsetY": 14, "textAlign": "center", "textBaseline": "top"},
    }
    where = common.FrameGeometrySource().mode(values.FrameGeometrySourceMode.COORDS)
    layer = (
        common.MapLayerOptions()
        .type("markers")
        .name(title)
        .config({"showLegend": False, "style": style})
        .location(where.latitude("latitude").longitude("longitude"))
        .tooltip(True)
    )
    columns = {key: Column(link=link), **{query.name: Column() for query in queries}}
    return (
        geomap.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit("none")
        .no_value("no place is known")
        .thresholds(steps(QUIET, {1: BAD}))
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .override_by_name(key, [DynamicConfigValue(id_val="links", value=[_data_link(*link)])])
        .override_by_regexp("latitude|longitude", [DynamicConfigValue(id_val="unit", value="degree")])
        .basemap(common.MapLayerOptions().type("default").name("Map").config({}))
        .layers([layer])
        .view(geomap.MapViewConfig().id("fit").all_layers(True).zoom(15).padding(10))
        .controls(
            geomap.ControlsOptions().show_zoom(True).mouse_wheel_zoom(False).show_attribution(True).show_scale(True)
        )
        .tooltip(geomap.TooltipOptions().mode(TooltipMode.DETAILS))
        .targets([_target(query, number, instant=True, as_table=True) for number, query in enumerate(queries)])
        .transformations(_merged(queries, columns))
    )


def _target(query: Query, number: int, *, instant: bool = False, as_table: bool = False) -> prometheus.Dataquery:
    """Return a query under the letter of its number."""
    made = prometheus.Dataquery().datasource(DATASOURCE).expr(query.expr).ref_id(_letter(number))
    made = made.legend_format(query.name if not as_table else "__auto")
    made = made.format(PromQueryFormat.TABLE if as_table else PromQueryFormat.TIME_SERIES)
    return made.instant() if instant else made.range()


def _letter(number: int) -> str:
    return chr(ord("A") + number)


def _merged(queries: Sequence[Query], columns: Mapping[str, Column]) -> list[DataTransformerConfig]:
    """One table of all queries, whose value columns have the queries' names; what is no column is left out."""
    names = {f"Value #{_letter(number)}": query.name for number, query in enumerate(queries)}
    if len(queries) == 1:
        names = {"Value": queries[0].name}
    raw = {name: key for key, name in names.items()}
    order = {raw.get(name, name): index for index, name in enumerate(columns)}
    return [
        DataTransformerConfig(id_val="merge", options={}),
        DataTransformerConfig(id_val="filterFieldsByName", options={"include": {"names": list(order)}}),
        DataTransformerConfig(
            id_val="organize", options={"excludeByName": {}, "indexByName": order, "renameByName": names}
        ),
    ]


def _fixed(color: str) -> DynamicConfigValue:
    return DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": color})


def _link(title: str, url: str) -> DashboardLink:
    return DashboardLink(title).type(DashboardLinkType.LINK).url(url).placement("")


def _data_link(title: str, url: str) -> dict[str, Any]:
    return {"title": title, "url": url, "targetBlank": False}
