"""Coverage for planners: which communities a kind reaches, and where the gaps are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from analysis.coverage.figures import NETWORK
from analysis.coverage.reach_curve import reach_curve
from analysis.model.figures import RESIDENTS, share_of
from analysis.model.roles import PAGES
from charts.coverage import coverage_bars, reach_chart
from exports.recipes.siting import together_lines
from maps.coverage import CoverageView, beyond_reach, coverage_map, is_band, people_band
from maps.palette import theme_at
from views import cache
from views.controls import supply_filter
from views.controls.charts import draw_chart
from views.controls.choice import MINIMUM, shares_of
from views.controls.permits import allowed
from views.controls.questions import (
    choose_kind,
    choose_measure,
    choose_radius,
    choose_rule,
    choose_standard,
    has_kinds,
    rule_in_use,
)
from views.controls.rules import basis, parent_rows
from views.controls.siting_question import compared_by, found_together
from views.controls.tables import name_column, pick_row, share_column
from views.controls.widgets import put_many, switch
from views.controls.zones import narrowed, offer_zones, zone_sentence
from views.map.coverage_details import show_details
from views.map.coverage_text import cautions, finding
from views.map.equity import show_equity
from views.map.workspace import STAY, Mode, draw_workspace
from views.map_widget.shared_store import STORE
from views.map_widget.widget import canvas
from wording.escape import markdown
from wording.levels import level_title, parent_title
from wording.names import distinct_names, with_names, zone_name
from wording.numbers import percentages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.coverage.assessment import Assessment
    from analysis.model.figures import Figure
    from analysis.model.standards import Rule
    from charts.spec import ChartSpec
    from maps.canvas import Canvas
    from maps.payloads import MapPayloads
    from maps.spec import MapSpec
    from views.controls.choice import Choice
    from views.controls.screen import RuleInUse, Screen
    from wording.speaker import Speaker

SHOWN = 200
VERDICT_WIDTH = 80
SHARE_TITLES = ("people", "area", "land", "col_least", "col_most", "by_network", "by_straight")
"""Words over the columns of shares."""


@dataclass(frozen=True)
class Answer:
    """
    What the page shows of one choice; made once and shared by all sessions.

    Attributes
    ----------
    rule
        With the service radius that was used.
    sentence, cautions
        Markdown.
    spec
        Of the map.
    table, identifiers
        The worst communities as the reader sees them, and which they are.
    communities
        How many there are in all.
    """

    rule: Rule
    sentence: str
    cautions: str
    spec: MapSpec
    table: pd.DataFrame
    identifiers: list[str]
    communities: int


def render(screen: Screen) -> None:
    """Draw the mode."""
    if has_kinds(screen):
        draw_workspace(screen, _controls, _mode)


def _mode(screen: Screen) -> Mode | None:
    choice, in_use = screen.choice, rule_in_use(screen)
    if in_use is None:
        return None
    if in_use.measure == NETWORK:
        cache.walking(choice.supply_filter)
    payloads, paper = _payloads(screen, in_use), canvas(screen, community=choice.community)
    shown = replace(choice, panel="", area="")
    answer = cache.prepared(shown, lambda: _answer(screen, in_use, paper, payloads))
    return Mode(
        answer.spec,
        answer.sentence,
        ranking=lambda: _table(screen, answer),
        details=lambda: show_details(screen) if choice.community else show_equity(screen, in_use),
        chart=lambda: _charts(screen, in_use, shown),
        row=lambda community: _row(screen, in_use, community),
        looks=_looks(screen.translate),
        notes=lambda: _notes(screen, answer),
    )


def _notes(screen: Screen, answer: Answer) -> None:
    _show_together(screen, answer.rule)
    if answer.cautions:
        st.caption(answer.cautions)
    (st.warning if answer.rule.confidence == "low" else st.caption)(basis(screen, answer.rule))


def _show_together(screen: Screen, rule: Rule) -> None:
    """
    Say how few new facilities do for all communities, once that was looked for.

    Until then the numbers of the communities are each for itself, and may be added up as at most.
    """
    translate = screen.translate
    if compared_by(screen) != rule.id or not allowed(PAGES, "siting"):
        return
    together = found_together(screen, rule.id)
    with st.container(horizontal=True, vertical_alignment="center", key="together"):
        if together is None:
            st.caption(translate("siting.alone"))
            label, parts = (
                translate("siting.look"),
                {"page": "siting", "goal": MINIMUM, "inside": "", "also": ""},
            )
            st.button(label, on_click=put_many, args=(parts,), key="look-together")
            return
        count = len(together.answer.sites)
        lines = [translate("siting.so_many", count=count, kind=screen.kind_name(rule.kind))]
        lines += together_lines(together, count, translate)
        st.caption("  \n".join(map(markdown, lines)))


def _assessed(screen: Screen, in_use: RuleInUse) -> Assessment:
    return cache.assessment(
        in_use.standard, chosen=(in_use.measure,), supply_filter=screen.choice.supply_filter
    )


def _answer(screen: Screen, in_use: RuleInUse, paper: Canvas, payloads: MapPayloads) -> Answer:
    rule, result = in_use.rule, _assessed(screen, in_use)
    rows = _named_rows(screen, result)
    listed = narrowed(screen, rows)
    ordered = listed.loc[_worst_first(listed)[:SHOWN]]
    sentences = [
        finding(screen, result, rows, rule) + supply_filter.sentence(screen, rule.kind),
        zone_sentence(screen, in_use, _figure(screen, in_use)),
    ]
    return Answer(
        rule=rule,
        sentence="\n\n".join(filter(None, sentences)),
        cautions="  \n".join(cautions(screen, result, rows, rule)),
        spec=_spec(screen, paper, rows, in_use, payloads),
        table=_columns(screen, ordered, in_use),
        identifiers=ordered["community_id"].tolist(),
        communities=len(listed),
    )


def _named_rows(screen: Screen, result: Assessment) -> pd.DataFrame:
    """Give what is known of every community by the rule, with its name."""
    return with_names(result.coverage, screen.city.communities, screen.translate.language)


def _row(screen: Screen, in_use: RuleInUse, community: str) -> pd.Series[Any]:
    rows = _named_rows(screen, _assessed(screen, in_use))
    table = _columns(screen, rows, in_use)
    return table[(rows["community_id"] == community).to_numpy()].iloc[0]


def _looks(translate: Speaker) -> dict[str, Any]:
    shares = [f"coverage.{name}" for name in SHARE_TITLES]
    return {
        translate("coverage.col_name"): name_column(),
        translate("coverage.col_verdict"): st.column_config.TextColumn(width=VERDICT_WIDTH),
        **{translate(name): share_column() for name in (*shares, "figure.accessible_share")},
        **{
            translate(f"coverage.col_{name}"): st.column_config.NumberColumn(format="%.2f")
            for name in ("value", "detour")
        },
    }


def _charts(screen: Screen, in_use: RuleInUse, shown: Choice) -> None:
    """Draw the charts, which are made for readers who look at them alone."""
    charts = cache.prepared(("charts", shown), lambda: tuple(_drawings(screen, in_use)))
    for at, chart in enumerate(charts):
        draw_chart(chart, screen.translate, key=f"coverage-{at}")


def _drawings(screen: Screen, in_use: RuleInUse) -> Iterator[ChartSpec]:
    """Draw people by distance, then the figure by part of the city and by community."""
    translate, rule = screen.translate, in_use.rule
    result = _assessed(screen, in_use)
    rows = _named_rows(screen, result)
    radius, target = rule.service_radius_m, None
    if radius is not None and rule.figure.covers == RESIDENTS:
        target = screen.city.target.get(rule.kind)
        walked = in_use.measure == NETWORK
        ready = (cache.walking if walked else cache.preparation)(screen.choice.supply_filter)
        curve = reach_curve(ready, rule.kind, service_radius=radius, measure=in_use.measure)
        if curve is not None:
            kind = screen.kind_name(rule.kind)
            yield reach_chart(curve, radius, translate, kind, walked=walked)
    for level, named in (("parent", parent_rows(screen, result.summary)), ("community", rows)):
        figures = pd.DataFrame(
            {
                "name": distinct_names(rows["community"].tolist(), rows["parent"].tolist())
                if level == "community"
                else named["name"],
                "value": named["value" if level == "community" else rule.figure.id],
                "people": named["population"],
            }
        )
        if figures["value"].notna().any():
            heading = translate("charts.community")
            if level == "parent":
                heading = level_title(screen.city, level, translate)
            yield coverage_bars(
                figures, rule, translate, heading=heading, measure=in_use.measure, target=target
            )


def _worst_first(rows: pd.DataFrame) -> pd.Index:
    out = rows["population_covered"] - rows["population"]
    keys = {"value": rows["value"], "out": out, "community_id": rows["community_id"]}
    return pd.DataFrame(keys).sort_values(list(keys), na_position="last").index


def _controls(screen: Screen) -> None:
    translate = screen.translate
    choose_kind(screen)
    choose_standard(screen)
    choose_rule(screen)
    in_use = screen.rule
    if in_use is None:
        return
    if in_use.stated.service_radius_m is not None:
        choose_radius(screen, in_use.stated.service_radius_m)
        choose_measure(screen)
        if in_use.measure != NETWORK:
            switch(
                "share",
                shares_of(screen.city),
                translate("coverage.share"),
                naming=lambda share: translate(f"coverage.{share}"),
                hidden=False,
            )
    supply_filter.controls(screen)
    offer_zones(screen)


def _figure(screen: Screen, in_use: RuleInUse) -> Figure:
    if in_use.rule.service_radius_m is None:
        return in_use.rule.figure
    return share_of(RESIDENTS if in_use.measure == NETWORK else screen.choice.share)


def _payloads(screen: Screen, in_use: RuleInUse) -> MapPayloads:
    """Promise anew on every run what the map may ask for, also of an answer made before."""
    choice = screen.choice
    payloads = cache.coverage_payloads(
        STORE,
        in_use.standard,
        screen.translate,
        measure=in_use.measure,
        supply_filter=choice.supply_filter,
    )
    return replace(payloads, zone=cache.zone_url(STORE, choice.zone))


def _spec(
    screen: Screen, paper: Canvas, rows: pd.DataFrame, in_use: RuleInUse, payloads: MapPayloads
) -> MapSpec:
    rule = in_use.rule
    view = CoverageView(
        rows,
        rule,
        screen.kinds[rule.kind],
        payloads=payloads,
        figure=_figure(screen, in_use),
        zone=zone_name(screen.city.zones, screen.choice.zone, screen.translate.language),
        filter_text=supply_filter.parts(screen, rule.kind),
        theme=theme_at(screen.choice.supply_filter),
    )
    return coverage_map(paper, view)


def _columns(screen: Screen, ordered: pd.DataFrame, in_use: RuleInUse) -> pd.DataFrame:
    translate, rule = screen.translate, in_use.rule
    table = pd.DataFrame({translate("coverage.col_name"): ordered["community"]})
    table[translate("coverage.col_verdict")] = [
        translate(f"verdict.{code}") for code in ordered["verdict"]
    ]
    if rule.service_radius_m is None and rule.figure.share:
        table[translate(f"figure.{rule.figure}")] = percentages(ordered["value"])
    elif rule.service_radius_m is None:
        table[translate("coverage.col_value")] = ordered["value"].astype("float32")
    else:
        walked = in_use.measure == NETWORK
        out = beyond_reach(ordered).round().astype("Int32")
        for title, shares in _shares(screen, ordered, walked=walked):
            table[title] = percentages(shares)
            table[translate("coverage.col_out")] = out  # behind the first of them
        if walked:
            table[translate("coverage.col_detour")] = ordered["detour_ratio"].astype("float32")
        if walked:
            not_judged = ordered["population_not_judged"].round().astype("Int32")
            table[translate("coverage.col_unjudged")] = not_judged
            table[translate("coverage.col_walk")] = (
                ordered["mean_distance_m"].round().astype("Int32")
            )
    table[parent_title(screen.city, translate)] = ordered["parent"]
    return table


def _shares(
    screen: Screen, rows: pd.DataFrame, *, walked: bool
) -> Iterator[tuple[str, pd.Series[float]]]:
    """Shares of all denominators, or by walking and in a straight line, side by side."""
    translate = screen.translate
    if is_band(rows):
        least, most = people_band(rows)
        yield translate("coverage.col_least"), least
        yield translate("coverage.col_most"), most
    else:
        word = "coverage.by_network" if walked else "coverage.people"
        yield translate(word), rows["population_covered_share"]
    if walked:
        yield translate("coverage.by_straight"), rows["straight_covered_share"]
        return
    yield translate("coverage.area"), rows["area_covered_share"]
    if screen.city.land.residential is not None:
        yield translate("coverage.land"), rows["residential_covered_share"]


def _table(screen: Screen, answer: Answer) -> None:
    translate = screen.translate
    reach = answer.rule.service_radius_m is not None
    st.markdown(f"**{translate('coverage.table_share' if reach else 'coverage.table')}**")
    choice = screen.choice
    key = f"table-{choice.kind}-{choice.rule}-{choice.radius}-{choice.measure or 'rule'}"
    key += f"-{translate.language}"
    key += f"-{choice.supply_filter}" if choice.supply_filter else ""
    table, columns = answer.table, _looks(translate)
    pick_row("community", table, answer.identifiers, key=key, also=STAY, columns=columns)
    if answer.communities > SHOWN:
        st.caption(
            translate(
                "coverage.table_part",
                shown=translate.count(SHOWN),
                n=translate.count(answer.communities),
            )
        )
