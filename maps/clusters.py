"""The map of density clusters: the squares that hold their cases, by number of cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.hotspots.clusters import cluster_outlines
from maps.colours import DIGITS, SURFACE, round_breaks
from maps.geometry import lonlat_bounds, polygons_json
from maps.hotspots import place_marks
from maps.spec import Legend, MapSpec, Polygons, Style, View, corners, legend_rows
from wording.names import place_name, with_places
from wording.numbers import count

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
    return canvas.map(
        f"clusters {clusters.cases} {limits} {place}",
        title=canvas.translate("hotspots.clusters"),
        areas=canvas.outlines(),
        cells=cells,
        marks=place_marks(canvas, clusters.table),
        legend=legend,
        fit=_fit(canvas, shapes, place),
    )


def _polygons(
    canvas: Canvas, clusters: Clusters, shapes: gpd.GeoSeries
) -> tuple[Polygons | None, Legend]:
    translate, store = canvas.translate, canvas.store
    title = translate("hotspots.legend_clusters")
    if shapes.empty:
        return None, Legend(title, ())
    shown = with_places(clusters.table.head(len(shapes)), canvas.city, translate.language)
    facts = [(name, translate(f"hotspots.col_{name}")) for name in ("cases", "sites")]
    lines = [
        [
            f"{row['rank']} · {place_name(row)}",
            " · ".join(f"{title} {count(row[name])}" for name, title in facts),
            f"{translate('hotspots.col_span')} {count(row['span_m'])}",
        ]
        for row in shown.to_dict("records")
    ]
    breaks = round_breaks(float(shown["cases"].max()), count=CLASSES)
    classes = np.searchsorted(breaks, shown["cases"], side="right")
    lows = [clusters.least, *(int(each) for each in breaks)]
    labels = [f"≥ {count(low)}" for low in lows]
    polygons = Polygons(
        url=store.put(polygons_json(shapes, tolerance=0)),
        styles=STYLES,
        classes="".join(DIGITS[each] for each in classes),
        text=store.put(lines),
    )
    rows = legend_rows(STYLES[: len(labels)][::-1], labels[::-1])
    return polygons, Legend(title, rows, note=translate("hotspots.legend_cluster"))


def _fit(canvas: Canvas, shapes: gpd.GeoSeries, place: str) -> View:
    if place not in shapes.index:
        return canvas.extent()
    around = shapes.loc[[place]].buffer(AROUND_M)
    return View(corners(lonlat_bounds(around)), nonce=place)
