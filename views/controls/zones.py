"""Weak zones on the pages: chosen in the sidebar, compared with the city, outlined on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from views import cache
from views.controls.city_question import measures_chosen
from views.controls.tables import name_column, show_table
from views.controls.widgets import select
from wording.escape import markdown
from wording.names import zone_name
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.model.figures import Figure
    from analysis.model.standards import Rule
    from views.controls.screen import RuleInUse, Screen


KM2 = 1e6
RULE_WIDTH = 200
"""Pixels of the titles of rules, so that a phone shows the first figures beside them."""


def offer_zones(screen: Screen) -> None:
    """Offer the zones of a city that has any."""
    if screen.city.zones is None:
        return
    select(
        "zone",
        ["", *screen.city.zones.index],
        screen.translate("zones.zone"),
        naming=lambda key: (
            zone_name(screen.city.zones, key, screen.translate.language)
            if key
            else screen.translate("scorecard.whole")
        ),
        advice=screen.translate("zones.help"),
    )


def zone_sentence(screen: Screen, in_use: RuleInUse, figure: Figure) -> str:
    """Compare the zone chosen with the city in one figure."""
    translate, choice = screen.translate, screen.choice
    if not choice.zone:
        return ""
    parts = cache.zones(
        choice.zone,
        in_use.standard,
        chosen=(in_use.measure,),
        supply_filter=choice.supply_filter,
    ).set_index("part")
    values = parts.get(figure.id)
    if values is None or values.isna().all():
        return translate.markdown(
            "zones.nothing", zone=zone_name(screen.city.zones, choice.zone, translate.language)
        )
    if pd.isna(values["inside"]):
        return translate.markdown(
            "zones.empty", zone=zone_name(screen.city.zones, choice.zone, translate.language)
        )
    share = figure.share
    texts = {
        str(part): translate.share(value) if share else translate.decimal(value, digits=2)
        for part, value in values.items()
    }
    less = values["inside"] - values["city"]
    unit = "share" if share else "number"
    return translate.markdown(
        f"zones.sentence_{unit}",
        zone=zone_name(screen.city.zones, choice.zone, translate.language),
        figure=translate(f"figure.{figure}"),
        less=translate.signed(less * 100) if share else translate.signed(less, digits=2),
        people=translate.count(parts["population"]["inside"]),
        **texts,
    )


def narrowed(screen: Screen, rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the communities of the zone chosen."""
    zone = screen.choice.zone
    return rows[rows["community_id"].isin(cache.zone_communities(zone))] if zone else rows


def draw_zone(screen: Screen) -> None:
    """Compare the zone chosen with the city, rule by rule."""
    translate, choice = screen.translate, screen.choice
    if not choice.zone:
        return
    standard = screen.standards[choice.standard]
    rows = cache.zones(
        choice.zone,
        standard,
        chosen=measures_chosen(choice),
        supply_filter=choice.supply_filter,
    )
    title = translate(
        "zones.title", zone=zone_name(screen.city.zones, choice.zone, translate.language)
    )
    st.subheader(markdown(title), anchor=False)
    show_zone(screen, rows, standard.rules)


def show_zone(
    screen: Screen, rows: pd.DataFrame, rules: Sequence[Rule], *, width: int = RULE_WIDTH
) -> None:
    """Show a zone, or an area that was drawn, beside the city by some rules."""
    translate = screen.translate
    table = [
        _zone_row(screen, rule, rows[rows["rule"] == rule.id].set_index("part")) for rule in rules
    ]
    looks = {translate("coverage.col_rule"): name_column(width)}
    show_table(pd.DataFrame(table), columns=looks)
    st.caption(translate("zones.note"))


def _zone_row(screen: Screen, rule: Rule, parts: pd.DataFrame) -> dict[str, str]:
    translate, share = screen.translate, rule.figure.share

    def text(value: float) -> str:
        return translate.share(value) if share else translate.decimal(value, digits=2)

    less = parts["less_city"]["inside"]
    marked = (
        translate("zones.points", less=translate.signed(less * 100))
        if share
        else translate.signed(less, digits=2)
    )
    return {
        translate("coverage.col_rule"): translate.of(rule.title),
        translate("zones.col_inside"): text(parts["value"]["inside"]),
        translate("zones.col_rest"): text(parts["value"]["rest"]),
        translate("zones.col_city"): text(parts["value"]["city"]),
        translate("zones.col_less"): NOTHING if pd.isna(less) else marked,
        translate("zones.col_covered"): translate.count(parts["population_covered"]["inside"]),
        translate("zones.col_gap"): _gap_km2(screen, parts),
        translate("zones.col_figure"): translate(f"figure.{rule.figure}"),
        translate("zones.col_people"): translate.count(parts["population"]["inside"]),
        translate("zones.col_facilities"): translate.count(parts["facilities_inside"]["inside"]),
    }


def _gap_km2(screen: Screen, parts: pd.DataFrame) -> str:
    """Write the land inside that is beyond reach; by walking none is known."""
    gap = parts["area_m2"]["inside"] - parts["area_covered_m2"]["inside"]
    return NOTHING if pd.isna(gap) else screen.translate.decimal(gap / KM2, digits=2)
