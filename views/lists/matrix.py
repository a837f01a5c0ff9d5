"""The page *By category*: which kind of case where, counted by community."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from analysis.handling.matrix import wide_matrix
from analysis.model.taxonomy import UNMAPPED
from charts.ranking import pareto
from maps.colours import SURFACE
from views import cache
from views.controls.charts import draw_chart
from views.controls.choice import PER
from views.controls.questions import choose_issues, has_issues
from views.controls.tables import name_column
from views.controls.waiting import waiting
from views.controls.widgets import select, switch
from wording.escape import escape
from wording.names import distinct_names, with_names

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    from views.controls.screen import Screen

QUANTILES = (0.4, 0.7, 0.9, 0.97)
"""Of the cells with cases, where the classes of colour begin."""
DARK = 2
"""From this class on, light figures on a dark ground."""
ROW_HEIGHT, WIDTH = 35, 96
HEIGHT = 720
SHOWN = 200
"""Communities listed: each cell of a coloured table is written by itself, at every run."""


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, choice = screen.translate, screen.choice
    if not has_issues(screen):
        return
    with st.sidebar:
        select(
            "taxon",
            screen.city.taxonomy.levels,
            translate("matrix.taxon"),
            naming=lambda key: translate(f"matrix.{key}"),
        )
        choose_issues(screen)
    with waiting(translate("app.working")):
        matrix = cache.answers().handling(screen.question).matrix
    cases = wide_matrix(matrix, level=choice.taxon, value="cases")
    _sentence(screen, cases)
    if not cases.to_numpy().sum():
        return
    switch(
        "per",
        PER,
        translate("matrix.per"),
        naming=lambda key: translate(f"matrix.{key}"),
        hidden=True,
    )
    steps = _steps(wide_matrix(matrix, level=choice.taxon, value=choice.per).to_numpy())
    st.html(_legend(screen, steps))
    _table(screen, matrix, steps)
    if len(cases) > SHOWN:
        most, every = translate.count(SHOWN), translate.count(len(cases))
        st.caption(translate("coverage.table_part", shown=most, n=every))
    st.caption(translate("matrix.note"))
    _pareto(screen, matrix, cases)


def _pareto(screen: Screen, matrix: pd.DataFrame, cases: pd.DataFrame) -> None:
    """Draw which categories and which communities make up most of the cases."""
    translate = screen.translate
    communities = screen.city.communities.loc[cases.index]
    names = {**_key_names(screen, matrix), UNMAPPED: translate("matrix.other")}
    categories = cases.sum().rename(index=names).astype(int)
    home = with_names(communities, communities, translate.language)
    places = pd.Series(
        cases.sum(axis=1).astype(int).to_numpy(),
        index=distinct_names(home["name"].tolist(), home["parent"].tolist()),
    )
    headings = {"categories": "hotspots.col_category", "places": "hotspots.col_place"}
    counts = {"categories": categories, "places": places}
    for column, (about, heading) in zip(st.columns(2), headings.items(), strict=True):
        shown = counts[about][counts[about] > 0]
        title = translate(f"charts.pareto_{about}")
        with column:
            chart = pareto(shown, translate, title=title, heading=translate(heading))
            draw_chart(chart, translate, key=f"pareto-{about}")


def _key_names(screen: Screen, matrix: pd.DataFrame) -> dict[str, str]:
    """Names of the columns of the level chosen."""
    keys = matrix.loc[matrix["level"] == screen.choice.taxon, "key"].unique()
    named = screen.city.taxonomy.names.get(screen.choice.taxon, {})
    return {key: screen.translate.of(named.get(key, {})) or key for key in keys}


def _sentence(screen: Screen, cases: pd.DataFrame) -> None:
    translate, total = screen.translate, cases.to_numpy().sum()
    if not total:
        st.info(translate("matrix.none"))
        return
    mapped = cases.drop(columns=UNMAPPED, errors="ignore")
    st.markdown(
        translate.markdown(
            "matrix.sentence",
            total=translate.count(total),
            mapped=translate.share(mapped.to_numpy().sum() / total),
            level=translate(f"matrix.{screen.choice.taxon}"),
            kinds=translate.count((mapped.sum() > 0).sum()),
        )
    )


def _steps(values: NDArray[np.float64]) -> list[float]:
    """Class borders from the cells with cases; equal borders become one."""
    some = values[np.isfinite(values) & (values > 0)]
    if not len(some):
        return []
    borders = np.quantile(some, QUANTILES)
    borders = np.round(borders, 0 if borders[0] >= 1 else 2)
    return sorted({float(border) for border in borders if border > 0})


def _legend(screen: Screen, steps: list[float]) -> str:
    translate = screen.translate
    lows = [translate("matrix.above_zero"), *(f"≥ {translate.number(step)}" for step in steps)]
    boxes = "".join(
        f'<span style="background:{SURFACE[place]};color:{_ink(place)};padding:.15rem .55rem;'
        f'border-radius:.2rem;margin-right:.35rem;white-space:nowrap">{escape(text)}</span>'
        for place, text in enumerate(lows)
    )
    title = escape(translate(f"matrix.legend_{screen.choice.per}"))
    return f'<p style="font-size:.875rem;line-height:2">{title} {boxes}</p>'


def _ink(place: int) -> str:
    return "#ffffff" if place > DARK else "#1a1a1a"


def _table(screen: Screen, matrix: pd.DataFrame, steps: list[float]) -> None:
    translate, choice = screen.translate, screen.choice
    values, cases, tops = (
        wide_matrix(matrix, level=choice.taxon, value=value)
        for value in (choice.per, "cases", "top")
    )
    names = {**_key_names(screen, matrix), UNMAPPED: translate("matrix.other")}
    titles: list[Hashable] = list(
        distinct_names([names[key] for key in values.columns], list(values.columns))
    )
    communities = screen.city.communities.loc[cases.index]
    home = with_names(communities, communities, translate.language)
    top = [_top(row, names) for _, row in tops.iterrows()]
    order = np.argsort(-cases.to_numpy().sum(axis=1), kind="stable")
    table = pd.DataFrame(values.to_numpy(), columns=titles)
    digits = 0 if choice.per == PER[0] else 1
    table.insert(0, translate("matrix.total"), cases.to_numpy().sum(axis=1).astype(int))
    table[translate("matrix.top")] = top
    table.insert(
        0,
        translate("hotspots.col_place"),
        distinct_names(home["name"].tolist(), home["parent"].tolist()),
    )
    table = table.iloc[order].head(SHOWN)
    styled = table.style.map(lambda value: _colour(value, steps), subset=titles)
    st.dataframe(
        styled.format(dict.fromkeys(titles, f"{{:.{digits}f}}")),
        hide_index=True,
        height=min(HEIGHT, ROW_HEIGHT * (len(table) + 1) + 3),
        column_config={
            **{
                str(title): st.column_config.Column(width=WIDTH, help=str(title))
                for title in titles
            },
            translate("hotspots.col_place"): name_column(),
        },
    )


def _top(row: pd.Series, names: dict[str, str]) -> str:
    return " · ".join(names[key] for key in row.dropna().sort_values(kind="stable").index)


def _colour(value: float, steps: list[float]) -> str:
    if not value > 0:
        return "color: #6b7685"
    place = int(np.searchsorted(steps, value, side="right"))
    return f"background-color: {SURFACE[place]}; color: {_ink(place)}"
