"""What the maps of a city share: words and extent, names, outlines, numbered places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from maps.geometry import degree_bounds, lonlat, lonlat_bounds
from maps.palette import (
    DISTRICT_STYLE,
    GREEN_STYLE,
    NIGHT_DISTRICT,
    NIGHT_GREEN,
    NIGHT_STREET,
    NIGHT_WATER,
    OUTLINE_STYLE,
    STREET_STYLE,
    WATER_STYLE,
)
from maps.spec import WORDS, MapSpec, Mark, Names, Polygons, View, corners
from wording.names import with_names

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    import pandas as pd

    from layers.city import City
    from maps.spec import Style, Tiles
    from maps.store import GeoStore
    from wording.speaker import Speaker

    Row = Mapping[Hashable, Any]

MARKS = 10
"""Places marked by their rank."""
DISTRICT_STYLES = (DISTRICT_STYLE, NIGHT_DISTRICT)
LAYERS = (
    *("title", "surface", "marks", "gaps", "points", "areas"),
    *("districts", "names", "streets", "water", "green"),
)
"""Words of `shown`, by the layer of a map that a reader may switch."""
GROUND = {
    "green": (GREEN_STYLE, NIGHT_GREEN),
    "water": (WATER_STYLE, NIGHT_WATER),
    "streets": (STREET_STYLE, NIGHT_STREET),
}
"""Looks of the ground by day and by night."""


@dataclass(frozen=True)
class Canvas:
    """
    What every map of a city is drawn on.

    Attributes
    ----------
    city
        The city on the map.
    translate
        Speaks the reader's language.
    store
        Where payloads go.
    areas
        URL in the store of `maps.payloads.areas_payload`.
    community
        The community that stands out and that the map goes to, or empty.
    second
        A community compared with it, or empty.
    tiles
        Optional background.
    ground
        URLs of the parts of `maps.background` that the map shows, `names` among them, by part.
    """

    city: City
    translate: Speaker
    store: GeoStore
    areas: str
    community: str = ""
    tiles: Tiles | None = None
    ground: Mapping[str, str] = field(default_factory=dict)
    second: str = ""

    def map(
        self,
        about: str,
        *,
        title: str,
        cells_are: str = "hot",
        **layers: Any,  # noqa: ANN401  parts of a specification, each with its own type
    ) -> MapSpec:
        """Specify a map of the city; `cells_are` says what its cells are, as a word of `shown`."""
        translate, bare = self.translate, _is_bare(**layers)
        named = {each: each for each in LAYERS} | {"cells": cells_are}
        return MapSpec(
            id=" ".join([about, *filter(None, [self.community, self.second]), translate.language]),
            language=translate.language,
            words={key: translate(f"map.{key}", title=title) for key in WORDS},
            tiles=self.tiles,
            layers={part: translate(f"shown.{word}") for part, word in named.items()},
            bare=bare,
            **{
                "fit": self.extent(),
                **self._ground(night=layers.get("night", False), bare=bare),
                **layers,
            },
        )

    def _ground(self, *, night: bool, bare: bool) -> dict[str, Polygons | Names]:
        """Draw what helps to find one's way; on a dark page it is dark where no area is filled."""
        parts: dict[str, Polygons | Names] = {
            part: Polygons(
                self.ground[part], (dark if night else day,), dark=dark if bare else None
            )
            for part, (day, dark) in {**GROUND, "districts": DISTRICT_STYLES}.items()
            if part in self.ground
        }
        return parts | ({"names": Names(self.ground["names"])} if "names" in self.ground else {})

    def extent(self) -> View:
        """Say where the map goes."""
        named = [each for each in (self.community, self.second) if each]
        communities = self.city.communities
        chosen = communities.loc[named] if named else communities
        return View(corners(lonlat_bounds(chosen)), nonce=" ".join(named) or "city")

    def around(self, bounds: Sequence[float], place: str) -> View:
        """Go to a chosen place with metric bounds."""
        return View(corners(degree_bounds(self.city.crs, *bounds)), nonce=place)

    def communities(self, styles: Sequence[Style], classes: str, *, text: str) -> Polygons:
        """Draw the communities by classes."""
        return Polygons(
            url=self.areas,
            styles=tuple(styles),
            classes=classes,
            text=text,
            selected=self._row_of(self.community),
            second=self._row_of(self.second),
        )

    def _row_of(self, community: str) -> int | None:
        """Give the row of a community that stands out."""
        row = int(self.city.communities.index.get_indexer([community])[0])
        return row if row >= 0 else None

    def cells(
        self, geometry: bytes, styles: Sequence[Style], classes: str, lines: Sequence[Sequence[str]]
    ) -> Polygons:
        """Draw shapes by classes, with lines of text under the pointer."""
        return Polygons(
            url=self.store.put(geometry),
            styles=tuple(styles),
            classes=classes,
            text=self.store.put(lines),
        )

    def outlines(self) -> Polygons:
        """Draw the communities by their borders alone."""
        text = self.store.put(self.names())
        return Polygons(
            url=self.areas,
            styles=(OUTLINE_STYLE,),
            text=text,
            selected=self._row_of(self.community),
            second=self._row_of(self.second),
        )

    def names(self) -> list[list[str]]:
        """Name every community and its parent."""
        communities = self.city.communities
        named = with_names(communities, communities, self.translate.language)
        return [list(pair) for pair in zip(named["name"], named["parent"], strict=True)]

    def marks(self, rows: pd.DataFrame, title: Callable[[Row], str]) -> tuple[Mark, ...]:
        """Mark the first places of a ranked table, which may name its communities."""
        first = with_names(rows.head(MARKS), self.city.communities, self.translate.language)
        lon, lat = lonlat(first["x"], first["y"], crs=self.city.crs)
        return tuple(
            Mark(round(float(north), 6), round(float(east), 6), str(row["rank"]), title(row))
            for north, east, row in zip(lat, lon, first.to_dict("records"), strict=True)
        )


def _is_bare(
    *,
    night: bool = False,
    areas: Polygons | None = None,
    **_: Any,  # noqa: ANN401  the other parts
) -> bool:
    """Tell whether a map by day fills no area."""
    return not night and not any(style.fill for style in (areas.styles if areas else ()))
