"""What helps to find one's way on a picture: water, main streets, and names of places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from maps.geometry import lonlat, polygons_json
from wording.names import with_names

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd
    from pyproj import CRS

    from layers.city import City

MAIN_STREETS = 80
"""Lines of streets drawn."""
NAMES_TRIED = 400
"""Names of the greatest length together, among which the longest lines are looked for."""
FEW_CORNERS = 10.0
"""Metres by which a street's line may stray."""


@dataclass(frozen=True)
class Name:
    """A name on the map: where (degrees), how much it matters, and whether of a district."""

    text: str
    lon: float
    lat: float
    weight: float
    district: bool


@dataclass(frozen=True, eq=False)
class Context:
    """
    What lies under and over every map of a city.

    Attributes
    ----------
    water
        Rings as in `maps.geometry`, or nothing.
    streets
        Lines of the main streets, in degrees.
    names
        Of districts and communities, in the reader's language.
    """

    water: bytes | None
    streets: tuple[npt.NDArray[np.float64], ...]
    names: tuple[Name, ...]


def context_of(city: City, language: str) -> Context:
    """Gather what the city's own layers say of the ground."""
    water = city.land.water
    return Context(
        water=None if water is None or water.empty else polygons_json(water),
        streets=() if city.streets is None else _main_streets(city.streets),
        names=(*_districts(city, language), *_communities(city, language)),
    )


def _main_streets(streets: gpd.GeoDataFrame) -> tuple[npt.NDArray[np.float64], ...]:
    """Choose the longest lines without a break under one name, in degrees."""
    if "name" not in streets:
        return ()
    named = streets[streets["name"].fillna("").astype(str).str.strip() != ""]
    longest = named["length_m"].groupby(named["name"]).sum().nlargest(NAMES_TRIED)
    lines = [
        shapely.line_merge(shapely.multilinestrings(shapely.get_parts(part.to_numpy())))
        for _, part in named.geometry.groupby(
            named["name"].where(named["name"].isin(longest.index))
        )
    ]
    parts = shapely.get_parts(np.array(lines, dtype=object))
    main = parts[np.argsort(-shapely.length(parts), kind="stable")[:MAIN_STREETS]]
    corners, part = shapely.get_coordinates(shapely.simplify(main, FEW_CORNERS), return_index=True)
    degrees = np.column_stack(lonlat(corners[:, 0], corners[:, 1], crs=streets.crs))
    return tuple(np.split(degrees, np.flatnonzero(np.diff(part)) + 1)) if len(degrees) else ()


def _districts(city: City, language: str) -> list[Name]:
    named = _named(city.communities, language)
    parts = named[named["parent"] != ""]
    if parts["parent"].nunique() < 2:  # noqa: PLR2004  one name for all says nothing
        return []
    # middle and weight of a district are those of the land of its communities together
    middles, area = shapely.centroid(parts.geometry.to_numpy()), parts.geometry.area
    sums = parts.assign(
        x=shapely.get_x(middles) * area, y=shapely.get_y(middles) * area, area=area
    ).groupby("parent", sort=False)[["x", "y", "area"]]
    total = sums.sum()
    return _names(
        total.index.tolist(), total["x"] / total["area"], total["y"] / total["area"],
        total["area"], crs=city.crs, district=True,
    )  # fmt: skip


def _communities(city: City, language: str) -> list[Name]:
    named = _named(city.communities, language)
    inside = shapely.point_on_surface(named.geometry.to_numpy())
    weight = named.get("population", named.geometry.area)
    return _names(
        named["name"].tolist(), shapely.get_x(inside), shapely.get_y(inside),
        weight.fillna(0), crs=city.crs, district=False,
    )  # fmt: skip


def _named(communities: gpd.GeoDataFrame, language: str) -> gpd.GeoDataFrame:
    named = with_names(communities, communities, language)
    return named.assign(name=named["name"].fillna(""), parent=named["parent"].fillna(""))


def _names(
    texts: list[str],
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    weights: pd.Series[float],
    *,
    crs: CRS,
    district: bool,
) -> list[Name]:
    lon, lat = lonlat(x, y, crs=crs)
    rows = zip(texts, lon.tolist(), lat.tolist(), weights.tolist(), strict=True)
    names = [Name(text, east, north, weight, district) for text, east, north, weight in rows]
    return sorted((name for name in names if name.text), key=lambda name: -name.weight)
