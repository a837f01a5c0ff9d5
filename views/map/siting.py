"""Where to build next: proposed sites with their reasons, what is proven of them, the curve."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st
from pyproj import Transformer

from analysis.coverage.figures import NETWORK, measures_of
from analysis.geometry.locate import OUTSIDE, community_of
from analysis.model.errors import PlanningError
from analysis.model.figures import RESIDENTS, share_of
from analysis.model.question import CAPACITY, COVER, PEOPLE, SITES
from analysis.model.roles import PAGES
from analysis.model.standards import one_rule
from analysis.siting.maximal_cover import PREVIEW
from analysis.siting.recipe import SITE_COLUMNS
from charts.siting import PICKED, siting_curve
from exports.papers.write import WRITERS
from exports.recipes.scenarios import site_changes
from exports.recipes.siting import (
    curve_table,
    method_line,
    sentences,
    site_table,
    siting_paper,
    siting_rule,
    so_far,
    zone_line,
)
from layers.knowledge.dictionary import load_dictionary
from maps.coverage import MOST_MARKED, CoverageView, moves_marks, siting_map
from maps.palette import theme_at
from views import cache
from views.cache.searches import DONE, FAILED, SEARCHES, STOPPED, plan, preview
from views.controls import supply_filter
from views.controls.charts import draw_chart
from views.controls.choice import (
    APART,
    GOALS,
    MOST_COST,
    MOST_NEED,
    MOST_STALLS,
    MOVES,
    USUAL_PERCENT,
    USUAL_SITES,
    USUAL_STALLS,
    weights_of,
)
from views.controls.files import offer_file
from views.controls.permits import allowed
from views.controls.questions import (
    choose_kind,
    choose_measure,
    choose_radius,
    choose_standard,
    has_kinds,
)
from views.controls.siting_question import (
    LIMITED,
    aims_of,
    asked_siting,
    compared_by,
    may_share,
    shares_sites,
)
from views.controls.tables import name_column, pick_row, share_column, show_row, show_table
from views.controls.widgets import number, pick_many, put, put_many, select, slide
from views.map.moves import draw_moves, moves_sentence
from views.map.whatif import try_changes
from views.map.workspace import DETAILS, STAY, Mode, draw_workspace
from views.map_widget.shared_store import STORE
from views.map_widget.widget import canvas
from wording.escape import markdown
from wording.names import with_names, zone_name
from wording.numbers import percentages

if TYPE_CHECKING:
    from analysis.coverage.assessment import Assessment
    from analysis.model.standards import Rule, Standard
    from analysis.siting.recipe import SitingPlan
    from exports.recipes.siting import AskedSiting
    from maps.spec import MapSpec
    from views.cache.searches import Search
    from views.controls.screen import Screen
    from wording.speaker import Speaker

NUMBERS = (1, 100, 1)
PERCENTS = (5, 100, 5)
"""Least, greatest and step of the sliders."""
MOST_MOVED = 20
"""Facilities that the sliders offer to close, and to open instead."""
EVERY = 1.0
"""Seconds between two looks at a search that has not ended."""
NEAR = 40
"""A click means the site nearest to it within one such part of the width of the city."""
SHOWN = 200


class Shown(NamedTuple):
    """What is asked, how far the search has come, and the plan on the screen, if there is one."""

    asked: AskedSiting
    rule: Rule
    standard: Standard
    search: Search
    plan: SitingPlan | None
    sites: pd.DataFrame


def render(screen: Screen) -> None:
    """Draw the mode."""
    if has_kinds(screen):
        draw_workspace(screen, _controls, _mode)


def _rule(screen: Screen) -> Rule | None:
    """Find the rule that sites are compared by: the first of the standard on people in reach."""
    standard = cache.answers().standard(screen.question)
    return siting_rule(standard, screen.choice.kind) if compared_by(screen) else None


def _controls(screen: Screen) -> None:
    translate, choice = screen.translate, screen.choice
    choose_kind(screen)
    choose_standard(screen)
    rule = _rule(screen)
    if rule is None:
        return
    stated = cache.answers().own_standard(screen.question)
    choose_radius(screen, siting_rule(stated, choice.kind).service_radius_m or 0.0)
    choose_measure(screen)
    select(
        "goal", GOALS, translate("siting.goal"), naming=lambda goal: translate(f"siting.by_{goal}")
    )
    _limit(screen)
    with st.expander(translate("siting.more")):
        _conditions(screen)
    supply_filter.controls(screen)


def _limit(screen: Screen) -> None:
    """Offer how many, for which share, or for how much."""
    translate, goal = screen.translate, screen.choice.goal
    if goal == "number":
        label, advice = translate("siting.number"), translate("siting.number_help")
        slide("number", NUMBERS, label, standard=USUAL_SITES, advice=advice)
    elif goal == "share":
        label, advice = translate("siting.percent"), translate("siting.percent_help")
        slide("percent", PERCENTS, label, standard=USUAL_PERCENT, advice=advice)
    elif goal == "budget":
        for name in ("budget", "cost"):
            number(
                name,
                MOST_COST,
                translate(f"siting.{name}"),
                advice=translate(f"siting.{name}_help"),
                otherwise=translate(f"siting.{name}_usual"),
            )
    elif goal == MOVES:
        for name, least, usual in (("shut", 1, 1), ("instead", 0, 0)):
            slide(
                name,
                (least, MOST_MOVED, 1),
                translate(f"siting.{name}"),
                standard=usual,
                advice=translate(f"siting.{name}_help"),
            )
    else:
        st.caption(translate("siting.minimum_help"))


def _conditions(screen: Screen) -> None:
    """Offer where sites may stand, and what they are to do and for whom."""
    translate, choice = screen.translate, screen.choice
    _places(screen)
    if screen.city.zones is not None:
        select(
            "inside",
            ["", *screen.city.zones.index],
            translate("siting.inside"),
            naming=lambda zone: (
                zone_name(screen.city.zones, zone, translate.language)
                if zone
                else translate("scorecard.whole")
            ),
        )
    if choice.goal not in LIMITED:
        return
    select(
        "aim",
        aims_of(choice),
        translate("siting.aim"),
        naming=lambda each: translate(f"siting.aim_{each}"),
    )
    if asked_siting(choice, screen.city).request.problem == CAPACITY:
        _capacity(screen)
        return
    select(
        "counted",
        weights_of(screen.city, screen.standards),
        translate("siting.counted"),
        naming=partial(_weight_name, screen),
    )
    select(
        "apart",
        APART,
        translate("siting.apart"),
        naming=lambda metres: translate.metres(metres) if metres else translate("siting.no_matter"),
    )


def _places(screen: Screen) -> None:
    """Offer where sites may stand, and other kinds that share them."""
    translate, choice = screen.translate, screen.choice
    places = [kind for kind in screen.city.kinds if kind != choice.kind]
    select(
        "stand",
        [*SITES, *places],
        translate("siting.stand"),
        naming=lambda each: (
            translate(f"siting.{each}")
            if each in SITES
            else translate("siting.at_places", kind=screen.kind_name(each))
        ),
    )
    others = may_share(choice, screen.city) if shares_sites(choice) else []
    if others:
        pick_many("also", others, translate("siting.also"), naming=screen.kind_name)


def _capacity(screen: Screen) -> None:
    """Offer the capacity of each new facility, and what is wanted for 1,000 people."""
    translate = screen.translate
    unit = translate.of(screen.kinds[screen.choice.kind].capacity_unit)
    number(
        "stalls",
        MOST_STALLS,
        translate("siting.stalls", unit=unit),
        advice=translate("siting.stalls_help"),
        otherwise=translate.number(USUAL_STALLS),
    )
    number(
        "need",
        MOST_NEED,
        translate("capacity.need", unit=unit),
        advice=translate("capacity.need_help"),
        otherwise=translate("siting.need_usual"),
    )


def _weight_name(screen: Screen, weight: str) -> str:
    """Name who counts: a group as the tables name it."""
    columns = load_dictionary().tables["equity"].columns
    groups = next(each.codes for each in columns if each.id == "group")
    if weight in groups:
        return groups[weight][screen.translate.language][0]
    return screen.translate(f"siting.count_{weight}")


def _mode(screen: Screen) -> Mode | None:
    translate, choice, rule = screen.translate, screen.choice, _rule(screen)
    if rule is None:
        title = translate.of(screen.standards[choice.standard].title)
        name = screen.kind_name(choice.kind)
        st.warning(translate.markdown("coverage.no_rule", standard=title, kind=name))
        return None
    asked = asked_siting(choice, screen.city)
    if asked.request.closures is not None:
        return _moves(screen, asked, rule)
    try:
        shown = _shown(screen, asked, rule)
    except PlanningError as error:
        st.warning(translate.markdown_error(error))
        return None
    chosen, found = _chosen(shown, choice.place), shown.plan
    return Mode(
        _spec(screen, shown),
        _sentence(screen, shown),
        ranking=lambda: _ranking(screen, shown),
        details=lambda: _details(screen, shown),
        chart=lambda: _curve(screen, shown),
        row=None if found is None else partial(_row, screen, shown, found),
        looks=_share_looks(screen),
        notes=lambda: _notes(screen, shown),
        progress=lambda: _progress(screen, shown),
        chosen="" if chosen is None else translate("siting.site", rank=chosen["rank"]),
        click=partial(_clicked, screen, shown),
    )


def _moves(screen: Screen, asked: AskedSiting, rule: Rule) -> Mode:
    """Show which facilities to close, and where to open others instead."""
    search = SEARCHES.look(asked)
    standard = one_rule(cache.answers().standard(asked.question), rule.id)
    none = pd.DataFrame(columns=[*SITE_COLUMNS, "reason"])
    shown = Shown(asked, rule, standard, search, None, none)
    best = search.best if search.state in {DONE, STOPPED} else None
    found = None if best is None else best.moves
    spec = _spec(screen, shown)
    if found is not None:
        spec = replace(spec, marks=moves_marks(found, screen.city, screen.translate))
    return Mode(
        spec,
        _sentence(screen, shown) if found is None else moves_sentence(screen, asked, found),
        ranking=lambda: draw_moves(screen, asked, found),
        details=lambda: draw_moves(screen, asked, found),
        notes=lambda: _notes(screen, shown),
        progress=lambda: _progress(screen, shown),
    )


def _shown(screen: Screen, asked: AskedSiting, rule: Rule) -> Shown:
    """Look how far the search has come; until it has ended the preview is shown."""
    first = preview(asked)
    search = SEARCHES.look(asked)
    found = plan(search) if search.state in {DONE, STOPPED} else None
    found = first if found is None else found
    standard = one_rule(cache.answers().standard(asked.question), rule.id)
    table = (
        pd.DataFrame(columns=[*SITE_COLUMNS, "reason"])
        if found is None
        else site_table(found, screen.city, screen.translate)
    )
    return Shown(asked, rule, standard, search, found, table)


def _chosen(shown: Shown, place: str) -> pd.Series | None:
    """Find the site that was chosen by its rank."""
    if shown.sites.empty or not place.isdecimal():
        return None
    rows = shown.sites[shown.sites["rank"] == int(place)]
    return rows.iloc[0] if len(rows) else None


def _spec(screen: Screen, shown: Shown) -> MapSpec:
    choice, rule, measure = screen.choice, shown.rule, _measure(shown)
    supply = choice.supply_filter
    if measure == NETWORK:
        cache.walking(supply)
    payloads = cache.coverage_payloads(
        STORE, shown.standard, screen.translate, measure=measure, supply_filter=supply
    )
    view = CoverageView(
        with_names(
            _today(screen, shown).coverage, screen.city.communities, screen.translate.language
        ),
        rule,
        screen.kinds[rule.kind],
        payloads=payloads,
        figure=share_of(RESIDENTS),
        filter_text=supply_filter.parts(screen, rule.kind),
        theme=theme_at(supply),
    )
    plan = f"{shown.search.state} {hash(repr(shown.asked))}"
    return siting_map(canvas(screen, community=choice.community), view, shown.sites, plan=plan)


def _measure(shown: Shown) -> str:
    measures = cache.answers().measures(shown.standard, shown.asked.question.measures)
    return measures_of(shown.rule, measures)[0]


def _today(screen: Screen, shown: Shown) -> Assessment:
    chosen, supply = (_measure(shown),), screen.choice.supply_filter
    return cache.assessment(shown.standard, chosen=chosen, supply_filter=supply)


def _sentence(screen: Screen, shown: Shown) -> str:
    translate = screen.translate
    if shown.plan is None:
        return translate.markdown(f"siting.yet_{shown.search.state}")
    said = sentences(shown.plan, shown.asked.request, translate)
    lines = "  \n".join(map(markdown, said))
    return lines + supply_filter.sentence(screen, shown.rule.kind)


def _progress(screen: Screen, shown: Shown) -> None:
    """Tell how far the search has come, and offer to stop it or to begin anew."""
    translate, search = screen.translate, shown.search
    if not search.ended:
        _watch(screen, shown.asked)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="search"):
        if search.state == FAILED:
            said = (
                translate("siting.failed")
                if search.error is None
                else translate.error(search.error)
            )
            st.caption(markdown(said))
        else:
            st.caption(translate(f"siting.{search.state}", seconds=_seconds(search, translate)))
        if search.state != DONE:
            st.button(translate("siting.again"), on_click=SEARCHES.again, args=(shown.asked,))


@st.fragment(run_every=EVERY)
def _watch(screen: Screen, asked: AskedSiting) -> None:
    translate, search = screen.translate, SEARCHES.look(asked)
    if search.ended:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="search"):
        st.caption(markdown(_how_far(search, translate)))
        st.button(translate("siting.stop"), on_click=SEARCHES.stop, args=(asked,), key="stop")


def _how_far(search: Search, translate: Speaker) -> str:
    """Say what is known of the best plan so far: people and gap, or sites."""
    spent = translate(f"siting.{search.state}", seconds=_seconds(search, translate))
    if search.best is None:
        return spent
    return f"{spent} {so_far(search.best, search.asked.request, translate)}"


def _seconds(search: Search, translate: Speaker) -> str:
    return translate.count(round(search.seconds))


def _ranking(screen: Screen, shown: Shown) -> None:
    """List the sites, those that add most first."""
    translate = screen.translate
    if shown.sites.empty:
        st.caption(translate("siting.no_sites"))
        return
    table = _site_rows(screen, shown.sites)
    served = shown.sites["people_served"].notna().any()
    heading = translate("siting.table_served" if served else "siting.table")
    st.markdown(f"**{markdown(heading)}**")
    pick_row(
        "place",
        table.head(SHOWN),
        shown.sites["rank"].astype(str).tolist(),
        key=f"sites-{hash(repr(shown.asked))}-{shown.search.state}-{translate.language}",
        also={**STAY, "community": ""},
        columns=_looks(screen),
    )
    if shown.search.state in {DONE, STOPPED}:
        _carry_on(screen, shown)


def _carry_on(screen: Screen, shown: Shown) -> None:
    """Offer to try the sites as a scenario, and the paper for a decision."""
    translate, found = screen.translate, shown.plan
    if found is None:
        return
    with st.container(horizontal=True, key="carry-on"):
        if allowed(PAGES, "whatif"):
            st.button(
                translate("siting.try"),
                on_click=try_changes,
                args=(screen, site_changes(shown.sites)),
            )
        for form in WRITERS:
            offer_file(
                "papers",
                translate(f"siting.paper_{form}"),
                partial(_paper, screen, shown.asked, found, form),
                file_name=f"{screen.city.id}-decision.{form}",
                key=f"decision-{form}",
            )


def _paper(screen: Screen, asked: AskedSiting, found: SitingPlan, form: str) -> bytes:
    return WRITERS[form](siting_paper(cache.answers(), found, asked.request, screen.translate))


def _site_rows(screen: Screen, sites: pd.DataFrame) -> pd.DataFrame:
    translate = screen.translate
    named = with_names(sites, screen.city.communities, translate.language)
    heads = {"rank": named["rank"]}
    if (named["kind"] != screen.choice.kind).any():
        heads["kind"] = named["kind"].map(screen.kind_name)
    heads["place"] = named["community"].fillna("")
    if named["people_served"].notna().any():  # these are in the order of this
        heads["served"] = named["people_served"].round().astype("Int64")
    heads |= {
        "gained": named["people_gained"].round().astype("Int64"),
        "met": named["communities_met"],
        "lost": named["people_alone"].round().astype("Int64"),
        "overlap": percentages(named["people_overlap"] / named["people_in_reach"]),
        "hot": named["hot_places"].astype("Int64"),
        "repeats": named["repeat_points"].astype("Int64"),
        "nearest": named["nearest_facility_m"].round().astype("Int64"),
    }
    if (named["cost"] != 1).any():
        heads["price"] = named["cost"]
    return pd.DataFrame({translate(f"siting.col_{name}"): rows for name, rows in heads.items()})


def _looks(screen: Screen) -> dict[str, object]:
    translate = screen.translate
    return {
        translate("siting.col_rank"): st.column_config.NumberColumn(width=45),
        translate("siting.col_place"): name_column(),
        translate("siting.col_overlap"): share_column(),
    }


def _details(screen: Screen, shown: Shown) -> None:
    """Tell of the site chosen why, of a community what changes; else what else could be built."""
    translate, chosen = screen.translate, _chosen(shown, screen.choice.place)
    if shown.plan is None:
        st.caption(translate("siting.no_sites"))
    elif chosen is not None:
        st.markdown(markdown(chosen["reason"]))
        row = _site_rows(screen, shown.sites[shown.sites["rank"] == chosen["rank"]]).iloc[0]
        show_row(row, translate, columns=_looks(screen))
    else:
        _show_communities(screen, shown, shown.plan)
        _show_others(screen, shown.plan)


def _show_communities(screen: Screen, shown: Shown, found: SitingPlan) -> None:
    """Show the communities whose share changes, or the one chosen alone."""
    translate = screen.translate
    if screen.choice.community:
        row = _row(screen, shown, found, screen.choice.community)
        show_row(row, translate, columns=_share_looks(screen))
        return
    if found.communities.empty:
        st.caption(translate("siting.nothing_changes"))
        return
    st.markdown(f"**{markdown(translate('whatif.table'))}**")
    columns = {translate("coverage.col_name"): name_column(), **_share_looks(screen)}
    show_table(_communities(screen, found.communities), columns=columns)


def _share_looks(screen: Screen) -> dict[str, Any]:
    return {
        screen.translate(name): share_column() for name in ("whatif.col_today", "siting.col_after")
    }


def _row(screen: Screen, shown: Shown, found: SitingPlan, community: str) -> pd.Series[Any]:
    """Give a community before and after: as it is today where the plan changes nothing."""
    rows = found.communities
    rows = rows[(rows["community_id"] == community) & (rows["kind"] == shown.rule.kind)]
    if rows.empty:
        rows = _today(screen, shown).rows_of(shown.rule.id, _measure(shown))
        rows = rows[rows["community_id"] == community]
        share, verdict = rows["population_covered_share"], rows["verdict"]
        gained = share * 0.0  # where the share is not known, who gains is not known either
        rows = rows.assign(
            share_before=share, share_after=share, people_gained=gained, verdict_after=verdict
        )
    return _communities(screen, rows).iloc[0]


def _communities(screen: Screen, rows: pd.DataFrame) -> pd.DataFrame:
    translate = screen.translate
    named = with_names(rows, screen.city.communities, translate.language)
    return pd.DataFrame(
        {
            translate("coverage.col_name"): named["community"],
            translate("coverage.col_verdict"): [
                translate(f"verdict.{code}") for code in named["verdict_after"]
            ],
            translate("whatif.col_today"): percentages(named["share_before"]),
            translate("siting.col_after"): percentages(named["share_after"]),
            translate("siting.col_gained"): named["people_gained"].round().astype("Int64"),
        }
    )


def _show_others(screen: Screen, found: SitingPlan) -> None:
    """Show other plans that are nearly as good, and say what that means."""
    translate, others = screen.translate, found.alternatives
    if others.empty:
        return
    st.markdown(f"**{markdown(translate('siting.others'))}**")
    share = translate("siting.col_of_best")
    table = pd.DataFrame(
        {
            translate("siting.col_plan"): others["plan"],
            translate("siting.col_differ"): others["sites_differ"],
            translate("siting.col_gained"): others["people_gained"].round().astype("Int64"),
            share: percentages(others["share_of_best"]),
        }
    )
    show_table(table, columns={share: share_column()})
    st.caption(translate("siting.others_mean"))


def _curve(screen: Screen, shown: Shown) -> None:
    """Draw people by number of sites; a click asks for as many, and that is then solved."""
    translate, request = screen.translate, shown.asked.request
    if request.problem != COVER or request.weight != PEOPLE or request.minimum:
        st.caption(translate("siting.no_curve"))
        return
    searches = SEARCHES.alike(shown.asked)
    ended = [each.best for each in searches if each.state in {DONE, STOPPED} and each.best]
    table, proven = curve_table(ended, shown.plan)
    if table.empty:
        st.caption(translate("siting.no_sites"))
        return
    count = 0 if shown.plan is None else len(shown.plan.sites)
    chart = siting_curve(table, translate, chosen=count, proven=proven)
    draw_chart(chart, translate, key="siting-curve", pick=(PICKED, _pick))
    st.caption(translate("siting.curve_help" if proven else "siting.curve_preview"))


def _pick(rows: list[dict[str, float]]) -> None:
    """Ask for the number of sites that was clicked."""
    if rows:
        put_many({"goal": GOALS[0], "number": int(rows[0]["sites"]), "place": ""})


def _clicked(screen: Screen, shown: Shown, lon: float, lat: float) -> None:
    """Choose the site that was clicked, else the community."""
    city = screen.city
    x, y = Transformer.from_crs("EPSG:4326", city.crs, always_xy=True).transform(lon, lat)
    west, _, east, _ = city.communities.total_bounds
    if len(shown.sites):
        away = np.hypot(shown.sites["x"] - x, shown.sites["y"] - y).to_numpy()
        if away.min() <= (east - west) / NEAR:
            rank = str(shown.sites["rank"].iloc[int(away.argmin())])
            put_many({"community": "", "place": rank, "panel": DETAILS})
            return
    position = community_of([x], [y], city.communities)[0]
    found = "" if position == OUTSIDE else str(city.communities.index[position])
    put("place", "")
    put_many({"community": found, "panel": DETAILS})


def _notes(screen: Screen, shown: Shown) -> None:
    translate, request = screen.translate, shown.asked.request
    lines = [
        *zone_line(request, screen.city, translate),
        method_line(request.problem == CAPACITY, translate),
    ]
    if shown.plan is not None:
        lines.append(translate("siting.among", count=translate.count(shown.plan.candidates)))
        if len(shown.sites) > MOST_MARKED:
            lines.append(translate("siting.marked", count=MOST_MARKED))
        if shown.plan.answer.status == PREVIEW:
            lines.insert(0, translate("siting.preview_means"))
    st.caption("  \n".join(lines))
