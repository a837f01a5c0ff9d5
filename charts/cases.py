"""Charts of cases: month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from charts.spec import ACCENT, CALM, SECOND, WARN, ChartSpec, themed

if TYPE_CHECKING:
    import pandas as pd

    from wording.speaker import Speaker

MONTHLY = {"reported": ACCENT, "closed": SECOND, "open": CALM, "overdue": WARN}
"""Series of `analysis.issues.monthly.monthly_cases` and their colours."""
DASHES = {"reported": [1, 0], "closed": [6, 3], "open": [2, 2], "overdue": [1, 0]}
"""So that the lines are told apart without colour."""


def monthly_chart(months: pd.DataFrame, translate: Speaker) -> ChartSpec:
    """Draw what was reported and closed in each month, and what was open or overdue at its end."""
    known = [name for name in MONTHLY if name in months and months[name].notna().any()]
    names = {name: translate(f"monthly.{name}") for name in known}
    table = months[known].rename(columns=names).rename_axis(translate("monthly.month"))
    long = table.reset_index().melt(
        id_vars=translate("monthly.month"), var_name="series", value_name="cases"
    )
    long = long.set_axis(["month", "series", "cases"], axis=1).astype({"cases": "float64"})
    lines = (
        alt.Chart(long)
        .mark_line(point={"size": 30}, strokeWidth=2)
        .encode(
            x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=-45)),
            y=alt.Y("cases:Q", title=translate("monthly.cases"), axis=alt.Axis(tickMinStep=1)),
            color=alt.Color(
                "series:N",
                scale=alt.Scale(domain=list(names.values()), range=[MONTHLY[n] for n in known]),
            ),
            strokeDash=alt.StrokeDash(
                "series:N",
                scale=alt.Scale(domain=list(names.values()), range=[DASHES[n] for n in known]),
            ),
            tooltip=[
                alt.Tooltip("month:O", title=translate("monthly.month")),
                alt.Tooltip("series:N", title=" "),
                alt.Tooltip("cases:Q", title=translate("monthly.cases"), format=","),
            ],
        )
    )
    return ChartSpec(translate("monthly.title"), themed(lines), table.reset_index())
