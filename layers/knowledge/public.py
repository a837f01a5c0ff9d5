"""Reads what everybody may see: `public.toml` of the city, else the one of all cities."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from analysis.privacy.public_view import LEAST, PUBLIC_PARTS, SIDE_M, PublicView
from layers.knowledge.standards import DATA
from layers.toml_entry import Entry, read_toml, unknown

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "public.toml"
KEYS = ("least", "side_m", "show")


def load_public(folder: Path) -> PublicView:
    """Read what a city shows to everybody."""
    own = folder / FILE_NAME
    path = own if own.is_file() else DATA / FILE_NAME
    entry = Entry(read_toml(path.read_bytes(), entry=FILE_NAME), FILE_NAME, KEYS)
    least, side = entry.table.get("least"), entry.table.get("side_m")
    if isinstance(least, bool) or not isinstance(least, int) or not LEAST[0] <= least <= LEAST[1]:
        raise entry.wrong(key="least", allowed="a whole number from 5 to 1000")
    if isinstance(side, bool) or not isinstance(side, int | float):
        side = math.nan
    if not SIDE_M[0] <= side <= SIDE_M[1]:
        raise entry.wrong(key="side_m", allowed="metres from 50 to 5000")
    shown = entry.texts("show")
    for part in shown:
        if part not in PUBLIC_PARTS:
            raise unknown(
                part, PUBLIC_PARTS, entry=f"{FILE_NAME}, show", what="part",
                problem="value_unknown",
            )  # fmt: skip
    return PublicView(least, float(side), tuple(part for part in PUBLIC_PARTS if part in shown))
