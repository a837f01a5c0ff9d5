"""A chart with its title and its table, and the one theme of all charts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import altair as alt

if TYPE_CHECKING:
    import pandas as pd

    from wording.speaker import Speaker

    AnyChart = alt.Chart | alt.LayerChart

INK, QUIET, LINE = "#1f2933", "#5b6673", "#d9dee4"
"""Text, secondary text, grid."""
DARK = {INK: "#e6eaf0", QUIET: "#b4bfcb", LINE: "#37414d"}
"""What stands in their place on a dark page."""
ACCENT, SECOND, WARN, CALM = "#2b6ba6", "#42a2b9", "#d0442f", "#8a94a3"
"""The blues of the ramp of shares, the red of the density surface, a neutral grey."""
TEXT_SIZE = 12
HEIGHT = 240
THOUSAND = 1_000
IN_A_LAYER = ("mark", "encoding", "transform", "params", "name")
"""What a drawing of one layer says of it."""
NARROW = 360
"""Pixels between the axes under which a legend has two columns: a phone's."""
LABEL_SPACE = 8
"""Pixels between the numbers of an axis; those that would touch are left out."""
ROW = 20
"""Pixels of a bar with its name."""


@dataclass(frozen=True, eq=False)
class ChartSpec:
    """
    A chart, and what it shows as a table.

    Attributes
    ----------
    title
        What it shows, in the reader's language; also what a screen reader is told.
    chart
        With its data inside; fetches nothing.
    table
        The same figures under headings in words.
    height
        Pixels that the page keeps for it, so that nothing below moves.
    """

    title: str
    chart: AnyChart
    table: pd.DataFrame
    height: int = HEIGHT

    @cached_property
    def vega_lite(self) -> str:
        """
        Write the drawing as JSON with its data inside, once for all sessions that show it.

        Streamlit would write it anew in every run, behind a lock that all sessions share. The data
        stand in layers: those of the whole drawing it sends apart, and a chart without any warns.
        """
        drawn = self.chart.to_dict(validate=False)
        rows, shared = drawn.pop("datasets", {}), drawn.pop("data", None)
        if "layer" not in drawn:
            drawn["layer"] = [{name: drawn.pop(name) for name in IN_A_LAYER if name in drawn}]
        for part in drawn["layer"]:
            source = part.get("data", shared)
            if source is not None:
                part["data"] = {"values": rows[source["name"]]} if "name" in source else source
        return json.dumps(drawn)

    @cached_property
    def vega_lite_dark(self) -> str:
        """Write it for a dark page: the same marks, with text and grid that stand out there."""
        return re.sub("|".join(DARK), lambda found: DARK[found.group()], self.vega_lite)


_LOOK = (
    alt.Chart()
    .configure_view(stroke=None)
    .configure_axis(
        labelFontSize=TEXT_SIZE, titleFontSize=TEXT_SIZE, labelColor=INK, titleColor=QUIET,
        gridColor=LINE, domainColor=CALM, tickColor=CALM, titleFontWeight="normal",
        labelSeparation=LABEL_SPACE,
    )
    .configure_legend(
        orient="top", title=None, labelFontSize=TEXT_SIZE, labelColor=INK, symbolStrokeWidth=2,
        columns=alt.ExprRef(f"width < {NARROW // 3} ? 1 : width < {NARROW} ? 2 : 0"),
    )
    .config
)  # fmt: skip
"""Made once: each of these calls copies what it is given."""


@cache
def _look(thousands: str) -> alt.Config:
    """Let axes and tooltips group thousands as the language does."""
    look: alt.Config = _LOOK.copy()
    number = {"decimal": ".", "thousands": thousands, "grouping": [3], "currency": ["", ""]}
    look.locale = {"number": number}
    return look


def themed(chart: AnyChart, translate: Speaker, *, height: int = HEIGHT) -> AnyChart:
    """Give a chart the one look: as wide as its place, quiet grid, numbers as they are written."""
    drawn: AnyChart = chart.properties(width="container", height=height)
    drawn.config = _look(translate.count(THOUSAND).strip("10"))
    return drawn


def bars_height(rows: int) -> int:
    """Give the height of a chart with a bar for each row, its axis and legend included."""
    return ROW * max(rows, 1) + 60
