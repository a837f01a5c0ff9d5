"""Makes the frames of streets, lines with named nodes, and of frontages along them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.model.contracts import DUTY_RESULTS, SIGNED, check_frontages
from analysis.privacy.recognise import mask_slipped
from layers.cleaning.amounts import known_numbers
from layers.cleaning.coordinates import place_rows
from layers.cleaning.crs import transform_geometry
from layers.cleaning.geometry import clean_lines
from layers.cleaning.identifiers import identify, loaded_rows
from layers.cleaning.times import parse_times
from layers.cleaning.values import codes, flags

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    from layers.cleaning.layer import Layer
    from layers.cleaning.study_area import StudyArea

NODE_SPREAD_M = 20.0
"""Ends of streets farther apart are not one node, whatever their name: wider than a crossing."""
SHORTEST_M = 0.1
"""A shop that states less before it states nothing."""
_LINES, _NO_SHAPE = (1, 5), (-1, 0)
"""Types of shapes: lines, and points or none."""
HEIGHTS_M = (-500.0, 9000.0)
"""Land lies between; files write what they do not know as -9999 and the like."""


def clean_streets(layer: Layer, *, area: StudyArea) -> gpd.GeoDataFrame:
    """Make the streets of one layer."""
    ours, account = layer.ours, layer.account
    identifiers = identify(layer, keep_twice=True)
    flat = np.asarray(shapely.force_2d(layer.geometry), dtype=object)
    lines = clean_lines(flat, account, crs=layer.crs, target=area.crs)
    walkable = flags(ours["walkable"]) if "walkable" in ours else None
    from_node, to_node, apart = _nodes(ours, lines)
    account.repair(apart, "node_apart", apart_m=NODE_SPREAD_M)
    frame = gpd.GeoDataFrame(
        {
            "from_node": from_node,
            "to_node": to_node,
            "length_m": shapely.length(lines),
            "walkable": True if walkable is None else walkable.fillna(value=True).astype(bool),
            **layer.texts("name", "name_en"),
            **layer.translated("name_zh"),
            **_climbs(layer),
        },
        index=ours.index,
        geometry=lines,
        crs=area.crs,
    )
    return loaded_rows(frame, identifiers, layer, index="edge")


def clean_frontages(layer: Layer, *, area: StudyArea, zone: str) -> gpd.GeoDataFrame:
    """Make the shops and frontage lines of one layer; a line is measured, a point is told."""
    account = layer.account
    identifiers = identify(layer, keep_twice=False)
    shapes, length = _fronts(layer, area)
    texts = layer.texts("name", "street", "unit", "result", "checked_at")
    unknown, found = layer.untranslated("result", DUTY_RESULTS)
    account.quarantine(unknown, "duty_unknown", detail=found, allowed=", ".join(DUTY_RESULTS))
    signed = layer.texts("signed")["signed"].rename("signed")
    days = parse_times(texts["checked_at"], how=layer.recipe.times, zone=zone)
    unread = (days.isna() & (texts["checked_at"] != "")).to_numpy(dtype=bool)
    if (unread & account.alive).any():
        first = texts["checked_at"][unread & account.alive].iloc[0]
        account.repair(unread, "time_unreadable", column="checked_at", found=first)
    frame = gpd.GeoDataFrame(
        {
            **{name: mask_slipped(texts[name]) for name in ("name", "street", "unit")},
            **layer.translated("name_en", "name_zh"),
            "signed": codes(signed, SIGNED, account),
            "result": texts["result"],
            "checked_at": days,
            "length_m": length,
        },
        index=layer.ours.index,
        geometry=shapes,
        crs=area.crs,
    )
    return loaded_rows(frame, identifiers, layer, index="frontage_id")


def _fronts(layer: Layer, area: StudyArea) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Place points and lines in the city's system, and give the length before each."""
    account, shapes = layer.account, layer.geometry
    types = np.asarray(shapely.get_type_id(shapes))
    lines = np.isin(types, _LINES) & ~shapely.is_empty(shapes)
    other = ~np.isin(types, (*_LINES, *_NO_SHAPE))
    account.quarantine(other, "geometry_type", allowed="Point, LineString")
    middles = np.where(lines, shapely.point_on_surface(shapes), shapes)
    table = layer.table if layer.table.geometry is None else replace(layer.table, geometry=middles)
    x, y = place_rows(replace(layer, table=table), area=area)
    fronts = np.asarray(shapely.points(x, y), dtype=object)
    if lines.any():
        fronts[lines] = transform_geometry(shapes[lines], layer.crs, area.crs)
    length = (
        known_numbers(layer, "frontage_m", least=SHORTEST_M)
        if "frontage_m" in layer.ours
        else np.full(len(fronts), np.nan)
    )
    length = np.where(lines, shapely.length(fronts), length)
    account.quarantine(lines & ~(length > 0), "geometry_flat")
    return fronts, length


