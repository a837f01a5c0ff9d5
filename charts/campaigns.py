"""The reports a day before, during and after a campaign, with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from charts.spec import ACCENT, QUIET, ChartSpec, bars_height, themed

if TYPE_CHECKING:
    import pandas as pd

    from wording.speaker import Speaker

ROWS = 2
"""Rows of space that each period takes."""


def campaign_chart(periods: pd.DataFrame, name: str, translate: Speaker) -> ChartSpec:
    """Draw the rate of every period that was observed, beside its interval."""
    seen = periods[periods["observed_days"] > 0]
    rows = seen[["per_day", "per_day_low", "per_day_high"]].astype(float)
    rows = rows.assign(period=[translate(f"campaign.period_{each}") for each in seen["period"]])
    heading = translate("campaign.col_rate")
    order = rows["period"].tolist()
    y = alt.Y("period:N", sort=order, title=None, axis=alt.Axis(labelLimit=200))
    limits = alt.Chart(rows).mark_rule(color=QUIET, strokeWidth=2)
    rates = alt.Chart(rows).mark_circle(color=ACCENT, opacity=1, size=90)
    tooltip = [
        alt.Tooltip(f"{each}:Q", title=translate(f"campaign.tip_{each}"), format=".2f")
        for each in ("per_day", "per_day_low", "per_day_high")
    ]
    drawn = limits.encode(
        y=y,
        x=alt.X("per_day_low:Q", title=heading, scale=alt.Scale(domainMin=0)),
        x2="per_day_high:Q",
    )
    dots = rates.encode(y=y, x=alt.X("per_day:Q", title=heading), tooltip=tooltip)
    chart = alt.LayerChart(layer=[drawn, dots])
    named = {each: translate(f"campaign.tip_{each}") for each in rows if each != "period"}
    table = rows.rename(columns={**named, "period": translate("campaign.col_period")})
    height = bars_height(len(rows) * ROWS)
    title = translate("campaign.chart", name=name)
    return ChartSpec(title, themed(chart, translate, height=height), table, height)
