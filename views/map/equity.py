"""Who is beyond reach of the kind on the map: groups of residents, and how far they live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from layers.knowledge.dictionary import load_dictionary
from views import cache
from views.controls.tables import share_column, show_table
from wording.numbers import percentages

if TYPE_CHECKING:
    from views.controls.screen import RuleInUse, Screen


def show_equity(screen: Screen, in_use: RuleInUse) -> None:
    """Compare the groups of residents, where residents are known and the rule has a radius."""
    if screen.city.residents is None or in_use.rule.service_radius_m is None:
        return
    translate = screen.translate
    rows = cache.answers().equity(in_use.standard, screen.choice.supply_filter, (in_use.measure,))
    rows = rows[rows["distance_mean_m"].notna()]
    if rows.empty:
        return
    st.markdown(f"**{translate('equity.title')}**")
    for line in _lines(screen, rows.iloc[0], groups=len(rows) > 1):
        st.markdown(line)
    if len(rows) > 1:
        _table(screen, rows)


def _lines(screen: Screen, whole: pd.Series, *, groups: bool) -> list[str]:
    translate = screen.translate
    lengths = {
        name: translate.metres(whole[f"distance_{name}_m"]) for name in ("mean", "median", "p90")
    }
    kind = screen.kind_name(whole["kind"])
    gini = translate.decimal(whole["gini"], digits=2)
    measure = translate(f"measure.{whole['measure']}")
    facts = {"kind": kind, "gini": gini, "measure": measure}
    lines = [translate.markdown("equity.sentence", **facts, **lengths)]
    slow, share = (translate.share(whole[name]) for name in ("beyond_slow_share", "beyond_share"))
    lines.append(translate.markdown("equity.slow", slow=slow, share=share))
    heights = whole["heights_known_share"]
    if heights > 0:
        lines.append(translate.markdown("equity.slopes", known=translate.share(heights)))
    elif heights == 0:
        lines.append(translate.markdown("equity.level"))
    if pd.notna(whole["concentration_distance"]):
        facts = {
            name: translate.decimal(whole[f"concentration_{name}"], digits=2)
            for name in ("distance", "reach")
        }
        lines.append(translate.markdown("equity.poor", **facts))
    return lines if groups else [*lines, translate.markdown("equity.no_groups")]


def _table(screen: Screen, rows: pd.DataFrame) -> None:
    translate = screen.translate
    columns = load_dictionary().tables["equity"].columns
    names = next(each.codes for each in columns if each.id == "group")
    beyond, slow = translate("equity.col_beyond"), translate("equity.col_slow")
    table = {
        translate("equity.col_group"): [names[g][translate.language][0] for g in rows["group"]],
        translate("equity.col_people"): rows["people"].round(),
        beyond: percentages(rows["beyond_share"]),
        translate("equity.col_ratio"): rows["ratio_to_all"].round(2),
        translate("equity.col_median"): rows["distance_median_m"].round(),
        translate("equity.col_p90"): rows["distance_p90_m"].round(),
        slow: percentages(rows["beyond_slow_share"]),
    }
    show_table(pd.DataFrame(table), columns={name: share_column() for name in (beyond, slow)})
