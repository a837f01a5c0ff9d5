"""Joint priority: where to act first, with the arithmetic of every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.model.question import PRIORITY_PARTS, WEIGHTS
from analysis.priority import FACTS
from charts.ranking import priority_bars
from maps.priority import priority_map
from views import cache
from views.controls.charts import draw_chart
from views.controls.questions import choose_issues, choose_measure, choose_standard, measure_notes
from views.controls.tables import name_column, pick_row, show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, select
from views.map_widget.widget import canvas, draw_map
from wording.names import full_names, priority_text, with_names

if TYPE_CHECKING:
    from analysis.priority import Priority
    from views.controls.screen import Screen
    from wording.speaker import Speaker

SHOWN = 100
HEIGHT = 560
FIRST = 3
CHARTED = 20


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, choice = screen.translate, screen.choice
    with st.sidebar:
        _controls(screen)
    with waiting(translate("app.working")):
        priority = cache.answers().priority(screen.question)
    if priority.table.empty:
        st.info(translate("priority.none"))
        return
    st.markdown(
        translate.markdown(
            "priority.sentence", places=translate("priority.between").join(_first(screen, priority))
        )
    )
    left, right = st.columns([6, 7], gap="medium")
    with left:
        spec = priority_map(canvas(screen, community=choice.community), priority)
        draw_map(screen, spec, key="priority-map")
    with right:
        _table(screen, priority)
    names = full_names(priority.table.head(CHARTED), screen.city.communities, translate.language)
    draw_chart(priority_bars(priority, names, translate), translate, key="priority")
    _arithmetic(screen, priority)
    st.caption("  \n".join(_absent(screen, priority)))
    fold_method(translate, *_method(screen, priority))


def _controls(screen: Screen) -> None:
    translate = screen.translate
    choose_standard(screen)
    choose_measure(screen)
    if screen.city.issues is not None:
        choose_issues(screen)
    st.markdown(f"**{translate('priority.weights')}**", help=translate("priority.weights_help"))
    for part in PRIORITY_PARTS:
        select(f"weigh_{part}", sorted(WEIGHTS), translate(f"priority.{part}"), naming=str)


def _first(screen: Screen, priority: Priority) -> list[str]:
    rows = with_names(
        priority.table.head(FIRST), screen.city.communities, screen.translate.language
    )
    return [f"{row['rank']}. {row['community']}" for row in rows.to_dict("records")]


def _table(screen: Screen, priority: Priority) -> None:
    translate = screen.translate
    rows = with_names(priority.table.head(SHOWN), screen.city.communities, translate.language)
    scores = ("score", *priority.weights)
    st.markdown(f"**{translate('priority.table')}**")
    pick_row(
        "community",
        _shown_rows(screen, priority, rows),
        rows["community_id"].tolist(),
        key=f"priority-{hash(tuple(rows['community_id']))}-{translate.language}",
        most=HEIGHT,
        columns={
            translate("hotspots.col_rank"): st.column_config.NumberColumn(width=55, pinned=True),
            translate("hotspots.col_place"): name_column(),
            **{
                translate(f"priority.{name}"): st.column_config.NumberColumn(format="%.1f")
                for name in scores
            },
        },
    )
    if len(priority.table) > len(rows):
        part = translate(
            "coverage.table_part",
            shown=translate.count(len(rows)),
            n=translate.count(len(priority.table)),
        )
        st.caption(part)


def _shown_rows(screen: Screen, priority: Priority, rows: pd.DataFrame) -> pd.DataFrame:
    """Write rank, score and parts of some communities under headings in words."""
    translate = screen.translate
    parts = {
        translate(f"priority.{part}"): (rows[f"{part}_points"] * 100).round(1)
        for part in priority.weights
    }
    ranks = zip(rows["rank_best"], rows["rank_worst"], strict=True)
    names = full_names(rows, screen.city.communities, translate.language)
    return pd.DataFrame(
        {
            translate("hotspots.col_rank"): rows["rank"],
            translate("hotspots.col_place"): names,
            translate("priority.score"): (rows["score"] * 100).round(1),
            translate("priority.range"): [f"{best}–{worst}" for best, worst in ranks],
            **parts,
            translate("priority.not_judged"): [
                _not_judged(translate, text) for text in rows["not_judged"]
            ],
        }
    )


def _not_judged(translate: Speaker, parts: str) -> str:
    """Name the parts that could not be judged."""
    names = [translate(f"priority.{part}") for part in parts.split("; ") if part]
    return translate("priority.between").join(names)


def _arithmetic(screen: Screen, priority: Priority) -> None:
    """The sum of one row: the community chosen, else the first of the list."""
    translate, table = screen.translate, priority.table
    chosen = table[table["community_id"] == screen.choice.community]
    row = with_names(
        (chosen if len(chosen) else table).head(1), screen.city.communities, translate.language
    ).to_dict("records")[0]
    st.subheader(
        translate.markdown("priority.arithmetic", community=row["community"]),
        anchor=False,
    )
    lines = [
        [
            translate(f"priority.{part}"),
            priority_text(translate, part, row),
            _number(translate, part, row[f"{part}_value"]),
            _number(translate, part, priority.greatest[part]),
            translate.decimal(row[f"{part}_scaled"], digits=3),
            translate.share(share),
            translate.decimal(row[f"{part}_points"] * 100, digits=2),
        ]
        for part, share in priority.weights.items()
    ]
    lines.append(
        [
            translate("priority.sum"), "", "", "", "", translate.share(1, digits=0),
            translate.decimal(row["score"] * 100, digits=2),
        ]
    )  # fmt: skip
    names = ("part", "counted", "value", "greatest", "scaled", "weight", "points")
    frame = pd.DataFrame(lines, columns=[translate(f"priority.col_{name}") for name in names])
    show_table(frame)
    if row["not_judged"]:
        st.caption(
            translate.markdown("priority.at_most", most=translate.decimal(row["score_most"] * 100))
        )


def _number(translate: Speaker, part: str, value: float) -> str:
    return translate.share(value) if f"{part}_hits" in FACTS else translate.count(value)


def _method(screen: Screen, priority: Priority) -> list[str]:
    translate = screen.translate
    lines = [translate("priority.method"), translate("priority.method_cautious")]
    if priority.kinds:
        kinds = translate("priority.between").join(
            screen.kind_name(kind) for kind in priority.kinds
        )
        standard = translate.of(screen.standards[screen.choice.standard].title)
        lines.append(translate.markdown("priority.kinds", kinds=kinds, standard=standard))
    rules = screen.standards[screen.choice.standard].rules
    return [*lines, *measure_notes(screen, rules)]


def _absent(screen: Screen, priority: Priority) -> list[str]:
    """Say which parts are left out and why; no report does not mean clean."""
    translate = screen.translate
    lines = [
        translate(
            "priority.absent",
            part=translate(f"priority.{part}"),
            why=translate(f"priority.{reason}"),
        )
        for part, reason in priority.absent.items()
    ]
    return [*lines, translate("hotspots.no_report")]
