"""Maps of tasks and of rounds: what is where in which state, and how many wait in communities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.casework.tasks import STATES, UNFINISHED
from maps.colours import digit_codes
from maps.geometry import DECIMALS
from maps.handling import STEPS, STYLES
from maps.legend import highest_first, step_labels
from maps.spec import Legend, LegendRow, Look, MapSpec, Points, Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from maps.canvas import Canvas

MOST_POINTS = 2_000
"""Tasks or findings drawn one by one at most, the first ones of the list."""
TASK_COLOURS = dict(
    zip(STATES, ("#b2182b", "#c77c11", "#1f6f8b", "#2f6b4f", "#7b1fa2", "#6b7785"), strict=True)
)
ROUND_COLOURS = {"open": "#b2182b", "closed": "#2f6b4f", "unknown": "#6b7785"}


@dataclass(frozen=True)
class Counted:
    """What a map counts in each community: rows, words for them, titles of map and legend."""

    title: str
    rows: pd.DataFrame
    what: str
    legend: str


def tasks_map(canvas: Canvas, tasks: pd.DataFrame, texts: Sequence[Sequence[str]]) -> MapSpec:
    """
    Specify the map of tasks.

    `tasks` as of `analysis.casework.task_table`; `texts` are a name and lines of each of the
    first `MOST_POINTS` that have a place, in their order.
    """
    translate = canvas.translate
    title = translate("page.tasks")
    waiting = tasks.loc[tasks["state"].isin(UNFINISHED), ["community_id"]]
    counted = Counted(title, waiting, translate("task.unfinished"), translate("task.map_legend"))
    looks = {state: (translate(f"task.state_{state}"), TASK_COLOURS[state]) for state in STATES}
    return _state_map(canvas, counted, placed_rows(tasks), looks, texts)


def round_map(canvas: Canvas, findings: pd.DataFrame, texts: Sequence[Sequence[str]]) -> MapSpec:
    """Specify the map of what a round found: `findings` with `state`, `lon`, `lat`, as above."""
    translate = canvas.translate
    title = translate("page.inspections")
    counted = Counted(title, findings, translate("round.findings"), translate("round.map_legend"))
    looks = {state: (translate(f"round.state_{state}"), colour)
             for state, colour in ROUND_COLOURS.items()}  # fmt: skip
    return _state_map(canvas, counted, placed_rows(findings), looks, texts)


def placed_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the rows that are drawn one by one."""
    return rows.iloc[np.flatnonzero(rows["lon"].notna())[:MOST_POINTS]]


def _state_map(
    canvas: Canvas,
    counted: Counted,
    single: pd.DataFrame,
    looks: Mapping[str, tuple[str, str]],
    texts: Sequence[Sequence[str]],
) -> MapSpec:
    """Draw communities by what they have, and single rows by their state (name and colour)."""
    translate = canvas.translate
    totals = counted.rows["community_id"].value_counts()
    counts = totals.reindex(canvas.city.communities.index, fill_value=0).to_numpy(dtype=int)
    lines = [
        [*named, f"{counted.what}: {translate.count(number)}"]
        for named, number in zip(canvas.names(), counts.tolist(), strict=True)
    ]
    classes = np.searchsorted(STEPS, counts, side="right")
    there = {state: look for state, look in looks.items() if single["state"].eq(state).any()}
    return canvas.map(
        f"{counted.title} {len(counted.rows)} {int(counts.sum())} {len(single)} {' '.join(there)}",
        title=counted.title,
        areas=canvas.communities(
            STYLES, digit_codes(classes.tolist()), text=canvas.store.put(lines)
        ),
        points=None if single.empty else _points(canvas, single, there, texts),
        legend=_legend(counted.legend, there),
    )


def _points(
    canvas: Canvas,
    rows: pd.DataFrame,
    looks: Mapping[str, tuple[str, str]],
    texts: Sequence[Sequence[str]],
) -> Points:
    columns = {
        "lon": rows["lon"].round(DECIMALS).tolist(),
        "lat": rows["lat"].round(DECIMALS).tolist(),
        "kind": rows["state"].map({state: at for at, state in enumerate(looks)}).tolist(),
        "status": [0] * len(rows),
        "name": [name for name, *_ in texts],
        "details": [list(lines) for _, *lines in texts],
    }
    kinds = tuple(Symbol(name, colour, "circle") for name, colour in looks.values())
    single = (Look(canvas.translate("task.single"), "full"),)
    return Points(url=canvas.store.put(columns), kinds=kinds, statuses=single)


def _legend(title: str, looks: Mapping[str, tuple[str, str]]) -> Legend:
    rows = highest_first(STYLES, ["0", *step_labels(STEPS)])
    rows += tuple(
        LegendRow(name, fill=colour, shape="circle", look="full") for name, colour in looks.values()
    )
    return Legend(title, rows)
