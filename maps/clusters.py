"""The maps of density clusters (squares that hold their cases) and of the scan (circles)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from analysis.hotspots.clusters import cluster_outlines
from analysis.hotspots.places import CLEARLY
from maps.colours import SURFACE, digit_codes, round_breaks
from maps.geometry import polygons_json
from maps.hotspots import place_marks
from maps.legend import highest_first
from maps.spec import Legend, MapSpec, Polygons, Style
from wording.names import place_name, with_names, with_places

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Any

    import geopandas as gpd

    from analysis.hotspots.clusters import Clusters
    from maps.canvas import Canvas
    from wording.speaker import Speaker

DRAWN = 2_000
"""Clusters drawn at most, the largest."""
CLASSES = 5
AROUND_M = 300.0
SCAN_RATIOS = (CLEARLY, 2.0, 3.0, 5.0)
"""Lower ends of the classes of cases over expected."""
SCAN_STYLES = tuple(Style(fill=colour, opacity=0.55, line=SURFACE[-1]) for colour in SURFACE[1:5])
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


def scan_map(canvas: Canvas, circles: gpd.GeoDataFrame, *, place: str = "") -> MapSpec:
    """
    Specify the map of the circles that hold more cases than chance and usual differences.

    `circles` are the rows of the table of the scan, on their centre cells.
    """
    translate = canvas.translate
    title = translate("hotspots.legend_scan")
    rows = with_names(circles, canvas.city.communities, translate.language).to_dict("records")
    lines = [[f"{row['rank']} · {row['community']}", *_scanned(row, translate)] for row in rows]
    breaks = SCAN_RATIOS[1:]
    classes = np.searchsorted(breaks, circles["ratio"].to_numpy(float), side="right")
    cells = None
    if rows:
        shapes = polygons_json(circles.geometry, tolerance=0)
        cells = canvas.cells(shapes, SCAN_STYLES, digit_codes(classes.tolist()), lines)
    labels = [f"≥ {translate.decimal(low)}" for low in SCAN_RATIOS]
    legend = Legend(
        title,
        highest_first(SCAN_STYLES, labels) if rows else (),
        note=translate("hotspots.legend_place") if rows else "",
    )
    around = circles.geometry[circles.index == place].buffer(AROUND_M)
    return canvas.map(
        f"scan {len(rows)} {sum(row['cases'] for row in rows)} {place}",
        title=translate("hotspots.scan"),
        areas=canvas.outlines(),
        cells=cells,
        marks=canvas.marks(circles, lambda row: f"{row['community']}: {row['cases']}"),
        legend=legend,
        fit=canvas.extent() if around.empty else canvas.around(around.total_bounds, place),
    )


def _scanned(row: dict[Hashable, Any], translate: Speaker) -> list[str]:
    """Cases of a circle beside those expected, and how sure that is."""
    facts = {
        "cases": translate.count(row["cases"]),
        "expected": translate.decimal(row["expected"]),
        "ratio": translate.decimal(row["ratio"]),
    }
    return [translate("hotspots.scan_tip", **facts), f"p {translate.significant(row['p'])}"]


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
    round_ones = map(math.ceil, round_breaks(float(shown["cases"].max()), count=CLASSES))
    breaks = [each for each in round_ones if each > clusters.least]
    classes = np.searchsorted(breaks, shown["cases"], side="right")
    lows = [clusters.least, *breaks]
    labels = [f"≥ {translate.count(low)}" for low in lows]
    polygons = canvas.cells(
        polygons_json(shapes, tolerance=0), STYLES, digit_codes(classes.tolist()), lines
    )
    rows = highest_first(STYLES[: len(labels)], labels)
    return polygons, Legend(title, rows, note=translate("hotspots.legend_cluster"))
