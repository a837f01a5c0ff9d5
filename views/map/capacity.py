"""Capacity: whom the facilities can serve, not only whom they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from analysis.coverage.capacity import MEAN, NOBODY, SHARED, UNKNOWN, arithmetic, capacity_measure
from analysis.coverage.figures import NETWORK
from analysis.model.question import CATCHMENTS
from maps.capacity import capacity_map
from views import cache
from views.controls.choice import MOST_NEED, SCORES, rules_of
from views.controls.city_question import measures_chosen
from views.controls.questions import (
    choose_kind,
    choose_measure,
    choose_radius,
    choose_standard,
    measure_notes,
)
from views.controls.tables import name_column, pick_row, share_column, show_row, show_table
from views.controls.widgets import number, select, switch
from views.map.workspace import STAY, Mode, draw_workspace
from views.map_widget.shared_store import STORE
from views.map_widget.widget import canvas
from wording.levels import parent_title
from wording.names import facility_names, reach_text, with_names
from wording.numbers import percentages

if TYPE_CHECKING:
    from analysis.coverage.capacity import Capacity
    from analysis.model.standards import Kind, Rule
    from views.controls.screen import Screen

SHOWN = 200
RADII = (50, 2000, 50)
"""Least, greatest and step of the radius slider, in metres."""
NO_RULE_RADIUS = 500
"""Metres, where the standard has no service radius for the kind."""


def render(screen: Screen) -> None:
    """Draw the mode."""
    translate = screen.translate
    if not screen.choice.kind:
        st.info(translate("capacity.cannot", reason=translate("capacity.no_layer_of_this_kind")))
        return
    draw_workspace(screen, _controls, _mode)


def _mode(screen: Screen) -> Mode | None:
    translate, choice = screen.translate, screen.choice
    kind = screen.kinds[choice.kind]
    found = _found(screen)
    reason = str(found.table["reason"].iloc[0])
    if reason not in {SHARED, UNKNOWN, NOBODY}:
        st.warning(translate("capacity.cannot", reason=translate(f"capacity.{reason}")))
        return None
    spec = capacity_map(
        canvas(screen, community=choice.community),
        found,
        kind,
        payloads=cache.capacity_payloads(STORE, found, kind, translate),
        score=choice.score,
    )
    return Mode(
        spec,
        _sentence(screen, found, kind),
        ranking=lambda: _ranking(screen, found),
        details=lambda: _details(screen, found, kind),
        row=lambda community: _row(screen, found, community),
        looks=_looks(screen),
        notes=lambda: st.caption("  \n".join(_cautions(screen, found, kind))),
    )


def _found(screen: Screen) -> Capacity:
    """Whom the kind chosen can serve, by the measure that its coverage is judged by."""
    choice = screen.choice
    standard = screen.standards[choice.standard]
    measures = cache.answers().measures(standard, measures_chosen(choice))
    return cache.capacity(
        choice.kind,
        choice.radius or _radius(screen),
        choice.catchment,
        choice.need,
        measure=capacity_measure(standard, choice.kind, measures),
    )


def _rules(screen: Screen) -> list[Rule]:
    return list(rules_of(screen.standards[screen.choice.standard], screen.choice.kind).values())


def _radius(screen: Screen) -> int:
    """Service radius of the rule chosen, else of the kind's first rule that has one."""
    first = [screen.rule.stated] if screen.rule is not None else []
    radii = [rule.service_radius_m for rule in [*first, *_rules(screen)]]
    return next((round(radius) for radius in radii if radius is not None), NO_RULE_RADIUS)


def _controls(screen: Screen) -> None:
    translate, kind = screen.translate, screen.kinds[screen.choice.kind]
    choose_kind(screen)
    choose_standard(screen)
    choose_radius(screen, _radius(screen), radii=RADII)
    if any(rule.service_radius_m and rule.figure.walkable for rule in _rules(screen)):
        choose_measure(screen)
    select(
        "catchment",
        CATCHMENTS,
        translate("capacity.method"),
        naming=lambda method: translate(f"capacity.{method}"),
        advice=translate("capacity.method_help"),
    )
    number(
        "need",
        MOST_NEED,
        translate("capacity.need", unit=translate.of(kind.capacity_unit)),
        advice=translate("capacity.need_help"),
        otherwise=_mean(screen),
    )
    switch(
        "score",
        SCORES,
        translate("capacity.shown"),
        naming=lambda score: translate(f"capacity.by_{score}"),
        hidden=False,
    )


def _mean(screen: Screen) -> str:
    """Say what the need is where none is stated."""
    translate, found = screen.translate, _found(screen)
    if pd.isna(found.mean):
        return translate("capacity.mean_unknown")
    return translate("capacity.mean_of", mean=translate.decimal(found.mean, digits=2))


def _sentence(screen: Screen, found: Capacity, kind: Kind) -> str:
    whole, first = found.whole, found.table.iloc[0]
    facts = {
        "kind": screen.kind_name(kind.id),
        "reach": reach_text(screen.translate, first["service_radius_m"], first["measure"]),
        "out": screen.translate.count(whole["people_out_of_reach"]),
    }
    if pd.isna(whole["access_per_1000"]):
        unjudged = screen.translate.count(whole["people_not_judged"])
        return screen.translate.markdown("capacity.sentence_unknown", unjudged=unjudged, **facts)
    facts["over"] = screen.translate.count(whole["people_over_capacity"])
    if not whole["access_per_1000"] > 0:
        return screen.translate.markdown("capacity.sentence_nought", **facts)
    return screen.translate.markdown(
        "capacity.sentence",
        served=screen.translate.count(whole["people_served"]),
        share=screen.translate.share(whole["people_served"] / whole["population"]),
        need=screen.translate.decimal(first["need_per_1000"], digits=2),
        unit=screen.translate.of(kind.capacity_unit),
        **facts,
    )


