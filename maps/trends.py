"""The maps of change: patterns of cells, one month's classes, communities that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.hotspots.cells import COUNT
from analysis.trends.emerging import PATTERNS
from maps.colours import CANNOT_JUDGE, HOT_COLD, digit_codes, hot_cold_codes
from maps.geometry import grid_json
from maps.handling import NOT_MEANT
from maps.hotspots import CELL_STYLES, level_legend
from maps.legend import coded_rows, legend_rows
from maps.palette import OUTLINE_STYLE
from maps.spec import Legend, MapSpec, Style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.trends.emerging import Emerging
    from maps.canvas import Canvas

PATTERN_COLOURS = dict(
    zip(
        PATTERNS,
        (
            *("#c51b8a", "#f768a1", "#7f0000", "#d7301f", "#fdae6b", "#fee08b", "#8c6bb1"),
            *("#8d99a8", "#e7cfa9"),
        ),
        strict=True,
    )
)
PATTERN_STYLES = {
    pattern: Style(fill=colour, opacity=0.82, width=0.4)
    for pattern, colour in PATTERN_COLOURS.items()
}
HIDDEN = Style(line="", width=0)
"""A cell that is not significant in the month shown."""
GREY, RED, BLUE, PALE_RED, PALE_BLUE = (
    HOT_COLD[3], HOT_COLD[6], HOT_COLD[0], HOT_COLD[4], HOT_COLD[2],
)  # fmt: skip
OUTSIDE = "outside"
"""Of a community that a campaign is not about."""
STATES: Mapping[str, Style] = {
    "more": Style(fill=RED, opacity=0.78),
    "fewer": Style(fill=BLUE, opacity=0.78),
    "not_sure": Style(fill=GREY, opacity=0.6),
    "no_cases": Style(fill=CANNOT_JUDGE.colour, opacity=1.0, hatch=CANNOT_JUDGE.hatch),
    "above": Style(fill=RED, opacity=0.78),
    "above_earlier": Style(fill=PALE_RED, opacity=0.78),
    "below": Style(fill=BLUE, opacity=0.78),
    "below_earlier": Style(fill=PALE_BLUE, opacity=0.78),
    "within": Style(fill=GREY, opacity=0.6),
    "silent": Style(fill="#5e3c99", opacity=0.78),
    "not_silent": Style(fill=GREY, opacity=0.6),
    OUTSIDE: NOT_MEANT,
    "not_judged": Style(fill=CANNOT_JUDGE.colour, opacity=1.0, hatch=CANNOT_JUDGE.hatch),
}
"""Style of a community in each state."""


def pattern_map(canvas: Canvas, emerging: Emerging) -> MapSpec:
    """Specify the map of how hot spots change."""
    translate = canvas.translate
    shown = emerging.cells[emerging.cells["pattern"] != "none"]
    lines = [
        [
            translate(f"change.{row['pattern']}"),
            f"{translate('hotspots.col_cases')} {translate.count(row['count'])}",
            f"{translate('change.col_hot')} {row['steps_hot']} / {len(emerging.cube.steps)}",
        ]
        for row in shown.to_dict("records")
    ]
    classes = digit_codes(PATTERNS.index(name) for name in shown["pattern"])
    rows = coded_rows(PATTERN_STYLES, set(shown["pattern"]), translate, "change")
    rows += legend_rows([OUTLINE_STYLE], [translate("change.none")])
    return canvas.map(
        f"patterns {_about(emerging)}",
        title=translate("page.change"),
        areas=canvas.outlines(),
        cells=canvas.cells(
            _squares(shown, emerging, canvas), tuple(PATTERN_STYLES.values()), classes, lines
        ),
        marks=canvas.marks(
            emerging.places,
            lambda row: f"{row['community']}: {translate('change.' + row['pattern'])}",
        ),
        legend=Legend(
            translate("change.legend_patterns"), rows, note=translate("change.legend_mark")
        ),
    )


def month_map(canvas: Canvas, emerging: Emerging, month: str) -> MapSpec:
    """Specify the map of one month's hot and cold cells."""
    translate = canvas.translate
    step = emerging.cube.steps.index(month)
    ever = (emerging.classes != 0).any(axis=0)
    classes = emerging.classes[step, ever]
    lines = [
        [month, f"{translate('hotspots.col_cases')} {translate.count(cases)}"]
        for cases in emerging.cube.counts[step, ever].tolist()
    ]
    styles = tuple(
        HIDDEN if place == len(CELL_STYLES) // 2 else style
        for place, style in enumerate(CELL_STYLES)
    )
    return canvas.map(
        f"month {_about(emerging)} {month}",
        title=translate("page.change"),
        areas=canvas.outlines(),
        cells=canvas.cells(
            _squares(emerging.cells[ever], emerging, canvas), styles, hot_cold_codes(classes), lines
        ),
        legend=level_legend(translate, basis=COUNT, marked=False),
    )


def state_map(
    canvas: Canvas,
    states: pd.Series[str],
    *,
    kinds: Sequence[str],
    lines: Sequence[Sequence[str]],
    title: str,
) -> MapSpec:
    """Specify a map of communities by state; those that nothing is said of are outside."""
    translate = canvas.translate
    told = {
        community: (state, more)
        for community, state, more in zip(states.index, states, lines, strict=True)
    }
    every = [told.get(each, (OUTSIDE, ())) for each in canvas.city.communities.index]
    text = [
        [*named, translate(f"change.{state}"), *more]
        for named, (state, more) in zip(canvas.names(), every, strict=True)
    ]
    kinds = (*kinds, OUTSIDE)
    styles = {kind: STATES[kind] for kind in kinds}
    states = pd.Series([state for state, _ in every])
    classes = digit_codes(kinds.index(state) for state in states)
    return canvas.map(
        f"state {title} {classes}",
        title=translate("page.change"),
        areas=canvas.communities(tuple(styles.values()), classes, text=canvas.store.put(text)),
        legend=Legend(title, coded_rows(styles, set(states), translate, "change")),
    )


def _about(emerging: Emerging) -> str:
    cube = emerging.cube
    return f"{cube.steps[0]} {cube.steps[-1]} {cube.grid.cell_size:g} {len(cube.cases)}"


def _squares(cells: pd.DataFrame, emerging: Emerging, canvas: Canvas) -> bytes:
    size, crs = emerging.cube.grid.cell_size, canvas.city.crs
    return grid_json(cells["x"], cells["y"], cell=size, crs=crs)
