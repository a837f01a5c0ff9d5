"""Finds places by address or name among the city's own house numbers, streets and facilities."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
import shapely.ops
from rapidfuzz import fuzz, process

from layers.places.names import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    import pandas as pd

LEAST_SCORE = 80.0
"""Of 100: below it a place is not taken for the one meant."""
LIKE_SCORE = 90.0
"""Names of streets less alike are other streets."""
NEAR_NUMBERS = 20
"""A house number is placed between others of its street at most so far from it."""
SHORT_STREET_M = 300.0
"""A street as long at most is a place by itself: its middle is off by half of that."""
ONE_PLACE_M = 100.0
"""Things of one name farther apart name no place."""
_SHORT_NAME = 4
_HOUSE_ZH = re.compile(r"^(?P<street>.*?\D)(?P<from>\d+)(?:[-~至之](?P<to>\d+))?号")
_HOUSE_FIRST = re.compile(
    r"^(?P<from>\d+)(?:-(?P<to>\d+))?[a-z]?[\s,]+(?P<street>[^,;]*[^\W\d_][^,;]*)"
)
_HOUSE_LAST = re.compile(
    r"^(?P<street>[^,;]*?[^\W\d_][^,;]*?)[\s,]+(?P<from>\d+)(?:-(?P<to>\d+))?[a-z]?\b"
)
_SECTION = str.maketrans("一二三四五六七八九", "123456789")
_WORDS = {
    "st": "street", "ave": "avenue", "av": "avenue", "rd": "road", "blvd": "boulevard",
    "dr": "drive", "ln": "lane", "pl": "place", "sq": "square", "hwy": "highway",
    "str": "strasse", "n": "north", "s": "south", "e": "east", "w": "west",
}  # fmt: skip


class Found(NamedTuple):
    """A place: metres, score of 100, how it was found, and what it was taken for."""

    x: float
    y: float
    score: float
    how: str
    taken: str


class _House(NamedTuple):
    street: str
    number: float


@dataclass(frozen=True)
class Sizes:
    """How much a gazetteer knows."""

    houses: int
    streets: int
    names: int


def street_name(text: str) -> str:
    """
    Write the name of a street as its spellings have it in common.

    Examples
    --------
    >>> street_name("Main St."), street_name("木新路三段"), street_name("Bahnhofstraße")
    ('mainstreet', '木新路3段', 'bahnhofstrasse')
    """
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    plain = plain_name("".join(_WORDS.get(word, word) for word in words)).replace(
        "straße", "strasse"
    )
    return re.sub(r"[一二三四五六七八九](?=段)", lambda found: found[0].translate(_SECTION), plain)


def read_house(text: str) -> tuple[str, float] | None:
    """
    Take street and house number out of an address; a range means its middle.

    Examples
    --------
    >>> read_house("臺北市文山區木新路3段91~120號"), read_house("12 Main St, Springfield")
    (('台北市文山区木新路3段', 105.5), ('mainstreet', 12.0))
    """
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    chinese = _HOUSE_ZH.match(plain.replace("號", "号").replace(" ", ""))
    found = chinese or _HOUSE_FIRST.match(plain) or _HOUSE_LAST.match(plain)
    if not found:
        return None
    first = float(found["from"])
    return street_name(found["street"]), (first + float(found["to"] or first)) / 2


class Gazetteer:
    """Places of one city by house number, street and name, all in metres of its system."""

    def __init__(self) -> None:
        self._houses: dict[str, dict[float, tuple[float, float]]] = defaultdict(dict)
        self._streets: dict[str, list[shapely.Geometry]] = defaultdict(list)
        self._names: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self._middles: dict[str, tuple[float, float, float]] = {}

    def add_houses(self, addresses: pd.DataFrame) -> None:
        """Learn house numbers: street and number, or both in one address, at x and y."""
        columns = ("street", "number", "address", "name", "x", "y")
        for street, number, address, name, x, y in addresses[list(columns)].itertuples(
            index=False, name=None
        ):
            house = read_house(f"{street}{number}号") if street and number else read_house(address)
            if house:
                self._houses[house[0]].setdefault(house[1], (x, y))
            if name:
                self._names[plain_name(name)].append((x, y))

    def add_streets(self, streets: gpd.GeoDataFrame) -> None:
        """Learn streets by name, in each language that they have."""
        for column in {"name", "name_en", "name_zh"} & {*streets.columns}:
            for name, line in zip(streets[column], streets.geometry, strict=True):
                if name:
                    self._streets[street_name(name)].append(line)

    def add_names(self, names: Iterable[str], x: Iterable[float], y: Iterable[float]) -> None:
        """Learn things by name."""
        for name, east, north in zip(names, x, y, strict=True):
            if name:
                self._names[plain_name(name)].append((east, north))

    def sizes(self) -> Sizes:
        """Tell how much is known."""
        houses = sum(map(len, self._houses.values()))
        return Sizes(houses, len({*self._streets, *self._houses}), len(self._names))

    def find(self, text: str) -> Found:
        """Find the place of an address or name; a score below `LEAST_SCORE` tells the best miss."""
        named = self._named(plain_name(text))
        if named.score == 100:  # noqa: PLR2004
            return named
        house = read_house(text)
        street, number = house or (street_name(text), np.nan)
        known, likeness = self._street_meant(street)
        placed = self._placed(known, number, likeness) if known else _nowhere("", 0)
        return max(placed, named, key=lambda found: found.score)

    @cached_property
    def _known_streets(self) -> dict[str, str]:
        return {name: name for name in sorted({*self._streets, *self._houses})}

    @cached_property
    def _by_start(self) -> dict[str, list[str]]:
        """Names long enough to be looked for within a text, by how they begin."""
        found = defaultdict(list)
        for name in self._names:
            if len(name) >= _SHORT_NAME:
                found[name[:_SHORT_NAME]].append(name)
        return found

    def _named(self, plain: str) -> Found:
        """Find a thing of that name, or the longest name within the text."""
        if plain in self._names:
            return self._one_place(plain, 100)
        starts = {plain[at : at + _SHORT_NAME] for at in range(len(plain) - _SHORT_NAME + 1)}
        near = (name for start in starts for name in self._by_start.get(start, ()))
        held = [name for name in near if name in plain]
        return self._one_place(max(held, key=len), 90) if held else _nowhere("", 0)

    def _one_place(self, name: str, score: float) -> Found:
        places = np.array(self._names[name])
        x, y = places.mean(axis=0)
        if np.ptp(places, axis=0).max() > ONE_PLACE_M:
            return _nowhere(name, 50)
        return Found(float(x), float(y), score, "name", name)

    def _street_meant(self, text: str) -> tuple[str, float]:
        """Find the known street whose name ends a text, else the likest, with its likeness."""
        known = self._known_streets
        if text in known:
            return text, 100.0
        for start in range(1, len(text) - 1):
            if text[start:] in known:
                return text[start:], 100.0
        best = process.extractOne(text, known, scorer=fuzz.ratio, score_cutoff=LIKE_SCORE)
        return (best[0], float(best[1])) if best and len(text) >= _SHORT_NAME else ("", 0.0)

    def _placed(self, street: str, number: float, likeness: float) -> Found:
        houses = self._houses.get(street, {})
        taken = f"{street} {number:g}" if np.isfinite(number) else street
        if number in houses:
            return Found(*houses[number], likeness, "house", taken)
        between = self._between(houses, number)
        if between:
            share = 0.95 if min(houses) < number < max(houses) else 0.85
            return Found(*between, share * likeness, "house_near", taken)
        if street not in self._streets:
            return _nowhere(f"{street} {min(houses):g}-{max(houses):g}", 50)
        x, y, length = self._middle(street)
        score = 0.85 * likeness if length <= SHORT_STREET_M else 60.0
        return Found(x, y, score, "street", f"{street} ({length:.0f} m)")

    def _between(
        self, houses: dict[float, tuple[float, float]], number: float
    ) -> tuple[float, float] | None:
        """Place a number between the nearest below and above, or at the only one that is near."""
        near = sorted(each for each in houses if abs(each - number) <= NEAR_NUMBERS)
        if not near:
            return None
        x, y = (np.interp(number, near, [houses[each][axis] for each in near]) for axis in (0, 1))
        return float(x), float(y)

    def _middle(self, street: str) -> tuple[float, float, float]:
        """Find a point on a street near its middle, and how far the street reaches."""
        if street not in self._middles:
            whole = shapely.union_all(self._streets[street])
            west, south, east, north = whole.bounds
            point = shapely.ops.nearest_points(whole, whole.centroid)[0]
            self._middles[street] = (point.x, point.y, float(np.hypot(east - west, north - south)))
        return self._middles[street]


def _nowhere(taken: str, score: float) -> Found:
    return Found(np.nan, np.nan, score, "none", taken)
