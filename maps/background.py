"""What helps to find one's way on a map: green, water, main streets, and names of places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from layers.languages import written_as
from layers.recipe.schema import GREEN, MAIN_STREETS, PLACE_NAMES
from maps.geometry import lonlat, polygons_json, screen_tolerance
from maps.payloads import reach_payload
from wording.names import with_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt
    import pandas as pd
    from pyproj import CRS

    from layers.city import City
    from maps.store import GeoStore

NOTHING = b"[]"
STREETS, WATER = "streets", "water"
SHAPES = (GREEN, WATER, STREETS)
"""Parts that have shapes, as `maps.spec.MapSpec` calls them."""
MOST_AREAS = 2000
"""Largest areas of water, and of green, that are drawn."""
LONGEST = 80
"""Lines drawn of streets that nobody called main ones."""
MOST_LINES = 4000
"""Lines drawn of main streets, the longest first."""
NAMES_TRIED = 400
"""Names of the greatest length together, among which the longest lines are looked for."""
FEW_CORNERS = 10.0
"""Metres by which a street's line may stray."""
DISTRICT_M = 2000.0
"""Size from which on a named place is written like a district."""


@dataclass(frozen=True)
class Name:
    """
    A name on the map.

    Attributes
    ----------
    text, lon, lat
        What stands where (degrees).
    district
        Whether it is written large.
    size_m
        Metres across of what it names.
    """

    text: str
    lon: float
    lat: float
    district: bool
    size_m: float


@dataclass(frozen=True, eq=False)
class Background:
    """
    What lies under and over every map of a city.

    Attributes
    ----------
    shapes
        Rings as in `maps.geometry`, by part: those of `SHAPES` that the city has.
    names
        Of districts, places and communities, in the reader's language.
    """

    shapes: Mapping[str, bytes]
    names: tuple[Name, ...]


def background_of(city: City, language: str) -> Background:
    """Gather what the city's own layers say of the ground."""
    made = {part: make() for part, make in ground_of(city).items()}
    shapes = {part: content for part, content in made.items() if content != NOTHING}
    return Background(shapes, names_of(city, language))


def ground_of(city: City) -> dict[str, Callable[[], bytes]]:
    """Say which parts of the ground the city has, and how each is made for the map."""
    makers: dict[str, Callable[[], bytes]] = {}
    for part, areas in ((GREEN, city.background.get(GREEN)), (WATER, city.land.water)):
        if areas is not None and len(areas):
            makers[part] = partial(_areas, areas)
    main = city.background.get(MAIN_STREETS)
    if main is not None:
        makers[STREETS] = partial(_lines, main.geometry.to_numpy(), MOST_LINES, main.crs)
    elif city.streets is not None:
        makers[STREETS] = partial(_named_streets, city.streets)
    return makers


def stored(background: Background, store: GeoStore) -> dict[str, str]:
    """Put the ground where a map fetches it, and give the URLs by part."""
    urls = {part: store.put(content) for part, content in background.shapes.items()}
    return urls | {"names": store.put(names_payload(background.names))}


def _areas(areas: gpd.GeoDataFrame) -> bytes:
    """Draw areas without the detail that no screen shows; what is left of none is left out."""
    shapes = areas.geometry.to_numpy()
    shapes = shapes[np.argsort(-shapely.area(shapes), kind="stable")[:MOST_AREAS]]
    simple = shapely.simplify(shapes, screen_tolerance(areas.total_bounds))
    return polygons_json(
        gpd.GeoSeries(simple[shapely.area(simple) > 0], crs=areas.crs), tolerance=0
    )


def _named_streets(streets: gpd.GeoDataFrame) -> bytes:
    """Draw the longest lines without a break under one name."""
    if "name" not in streets:
        return NOTHING
    named = streets[streets["name"].fillna("").astype(str).str.strip() != ""]
    longest = named["length_m"].groupby(named["name"]).sum().nlargest(NAMES_TRIED)
    lines = [
        shapely.line_merge(shapely.multilinestrings(shapely.get_parts(part.to_numpy())))
        for _, part in named.geometry.groupby(
            named["name"].where(named["name"].isin(longest.index))
        )
    ]
    return _lines(np.array(lines, dtype=object), LONGEST, streets.crs)


