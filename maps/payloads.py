"""What the coverage map fetches by URL: communities, gaps, streets in reach, facilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from analysis.model.contracts import SUPPLY_STATUS
from maps.geometry import points_columns, polygons_json

if TYPE_CHECKING:
    import numpy.typing as npt
    from pyproj import CRS

    from analysis.access.supply_filter import FilterResult
    from analysis.coverage.gaps import Gaps
    from analysis.model.standards import Kind

GAP_DETAIL = 2.5
"""Metres by which a gap's border on the map may stray: less than a pixel up to zoom 15."""


@dataclass(frozen=True)
class MapPayloads:
    """
    URLs of what a map draws: text of the areas, points, gaps and zone or none.

    By walking distance the streets within reach are drawn with the gaps.
    """

    text: str
    points: str
    gaps: str = ""
    zone: str = ""


def areas_payload(communities: gpd.GeoDataFrame) -> bytes:
    """Write the communities for the map."""
    return polygons_json(communities)


def gaps_payload(gaps: Gaps) -> bytes:
    """Write the gaps for the map, without detail finer than `GAP_DETAIL`."""
    return polygons_json(gpd.GeoSeries(_simple(gaps), crs=gaps.frame.crs), tolerance=0)


def _simple(gaps: Gaps) -> npt.NDArray[np.object_]:
    shapes = gaps.frame.geometry.to_numpy()
    simple = shapely.simplify(shapes, GAP_DETAIL, preserve_topology=False)
    shown: npt.NDArray[np.object_] = np.where(shapely.is_empty(simple), shapes, simple)
    return shown


def walk_payload(lines: npt.NDArray[np.object_], gaps: Gaps) -> bytes:
    """Write two shapes for the map: the streets within walking distance, and all the gaps."""
    shapes = [shapely.MultiPolygon(each) for each in (_rings(lines), list(_simple(gaps)))]
    return polygons_json(gpd.GeoSeries(shapes, crs=gaps.frame.crs), tolerance=0)


def reach_payload(lines: npt.NDArray[np.object_], crs: CRS) -> bytes:
    """Write lines for the map, as one shape."""
    rings = _rings(lines)
    shapes = [shapely.multipolygons(rings)] if rings else []
    return polygons_json(gpd.GeoSeries(shapes, crs=crs), tolerance=0)


def lines_payload(lines: npt.NDArray[np.object_], crs: CRS) -> bytes:
    """Write lines for the map, each as a shape of its own."""
    shapes = [shapely.multipolygons(_rings(shapely.get_parts(line))) for line in lines]
    return polygons_json(gpd.GeoSeries(shapes, crs=crs), tolerance=0)


def _rings(lines: npt.NDArray[np.object_]) -> list[shapely.Polygon]:
    # the map draws rings alone: a line is one that goes there and back, and has no fill
    paths = [shapely.get_coordinates(line) for line in lines]
    return [shapely.Polygon(np.concatenate([path, path[::-1]])) for path in paths]


def points_payload(
    facilities: gpd.GeoDataFrame, kind: Kind, filter_result: FilterResult | None = None
) -> dict[str, object]:
    """Arrange the facilities of one kind for the map, closed ones too."""
    shown = facilities[facilities["kind"] == kind.id]
    if filter_result is not None and filter_result.by_kind.get(kind.id):
        fits, serving = filter_result.fits[shown.index], shown["status"].isin(SUPPLY_STATUS)
        status = shown["status"].mask(serving & fits.fillna(value=False), "open")
        status = status.mask(serving & ~fits.fillna(value=True), "closed")
        shown = shown.assign(status=status.mask(serving & fits.isna(), "unknown"))
    return points_columns(shown, kinds=(kind.id,))
