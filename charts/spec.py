"""A chart with its title and its table, and the one theme of all charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import altair as alt

if TYPE_CHECKING:
    import pandas as pd

    AnyChart = alt.Chart | alt.LayerChart

INK, QUIET, LINE = "#1f2933", "#5b6673", "#d9dee4"
"""Text, secondary text, grid."""
ACCENT, SECOND, WARN, CALM = "#2b6ba6", "#42a2b9", "#d0442f", "#8a94a3"
"""The blues of the ramp of shares, the red of the density surface, a neutral grey."""
TEXT_SIZE = 12
HEIGHT = 240
NARROW = 360
"""Pixels between the axes under which a legend has two columns: a phone's."""
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


def themed(chart: AnyChart, *, height: int = HEIGHT) -> AnyChart:
    """Give a chart the one look: as wide as its place, quiet grid, no frame, readable type."""
    drawn: AnyChart = (
        chart.properties(width="container", height=height)
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=TEXT_SIZE, titleFontSize=TEXT_SIZE, labelColor=INK, titleColor=QUIET,
            gridColor=LINE, domainColor=CALM, tickColor=CALM, titleFontWeight="normal",
        )
        .configure_legend(
            orient="top", title=None, labelFontSize=TEXT_SIZE, labelColor=INK, symbolStrokeWidth=2,
            columns=alt.ExprRef(f"width < {NARROW // 3} ? 1 : width < {NARROW} ? 2 : 0"),
        )
    )  # fmt: skip
    return drawn


def bars_height(rows: int) -> int:
    """Give the height of a chart with a bar for each row, its axis and legend included."""
    return ROW * max(rows, 1) + 60
