"""Then and now: what opened, closed and moved since an earlier edition, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from analysis.coverage.editions import CLOSED, DOWN, MOVED, OPENED, SAME, UNCHANGED, UP
from charts.coverage import then_and_now
from maps.editions import compare_map
from views import cache
from views.controls.charts import draw_chart
from views.controls.questions import (
    choose_kind,
    choose_measure,
    choose_radius,
    choose_rule,
    choose_standard,
    measure_notes,
    rule_in_use,
)
from views.controls.tables import name_column, pick_row, show_row, show_table
from views.controls.widgets import select
from views.map.workspace import STAY, Mode, draw_workspace
from views.map_widget.shared_store import STORE
from views.map_widget.widget import canvas
from wording.levels import parent_title
from wording.missing_rows import lost_rows
from wording.names import distinct_names, facility_names, figure_text, reach_text, with_names

if TYPE_CHECKING:
    from analysis.coverage.editions import EditionComparison
    from analysis.model.standards import Rule
    from charts.spec import ChartSpec
    from views.controls.screen import Screen

SHOWN = 200
ORDER = {UP: 1, DOWN: 0, "unclear": 2, SAME: 3}


def render(screen: Screen) -> None:
    """Draw the mode."""
    if screen.city.earlier:
        draw_workspace(screen, _controls, _mode)
    else:
        st.info(screen.translate("compare.no_edition"))


def _kinds(screen: Screen) -> tuple[list[str], str]:
    """List the kinds that the earlier edition has, and give the one compared."""
    then = set(screen.city.earlier[screen.choice.edition]["kind"])
    kinds = [kind for kind in screen.city.kinds if kind in then]
    return kinds, screen.choice.kind if screen.choice.kind in kinds else kinds[0]


def _mode(screen: Screen) -> Mode | None:
    translate, choice = screen.translate, screen.choice
    edition, (_, kind) = choice.edition, _kinds(screen)
    in_use = rule_in_use(screen, kind)
    if in_use is None:
        return None
    rule = in_use.rule
    changed = cache.comparison(in_use.standard, edition, (in_use.measure,))
    spec = compare_map(
        canvas(screen, community=choice.community),
        changed.change,
        rule,
        edition=edition,
        payloads=cache.comparison_payloads(STORE, rule, changed, edition, translate),
    )
    chart = _chart(screen, changed, rule)
    return Mode(
        spec,
        _sentence(screen, changed, rule, kind),
        ranking=lambda: _ranking(screen, changed, rule),
        details=lambda: _details(screen, changed, rule, kind),
        row=lambda community: _row(screen, changed, rule, community),
        chart=None if chart is None else lambda: draw_chart(chart, translate, key="compare"),
        notes=lambda: st.caption(
            "  \n".join(
                [
                    *measure_notes(screen, [rule]),
                    *_cautions(screen, changed, kind, in_use.measure),
                ]
            )
        ),
    )


def _controls(screen: Screen) -> None:
    translate, (kinds, kind) = screen.translate, _kinds(screen)
    in_use = screen.rule_of(kind)
    editions = sorted(screen.city.earlier, reverse=True)
    select("edition", editions, translate("compare.edition"), naming=str)
    choose_kind(screen, kinds)
    choose_standard(screen)
    choose_rule(screen, kind)
    if in_use is not None and in_use.stated.service_radius_m is not None:
        choose_radius(screen, in_use.stated.service_radius_m)
        choose_measure(screen)


def _sentence(screen: Screen, changed: EditionComparison, rule: Rule, kind: str) -> str:
    translate, rows, counts = screen.translate, changed.change, changed.counts(kind)
    stay = counts[MOVED] + counts[UNCHANGED]
    first = translate.markdown(
        "compare.sentence",
        kind=screen.kind_name(kind),
        edition=screen.choice.edition,
        opened=translate.count(counts[OPENED]),
        closed=translate.count(counts[CLOSED]),
        moved=translate.count(counts[MOVED]),
        then=translate.count(counts[CLOSED] + stay),
        now=translate.count(counts[OPENED] + stay),
    )
    crossed = translate.markdown(
        "compare.sentence_crossed",
        up=translate.count((rows["crossed"] == UP).sum()),
        down=translate.count((rows["crossed"] == DOWN).sum()),
        rule=translate.of(rule.title),
    )
    if not rule.figure.needs_radius or rows["people_gained"].isna().all():
        return f"{first}{crossed}"
    people = translate.markdown(
        "compare.sentence_people",
        gained=translate.count(rows["people_gained"].sum()),
        lost=translate.count(rows["people_lost"].sum()),
        reach=reach_text(translate, rule.service_radius_m or 0, str(rows["measure"].iloc[0])),
    )
    return f"{first}{crossed}{people}"


def _cautions(screen: Screen, changed: EditionComparison, kind: str, measure: str) -> list[str]:
    """Tell how facilities were matched, and of rows that have no place on either date."""
    translate, edition = screen.translate, screen.choice.edition
    own = changed.facilities[changed.facilities["kind"] == kind]
    ways = own["matched_by"].value_counts()
    lines = [
        translate(
            "compare.matched",
            id=translate.count(ways.get("id", 0)),
            name=translate.count(ways.get("name", 0)),
            place=translate.count(ways.get("place", 0)),
        ),
        translate("compare.today", measure=translate(f"measure.{measure}")),
    ]
    if screen.choice.supply_filter:
        lines.append(translate("asked.all_supply"))
    lost = lost_rows(screen.city)
    aside = {
        label: sum(
            int(lost.get(report.id, 0))
            for report in screen.city.reports
            if report.kind == kind and report.edition == label
        )
        for label in ("", edition)
    }
    if any(aside.values()):
        lines.append(
            translate(
                "compare.aside",
                now=translate.count(aside[""]),
                then=translate.count(aside[edition]),
            )
        )
    return lines


def _table(screen: Screen, rows: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    translate = screen.translate
    shown = with_names(rows, screen.city.communities, translate.language)
    return pd.DataFrame(
        {
            translate("coverage.col_name"): shown["community"],
            translate("compare.col_crossed"): [
                translate(f"compare.{code}") for code in shown["crossed"]
            ],
            translate("compare.col_then"): [
                figure_text(translate, value, rule) for value in shown["value_then"]
            ],
            translate("compare.col_now"): [
                figure_text(translate, value, rule) for value in shown["value"]
            ],
            translate("compare.col_gained"): shown["people_gained"].round().astype("Int64"),
            translate("compare.col_lost"): shown["people_lost"].round().astype("Int64"),
            parent_title(screen.city, translate): shown["parent"],
        }
    )


def _row(screen: Screen, changed: EditionComparison, rule: Rule, community: str) -> pd.Series[Any]:
    rows = changed.change
    return _table(screen, rows[rows["community_id"] == community], rule).iloc[0]


def _details(screen: Screen, changed: EditionComparison, rule: Rule, kind: str) -> None:
    """Show the community chosen, then what opened, closed or moved."""
    rows = changed.change
    chosen = rows[rows["community_id"] == screen.choice.community]
    if len(chosen):
        show_row(_table(screen, chosen, rule).iloc[0], screen.translate)
    _facilities(screen, changed, kind)


def _ranking(screen: Screen, changed: EditionComparison, rule: Rule) -> None:
    translate, rows = screen.translate, changed.change
    moved = rows["people_gained"].fillna(0) + rows["people_lost"].fillna(0)
    ranked = rows.assign(order=rows["crossed"].map(ORDER), moved=-moved)
    shown = ranked.sort_values(["order", "moved", "community_id"]).head(SHOWN)
    st.markdown(f"**{translate('compare.table')}**")
    identifiers = shown["community_id"].tolist()
    supply_filter = f"{rule.id}-{rule.service_radius_m}-{screen.choice.edition}"
    key = f"compare-table-{supply_filter}-{translate.language}"
    columns = {translate("coverage.col_name"): name_column()}
    table = _table(screen, shown, rule)
    pick_row("community", table, identifiers, key=key, also=STAY, columns=columns)
    if len(rows) > SHOWN:
        st.caption(
            translate(
                "coverage.table_part", shown=translate.count(SHOWN), n=translate.count(len(rows))
            )
        )


def _chart(screen: Screen, changed: EditionComparison, rule: Rule) -> ChartSpec | None:
    rows = with_names(changed.change, screen.city.communities, screen.translate.language)
    named = rows.assign(name=distinct_names(rows["community"].tolist(), rows["parent"].tolist()))
    if not (named["value"] != named["value_then"])[named["value"].notna()].any():
        return None
    return then_and_now(named, rule, screen.translate, screen.choice.edition)


def _facilities(screen: Screen, changed: EditionComparison, kind: str) -> None:
    """List what opened, closed or moved."""
    translate, rows = screen.translate, changed.facilities
    outcomes = [CLOSED, OPENED, MOVED]
    rows = rows[(rows["kind"] == kind) & rows["outcome"].isin(outcomes)]
    ordered = rows.assign(order=rows["outcome"].map(outcomes.index)).sort_values("order")
    city = screen.city
    now, then = (
        ordered[column].map(facility_names(each, translate.language))
        for column, each in (
            ("facility_id", city.facilities),
            ("facility_id_then", city.earlier[screen.choice.edition]),
        )
    )
    st.subheader(translate("compare.facilities"), anchor=False)
    shown = pd.DataFrame(
        {
            translate("compare.col_outcome"): [
                translate(f"compare.{code}") for code in ordered["outcome"]
            ],
            translate("capacity.col_facility"): now.where(now.notna(), then),
            translate("compare.col_matched"): [
                translate(f"compare.by_{code}") for code in ordered["matched_by"]
            ],
            translate("compare.col_moved"): ordered["moved_m"].round(1),
            translate("compare.col_id"): ordered["facility_id"].fillna(ordered["facility_id_then"]),
        }
    )
    show_table(shown.head(SHOWN))
    if len(shown) > SHOWN:
        st.caption(
            translate("compare.part", shown=translate.count(SHOWN), n=translate.count(len(shown)))
        )
