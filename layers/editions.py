"""Finds the facilities of another date: an earlier edition of the city, or another delivery."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from analysis.model.errors import PlanningError, SettingsError
from layers.load import load_city
from layers.recipe.schema import FILE_NAME

if TYPE_CHECKING:
    import geopandas as gpd

    from layers.city import City


def other_facilities(city: City, other: str) -> gpd.GeoDataFrame:
    """Get the facilities to compare a city's with."""
    if other in city.earlier:
        return city.earlier[other]
    loaded = _load_other(city, other)
    if city.communities.index.intersection(loaded.communities.index).empty:
        msg = f"--compare: {other} has none of the communities of {city.id}."
        raise SettingsError(
            msg,
            problem="compare_city",
            hint="Name another delivery of the same city, with the same identifiers.",
            found=other,
            city=city.id,
        )
    if not set(city.kinds) & set(loaded.kinds):
        mine, theirs = (", ".join(each.kinds) or "none" for each in (city, loaded))
        msg = f"--compare: no kind of facility stands both in {city.id} and in {other}."
        raise SettingsError(
            msg,
            problem="compare_kinds",
            hint=f"{city.id} has: {mine}; {other} has: {theirs}.",
            city=city.id,
            found=other,
            mine=mine,
            theirs=theirs,
        )
    facilities: gpd.GeoDataFrame = loaded.facilities.to_crs(city.crs)
    return facilities


def _load_other(city: City, other: str) -> City:
    folder = Path(other)
    if not (folder / FILE_NAME).is_file():
        editions = ", ".join(city.earlier) or "none"
        msg = f"--compare: {other!r} is no earlier edition and no city's folder."
        raise SettingsError(
            msg,
            problem="compare_unknown",
            hint=f"Editions are: {editions}; or name a folder with a {FILE_NAME}.",
            found=other,
            editions=editions,
            file=FILE_NAME,
        )
    try:
        return load_city(folder)
    except PlanningError as error:
        error.facts["within"] = other
        error.args = (f"{other}: {error}",)
        raise
