"""The look-back map: squares where closed cases came back, and the worst of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.lookback import SQUARE_M
from views.maps.colours import DIGITS, SURFACE
from views.maps.frame import city_map, numbered, outlines
from views.maps.geometry import grid_json
from views.maps.spec import (
    Legend,
    MapSpec,
    Mark,
    Polygons,
    Style,
    Tiles,
    legend_rows,
)
from views.naming import with_names
from views.numbers import count, percent

if TYPE_CHECKING:
    from analysis.lookback import LookBack
    from layers.city import City
    from views.maps.store import GeoStore
    from views.screen import Speaker

STEPS = (2, 5, 10, 20, 50)
"""From so many relapses on, the next class of the map."""
STYLES = tuple(Style(fill=colour, opacity=0.82, width=0.4) for colour in SURFACE)
MARKS = 10


def lookback_map(
    city: City,
    look: LookBack,
    *,
    say: Speaker,
    store: GeoStore,
    areas: str,
    tiles: Tiles | None = None,
) -> MapSpec:
    """
    Specify the map of where closed cases came back.

    Parameters
    ----------
    city
        The city on the map.
    look
        From `analysis.lookback.look_back`.
    say
        Speaks the reader's language.
    store
        Where the contents go.
    areas
        URL in the store of `views.maps.coverage.areas_content`.
    tiles
        Optional background.

    Returns
    -------
    spec
        It holds counts by square, and no single case.
    """
    squares = look.squares
    geometry = grid_json(squares["x"], squares["y"], cell=SQUARE_M, crs=city.crs)
    lines = [
        [
            f"{say('lookback.col_relapsed')} {count(row['relapsed'])}",
            f"{say('lookback.col_followed')} {count(row['followed'])}",
            f"{say('lookback.col_share')} {percent(row['relapsed_share'])}",
        ]
        for row in squares.to_dict("records")
    ]
    classes = np.searchsorted(STEPS, squares["relapsed"].to_numpy(), side="right")
    return city_map(
        city,
        f"lookback {look.rule} {look.followed} {look.relapsed}",
        title=say("page.lookback"),
        say=say,
        areas=outlines(city, areas, say=say, store=store),
        cells=Polygons(
            url=store.put(geometry),
            styles=STYLES,
            classes="".join(DIGITS[place] for place in classes),
            text=store.put(lines),
        ),
        marks=_marks(city, look, say),
        legend=_legend(say),
        tiles=tiles,
    )


def _marks(city: City, look: LookBack, say: Speaker) -> tuple[Mark, ...]:
    top = with_names(look.squares.head(MARKS), city.communities, say.language)
    titles = [
        f"{row['community']}: {count(row['relapsed'])} / {count(row['followed'])}"
        for row in top.to_dict("records")
    ]
    return numbered(top, titles, crs=city.crs)


def _legend(say: Speaker) -> Legend:
    lows, highs = (1, *STEPS), (*(step - 1 for step in STEPS), 0)
    labels = [
        f"{low}" if low == high else f"{low}–{high}" if high else f"≥ {low}"
        for low, high in zip(lows, highs, strict=True)
    ]
    rows = legend_rows(STYLES[::-1], labels[::-1])
    return Legend(say("lookback.legend"), rows, note=say("lookback.legend_mark"))