def _cautions(screen: Screen, found: Capacity, kind: Kind) -> list[str]:
    translate, choice, whole, first = (
        screen.translate,
        screen.choice,
        found.whole,
        found.table.iloc[0],
    )
    unit, lines = translate.of(kind.capacity_unit), []
    known = pd.notna(whole["access_per_1000"])
    if known and first["need_per_1000"] > 0:
        need, mean = (
            translate.decimal(row, digits=2) for row in (first["need_per_1000"], found.mean)
        )
        basis = "mean" if first["need_basis"] == MEAN else "stated"
        lines.append(translate(f"capacity.{basis}", need=need, mean=mean, unit=unit))
        lines.append(
            translate("capacity.lacking", n=translate.count(whole["capacity_lacking"]), unit=unit)
        )
    if known and whole["people_not_judged"] > 0:
        unknown = translate.count(found.known.isna().sum())
        people = translate.count(whole["people_not_judged"])
        word = "unjudged_walking" if first["measure"] == NETWORK else "unjudged"
        lines.append(translate(f"capacity.{word}", count=people, unknown=unknown))
    if not choice.radius and not any(rule.service_radius_m for rule in _rules(screen)):
        lines.append(translate("capacity.no_radius", radius=translate.metres(NO_RULE_RADIUS)))
    if choice.supply_filter:
        lines.append(translate("asked.all_supply"))
    lines += measure_notes(screen, _rules(screen))
    reach = reach_text(translate, first["service_radius_m"], first["measure"])
    return [*lines, translate("capacity.assumptions", reach=reach)]


def _table(screen: Screen, rows: pd.DataFrame) -> pd.DataFrame:
    translate = screen.translate
    shown = with_names(rows, screen.city.communities, translate.language)
    people = {
        "capacity.col_over": "people_over_capacity",
        "coverage.col_out": "people_out_of_reach",
        "coverage.col_unjudged": "people_not_judged",
    }
    table = pd.DataFrame({translate("coverage.col_name"): shown["community"]})
    for word, column in people.items():
        table[translate(word)] = shown[column].round().astype("Int64")
    table[translate("capacity.col_over_share")] = percentages(shown["over_capacity_share"])
    table[translate("capacity.col_access")] = shown["access_per_1000"].round(2)
    table[translate("capacity.col_lacking")] = shown["capacity_lacking"].round(1)
    table[parent_title(screen.city, translate)] = shown["parent"]
    return table


def _looks(screen: Screen) -> dict[str, Any]:
    translate = screen.translate
    return {
        translate("coverage.col_name"): name_column(),
        translate("capacity.col_over_share"): share_column(),
        translate("capacity.col_access"): st.column_config.NumberColumn(format="%.2f"),
    }


def _ranking(screen: Screen, found: Capacity) -> None:
    translate = screen.translate
    order = ["people_over_capacity", "people_out_of_reach", "community_id"]
    ordered = found.table.sort_values(order, ascending=[False, False, True])
    shown = ordered.head(SHOWN)
    known = found.table["people_over_capacity"].notna().any()
    st.markdown(f"**{translate('capacity.table' if known else 'capacity.table_unknown')}**")
    identifiers = shown["community_id"].tolist()
    key = f"capacity-table-{hash(tuple(identifiers))}-{translate.language}"
    table, columns = _table(screen, shown), _looks(screen)
    pick_row("community", table, identifiers, key=key, also=STAY, columns=columns)
    if len(ordered) > SHOWN:
        st.caption(
            translate(
                "coverage.table_part", shown=translate.count(SHOWN), n=translate.count(len(ordered))
            )
        )


def _row(screen: Screen, found: Capacity, community: str) -> pd.Series[Any]:
    return _table(screen, found.table[found.table["community_id"] == community]).iloc[0]


def _details(screen: Screen, found: Capacity, kind: Kind) -> None:
    chosen = found.table[found.table["community_id"] == screen.choice.community]
    if len(chosen):
        row = _table(screen, chosen).iloc[0]
        show_row(row, screen.translate, columns=_looks(screen))
    _terms(screen, found, kind)


def _terms(screen: Screen, found: Capacity, kind: Kind) -> None:
    """Show the arithmetic of the community chosen, else of the one with most over capacity."""
    translate, table = screen.translate, found.table.set_index("community_id")
    if table["people_over_capacity"].isna().all():
        return
    community = screen.choice.community or str(table["people_over_capacity"].idxmax())
    row = with_names(
        table.loc[[community]].reset_index(), screen.city.communities, translate.language
    )
    name = row["community"].iloc[0]
    terms = arithmetic(found, community)
    if terms.empty:
        st.caption(translate("capacity.terms_none", name=name))
        return
    access = translate.decimal(row["access_per_1000"].iloc[0], digits=2)
    unit = translate.of(kind.capacity_unit)
    st.subheader(
        translate.markdown("capacity.terms", name=name, access=access, unit=unit), anchor=False
    )
    facilities = terms["facility_id"].map(
        facility_names(screen.city.facilities, translate.language)
    )
    shown = pd.DataFrame(
        {
            translate("capacity.col_facility"): facilities,
            translate("capacity.col_capacity"): terms["capacity"],
            translate("capacity.col_catchment"): terms["people_in_catchment"].round(1),
            translate("capacity.col_ratio"): terms["per_1000"].round(3),
            translate("capacity.col_here"): terms["people_here_in_reach"].round(1),
            translate("capacity.col_adds"): terms["adds_per_1000"].round(3),
        }
    )
    show_table(shown)
    st.caption(translate("capacity.terms_note"))
