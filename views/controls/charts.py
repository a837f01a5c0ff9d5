"""A chart on a page: its title, the chart at a height kept for it, its table a click away."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from exports.pictures.chart import CHART, SLIDE, chart_picture
from views.controls.pictures import offer_pictures
from views.controls.printing import on_paper
from views.controls.tables import show_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from charts.spec import ChartSpec
    from wording.speaker import Speaker


OFFERED = (("slide", SLIDE, "png"), ("chart", CHART, "png"), ("chart", CHART, "svg"))
"""Words under `picture`, sheets and formats."""
MARGIN = 12
"""Pixels kept around a chart."""
FITTED = {"type": "fit", "contains": "padding", "resize": True}
"""Legend and axes are laid out again at the width the page gives, not at the one first guessed."""


def draw_chart(
    spec: ChartSpec,
    translate: Speaker,
    *,
    key: str,
    pick: tuple[str, Callable[[list[dict[str, float]]], None]] | None = None,
) -> None:
    """
    Draw a chart and offer its table.

    A click that makes the selection named by `pick` gives its rows to the function beside it.
    """
    st.markdown(f"**{translate.markdown('app.plain', text=spec.title)}**")
    with st.container(key=f"chart-{key}", height=spec.height + MARGIN, border=False):
        st.vega_lite_chart(
            spec=json.loads(spec.vega_lite_dark if _dark() else spec.vega_lite)
            | {"autosize": FITTED},
            width="stretch",
            theme=None,
            key=f"{key}-chart",
            alt=spec.title,
            **({} if pick is None else _picking(f"{key}-chart", *pick)),
        )
    with st.container(horizontal=True, gap="small"):
        with st.expander(translate("app.as_table")):
            show_table(spec.table)
        _offer_picture(spec, translate, key)


def _picking(
    key: str, name: str, picked: Callable[[list[dict[str, float]]], None]
) -> dict[str, Any]:
    """Listen to a selection."""

    def keep() -> None:
        picked(st.session_state[key]["selection"].get(name, []))

    return {"on_select": keep, "selection_mode": name}


def _dark() -> bool:
    """Tell whether the page is dark, and not drawn for paper."""
    return st.context.theme.type == "dark" and not on_paper()


def _offer_picture(spec: ChartSpec, translate: Speaker, key: str) -> None:
    files = {
        (f"{word}_{form}", form): partial(chart_picture, spec, sheet, form)
        for word, sheet, form in OFFERED
    }
    offer_pictures(files, translate, name=f"chart-{key}", key=key)
