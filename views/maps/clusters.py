"""The map of density clusters: the squares that hold their cases, by number of cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.clusters import cluster_outlines
from views.maps.colours import DIGITS, SURFACE, round_breaks
from views.maps.frame import city_map, fit_to, outlines
from views.maps.geometry import lonlat_bounds, polygons_json
from views.maps.hotspots import place_marks
from views.maps.spec import (
    Legend,
    MapSpec,
    Polygons,
    Style,
    Tiles,
    View,
    corners,
    legend_rows,
)
from views.naming import place_name, with_places
from views.numbers import count

if TYPE_CHECKING:
    import geopandas as gpd

    from analysis.clusters import Clusters
    from layers.city import City
    from views.maps.store import GeoStore
    from views.screen import Speaker

DRAWN = 2_000
"""Clusters drawn at most, the largest."""
CLASSES = 5
AROUND_M = 300.0
STYLES = tuple(Style(fill=colour, opacity=0.85, line=SURFACE[-1]) for colour in SURFACE)


def cluster_map(
    city: City,
    clusters: Clusters,
    *,
    say: Speaker,
    store: GeoStore,
    areas: str,
    place: str = "",
    tiles: Tiles | None = None,
) -> MapSpec:
    """
    Specify the map of density clusters.

    Parameters
    ----------
    city
        The city on the map.
    clusters
        From `analysis.clusters.find_clusters`.
    say
        Speaks the reader's language.
    store
        Where the contents go.
    areas
        URL in the store of `views.maps.coverage.areas_content`.
    place
        Identifier of the cluster to go to, or empty.
    tiles
        Optional background.

    Returns
    -------
    spec
        At most `DRAWN` clusters, and no single case.
    """
    shapes = cluster_outlines(clusters, most=DRAWN).set_crs(city.crs)
    cells, legend = _polygons(clusters, shapes, city, say, store)
    limits = f"{clusters.distance_m:g} {clusters.least}"
    return city_map(
        city,
        f"clusters {clusters.cases} {limits} {place}",
        title=say("hotspots.clusters"),
        say=say,
        areas=outlines(city, areas, say=say, store=store),
        cells=cells,
        marks=place_marks(clusters.table, city, say),
        legend=legend,
        fit=_fit(city, shapes, place),
        tiles=tiles,
    )


def _polygons(
    clusters: Clusters, shapes: gpd.GeoSeries, city: City, say: Speaker, store: GeoStore
) -> tuple[Polygons | None, Legend]:
    title = say("hotspots.legend_clusters")
    if shapes.empty:
        return None, Legend(title, ())
    shown = with_places(clusters.table.head(len(shapes)), city, say.language)
    facts = [(name, say(f"hotspots.col_{name}")) for name in ("cases", "sites")]
    lines = [
        [
            f"{row['rank']} · {place_name(row)}",
            " · ".join(f"{title} {count(row[name])}" for name, title in facts),
            f"{say('hotspots.col_span')} {count(row['span_m'])}",
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
    return polygons, Legend(title, rows, note=say("hotspots.legend_cluster"))


def _fit(city: City, shapes: gpd.GeoSeries, place: str) -> View:
    if place not in shapes.index:
        return fit_to(city.communities, "")
    around = shapes.loc[[place]].buffer(AROUND_M)
    return View(corners(lonlat_bounds(around)), nonce=place)