def _lines(lines: npt.NDArray[np.object_], most: int, crs: CRS) -> bytes:
    parts = shapely.get_parts(lines)
    main = parts[np.argsort(-shapely.length(parts), kind="stable")[:most]]
    return reach_payload(np.asarray(shapely.simplify(main, FEW_CORNERS), dtype=object), crs)


def districts_payload(city: City) -> bytes:
    """Draw the borders of what the communities are parts of, as fine as the communities."""
    parents = city.communities[city.communities["parent"] != ""]
    whole = parents[["parent", "geometry"]].dissolve("parent", sort=False)
    return polygons_json(whole)


def has_districts(city: City) -> bool:
    """Tell whether the communities are parts of more than one thing."""
    return len(set(city.communities["parent"]) - {""}) > 1


def names_of(city: City, language: str) -> tuple[Name, ...]:
    """Name districts, places and communities, the weightiest of each first."""
    return (*_districts(city, language), *_places(city, language), *_communities(city, language))


def names_payload(names: tuple[Name, ...]) -> dict[str, list[object]]:
    """Arrange names in columns for the map, in their order."""
    return {
        "text": [name.text for name in names],
        "lon": [round(name.lon, 5) for name in names],
        "lat": [round(name.lat, 5) for name in names],
        "size": [round(name.size_m) for name in names],
        "district": [int(name.district) for name in names],
    }


def names_of_payload(columns: dict[str, list[Any]]) -> list[Name]:
    """Take the names out of their columns again, for a picture of the map."""
    keys = ("text", "lon", "lat", "size", "district")
    return [
        Name(text, lon, lat, district=bool(district), size_m=size)
        for text, lon, lat, size, district in zip(*(columns[key] for key in keys), strict=True)
    ]


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
        total["area"], np.sqrt(total["area"]), crs=city.crs, district=True,
    )  # fmt: skip


def _places(city: City, language: str) -> list[Name]:
    places = city.background.get(PLACE_NAMES)
    if places is None:
        return []
    named: list[Name] = []
    for district in (True, False):
        part = places[(places["size_m"] >= DISTRICT_M) == district]
        named += _names(
            place_texts(part, language), part.geometry.x, part.geometry.y, part["size_m"],
            part["size_m"], crs=city.crs, district=district,
        )  # fmt: skip
    return named


def place_texts(places: gpd.GeoDataFrame, language: str) -> list[str]:
    """Take the name in the reader's language, else the place's own, else any."""
    wanted = (f"name_{written_as(language)}", "name", "name_en", "name_zh")
    columns = [column for column in wanted if column in places]
    named = places[columns].mask(places[columns] == "").bfill(axis=1)
    return [str(text) for text in named.iloc[:, 0].fillna("")]


def _communities(city: City, language: str) -> list[Name]:
    named = _named(city.communities, language)
    inside = shapely.point_on_surface(named.geometry.to_numpy())
    weight = named.get("population", named.geometry.area)
    return _names(
        named["name"].tolist(), shapely.get_x(inside), shapely.get_y(inside), weight.fillna(0),
        np.sqrt(named.geometry.area), crs=city.crs, district=False,
    )  # fmt: skip


def _named(communities: gpd.GeoDataFrame, language: str) -> gpd.GeoDataFrame:
    named = with_names(communities, communities, language)
    return named.assign(name=named["name"].fillna(""), parent=named["parent"].fillna(""))


def _names(
    texts: list[str],
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    weights: pd.Series[float],
    sizes: pd.Series[float],
    *,
    crs: CRS,
    district: bool,
) -> list[Name]:
    lon, lat = lonlat(x, y, crs=crs)
    order = np.argsort(-weights.to_numpy(dtype=float), kind="stable").tolist()
    names = [Name(texts[i], lon[i], lat[i], district, float(sizes.iloc[i])) for i in order]
    return [name for name in names if name.text]
