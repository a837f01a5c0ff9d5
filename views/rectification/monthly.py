"""Month by month: what was reported and closed, what was left open or overdue at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from charts.cases import monthly_chart
from exports.recipes.home import issue_tile
from exports.recipes.home_text import issue_lines, issue_values
from views import cache
from views.controls.charts import draw_chart
from views.controls.questions import has_issues

if TYPE_CHECKING:
    from views.controls.screen import Screen


def render(screen: Screen) -> None:
    """Draw the page."""
    translate = screen.translate
    if not has_issues(screen):
        return
    tile = cache.prepared("issue tile", lambda: issue_tile(screen.city))
    values = dict(zip(("open", "overdue"), issue_values(tile, translate), strict=True))
    with st.container(key="figures"):
        for column, (name, value) in zip(st.columns(2), values.items(), strict=True):
            column.metric(translate(f"home.{name}"), value, border=True)
    st.caption("  \n".join(issue_lines(tile, translate)))
    if tile.months.empty:
        st.info(translate("monthly.none"))
        return
    draw_chart(monthly_chart(tile.months, translate), translate, key="monthly")
    st.caption(translate("monthly.method"))
