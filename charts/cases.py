"""Charts of cases: month by month, week by week between limits, shares that fall day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from charts.spec import ACCENT, CALM, SECOND, WARN, ChartSpec, themed

if TYPE_CHECKING:
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
    return ChartSpec(monthly_title(known, translate), themed(lines, translate), table.reset_index())


def monthly_title(known: list[str], translate: Speaker) -> str:
    """Name the series that are drawn: those a source does not tell of are not in the title."""
    if len(known) == len(MONTHLY):
        return translate("monthly.title")
    names = translate("silence.and").join(translate(f"monthly.{name}") for name in known)
    return translate("monthly.title_some", series=names)


def alert_chart(weeks: pd.DataFrame, translate: Speaker, place: str) -> ChartSpec:
    """
    Draw a community's weeks between the limits that its own history sets.

    `weeks`: rows of `analysis.trends.alerts.weekly_alerts` of one community.
    """
    ordered = weeks.sort_values("week")
    shown = ordered[["week", "cases", "expected", "range_low", "range_high", "alert"]]
    shown = shown.astype(dict.fromkeys(("cases", "expected", "range_low", "range_high"), "float64"))
    week = alt.X("week:O", title=None, axis=alt.Axis(labelAngle=-45, labelOverlap=True))
    cases = translate("charts.cases")
    band = (
        alt.Chart(shown)
        .mark_area(color=CALM, opacity=0.3)
        .encode(x=week, y=alt.Y("range_low:Q", title=cases), y2=alt.Y2("range_high"))
    )
    line = (
        alt.Chart(shown)
        .mark_line(color=ACCENT, strokeWidth=2)
        .encode(
            x=week,
            y=alt.Y("cases:Q"),
            tooltip=[
                alt.Tooltip("week:O", title=translate("change.col_week")),
                alt.Tooltip("cases:Q", title=cases, format=","),
                alt.Tooltip("range_low:Q", title=translate("charts.low"), format=","),
                alt.Tooltip("range_high:Q", title=translate("charts.high"), format=","),
            ],
        )
    )
    beyond = alt.Chart(shown[shown["alert"] != "within"])
    dots = beyond.mark_point(color=WARN, filled=True, size=90, shape="diamond").encode(
        x=week, y=alt.Y("cases:Q")
    )
    drawn = themed(alt.LayerChart(layer=[band, line, dots]), translate)
    return ChartSpec(translate("charts.alerts", place=place), drawn, _week_rows(ordered, translate))


def _week_rows(weeks: pd.DataFrame, translate: Speaker) -> pd.DataFrame:
    """Write the weeks under headings in words."""
    limits = zip(weeks["range_low"], weeks["range_high"], strict=True)
    return pd.DataFrame(
        {
            translate("change.col_week"): weeks["week"].to_numpy(),
            translate("charts.cases"): weeks["cases"].to_numpy(),
            translate("change.col_range"): [f"{low}–{high}" for low, high in limits],
            translate("change.col_alert"): [
                translate(f"change.{alert}") for alert in weeks["alert"]
            ],
        }
    )


def share_curve(
    curve: pd.DataFrame, share: str, days: int, translate: Speaker, *, title: str, heading: str
) -> ChartSpec:
    """
    Draw a share that falls day by day, with its limits, on an axis that fits it.

    `curve`: of `analysis.handling.survival.staying_clean`, on days, whose column `share` holds
    just after each day; 1 before the first.
    """
    within = curve[curve.index <= days]
    first = pd.DataFrame({share: [1.0], "low_share": [1.0], "high_share": [1.0]}, index=[0.0])
    steps = pd.concat([first, within[[share, "low_share", "high_share"]]]).rename_axis("days")
    steps = pd.concat([steps, steps.iloc[[-1]].set_axis([float(days)])]).rename_axis("days")
    shown = steps.reset_index().set_axis(["days", "share", "low", "high"], axis=1)
    lowest = float(shown[["share", "low"]].min().min())
    fitted = alt.Scale(domain=[max(0.0, lowest - 0.02), 1], nice=False)
    x = alt.X("days:Q", title=translate("charts.days"), scale=alt.Scale(nice=False))
    band = (
        alt.Chart(shown)
        .mark_area(color=ACCENT, opacity=0.2, interpolate="step-after")
        .encode(x=x, y=alt.Y("low:Q", title=heading, scale=fitted), y2=alt.Y2("high"))
    )
    line = (
        alt.Chart(shown)
        .mark_line(color=ACCENT, strokeWidth=2, interpolate="step-after")
        .encode(
            x=x,
            y=alt.Y("share:Q", title=heading, axis=alt.Axis(format="%"), scale=fitted),
            tooltip=[
                alt.Tooltip("days:Q", title=translate("charts.days"), format=".0f"),
                alt.Tooltip("share:Q", title=heading, format=".1%"),
            ],
        )
    )
    at = [day for day in (7, 14, 30, 60, 90, 120, 180) if day <= days]
    values = [float(shown.loc[shown["days"] <= day, "share"].iloc[-1]) for day in at]
    table = pd.DataFrame(
        {translate("charts.days"): at, heading: [translate.share(value) for value in values]}
    )
    return ChartSpec(title, themed(alt.LayerChart(layer=[band, line]), translate), table)
