"""Panels of rows: a table, and a map, which draws the rows of one where they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from grafana_foundation_sdk.builders import common, geomap, table
from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.models import common as values
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue, FieldColorModeId
from grafana_foundation_sdk.models.geomap import TooltipMode

from dashboards.panel import BAD, DATASOURCE, QUIET, Built, Query, letter, steps, target


class Column(NamedTuple):
    """How a column of a table is shown: its unit, where a click leads (a title and an address), its width in pixels."""

    unit: str = ""
    link: tuple[str, str] | None = None
    width: int = 0


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
        .targets([target(query, number, instant=True, as_table=True) for number, query in enumerate(queries)])
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


def city_map(title: str, description: str, queries: Sequence[Query], key: str, link: tuple[str, str]) -> Built:
    """Return a map: a disc for each ``key``, as large as the first query's value; two more say where."""
    size = queries[0].name
    style = {
        "color": {"field": size, "fixed": BAD},
        "opacity": 0.7,
        "rotation": {"fixed": 0, "max": 360, "min": -360, "mode": "mod"},
        "size": {"field": size, "fixed": 5, "max": 28, "min": 3},
        "symbol": {"fixed": "img/icons/marker/circle.svg", "mode": "fixed"},
        "symbolAlign": {"horizontal": "center", "vertical": "center"},
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
        .targets([target(query, number, instant=True, as_table=True) for number, query in enumerate(queries)])
        .transformations(_merged(queries, columns))
    )


def _merged(queries: Sequence[Query], columns: Mapping[str, Column]) -> list[DataTransformerConfig]:
    """One table of all queries, whose value columns have the queries' names; what is no column is left out."""
    names = {f"Value #{letter(number)}": query.name for number, query in enumerate(queries)}
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


def _data_link(title: str, url: str) -> dict[str, Any]:
    return {"title": title, "url": url, "targetBlank": False}
