"""Charts of tasks: how many each unit has, by what has become of them; how it goes; what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from analysis.casework.tasks import STATES
from charts.spec import ACCENT, CALM, SECOND, WARN, ChartSpec, bars_height, themed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wording.speaker import Speaker

MOST = 30
COLOURS = dict(zip(STATES, (WARN, SECOND, ACCENT, "#2f6b4f", "#8c1d3f", CALM), strict=True))


LEGEND = 40
"""Pixels that a legend may take beside the bars."""


def _words(states: pd.Series, translate: Speaker) -> dict[str, str]:
    """Name the states that are there."""
    there = set(states)
    return {state: translate(f"task.state_{state}") for state in STATES if state in there}


def _colour(words: Mapping[str, str]) -> alt.Color:
    """Give each state its colour, whichever are there."""
    names = list(words.values())
    scale = alt.Scale(domain=names, range=[COLOURS[state] for state in words])
    return alt.Color("state:N", title=None, sort=names, scale=scale)


COUNTED = {
    "tasks": "filter_all",
    "late": "late_n",
    "slips": "slips_n",
    "moved": "moved_n",
    "moved_days": "moved_days",
    "behind": "behind_n",
    "progress": "col_progress",
}
"""Columns of `analysis.casework.task_table.load_by` beside the states, and their words."""


def _state_bars(facts: pd.DataFrame, names: Sequence[str], words: Mapping[str, str]) -> alt.Chart:
    """Draw tasks by state, one bar a group."""
    bars: alt.Chart = (
        alt.Chart(facts[facts["tasks"] > 0])
        .mark_bar()
        .encode(
            y=alt.Y("group:N", sort=list(names[:MOST]), title=None, axis=alt.Axis(labelLimit=180)),
            x=alt.X("tasks:Q", title=None, axis=alt.Axis(tickMinStep=1)),
            order=alt.Order("order:Q"),
            color=_colour(words),
            tooltip=[
                alt.Tooltip("group:N", title=" "),
                alt.Tooltip("state:N", title=" "),
                alt.Tooltip("tasks:Q", title=" "),
            ],
        )
    )
    return bars


def load_chart(
    load: pd.DataFrame, names: Sequence[str], translate: Speaker, *, level: str = ""
) -> ChartSpec:
    """
    Draw `analysis.casework.task_table.load_by` as bars of the states of each group.

    `names`: of the groups, in their order; the table has all, the chart the first `MOST`.
    `level`: what the groups are called where they are areas of a level.
    """
    group = str(load.index.name)
    heading = level or translate(f"task.by_{group}")
    title = translate("task.load_level", level=level) if level else translate(f"task.load_{group}")
    shown = load.set_axis(list(names), axis=0).head(MOST)
    words = _words(pd.Series([each for each in STATES if load[each].any()]), translate)
    facts = (
        shown[list(words)]
        .rename(columns=words)
        .rename_axis("group")
        .reset_index()
        .melt("group", var_name="state", value_name="tasks")
    )
    facts["order"] = facts["state"].map({word: rank for rank, word in enumerate(words.values())})
    chart = _state_bars(facts, names, words)
    labels = {**words, **{name: translate(f"task.{word}") for name, word in COUNTED.items()}}
    table = load.set_axis(list(names), axis=0).rename_axis(heading)
    table = table[["tasks", *words, *list(COUNTED)[1:]]].rename(columns=labels)
    height = bars_height(len(shown)) + LEGEND
    drawn = themed(chart, translate, height=height)
    return ChartSpec(title, drawn, table.round(0).reset_index(), height)


def burn_down_chart(days: pd.DataFrame, translate: Speaker) -> ChartSpec:
    """Draw `analysis.casework.progress.burn_down`: unfinished, late, done and verified by day."""
    colours = {"unfinished": WARN, "late": "#8c1d3f", "to_verify": ACCENT, "verified": "#2f6b4f"}
    keys = {"unfinished": "unfinished", "late": "late_n", "to_verify": "done_n",
            "verified": "verified_n"}  # fmt: skip
    words = {name: translate(f"task.{key}") for name, key in keys.items()}
    table = days.rename(columns=words)
    facts = table.reset_index().melt("day", var_name="what", value_name="tasks")
    facts["day"] = facts["day"].astype(str)
    chart = (
        alt.Chart(facts)
        .mark_line(interpolate="step-after", point=len(days) == 1)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%Y-%m-%d", labelOverlap=True)),
            y=alt.Y(
                "tasks:Q", title=None, scale=alt.Scale(zero=True), axis=alt.Axis(tickMinStep=1)
            ),
            color=alt.Color(
                "what:N",
                title=None,
                sort=list(words.values()),
                scale=alt.Scale(domain=list(words.values()), range=list(colours.values())),
            ),
            tooltip=[
                alt.Tooltip("day:T", title=" ", format="%Y-%m-%d"),
                alt.Tooltip("what:N", title=" "),
                alt.Tooltip("tasks:Q", title=" "),
            ],
        )
    )
    shown = table.rename_axis(translate("task.day")).reset_index().astype(str)
    return ChartSpec(translate("task.burn_down"), themed(chart, translate), shown)


HEADINGS = {
    "name": "col_what",
    "made": "made_day",
    "deadline": "col_deadline",
    "state": "col_state",
}
"""Columns of the schedule, with their words."""


BELOW_NAME = 7
"""Pixels that a bar of the schedule stands lower, so that its name is read on the page."""


def schedule_chart(rows: pd.DataFrame, translate: Speaker, *, today: str) -> ChartSpec:
    """
    Draw tasks as bars from the day they were made to their deadline, the first due on top.

    `rows`: `name`, `made`, `deadline`, `state` (code), each with a deadline, in that order; the
    first `MOST` are drawn.
    """
    due = rows.head(MOST)
    words = _words(due["state"], translate)
    facts = due.assign(state=due["state"].map(words), at=range(len(due)))
    order = alt.Y("at:O", title=None, axis=None)
    bars = (
        alt.Chart(facts)
        .mark_bar(height={"band": 0.3}, yOffset=BELOW_NAME)
        .encode(
            y=order,
            x=alt.X("made:T", title=None, axis=alt.Axis(format="%Y-%m-%d", labelOverlap=True)),
            x2="deadline:T",
            color=_colour(words),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("deadline:T", title=translate("task.col_deadline"), format="%Y-%m-%d"),
                alt.Tooltip("state:N", title=translate("task.col_state")),
            ],
        )
    )
    names = (
        alt.Chart(facts)
        .mark_text(align="left", dx=1, dy=-BELOW_NAME / 2, limit=260)
        .encode(y=order, x="made:T", text="name:N")
    )
    line = alt.Chart(pd.DataFrame({"today": [today]})).mark_rule(color=WARN, strokeDash=[6, 3])
    layers = [bars, names, line.encode(x="today:T")]
    height = bars_height(len(due)) + LEGEND
    drawn = themed(alt.LayerChart(layer=layers), translate, height=height)
    headings = {name: translate(f"task.{word}") for name, word in HEADINGS.items()}
    table = facts[list(headings)].rename(columns=headings)
    return ChartSpec(translate("task.schedule"), drawn, table, height)