def joined_frontages(frontages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave empty a name that one of the layers lacks, and check the frontages."""
    names = [name for name in ("name_en", "name_zh") if name in frontages]
    frontages = frontages.assign(**{name: frontages[name].fillna("") for name in names})
    check_frontages(frontages)
    return frontages


def _climbs(layer: Layer) -> dict[str, NDArray[np.float64]]:
    """Give the metres up and down along each line, where any heights are known."""
    climb = _climb_of_vertices(layer.geometry, layer.crs)
    columns = [name for name in ("from_height_m", "to_height_m") if name in layer.ours]
    low, high = HEIGHTS_M
    ends = [known_numbers(layer, column, least=low, most=high) for column in columns]
    if len(ends) == 2:  # noqa: PLR2004
        stated = np.abs(ends[1] - ends[0])
        climb = np.where(np.isnan(stated), climb, stated)
    if not np.isfinite(climb[layer.account.alive]).any():
        return {}
    layer.account.note(np.isnan(climb), "height_missing")
    return {"climb_m": climb}


def _climb_of_vertices(lines: NDArray[np.object_], crs: CRS) -> NDArray[np.float64]:
    """Add up the steps from vertex to vertex; a file where every height is 0 knows none."""
    xyz, line = shapely.get_coordinates(lines, include_z=True, return_index=True)
    height = xyz[:, 2] * _height_unit(crs)
    height[(height < HEIGHTS_M[0]) | (height > HEIGHTS_M[1])] = np.nan
    if not np.nan_to_num(height).any():
        return np.full(len(lines), np.nan)
    on_line = line[1:] == line[:-1]
    climb = np.bincount(
        line[1:][on_line], weights=np.abs(np.diff(height))[on_line], minlength=len(lines)
    )
    return np.where(shapely.is_missing(lines), np.nan, climb)


def _height_unit(crs: CRS) -> float:
    """Metres in a unit of height: stated, else that of the plane; metres beside degrees."""
    axes = crs.axis_info
    stated = axes[2:3] or ([] if crs.is_geographic else axes[:1])
    return float(stated[0].unit_conversion_factor) if stated else 1.0


def _nodes(
    ours: pd.DataFrame, lines: NDArray[np.object_]
) -> tuple[pd.Series[str], pd.Series[str], NDArray[np.bool_]]:
    """
    Name the nodes at both ends of the lines, and tell the lines whose names were no nodes.

    By their place, to a centimetre, are named those without a name, and those whose one name
    stands at several places, where whoever walks would jump from one to the other; these by
    the node that is known there, if any.
    """
    unnamed = pd.Series("", index=ours.index, dtype="str")
    given = [ours.get(column, unnamed) for column in ("from_node", "to_node")]
    names = pd.concat(given, ignore_index=True)
    xy = [shapely.get_coordinates(_ends(lines, end)) for end in (0, -1)]
    places = pd.DataFrame(np.concatenate(xy), columns=["x", "y"])
    spread = places.groupby(names).transform("max") - places.groupby(names).transform("min")
    apart = (names != "") & (np.hypot(spread["x"], spread["y"]) > NODE_SPREAD_M)
    placed = apart | (names == "")
    known = dict(zip(_written(places[~placed]), names[~placed], strict=True)) if apart.any() else {}
    names[placed] = [known.get(place, place) for place in _written(places[placed])]
    start, end = (
        pd.Series(part, index=ours.index, dtype="str") for part in np.split(names.to_numpy(), 2)
    )
    return start, end, np.logical_or(*np.split(apart.to_numpy(dtype=bool), 2))


def _written(places: pd.DataFrame) -> list[str]:
    return [f"{x:.2f} {y:.2f}" for x, y in places.itertuples(index=False, name=None)]


def _ends(lines: NDArray[np.object_], end: int) -> NDArray[np.object_]:
    """First or last points of lines; a point nowhere for what is no line."""
    points = np.asarray(shapely.get_point(lines, end), dtype=object)
    points[shapely.is_missing(points)] = shapely.Point(np.nan, np.nan)
    return points
