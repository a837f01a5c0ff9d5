"""
What the ground of a city is: water, residential land, built-up area.

Each is an optional layer of polygons. Water is taken out of every area; residential land is a
denominator of its own; the built-up area is what some standards mean by density.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.geometry.edges import prepare_borders
from analysis.model.standards import BUILT_UP

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from analysis.geometry.edges import Borders

WHOLE, WITHOUT_WATER = "whole", "without_water"
"""What `area_m2` is: the community as its border has it, or without its water."""
MIN_PART_M2 = 1.0
"""A part below this is rounding where borders of two layers run together."""
_POLYGON = 3


@dataclass(frozen=True, eq=False)
class Land:
    """
    The land layers of a city; `None` where it has no such layer.

    Attributes
    ----------
    water
        Lakes, sea, rivers.
    residential
        Land that people live on.
    built_up
        The built-up area.
    """

    water: gpd.GeoDataFrame | None = None
    residential: gpd.GeoDataFrame | None = None
    built_up: gpd.GeoDataFrame | None = None


@dataclass(frozen=True, eq=False)
class CommunityLand:
    """
    Communities cut to their land, once for all kinds and radii.

    Attributes
    ----------
    dry
        Communities without their water, those that are all water left out.
    area_m2
        Of each community without its water.
    area_basis
        `WITHOUT_WATER`, or `WHOLE` where there is no water layer; `BUILT_UP` from
        `only_built_up`.
    residential
        Residential land of each community, those without any left out; `None` without a
        layer.
    built_up
        Built-up area of each community, as `residential`.
    residential_m2, built_up_m2
        By community, water taken out; missing without a layer.
    """

    dry: gpd.GeoDataFrame
    area_m2: pd.Series[float]
    area_basis: str
    residential: gpd.GeoDataFrame | None
    built_up: gpd.GeoDataFrame | None
    residential_m2: pd.Series[float]
    built_up_m2: pd.Series[float]

    @cached_property
    def dry_borders(self) -> Borders | None:
        """Of `dry`, taken apart once for any facilities; `None` where there is no land."""
        return _borders(self.dry)

    @cached_property
    def residential_borders(self) -> Borders | None:
        """Of `residential`, as `dry_borders`."""
        return _borders(self.residential)


def _borders(parts: gpd.GeoDataFrame | None) -> Borders | None:
    if parts is None or parts.empty:
        return None
    return prepare_borders(parts.geometry.to_numpy())


def cut_to_land(communities: gpd.GeoDataFrame, land: Land) -> CommunityLand:
    """
    Cut communities to their land.

    Parameters
    ----------
    communities
        As in `analysis.model.contracts`.
    land
        Layers in the same CRS. Polygons of one layer may overlap; they count once.

    Returns
    -------
    community_land
        Areas in m² on the index of `communities`.
    """
    dry = communities if land.water is None else without(communities, land.water)
    residential = None if land.residential is None else within(dry, land.residential)
    built_up = None if land.built_up is None else within(dry, land.built_up)
    return CommunityLand(
        dry=dry,
        area_m2=_areas(dry, communities.index).rename("area_m2"),
        area_basis=WHOLE if land.water is None else WITHOUT_WATER,
        residential=residential,
        built_up=built_up,
        residential_m2=_areas(residential, communities.index),
        built_up_m2=_areas(built_up, communities.index),
    )


def only_built_up(community_land: CommunityLand) -> CommunityLand:
    """
    Take the built-up area for all the land there is.

    Parameters
    ----------
    community_land
        From `cut_to_land`; without a layer of the built-up area it stays as it is.

    Returns
    -------
    community_land
        Residential land too is what lies in the built-up area.
    """
    if community_land.built_up is None:
        return community_land
    index, residential = community_land.area_m2.index, community_land.residential
    if residential is not None:
        residential = within(residential, community_land.built_up)
    return replace(
        community_land,
        dry=community_land.built_up,
        area_m2=community_land.built_up_m2.rename("area_m2"),
        area_basis=BUILT_UP,
        residential=residential,
        residential_m2=_areas(residential, index),
    )


def within(communities: gpd.GeoDataFrame, polygons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Take the part of each community that lies within polygons.

    Parameters
    ----------
    communities, polygons
        In one CRS; polygons may overlap.

    Returns
    -------
    parts
        Rows of `communities` with the part as geometry, those without any left out.
    """
    touched, cover = _touching(communities, polygons)
    shapes = communities.geometry.to_numpy()[touched]
    return _with_shapes(communities.iloc[touched], _polygonal(shapely.intersection(shapes, cover)))


def without(communities: gpd.GeoDataFrame, polygons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Take polygons out of each community.

    Parameters
    ----------
    communities, polygons
        In one CRS; polygons may overlap.

    Returns
    -------
    rest
        Rows of `communities` with what is left as geometry, those of which nothing is
        left taken out.
    """
    touched, cover = _touching(communities, polygons)
    shapes = communities.geometry.to_numpy().copy()
    shapes[touched] = _polygonal(shapely.difference(shapes[touched], cover))
    return _with_shapes(communities, shapes)


def _touching(
    communities: gpd.GeoDataFrame, polygons: gpd.GeoDataFrame
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Positions of the communities that polygons touch, and the union of those for each."""
    parts = shapely.get_parts(polygons.geometry.to_numpy())
    community, part = shapely.STRtree(parts).query(
        communities.geometry.to_numpy(), predicate="intersects"
    )
    # Only the polygons that touch a community are united for it, each group in one call.
    touched, group = np.unique(community, return_inverse=True)
    order = np.argsort(group, kind="stable")
    groups = np.empty(len(touched), dtype=object)
    if len(touched):
        shapely.geometrycollections(parts[part[order]], indices=group[order], out=groups)
    return touched, np.asarray(shapely.union_all(groups[:, None], axis=1), dtype=object)


def _polygonal(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Keep the polygons of overlays; the lines and points where borders touch have no area."""
    # Twice: an overlay may be a collection that holds a multipolygon.
    parts, first = shapely.get_parts(shapes, return_index=True)
    parts, second = shapely.get_parts(parts, return_index=True)
    solid = shapely.get_type_id(parts) == _POLYGON
    solid_shapes = np.full(len(shapes), shapely.MultiPolygon(), dtype=object)
    if solid.any():
        shapely.multipolygons(parts[solid], indices=first[second][solid], out=solid_shapes)
    return solid_shapes


def _with_shapes(communities: gpd.GeoDataFrame, shapes: NDArray[np.object_]) -> gpd.GeoDataFrame:
    return communities.set_geometry(shapes, crs=communities.crs)[
        shapely.area(shapes) >= MIN_PART_M2
    ]


def _areas(parts: gpd.GeoDataFrame | None, index: pd.Index) -> pd.Series[float]:
    if parts is None:
        return pd.Series(np.nan, index=index)
    areas: pd.Series[float] = parts.area.reindex(index, fill_value=0.0)
    return areas
