"""Results of monitoring by period: within the limit, beyond it, and what cannot be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from analysis.casework.monitoring import EXCEEDED, MET, NOT_JUDGED
from charts.spec import ACCENT, QUIET, WARN, ChartSpec, themed

if TYPE_CHECKING:
    import pandas as pd

    from wording.speaker import Speaker

MOST = 24
"""Periods drawn, the latest ones; the files have them all."""
COLOURS = {EXCEEDED: WARN, MET: ACCENT, NOT_JUDGED: QUIET}
HEIGHT = 260


def monitoring_chart(whole: pd.DataFrame, name: str, translate: Speaker) -> ChartSpec:
    """Draw the city's results of an indicator by period, the latest ones."""
    rows = whole.sort_values("period").tail(MOST)
    words = {state: translate(f"monitoring.state_{state}") for state in COLOURS}
    long = rows[["period", *COLOURS]].melt("period", var_name="state", value_name="n")
    place = long["state"].map({state: at for at, state in enumerate(COLOURS)})
    long = long.assign(n=long["n"].astype(int), place=place, state=long["state"].map(words))
    count = translate("monitoring.col_n")
    scale = alt.Scale(domain=list(words.values()), range=list(COLOURS.values()))
    bars = (
        alt.Chart(long)
        .mark_bar()
        .encode(
            x=alt.X("period:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("n:Q", title=count, axis=alt.Axis(tickMinStep=1)),
            color=alt.Color("state:N", scale=scale, title=None),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("period:O", title=translate("monitoring.col_period")),
                alt.Tooltip("state:N", title=" "),
                alt.Tooltip("n:Q", title=count, format=","),
            ],
        )
    )
    table = rows[["period", *COLOURS]].rename(
        columns={**words, "period": translate("monitoring.col_period")}
    )
    title = translate("monitoring.chart", name=name)
    return ChartSpec(title, themed(bars, translate, height=HEIGHT), table, HEIGHT)
