"""Finds what a reader types among all that the city knows by name: no server of others is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from layers.places.gazetteer import LEAST_SCORE, read_house
from layers.places.names import plain_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layers.places.gazetteer import Gazetteer

DISTRICT, COMMUNITY, PLACE, STREET, FACILITY, ADDRESS = KINDS = (
    *("district", "community", "place"),
    *("street", "facility", "address"),
)
"""Kinds of places, in the order in which equally good hits are told."""


@dataclass(frozen=True)
class Place:
    """
    Something with a name and a place.

    Attributes
    ----------
    kind
        One of `KINDS`.
    id
        Unique within its kind.
    name
        As the reader knows it.
    more
        What tells it from others of its name: what it is part of, or its address.
    bounds
        West, south, east, north in metres of the city.
    """

    kind: str
    id: str
    name: str
    more: str
    bounds: tuple[float, float, float, float]

    @property
    def key(self) -> str:
        """Name the place in an address of the dashboard."""
        return f"{self.kind}:{self.id}"


class PlaceSearch:
    """Places of one city, found by parts of their names, and addresses by house number."""

    def __init__(self, places: Sequence[Place], gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._by_key = {place.key: place for place in places}
        self._rows = [(plain_name(each.name), plain_name(each.more), each) for each in places]

    def find(self, text: str, *, most: int) -> list[Place]:
        """
        Find places, the best first: the name itself, its beginning, a part of it, an address.

        Case, width, signs and traditional characters make no difference. Nothing is found for
        text without a letter or digit.
        """
        wanted = plain_name(text)
        if not wanted:
            return []
        hits = [
            (rank, KINDS.index(place.kind), len(name), row, place)
            for row, (name, more, place) in enumerate(self._rows)
            if (rank := _rank(wanted, name, more)) is not None
        ]
        found = [hit[-1] for hit in sorted(hits, key=lambda hit: hit[:4])[:most]]
        address = self._address(text)
        return [address, *found][:most] if address else found

    def get(self, key: str) -> Place | None:
        """Give the place of a key, also of an address."""
        kind, _, text = key.partition(":")
        return self._address(text) if kind == ADDRESS else self._by_key.get(key)

    def _address(self, text: str) -> Place | None:
        if read_house(text) is None:
            return None
        found = self._gazetteer.find(text)
        if not found.score >= LEAST_SCORE:
            return None
        return Place(ADDRESS, text, text, found.taken, (found.x, found.y, found.x, found.y))


def _rank(wanted: str, name: str, more: str) -> int | None:
    """Tell how well a name answers: lower is better."""
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    if wanted in name:
        return 2
    return 3 if wanted in more else None
