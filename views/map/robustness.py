"""Robustness: which verdicts would turn, and which facility's closing would hurt most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from analysis.coverage.figures import NETWORK
from analysis.coverage.robustness import RADIUS_BAND
from analysis.model.question import POSITION_ERRORS
from maps.robustness import robustness_map, stands
from views import cache
from views.controls import supply_filter
from views.controls.questions import (
    choose_kind,
    choose_measure,
    choose_radius,
    choose_rule,
    choose_standard,
    has_kinds,
    measure_notes,
    rule_in_use,
)
from views.controls.tables import name_column, pick_row, show_row, show_table
from views.controls.widgets import select
from views.map.workspace import STAY, Mode, draw_workspace
from views.map_widget.widget import canvas
from wording.levels import parent_title
from wording.names import figure_text, reach_text, with_closure_names, with_names
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from analysis.coverage.robustness import Robustness
    from analysis.model.standards import Rule
    from views.controls.screen import RuleInUse, Screen

SHOWN = 100
NAME_WIDTH = 150
CLOSURES_HEIGHT = 240
GROUP_HEIGHT = 190
GROUPS = ("fails", "turns", "meets")
"""Worse, not to be told apart from the minimum, better."""


def render(screen: Screen) -> None:
    """Draw the mode."""
    if has_kinds(screen):
        draw_workspace(screen, _controls, _mode)


def _mode(screen: Screen) -> Mode | None:
    choice, in_use = screen.choice, rule_in_use(screen)
    if in_use is None:
        return None
    rule = in_use.rule
    if rule.service_radius_m is None:
        st.info(screen.translate("robustness.no_radius"))
        return None
    found = cache.robustness(
        in_use.standard,
        position_error=choice.off,
        supply_filter=choice.supply_filter,
        chosen=(in_use.measure,),
    )
    rows = found.communities
    return Mode(
        robustness_map(canvas(screen, community=choice.community), found, rule),
        _sentence(screen, rows, rule),
        ranking=lambda: _ranking(screen, found, rule),
        details=lambda: _details(screen, rows, rule),
        row=lambda community: _row(screen, rows[rows["community_id"] == community], rule),
        notes=lambda: _notes(screen, in_use),
    )


def _notes(screen: Screen, in_use: RuleInUse) -> None:
    translate, rule = screen.translate, in_use.rule
    supply_filter.notes(screen, [rule.kind])
    reach = reach_text(translate, rule.service_radius_m or 0, in_use.measure)
    lines = [*measure_notes(screen, [rule]), translate("robustness.method", reach=reach)]
    if in_use.measure == NETWORK:
        lines.append(translate("robustness.method_network"))
    if screen.city.residents is None:
        lines.insert(0, translate("robustness.no_residents"))
    st.caption("  \n".join(lines))


def _ranking(screen: Screen, found: Robustness, rule: Rule) -> None:
    _groups(screen, found.communities, rule)
    _closures(screen, found.closures)


def _details(screen: Screen, rows: pd.DataFrame, rule: Rule) -> None:
    """Show the community chosen, else whose borders matter."""
    chosen = rows[rows["community_id"] == screen.choice.community]
    if chosen.empty:
        _borders(screen, rows, rule)
        return
    show_row(_row(screen, chosen, rule), screen.translate)


def _row(screen: Screen, chosen: pd.DataFrame, rule: Rule) -> pd.Series[Any]:
    row: pd.Series[Any] = _varied(screen, chosen, rule).iloc[0]
    edge = _bordered(screen, chosen, rule).iloc[0]
    both: pd.Series[Any] = pd.concat([row, edge[~edge.index.isin(row.index)]])
    return both


def _controls(screen: Screen) -> None:
    translate = screen.translate
    choose_kind(screen)
    choose_standard(screen)
    choose_rule(screen)
    if screen.rule is None or screen.rule.stated.service_radius_m is None:
        return
    choose_radius(screen, screen.rule.stated.service_radius_m)
    choose_measure(screen)
    select(
        "off",
        POSITION_ERRORS,
        translate("robustness.off"),
        naming=translate.metres,
        advice=translate("robustness.off_help"),
    )


def _sentence(screen: Screen, rows: pd.DataFrame, rule: Rule) -> str:
    translate = screen.translate
    meets = rows["verdict"] == "meets"
    fails = rows["verdict"] == "fails"
    return translate.markdown(
        "robustness.sentence",
        rule=translate.of(rule.title),
        measure=translate(f"measure.{rows['measure'].iloc[0]}"),
        flips=translate.count(rows["flips"].sum()),
        n=translate.count((meets | fails).sum()),
        band=translate.share(RADIUS_BAND, digits=0),
        off=translate.metres(screen.choice.off),
        leaning=translate.count((meets & (rows["verdict_own"] == "fails")).sum()),
        edge=translate.count((fails & rows["at_edge"].astype(bool)).sum()),
    )


def _closures(screen: Screen, closures: pd.DataFrame) -> None:
    translate = screen.translate
    st.markdown(f"**{translate('robustness.closures')}**")
    if closures.empty:
        st.info(translate("robustness.no_closures"))
        return
    rows = with_closure_names(closures.head(SHOWN), screen.city, translate.language)
    table = {
        translate("robustness.col_rank"): rows["rank"],
        translate("robustness.col_facility"): rows["facility"],
        translate("robustness.col_lost"): rows["people_lost"].round().astype("int64"),
        translate("robustness.col_verdicts"): rows["verdicts_lost"].astype("int64"),
        translate("coverage.col_name"): rows["community"],
        translate("robustness.col_where"): rows["lost_in"],
    }
    columns = {translate("robustness.col_facility"): name_column(NAME_WIDTH)}
    show_table(pd.DataFrame(table), columns=columns, most=CLOSURES_HEIGHT)
    if len(closures) > SHOWN:
        st.caption(
            translate(
                "coverage.table_part",
                shown=translate.count(SHOWN),
                n=translate.count(len(closures)),
            )
        )


def _groups(screen: Screen, rows: pd.DataFrame, rule: Rule) -> None:
    """List the communities in three groups, those nearest to the minimum first in each."""
    translate, standing = screen.translate, stands(rows)
    for group in GROUPS:
        members = rows[[each == group for each in standing]]
        number = translate.count(len(members))
        st.markdown(f"**{translate.markdown(f'robustness.group_{group}', n=number)}**")
        if members.empty:
            continue
        first = _nearest_first(members).head(SHOWN)
        identifiers = first["community_id"].tolist()
        key = f"{group}-{hash(tuple(identifiers))}-{translate.language}"
        columns = {translate("coverage.col_name"): name_column()}
        table = _varied(screen, first, rule).drop(columns=translate("coverage.col_verdict"))
        pick_row(
            "community", table, identifiers, key=key, also=STAY, columns=columns, most=GROUP_HEIGHT
        )
        if len(members) > SHOWN:
            shown = translate.count(SHOWN)
            st.caption(translate("coverage.table_part", shown=shown, n=number))


def _varied(screen: Screen, rows: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Write what becomes of each figure in the band of the radius and of places."""
    translate, first = screen.translate, rows
    named = with_names(rows, screen.city.communities, translate.language)
    table = {
        translate("coverage.col_name"): named["community"],
        parent_title(screen.city, translate): named["parent"],
        translate("coverage.col_verdict"): [
            translate(f"verdict.{code}") for code in first["verdict"]
        ],
        translate("coverage.col_value"): [
            figure_text(translate, number, rule) for number in first["value"]
        ],
        translate("coverage.col_minimum"): figure_text(translate, rule.minimum, rule, digits=0),
        translate("robustness.col_less"): [
            figure_text(translate, number, rule) for number in first["value_radius_less"]
        ],
        translate("robustness.col_more"): [
            figure_text(translate, number, rule) for number in first["value_radius_more"]
        ],
        translate("robustness.col_against"): [
            figure_text(translate, number, rule) for number in first["value_position_less"]
        ],
        translate("robustness.col_favour"): [
            figure_text(translate, number, rule) for number in first["value_position_more"]
        ],
    }
    return pd.DataFrame(table)


