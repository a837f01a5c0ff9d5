"""The map of follow-up: squares where closed cases came back, and the worst of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.handling.followup import SQUARE_M
from maps.colours import SURFACE, digit_codes
from maps.geometry import grid_json
from maps.legend import highest_first, step_labels
from maps.spec import Legend, MapSpec, Style

if TYPE_CHECKING:
    from analysis.handling.followup import FollowUp
    from maps.canvas import Canvas

STEPS = (1, 2, 5, 10, 20, 50)
"""From so many recurrences on, the next class of the map."""
STYLES = tuple(Style(fill=colour, opacity=0.82, width=0.4) for colour in SURFACE)


def lookback_map(canvas: Canvas, follow_up: FollowUp) -> MapSpec:
    """Specify the map of where closed cases came back."""
    translate = canvas.translate
    squares = follow_up.squares
    geometry = grid_json(squares["x"], squares["y"], cell=SQUARE_M, crs=canvas.city.crs)
    lines = [
        [
            f"{translate('lookback.col_relapsed')} {translate.count(row['relapsed'])}",
            f"{translate('lookback.col_followed')} {translate.count(row['followed'])}",
            f"{translate('lookback.col_share')} {translate.share(row['relapsed_share'])}",
        ]
        for row in squares.to_dict("records")
    ]
    classes = np.searchsorted(STEPS[1:], squares["relapsed"].to_numpy(), side="right")
    return canvas.map(
        f"lookback {follow_up.rule} {follow_up.followed} {follow_up.relapsed}",
        title=translate("page.lookback"),
        areas=canvas.outlines(),
        cells=canvas.cells(geometry, STYLES, digit_codes(classes.tolist()), lines),
        marks=canvas.marks(
            squares,
            lambda row: (
                f"{row['community']}: {translate.count(row['relapsed'])}"
                f" / {translate.count(row['followed'])}"
            ),
        ),
        legend=Legend(
            translate("lookback.legend"),
            highest_first(STYLES, step_labels(STEPS)),
            note=translate("lookback.legend_mark"),
        ),
    )
