"""Names on a picture: the weightiest first, and none over another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from exports.pictures.fonts import text_width
from exports.pictures.svg import Text, plain, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exports.pictures.place import Placement
    from maps.background import Name

MOST = 40
"""Names on one map."""
CROWD = 80
"""Communities in view beyond which they go without names."""
AIR = 3.0
"""Pixels between names."""

Rectangle = tuple[float, float, float, float]


@dataclass
class Room:
    """What is taken on the map already."""

    taken: list[Rectangle] = field(default_factory=list)

    def take(self, box: Rectangle) -> bool:
        """Take a rectangle if it is free."""
        left, top, right, bottom = box
        free = all(right < a or left > c or bottom < b or top > d for a, b, c, d in self.taken)
        if free:
            self.taken.append(box)
        return free


def labels(
    names: Iterable[Name], placement: Placement, room: Room, *, colours: tuple[str, str, str]
) -> str:
    """Write names of districts and communities where there is room, with a halo."""
    ink, quiet, halo = colours
    district = Text(size=15, colour=ink, bold=True, anchor="middle", halo=halo)
    community = Text(size=11.5, colour=quiet, anchor="middle", halo=halo)
    drawn: list[str] = []
    shown = _in_view(names, placement)
    for name in shown:
        look = district if name.district else community
        written = _placed(name, look, placement, room)
        drawn += [written] if written else []
        if len(drawn) == MOST:
            break
    return "".join(drawn)


def _in_view(names: Iterable[Name], placement: Placement) -> list[Name]:
    """Choose the names on the map; communities too many to be told apart go without."""
    known = list(names)
    if not known:
        return []
    inside = placement.inside(
        placement.pixels([name.lon for name in known], [name.lat for name in known])
    )
    shown = [name for name, here in zip(known, inside, strict=True) if here]
    communities = [name for name in shown if not name.district]
    return shown if len(communities) <= CROWD else [name for name in shown if name.district]


def _placed(name: Name, look: Text, placement: Placement, room: Room) -> str:
    at = placement.pixels([name.lon], [name.lat])
    ((x, y),) = at.tolist()
    half = text_width(plain(name.text), look.size, bold=look.bold) / 2 + AIR
    box = (x - half, y - look.size / 2 - AIR, x + half, y + look.size / 2 + AIR)
    on_map = box[0] >= placement.box.x and box[2] <= placement.box.right
    if not (on_map and placement.inside(at).all() and room.take(box)):
        return ""
    return text(name.text, x, y + look.size * 0.36, look)
