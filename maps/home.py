"""The map of the first screen: communities by reach, gaps as a quiet edge, places to act at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import shapely

from maps.colours import GAP
from maps.coverage import coverage_map
from maps.hotspots import place_marks
from maps.legend import legend_rows
from maps.palette import DAY, OUTLINE_STYLE
from maps.spec import Legend, Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from maps.canvas import Canvas
    from maps.coverage import CoverageView
    from maps.spec import MapSpec, Mark

QUIET = replace(DAY, gap=Style(fill=GAP, opacity=0.14, line=GAP, width=0.7), reach=Style(line=""))
"""Gaps beside hot places: seen, without hatching the map full or drawing streets within reach."""
LETTERS = "ABCDE"
"""Hot places have letters: numbers are those of the places to act first."""


def home_map(
    canvas: Canvas,
    view: CoverageView | None,
    *,
    first: Sequence[str],
    places: pd.DataFrame | None,
) -> MapSpec:
    """
    Specify the map of gaps, of communities to act in `first` and of hot places.

    Without facilities (`view`) the communities are outlines; without issues there are no places.
    """
    translate, title = canvas.translate, canvas.translate("home.map")
    hot, held = ((), ()) if places is None else _hot(canvas, places, first)
    marks = (*hot, *_first(canvas, [each for each in first if each not in held], first))
    note = _note(canvas, "123"[: len(first)], LETTERS[: len(hot)])
    about = " ".join(["home", *first, *(f"{mark.lat} {mark.lon}" for mark in hot)])
    if view is None:
        rows = legend_rows([OUTLINE_STYLE], [translate("home.communities")])
        legend = Legend(title, rows, note=note)
        return canvas.map(about, title=title, areas=canvas.outlines(), marks=marks, legend=legend)
    spec = coverage_map(canvas, replace(view, theme=QUIET))
    legend = spec.legend or Legend(title, ())
    # Facilities and streets within reach are on the page of coverage.
    rows = tuple(row for row in legend.rows if not row.look and row.shape != "line")
    legend = replace(legend, rows=rows, note=note)
    return replace(spec, id=f"{about} {spec.id}", points=None, marks=marks, legend=legend)


def _note(canvas: Canvas, numbers: str, letters: str) -> str:
    """Say what numbers and letters are, and only of those that the map has."""
    told = {"home.map_first": numbers, "home.map_hot": letters}
    return canvas.translate("home.between").join(
        canvas.translate(word, marks="–".join(dict.fromkeys((marks[0], marks[-1]))))
        for word, marks in told.items()
        if marks
    )


def _hot(
    canvas: Canvas, places: pd.DataFrame, first: Sequence[str]
) -> tuple[tuple[Mark, ...], set[str]]:
    """Letter the hot places, `1A` where the first place to act holds one; and tell which do."""
    shown, held, marks = places.head(len(LETTERS)), set(), []
    pairs = zip(LETTERS, place_marks(canvas, shown), shown["community_id"], strict=False)
    for letter, mark, community in pairs:
        number = "" if community in held or community not in first else first.index(community) + 1
        held |= {community} & {*first}
        marks.append(replace(mark, label=f"{number}{letter}"))
    return tuple(marks), held


def _first(canvas: Canvas, shown: Sequence[str], first: Sequence[str]) -> tuple[Mark, ...]:
    """Number places to act first, at a point inside each."""
    rows = canvas.city.communities.loc[list(shown)]
    x, y = shapely.get_coordinates(shapely.point_on_surface(rows.geometry.to_numpy())).T
    ranks = [first.index(community) + 1 for community in shown]
    named = rows.assign(x=x, y=y, rank=ranks, community=rows["name"])
    return canvas.marks(named, lambda row: str(row["community"]))
