"""The map of density clusters: the squares that hold their cases, by number of cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.hotspots.clusters import cluster_outlines
from maps.colours import SURFACE, digit_codes, round_breaks
from maps.geometry import polygons_json
from maps.hotspots import place_marks
from maps.legend import highest_first
from maps.spec import Legend, MapSpec, Polygons, Style
from wording.names import place_name, with_places

if TYPE_CHECKING:
    import geopandas as gpd

    from analysis.hotspots.clusters import Clusters
    from maps.canvas import Canvas

DRAWN = 2_000
"""Clusters drawn at most, the largest."""
CLASSES = 5
AROUND_M = 300.0
STYLES = tuple(Style(fill=colour, opacity=0.85, line=SURFACE[-1]) for colour in SURFACE)


def cluster_map(canvas: Canvas, clusters: Clusters, *, place: str = "") -> MapSpec:
    """Specify the map of density clusters."""
    shapes = cluster_outlines(clusters, most=DRAWN).set_crs(canvas.city.crs)
    cells, legend = _polygons(canvas, clusters, shapes)
    limits = f"{clusters.distance_m:g} {clusters.least}"
    around = shapes[shapes.index == place].buffer(AROUND_M)
    return canvas.map(
        f"clusters {clusters.cases} {limits} {place}",
        title=canvas.translate("hotspots.clusters"),
        cells_are="clusters",
        areas=canvas.outlines(),
        cells=cells,
        marks=place_marks(canvas, clusters.table),
        legend=legend,
        fit=canvas.extent() if around.empty else canvas.around(around.total_bounds, place),
    )


def _polygons(
    canvas: Canvas, clusters: Clusters, shapes: gpd.GeoSeries
) -> tuple[Polygons | None, Legend]:
    translate = canvas.translate
    title = translate("hotspots.legend_clusters")
    if shapes.empty:
        return None, Legend(title, ())
    shown = with_places(clusters.table.head(len(shapes)), canvas.city, translate.language)
    facts = [(name, translate(f"hotspots.col_{name}")) for name in ("cases", "sites")]
    lines = [
        [
            f"{row['rank']} · {place_name(row)}",
            " · ".join(f"{title} {translate.count(row[name])}" for name, title in facts),
            f"{translate('hotspots.col_span')} {translate.count(row['span_m'])}",
        ]
        for row in shown.to_dict("records")
    ]
    breaks = round_breaks(float(shown["cases"].max()), count=CLASSES)
    classes = np.searchsorted(breaks, shown["cases"], side="right")
    lows = [clusters.least, *(int(each) for each in breaks)]
    labels = [f"≥ {translate.count(low)}" for low in lows]
    polygons = canvas.cells(
        polygons_json(shapes, tolerance=0), STYLES, digit_codes(classes.tolist()), lines
    )
    rows = highest_first(STYLES[: len(labels)], labels)
    return polygons, Legend(title, rows, note=translate("hotspots.legend_cluster"))
