"""What the maps of a city share: words and extent, names, outlines, numbered places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyproj import Transformer

from views.maps.geometry import lonlat_bounds
from views.maps.spec import OUTLINE_STYLE, WORDS, MapSpec, Mark, Polygons, View, corners
from views.naming import with_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    import pandas as pd
    from pyproj import CRS

    from layers.city import City
    from views.maps.store import GeoStore
    from views.screen import Speaker


def city_map(
    city: City,
    about: str,
    *,
    title: str,
    say: Speaker,
    community: str = "",
    **layers: Any,  # noqa: ANN401  parts of a specification, each with its own type
) -> MapSpec:
    """
    Specify a map of a city.

    Parameters
    ----------
    city
        The city on the map.
    about
        Tells this map from others, but for the language.
    title
        Plain text.
    say
        Speaks the reader's language.
    community
        The community the map goes to, or empty.
    **layers
        Further parts of `MapSpec`; also `fit`, where the map goes elsewhere.

    Returns
    -------
    spec
        With words and extent.
    """
    return MapSpec(
        id=f"{about} {say.language}",
        language=say.language,
        words=map_words(say, title),
        **{"fit": fit_to(city.communities, community), **layers},
    )


def map_words(say: Speaker, title: str) -> dict[str, str]:
    """
    Give the words that every map needs.

    Parameters
    ----------
    say
        Speaks the reader's language.
    title
        Of the map, plain text.

    Returns
    -------
    words
        By key of `views.maps.spec.WORDS`.
    """
    return {key: say(f"map.{key}", title=title) for key in WORDS}


def fit_to(communities: gpd.GeoDataFrame, community: str) -> View:
    """
    Say where the map goes.

    Parameters
    ----------
    communities
        As in `analysis.contracts`.
    community
        Identifier, or empty for all of them.

    Returns
    -------
    view
        It moves the map only when the community changes.
    """
    chosen = communities.loc[[community]] if community else communities
    return View(corners(lonlat_bounds(chosen)), nonce=community or "city")


def row_of(city: City, community: str) -> int | None:
    """
    Find the polygon of a community.

    Parameters
    ----------
    city
        The city on the map.
    community
        Identifier, or empty.

    Returns
    -------
    row
        For `Polygons.selected`; `None` for a community that the city does not have.
    """
    place = int(city.communities.index.get_indexer([community])[0])
    return place if place >= 0 else None


def names(city: City, say: Speaker) -> list[list[str]]:
    """
    Name every community and its parent.

    Parameters
    ----------
    city
        The city on the map.
    say
        Speaks the reader's language.

    Returns
    -------
    names
        The first lines under the pointer, one list a community.
    """
    named = with_names(city.communities, city.communities, say.language)
    return [list(pair) for pair in zip(named["name"], named["parent"], strict=True)]


def outlines(city: City, areas: str, *, say: Speaker, store: GeoStore) -> Polygons:
    """
    Draw the communities by their borders alone.

    Parameters
    ----------
    city
        The city on the map.
    areas
        URL in the store of `views.maps.coverage.areas_content`.
    say
        Speaks the reader's language.
    store
        Where the names go.

    Returns
    -------
    areas
        With names under the pointer.
    """
    return Polygons(url=areas, styles=(OUTLINE_STYLE,), text=store.put(names(city, say)))


def numbered(rows: pd.DataFrame, titles: Iterable[str], *, crs: CRS) -> tuple[Mark, ...]:
    """
    Mark places by their rank.

    Parameters
    ----------
    rows
        With `x`, `y` in metres and `rank`.
    titles
        What each mark says, plain text.
    crs
        Of the coordinates.

    Returns
    -------
    marks
        One a row.
    """
    degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lon, lat = degrees.transform(rows["x"].to_numpy(float), rows["y"].to_numpy(float))
    return tuple(
        Mark(round(float(north), 6), round(float(east), 6), str(rank), title)
        for north, east, rank, title in zip(lat, lon, rows["rank"], titles, strict=True)
    )
