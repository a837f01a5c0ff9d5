"""The map of tasks: where they are, by their state, and how many wait in each community."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.casework.tasks import STATES, UNFINISHED
from maps.colours import digit_codes
from maps.geometry import DECIMALS
from maps.handling import STEPS, STYLES
from maps.legend import highest_first, step_labels
from maps.spec import Legend, LegendRow, Look, MapSpec, Points, Symbol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from maps.canvas import Canvas

MOST_POINTS = 2_000
"""Tasks drawn one by one at most, the first ones of the list."""
TASK_COLOURS = dict(
    zip(STATES, ("#b2182b", "#c77c11", "#1f6f8b", "#2f6b4f", "#7b1fa2", "#6b7785"), strict=True)
)


def tasks_map(canvas: Canvas, tasks: pd.DataFrame, texts: Sequence[Sequence[str]]) -> MapSpec:
    """
    Specify the map of tasks.

    `tasks` as of `analysis.casework.task_table`; `texts` are a name and lines of each of the first
    `MOST_POINTS` that have a place, in their order.
    """
    translate = canvas.translate
    waiting = tasks[tasks["state"].isin(UNFINISHED)]["community_id"].value_counts()
    counts = waiting.reindex(canvas.city.communities.index, fill_value=0).to_numpy(dtype=int)
    what = translate("task.unfinished")
    lines = [
        [*named, f"{what}: {translate.count(number)}"]
        for named, number in zip(canvas.names(), counts.tolist(), strict=True)
    ]
    classes = np.searchsorted(STEPS, counts, side="right")
    single = placed_tasks(tasks)
    states = tuple(state for state in STATES if single["state"].eq(state).any())
    return canvas.map(
        f"tasks {len(tasks)} {int(counts.sum())} {' '.join(states)}",
        title=translate("page.tasks"),
        areas=canvas.communities(
            STYLES, digit_codes(classes.tolist()), text=canvas.store.put(lines)
        ),
        points=None if single.empty else _points(canvas, single, states, texts),
        legend=_legend(canvas, states),
    )


def placed_tasks(tasks: pd.DataFrame) -> pd.DataFrame:
    """Give the tasks that are drawn one by one."""
    return tasks[tasks["lon"].notna()].head(MOST_POINTS)


def _points(
    canvas: Canvas, tasks: pd.DataFrame, states: Sequence[str], texts: Sequence[Sequence[str]]
) -> Points:
    translate = canvas.translate
    columns = {
        "lon": tasks["lon"].round(DECIMALS).tolist(),
        "lat": tasks["lat"].round(DECIMALS).tolist(),
        "kind": tasks["state"].map({state: row for row, state in enumerate(states)}).tolist(),
        "status": [0] * len(tasks),
        "name": [name for name, *_ in texts],
        "details": [list(lines) for _, *lines in texts],
    }
    kinds = tuple(
        Symbol(translate(f"task.state_{state}"), TASK_COLOURS[state], "circle") for state in states
    )
    looks = (Look(translate("task.single"), "full"),)
    return Points(url=canvas.store.put(columns), kinds=kinds, statuses=looks)


def _legend(canvas: Canvas, states: Sequence[str]) -> Legend:
    translate = canvas.translate
    rows = highest_first(STYLES, ["0", *step_labels(STEPS)])
    rows += tuple(
        LegendRow(
            translate(f"task.state_{state}"), fill=TASK_COLOURS[state], shape="circle", look="full"
        )
        for state in states
    )
    return Legend(translate("task.map_legend"), rows)
