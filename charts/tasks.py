"""Charts of tasks: how many each unit has, by what has become of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from analysis.casework.tasks import STATES
from charts.spec import ACCENT, CALM, SECOND, WARN, ChartSpec, bars_height, themed

if TYPE_CHECKING:
    import pandas as pd

    from wording.speaker import Speaker

MOST = 30
COLOURS = dict(zip(STATES, (WARN, SECOND, ACCENT, "#2f6b4f", "#8c1d3f", CALM), strict=True))


def load_chart(load: pd.DataFrame, translate: Speaker) -> ChartSpec:
    """Draw `analysis.casework.tasks.load_by` of the units as bars of their states."""
    shown = load.head(MOST)
    names = [name or translate("task.nobody") for name in shown.index]
    words = {state: translate(f"task.state_{state}") for state in STATES}
    facts = (
        shown[list(STATES)]
        .set_axis(names, axis=0)
        .rename(columns=words)
        .rename_axis("unit")
        .reset_index()
        .melt("unit", var_name="state", value_name="tasks")
    )
    facts["order"] = facts["state"].map({word: rank for rank, word in enumerate(words.values())})
    chart = (
        alt.Chart(facts[facts["tasks"] > 0])
        .mark_bar()
        .encode(
            y=alt.Y("unit:N", sort=names, title=None, axis=alt.Axis(labelLimit=180)),
            x=alt.X("tasks:Q", title=None, axis=alt.Axis(tickMinStep=1)),
            order=alt.Order("order:Q"),
            color=alt.Color(
                "state:N",
                title=None,
                sort=list(words.values()),
                scale=alt.Scale(domain=list(words.values()), range=list(COLOURS.values())),
            ),
            tooltip=[
                alt.Tooltip("unit:N", title=" "),
                alt.Tooltip("state:N", title=" "),
                alt.Tooltip("tasks:Q", title=" "),
            ],
        )
    )
    table = shown.set_axis(names, axis=0).rename_axis(translate("task.col_unit"))
    counted = {
        "tasks": "filter_all",
        "late": "late_n",
        "slips": "slips_n",
        "progress": "col_progress",
    }
    labels = {**words, **{name: translate(f"task.{word}") for name, word in counted.items()}}
    table = table.rename(columns=labels).round(0).reset_index()
    height = bars_height(len(shown))
    drawn = themed(chart, translate, height=height)
    return ChartSpec(translate("task.load"), drawn, table, height)
