"""What pages have in common: kind, rule and radius; issues, their period, cells and refusals."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

from analysis.coverage.figures import NETWORK, STRAIGHT, measures_of
from analysis.model.errors import SampleError
from analysis.model.question import MEASURES
from views import cache
from views.controls.choice import rules_of
from views.controls.widgets import choose_day, select, slide, switch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analysis.model.standards import Rule
    from views.controls.screen import RuleInUse, Screen

RADII = (50, 3000, 50)
"""Least, greatest and step of the radius slider, in metres."""
CELLS = (50, 75, 100, 150, 200, 250, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000)


def choose_kind(screen: Screen, kinds: Sequence[str] = ()) -> None:
    """Offer kinds of facilities."""
    offered = list(kinds or screen.city.kinds)
    select("kind", offered, screen.translate("coverage.kind"), naming=screen.kind_name)


def choose_standard(screen: Screen) -> None:
    """Offer the standards."""
    translate, standards = screen.translate, screen.standards
    select(
        "standard",
        sorted(standards),
        translate("coverage.standard"),
        naming=lambda key: translate.of(standards[key].title),
    )


def choose_rule(screen: Screen, kind: str = "") -> None:
    """Offer the rules that the standard chosen has for a kind, if there are any."""
    translate, choice = screen.translate, screen.choice
    rules = rules_of(screen.standards[choice.standard], kind or choice.kind)
    if rules:
        select(
            "rule",
            list(rules),
            translate("coverage.rule"),
            naming=lambda key: translate.of(rules[key].title),
        )


def choose_radius(screen: Screen, standard: float, *, radii: tuple[int, int, int] = RADII) -> None:
    """Offer the service radius on a slider."""
    translate = screen.translate
    label, advice = translate("coverage.radius"), translate("coverage.radius_help")
    slide("radius", radii, label, standard=round(standard), advice=advice)


def choose_measure(screen: Screen) -> None:
    """Offer to measure distance as the rules mean it, straight or along streets."""
    translate = screen.translate
    if screen.city.streets is None or screen.city.residents is None:
        return
    switch(
        "measure",
        ("", *MEASURES),
        translate("coverage.measure"),
        naming=lambda measure: translate(f"coverage.by_{measure or 'rule'}"),
        hidden=False,
    )


def measure_notes(screen: Screen, rules: Sequence[Rule]) -> list[str]:
    """Say by which measure rules are judged, where that needs to be told."""
    translate, choice = screen.translate, screen.choice
    meant = [rule for rule in rules if measures_of(rule)[0] == NETWORK]
    why = cache.answers().why_straight() if meant and not choice.measure else ""
    if why:
        share = translate.share(cache.answers().joined_share())
        return [translate(f"measure.{why}", share=share)]
    if meant and choice.measure == STRAIGHT:
        return [translate("measure.bound")]
    return []


def choose_category(screen: Screen) -> None:
    """Offer the categories of the city's issues, each with its number."""
    translate = screen.translate
    categories = cache.categories()

    def named(name: str) -> str:
        return (
            f"{screen.category_name(name)} ({translate.count(categories[name])})"
            if name
            else everything
        )

    everything = translate("app.all")
    select("category", ["", *categories.index], translate("hotspots.category"), naming=named)


def choose_period(screen: Screen, since: str, until: str) -> None:
    """Offer the first and the last day."""
    choose_day("since", since, screen.translate("hotspots.since"))
    choose_day("until", until, screen.translate("hotspots.until"))


def has_kinds(screen: Screen) -> bool:
    """Tell whether the city has a layer of facilities, and the reader where it has none."""
    if not screen.city.kinds:
        st.info(screen.translate("coverage.no_kinds"))
    return bool(screen.city.kinds)


def rule_in_use(screen: Screen, kind: str = "") -> RuleInUse | None:
    """Give the rule chosen for a kind, and say so where the standard has none."""
    translate, kind = screen.translate, kind or screen.choice.kind
    in_use = screen.rule_of(kind)
    if in_use is None:
        title = translate.of(screen.standards[screen.choice.standard].title)
        name = screen.kind_name(kind)
        st.warning(translate.markdown("coverage.no_rule", standard=title, kind=name))
    return in_use


def has_issues(screen: Screen) -> bool:
    """Tell whether the city has a layer of issues, and the reader where it has none."""
    if screen.city.issues is None:
        st.info(screen.translate("hotspots.no_layer"))
    return screen.city.issues is not None


def choose_campaign(screen: Screen) -> None:
    """Offer the campaigns of the city, where it has any."""
    translate, campaigns = screen.translate, screen.city.campaigns

    def named(each: str) -> str:
        return translate.of(campaigns[each].name) if each else translate("campaign.none")

    if campaigns:
        advice = translate("campaign.filter_help")
        names = ["", *campaigns]
        select("campaign", names, translate("campaign.filter"), naming=named, advice=advice)


def choose_issues(screen: Screen) -> None:
    """Offer category, campaign and period of the issues shown."""
    selection = screen.question.selection
    choose_category(screen)
    choose_campaign(screen)
    choose_period(screen, str(selection.since), str(selection.until))


@contextmanager
def refusals(screen: Screen, key: str) -> Iterator[None]:
    """Say why where the data do not suffice, and what to do."""
    translate = screen.translate
    try:
        yield
    except SampleError as error:
        st.warning(translate.markdown(key, why=translate.error(error)))
        st.caption(translate.markdown("error.what_to_do", hint=translate.hint(error)))


def choose_cell(screen: Screen) -> None:
    """Offer sizes of cells."""
    translate = screen.translate
    select(
        "cell",
        sorted({0, *CELLS, screen.choice.cell}),
        translate("hotspots.cell"),
        naming=lambda size: translate.metres(size) if size else translate("hotspots.proposed"),
    )
