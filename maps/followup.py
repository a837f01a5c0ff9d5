"""The look-back map: squares where closed cases came back, and the worst of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.handling.followup import SQUARE_M
from maps.colours import DIGITS, SURFACE
from maps.geometry import grid_json
from maps.spec import Legend, MapSpec, Mark, Polygons, Style, legend_rows
from wording.names import with_names
from wording.numbers import count, percent

if TYPE_CHECKING:
    from analysis.handling.followup import LookBack
    from maps.canvas import Canvas
    from wording.speaker import Speaker

STEPS = (2, 5, 10, 20, 50)
"""From so many relapses on, the next class of the map."""
STYLES = tuple(Style(fill=colour, opacity=0.82, width=0.4) for colour in SURFACE)
MARKS = 10


def lookback_map(canvas: Canvas, look: LookBack) -> MapSpec:
    """Specify the map of where closed cases came back."""
    say, store = canvas.say, canvas.store
    squares = look.squares
    geometry = grid_json(squares["x"], squares["y"], cell=SQUARE_M, crs=canvas.city.crs)
    lines = [
        [
            f"{say('lookback.col_relapsed')} {count(row['relapsed'])}",
            f"{say('lookback.col_followed')} {count(row['followed'])}",
            f"{say('lookback.col_share')} {percent(row['relapsed_share'])}",
        ]
        for row in squares.to_dict("records")
    ]
    classes = np.searchsorted(STEPS, squares["relapsed"].to_numpy(), side="right")
    return canvas.map(
        f"lookback {look.rule} {look.followed} {look.relapsed}",
        title=say("page.lookback"),
        areas=canvas.outlines(),
        cells=Polygons(
            url=store.put(geometry),
            styles=STYLES,
            classes="".join(DIGITS[place] for place in classes),
            text=store.put(lines),
        ),
        marks=_marks(canvas, look),
        legend=_legend(say),
    )


def _marks(canvas: Canvas, look: LookBack) -> tuple[Mark, ...]:
    communities, language = canvas.city.communities, canvas.say.language
    top = with_names(look.squares.head(MARKS), communities, language)
    titles = [
        f"{row['community']}: {count(row['relapsed'])} / {count(row['followed'])}"
        for row in top.to_dict("records")
    ]
    return canvas.numbered(top, titles)


def _legend(say: Speaker) -> Legend:
    lows, highs = (1, *STEPS), (*(step - 1 for step in STEPS), 0)
    labels = [
        f"{low}" if low == high else f"{low}–{high}" if high else f"≥ {low}"
        for low, high in zip(lows, highs, strict=True)
    ]
    rows = legend_rows(STYLES[::-1], labels[::-1])
    return Legend(say("lookback.legend"), rows, note=say("lookback.legend_mark"))
