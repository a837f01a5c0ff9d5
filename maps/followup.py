"""The map of follow-up: squares where closed cases came back, and the worst of them."""

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
    from analysis.handling.followup import FollowUp
    from maps.canvas import Canvas
    from wording.speaker import Speaker

STEPS = (2, 5, 10, 20, 50)
"""From so many recurrences on, the next class of the map."""
STYLES = tuple(Style(fill=colour, opacity=0.82, width=0.4) for colour in SURFACE)
MARKS = 10


def lookback_map(canvas: Canvas, follow_up: FollowUp) -> MapSpec:
    """Specify the map of where closed cases came back."""
    translate, store = canvas.translate, canvas.store
    squares = follow_up.squares
    geometry = grid_json(squares["x"], squares["y"], cell=SQUARE_M, crs=canvas.city.crs)
    lines = [
        [
            f"{translate('lookback.col_relapsed')} {count(row['relapsed'])}",
            f"{translate('lookback.col_followed')} {count(row['followed'])}",
            f"{translate('lookback.col_share')} {percent(row['relapsed_share'])}",
        ]
        for row in squares.to_dict("records")
    ]
    classes = np.searchsorted(STEPS, squares["relapsed"].to_numpy(), side="right")
    return canvas.map(
        f"lookback {follow_up.rule} {follow_up.followed} {follow_up.relapsed}",
        title=translate("page.lookback"),
        areas=canvas.outlines(),
        cells=Polygons(
            url=store.put(geometry),
            styles=STYLES,
            classes="".join(DIGITS[place] for place in classes),
            text=store.put(lines),
        ),
        marks=_marks(canvas, follow_up),
        legend=_legend(translate),
    )


def _marks(canvas: Canvas, follow_up: FollowUp) -> tuple[Mark, ...]:
    communities, language = canvas.city.communities, canvas.translate.language
    top = with_names(follow_up.squares.head(MARKS), communities, language)
    titles = [
        f"{row['community']}: {count(row['relapsed'])} / {count(row['followed'])}"
        for row in top.to_dict("records")
    ]
    return canvas.numbered(top, titles)


def _legend(translate: Speaker) -> Legend:
    lows, highs = (1, *STEPS), (*(step - 1 for step in STEPS), 0)
    labels = [
        f"{low}" if low == high else f"{low}–{high}" if high else f"≥ {low}"
        for low, high in zip(lows, highs, strict=True)
    ]
    rows = legend_rows(STYLES[::-1], labels[::-1])
    return Legend(translate("lookback.legend"), rows, note=translate("lookback.legend_mark"))
