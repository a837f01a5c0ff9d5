"""The map of unchecked and overdue reports: how many lie in each community, and which."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from maps.colours import SURFACE, digit_codes
from maps.geometry import DECIMALS, lonlat
from maps.legend import highest_first, step_labels
from maps.spec import Legend, LegendRow, Look, MapSpec, Points, Style, Symbol
from wording.names import with_names
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analysis.handling.recipe import CaseHandling
    from maps.canvas import Canvas
    from wording.speaker import Speaker

STEPS = (1, 5, 20, 50, 100, 200)
"""From so many reports on, the next class of the map."""
MOST_POINTS = 2_000
"""Reports drawn one by one at most; where more wait, only their number by community is."""
SINGLE = (("unchecked", "#1f6f8b"), ("overdue", "#b2182b"))
"""Single reports: whether they are overdue too, and their colour."""
STYLES = (
    Style(fill="#f4f6f8", opacity=0.9, line="#9aa5b1", width=0.6),
    *(Style(fill=colour, opacity=0.85, width=0.6) for colour in SURFACE),
)


NOT_MEANT = Style(fill="#ffffff", opacity=0.2)
"""Of a community that a campaign is not about: nothing is counted there, not even none."""


def units_map(
    canvas: Canvas,
    case_handling: CaseHandling,
    show: str,
    *,
    single: pd.DataFrame,
    naming: Callable[[str], str],
) -> MapSpec:
    """Specify the map of reports that wait: how many, and those drawn one by one."""
    translate = canvas.translate
    places = case_handling.places.reindex(canvas.city.communities.index)
    known = places[show].notna().to_numpy(dtype=bool)
    waiting = places[show].fillna(0).to_numpy(dtype=int)
    what = translate(f"units.show_{show}")
    lines = [
        [
            *named,
            f"{what}: {_told(translate, number if told else None)} / {_told(translate, total)}",
        ]
        for named, number, told, total in zip(
            canvas.names(), waiting, known, places["total"], strict=True
        )
    ]
    classes = np.searchsorted(STEPS, waiting, side="right")
    classes = np.where(places["total"].isna(), len(STYLES), classes)
    return canvas.map(
        f"units {show} {int(waiting.sum())} {len(case_handling.checks.unchecked)}",
        title=translate("page.units"),
        areas=canvas.communities(
            (*STYLES, NOT_MEANT), digit_codes(classes.tolist()), text=canvas.store.put(lines)
        ),
        points=None if single.empty else _points(canvas, single, naming),
        legend=_legend(show, translate, single=not single.empty),
    )


def _told(translate: Speaker, number: float | None) -> str:
    """Write a count; nothing where it is not known."""
    return NOTHING if pd.isna(number) else translate.count(number)


def case_steps(totals: Sequence[int]) -> tuple[int, ...]:
    """
    Choose classes of counts that part the communities about evenly, at numbers of two digits.

    Examples
    --------
    >>> case_steps([0, 1, 2, 3]), case_steps([104, 151, 163, 188, 202, 577])
    ((1, 2), (1, 100, 150, 160, 190, 200))
    """
    some = [total for total in totals if total]
    shares = np.arange(len(STEPS) - 1) / (len(STEPS) - 1)
    ends = np.quantile(some or [1], shares).tolist()
    rounded = {int(round(end, 1 - math.floor(math.log10(end)))) for end in ends}
    return tuple(sorted({1, *rounded} - {0}))[: len(STEPS)]


def cases_map(canvas: Canvas, cases: pd.DataFrame) -> MapSpec:
    """Specify the map of how many reports each community has."""
    translate = canvas.translate
    totals = cases["total"].fillna(0).to_numpy(dtype=int)
    lines = [
        [*named, f"{translate('hotspots.col_cases')}: {_told(translate, total)}"]
        for named, total in zip(canvas.names(), cases["total"], strict=True)
    ]
    steps = case_steps(totals.tolist())
    styles = STYLES[: len(steps) + 1]
    classes = np.searchsorted(steps, totals, side="right")
    classes = np.where(cases["total"].isna(), len(styles), classes)
    title = translate("units.legend", what=translate("hotspots.col_cases"))
    return canvas.map(
        f"cases {int(totals.sum())}",
        title=translate("page.hotspots"),
        areas=canvas.communities(
            (*styles, NOT_MEANT), digit_codes(classes.tolist()), text=canvas.store.put(lines)
        ),
        legend=Legend(title, highest_first(styles, ["0", *step_labels(steps)])),
    )


def single_reports(unchecked: pd.DataFrame, show: str) -> pd.DataFrame:
    """Give the unchecked reports that are drawn one by one."""
    placed = unchecked[unchecked["x"].notna()]
    return placed if show == "unchecked" and len(placed) <= MOST_POINTS else placed.head(0)


def _points(canvas: Canvas, reports: pd.DataFrame, naming: Callable[[str], str]) -> Points:
    translate, city = canvas.translate, canvas.city
    lon, lat = lonlat(reports["x"], reports["y"], crs=city.crs)
    named = with_names(reports, city.communities, translate.language)
    texts = named[["unit", "community"]].fillna("").itertuples(name=None)
    columns = {
        "lon": np.round(lon, DECIMALS).tolist(),
        "lat": np.round(lat, DECIMALS).tolist(),
        "kind": reports["overdue"].fillna(value=False).astype(int).tolist(),
        "status": [0] * len(reports),
        "name": [naming(category) for category in reports["category"]],
        "details": [[" · ".join(filter(None, (unit, place))), name] for name, unit, place in texts],
    }
    kinds = tuple(
        Symbol(translate(f"units.show_{key}"), colour, "circle") for key, colour in SINGLE
    )
    looks = (Look(translate("units.single"), "full"),)
    return Points(url=canvas.store.put(columns), kinds=kinds, statuses=looks)


def _legend(show: str, translate: Speaker, *, single: bool) -> Legend:
    title = translate("units.legend", what=translate(f"units.show_{show}"))
    rows = highest_first(STYLES, ["0", *step_labels(STEPS)])
    if single:
        rows += tuple(
            LegendRow(
                f"{translate('units.single')}: {translate(f'units.show_{key}')}",
                fill=colour,
                shape="circle",
                look="full",
            )
            for key, colour in SINGLE
        )
    return Legend(title, rows)