def _nearest_first(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort by how near the value is to the minimum: those may turn for the least reason."""
    distance = (rows["value"] - rows["minimum"]).abs()
    return rows.assign(distance=distance).sort_values(["distance", "community_id"])


def _borders(screen: Screen, rows: pd.DataFrame, rule: Rule) -> None:
    translate = screen.translate
    st.subheader(translate("robustness.borders"), anchor=False)
    st.caption(translate("robustness.borders_note"))
    leaning = rows[rows["border_effect"] > 0]
    first = leaning.sort_values(["border_effect", "community_id"], ascending=[False, True])
    show_table(_bordered(screen, first.head(SHOWN), rule))


def _bordered(screen: Screen, first: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Write what each figure owes to facilities beyond the border."""
    translate = screen.translate
    named = with_names(first, screen.city.communities, translate.language)
    share = rule.figure.share
    effect = [
        translate.signed(number * 100) if share else translate.signed(number, digits=0)
        for number in first["border_effect"]
    ]
    table = {
        translate("coverage.col_name"): named["community"],
        parent_title(screen.city, translate): named["parent"],
        translate("coverage.col_value"): [
            figure_text(translate, number, rule) for number in first["value"]
        ],
        translate("robustness.col_own"): [
            figure_text(translate, number, rule) for number in first["value_own"]
        ],
        translate("robustness.col_effect"): effect,
        translate("robustness.col_stands"): [
            translate(f"robustness.{name}") for name in stands(first)
        ],
        translate("robustness.col_edge"): [
            translate("robustness.at_edge") if edge else NOTHING for edge in first["at_edge"]
        ],
    }
    return pd.DataFrame(table)
