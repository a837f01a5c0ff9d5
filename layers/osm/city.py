"""The layers of a city from one extract, with an account of every object of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from layers.osm.background import background_of
from layers.osm.communities import communities_of
from layers.osm.extract import read_extract
from layers.osm.facilities import facilities_of
from layers.osm.land import SORTS, land_of
from layers.osm.residents import people_stated, residents_of
from layers.osm.streets import streets_of
from layers.osm.study_area import find_area

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from analysis.model.standards import Kind
    from layers.osm.communities import Communities
    from layers.osm.residents import Residents
    from layers.osm.shapes import Aside
    from layers.osm.study_area import Area


@dataclass(frozen=True)
class Origin:
    """
    The extract that a city is from.

    Attributes
    ----------
    file, sha256, size
        Its name, and what its bytes are.
    date
        Up to which day it holds what was mapped; may be empty.
    """

    file: str
    sha256: str
    size: int
    date: str


@dataclass(frozen=True, eq=False)
class OsmCity:
    """
    A city from OpenStreetMap.

    Attributes
    ----------
    origin, area
        Where it is from, and what it is made for.
    communities
        As `layers.osm.communities` divides the area.
    facilities
        By kind; kinds without any object are left out.
    streets
        Walkable edges.
    land
        `water`, `residential`, `built_up`, `zone` as far as there is any.
    background
        `green`, `main_streets`, `place_names` as far as there are any: simplified, and none of
        their objects in `aside`.
    residents
        Where they live; `None` where nobody states how many they are.
    people
        How many are stated, even where nothing tells where they live; 0 for none.
    aside
        Every object that matches a layer and is not in it, with the reason.
    tags
        By which the facilities of each kind were found.
    """

    origin: Origin
    area: Area
    communities: Communities
    facilities: Mapping[str, gpd.GeoDataFrame]
    streets: gpd.GeoDataFrame
    land: Mapping[str, gpd.GeoDataFrame]
    background: Mapping[str, gpd.GeoDataFrame]
    residents: Residents | None
    people: float
    aside: tuple[Aside, ...]
    tags: Mapping[str, tuple[str, ...]]


def read_city(
    path: Path,
    area_named: str,
    *,
    kinds: Mapping[str, Kind],
    level: int = 0,
    population: float = 0.0,
) -> OsmCity:
    """
    Make the layers of the city that `area_named` names from an extract.

    `level` asks for communities of one administrative level; `population` states the people that
    are shared out among dwellings.
    """
    extract = read_extract(path, tags=[tag for kind in kinds.values() for tag in kind.osm])
    area = find_area(area_named, extract)
    communities = communities_of(extract, area, level=level)
    aside = list(communities.aside)
    found = {name: facilities_of(kind, extract, area) for name, kind in kinds.items() if kind.osm}
    land = {sort: land_of(sort, extract, area) for sort in SORTS}
    streets, cut = streets_of(extract, area)
    for _, listed in (*found.values(), *land.values(), (None, cut)):
        aside += listed
    facilities = {name: frame for name, (frame, _) in found.items() if len(frame)}
    residential, _ = land["residential"]
    return OsmCity(
        Origin(extract.name, extract.sha256, extract.size, extract.date),
        area,
        communities,
        facilities,
        streets,
        {sort: frame for sort, (frame, _) in land.items() if len(frame)},
        background_of(extract, area),
        residents_of(extract, area, communities, residential, population=population),
        people_stated(area, communities, population=population)[0],
        tuple(aside),
        {name: kind.osm for name, kind in kinds.items()},
    )
