"""The community chosen on the Coverage page, against every rule of the standard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.coverage.figures import NETWORK
from maps.robustness import band_text, stands
from views import cache
from views.controls.city_question import beside_straight
from wording.names import figure_text, gap_text, lacking_text, with_names
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from analysis.model.standards import Rule
    from views.controls.screen import Screen
    from wording.speaker import Speaker


def show_details(screen: Screen) -> None:
    """Show the community chosen against every rule."""
    translate, choice = screen.translate, screen.choice
    standard = screen.standards[choice.standard]
    measures = beside_straight(choice, standard)
    rows = cache.with_to_add(standard, choice.community, measures, choice.supply_filter)
    rows = with_names(rows, screen.city.communities, translate.language)
    rules = {rule.id: rule for rule in screen.standards[choice.standard].rules}
    table = _detail_table(screen, rows, rules)
    st.dataframe(table, height="content", placeholder="—")
    st.caption(translate("gap.meaning"))
    if choice.radius:
        st.caption(translate("coverage.details_radius"))
    st.caption(translate("coverage.band_note", off=translate.metres(choice.off)))


def _bands(screen: Screen, rules: dict[str, Rule]) -> dict[tuple[str, str], str]:
    """Band of the figure and what becomes of the verdict in it, by rule and measure."""
    choice, translate = screen.choice, screen.translate
    found = cache.robustness(
        screen.standards[choice.standard],
        position_error=choice.off,
        supply_filter=choice.supply_filter,
        chosen=beside_straight(choice, screen.standards[choice.standard]),
    )
    rows = found.communities[found.communities["community_id"] == choice.community]
    states = [translate(f"robustness.{standing}") for standing in stands(rows)]
    return {
        (row["rule"], row["measure"]): f"{band_text(translate, row, rules[row['rule']])} · {state}"
        for (_, row), state in zip(rows.iterrows(), states, strict=True)
    }


def _share_band(translate: Speaker, row: pd.Series) -> str:
    """Write a share, or how far it is known."""
    least, most = row["value_least"], row["value_most"]
    return translate.shares(least, most) if most > least else translate.share(row["value"])


def _detail_table(screen: Screen, rows: pd.DataFrame, rules: dict[str, Rule]) -> pd.DataFrame:
    """Figures down and rules across: a phone shows the first rule whole."""
    translate, bands = screen.translate, _bands(screen, rules)
    walked = bool((rows["measure"] == NETWORK).any())

    def title(found: pd.Series) -> str:
        name, measure = translate.of(rules[found["rule"]].title), found["measure"]
        return f"{name} · {translate(f'coverage.by_{measure}')}" if walked else name

    columns = [
        _detail_column(
            screen,
            found,
            rules[found["rule"]],
            bands.get((found["rule"], found["measure"]), NOTHING),
        )
        for _, found in rows.iterrows()
    ]
    titles = [title(found) for _, found in rows.iterrows()]
    if len(set(titles)) < len(titles):
        titles = [f"{name} ({rule})" for name, rule in zip(titles, rows["rule"], strict=True)]
    table = pd.DataFrame(columns, index=titles).T
    return table if walked else table.drop(index=translate("coverage.col_detour"))


def _detail_column(screen: Screen, found: pd.Series, rule: Rule, band: str) -> dict[str, str]:
    """Write what is known of a community by one rule."""
    translate, share = screen.translate, rule.figure.share
    return {
        translate("coverage.col_verdict"): translate(f"verdict.{found['verdict']}"),
        translate("coverage.col_value"): (
            _share_band(translate, found) if share else translate.decimal(found["value"], digits=2)
        ),
        translate("coverage.col_minimum"): figure_text(translate, rule.minimum, rule, digits=0),
        translate("coverage.col_gap"): gap_text(translate, found),
        translate("coverage.col_lacking"): lacking_text(translate, found, screen.kinds[rule.kind]),
        translate("coverage.mean"): translate.metres(found["mean_distance_m"]),
        translate("coverage.col_detour"): translate.decimal(found["detour_ratio"], digits=2),
        translate("robustness.band"): band,
        translate("coverage.col_reason"): translate(f"reason.{found['reason']}"),
        translate("coverage.people_here"): translate.count(found["population"]),
        translate("coverage.inside"): translate.count(found["facilities_inside"]),
        translate("coverage.in_reach"): translate.count(found["facilities_in_reach"]),
        translate("coverage.nearest"): translate.metres(found["nearest_distance_m"]),
        translate("coverage.density"): translate.decimal(found["density_per_km2"], digits=2),
        translate("coverage.per_10k"): translate.decimal(found["per_10k_people"], digits=2),
    }
