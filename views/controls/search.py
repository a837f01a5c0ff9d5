"""The search of a place: what the city knows by name, its hits, and the one the map goes to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.geometry.locate import OUTSIDE, community_of
from layers.places.gazetteer import Gazetteer
from layers.places.search import (
    COMMUNITY,
    DISTRICT,
    FACILITY,
    PLACE,
    STREET,
    Place,
    PlaceSearch,
)
from maps.background import place_texts
from maps.geometry import degree_bounds, lonlat
from maps.spec import Mark, View, corners
from views import cache
from views.controls.widgets import put_many, text
from wording.escape import markdown
from wording.names import facility_names, full_name, with_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from layers.city import City
    from maps.spec import MapSpec
    from views.controls.screen import Screen

MOST = 8
NEAR_M = 250.0
"""Metres around a place that the map shows, at least."""
SIGN = "◎"


def offer_search(screen: Screen) -> None:
    """Offer the search, and what was found."""
    translate, asked = screen.translate, screen.choice.find
    text("find", translate("search.label"), advice=translate("search.help"))
    if not asked:
        return
    found = _search(screen).find(asked, most=MOST)
    if not found:
        st.caption(translate("search.nothing", text=asked))
    for place in found:
        label = full_name(place.name, place.more)
        st.button(
            f"{markdown(label)} · {translate(f'search.{place.kind}')}",
            key=f"found-{place.key}",
            on_click=put_many,
            args=(_chosen(screen, place),),
            type="tertiary",
        )


def place_found(screen: Screen) -> Place | None:
    """Give the place that the map was sent to."""
    return _search(screen).get(screen.choice.at) if screen.choice.at else None


def with_place(screen: Screen, spec: MapSpec) -> MapSpec:
    """Mark on a map the place that was found, and go there."""
    place = place_found(screen)
    if place is None:
        return spec
    west, south, east, north = place.bounds
    wide = max(NEAR_M - (east - west) / 2, 0), max(NEAR_M - (north - south) / 2, 0)
    around = (west - wide[0], south - wide[1], east + wide[0], north + wide[1])
    crs = screen.city.crs
    lon, lat = lonlat([(west + east) / 2], [(south + north) / 2], crs=crs)
    mark = Mark(round(float(lat[0]), 6), round(float(lon[0]), 6), SIGN, place.name)
    view = View(corners(degree_bounds(crs, *around)), nonce=f"at {place.key}")
    return replace(spec, id=f"{spec.id} {place.key}", marks=(mark, *spec.marks), fit=view)


def _chosen(screen: Screen, place: Place) -> dict[str, str]:
    """Say what choosing a hit changes: the community there is chosen with it."""
    if place.kind == COMMUNITY:
        return {"at": "", "place": "", "community": place.id, "panel": "details"}
    west, south, east, north = place.bounds
    communities = screen.city.communities
    row = community_of([(west + east) / 2], [(south + north) / 2], communities)[0]
    alone = place.kind in {DISTRICT, STREET} or row == OUTSIDE
    community = "" if alone else str(communities.index[row])
    return {"community": community, "place": "", "at": place.key, "panel": ""}


def _search(screen: Screen) -> PlaceSearch:
    city, language = screen.city, screen.translate.language
    return cache.prepared(("search", language), lambda: _index(city, language))


def _index(city: City, language: str) -> PlaceSearch:
    known = Gazetteer()
    if city.streets is not None:
        known.add_streets(city.streets)
    facilities = city.facilities
    if "address" in facilities:
        houses = pd.DataFrame(
            {
                "street": "",
                "number": "",
                "name": "",
                "address": facilities["address"].fillna("").astype(str),
                "x": facilities.geometry.x,
                "y": facilities.geometry.y,
            }
        )
        known.add_houses(houses)
    return PlaceSearch([*_places(city, language)], known)


def _places(city: City, language: str) -> Iterator[Place]:
    """Give all that has a name, in the reader's language."""
    communities = city.communities
    named = with_names(communities, communities, language)
    yield from _whole(named[named["parent"] != ""], named["parent"], DISTRICT)
    yield from _rows(named, named["name"], named["parent"], COMMUNITY)
    other = city.background.get("place_names")
    if other is not None:
        texts = pd.Series(place_texts(other, language), index=other.index)
        yield from _rows(other, texts, texts.map(lambda _: ""), PLACE)
    if city.streets is not None and "name" in city.streets:
        names = facility_names(city.streets, language).fillna("")
        yield from _whole(city.streets[names != ""], names, STREET)
    facilities = city.facilities
    if len(facilities):
        more = facilities.get("address", pd.Series("", index=facilities.index))
        yield from _rows(
            facilities, facility_names(facilities, language), more.fillna("").astype(str), FACILITY
        )


def _rows(
    frame: gpd.GeoDataFrame, names: pd.Series[str], more: pd.Series[str], kind: str
) -> Iterator[Place]:
    for id_, name, other, bounds in zip(
        frame.index, names, more, frame.geometry.bounds.to_numpy().tolist(), strict=True
    ):
        if name:
            yield Place(kind, str(id_), str(name), str(other), tuple(bounds))


def _whole(frame: gpd.GeoDataFrame, names: pd.Series[str], kind: str) -> Iterator[Place]:
    """Give what several rows are of together, by its name."""
    bounds = frame.geometry.bounds.groupby(names.loc[frame.index])
    limits = {"minx": "min", "miny": "min", "maxx": "max", "maxy": "max"}
    for name, row in bounds.agg(limits).iterrows():
        yield Place(kind, str(name), str(name), "", tuple(row.tolist()))
