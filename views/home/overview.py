"""Overview for leaders: what is reached, what is open, where it concentrates, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.model.errors import SampleError
from analysis.model.question import Question
from views import cache
from views.controls.city_question import last_year_of
from views.controls.questions import choose_standard
from views.controls.theme import waiting
from views.controls.widgets import put
from views.lists.priority import lead
from views.map.coverage_text import WORST, worst_places
from wording.names import place_name, with_names, with_places
from wording.numbers import day, last_year

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from typing import Any

    from analysis.model.standards import Rule
    from views.controls.screen import Screen


PLACES = 5
FIRST = 3


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, city = screen.translate, screen.city
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        lead = translate.markdown(
            "overview.lead", city=translate.of(city.name), day=day(city.as_of)
        )
        st.header(lead, anchor=False)
    with right:
        choose_standard(screen)
    standard = screen.standards[screen.choice.standard]
    result = cache.assessment(standard)
    coverage = with_names(result.coverage, city.communities, translate.language)
    summary = result.summary[result.summary["level"] == "city"]
    whole = {row["rule"]: row for row in summary.to_dict("records")}
    rules = {kind: next(_rules(screen, kind), None) for kind in screen.kinds}
    _figures(screen, whole, rules, coverage)
    st.caption(
        translate.markdown(
            "overview.standard_used",
            standard=translate.of(standard.title),
            document=standard.document,
        )
    )
    _first(screen)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(translate("overview.worst"), anchor=False)
        if not city.kinds:
            st.info(translate("coverage.no_kinds"))
        for kind, rule in rules.items():
            if rule is not None and kind in city.kinds:
                _worst(screen, coverage[coverage["rule"] == rule.id], rule)
    with right:
        st.subheader(translate("overview.hottest"), anchor=False)
        _hottest(screen)


def _first(screen: Screen) -> None:
    """The top of the joint priority, over the last year and all categories."""
    translate, city = screen.translate, screen.city
    if city.issues is None:
        return
    question, (since, until) = _last_year(screen), last_year(city.as_of)
    with waiting(translate("app.working")):
        priority = cache.answers().priority(question)
    st.subheader(translate("overview.first"), anchor=False)
    for line in lead(screen, priority, shown=FIRST):
        st.markdown(line)
    parts = translate("priority.between").join(
        translate(f"priority.{part}").lower() for part in priority.weights
    )
    st.caption(translate("overview.first_method", parts=parts, since=since, until=until))
    st.button(translate("page.priority"), on_click=put, args=("page", "priority"))


def _last_year(screen: Screen) -> Question:
    """Ask of every issue of the last year, as usual but for what counts as a return."""
    asked = screen.question
    return Question(
        standard=asked.standard, selection=last_year_of(screen.city), follow_up=asked.follow_up
    )


def _rules(screen: Screen, kind: str) -> Iterator[Rule]:
    standard = screen.standards[screen.choice.standard]
    rules = [rule for rule in standard.rules if rule.kind == kind]
    return iter(sorted(rules, key=lambda rule: not rule.figure.needs_radius))


def _figures(
    screen: Screen,
    whole: dict[Hashable, dict[Hashable, Any]],
    rules: dict[str, Rule | None],
    coverage: pd.DataFrame,
) -> None:
    columns = st.columns(len(rules) + 2, gap="medium")
    for column, (kind, rule) in zip(columns, rules.items(), strict=False):
        with column:
            row = whole.get(rule.id) if rule else None
            _reach(screen, kind, row, rule, unknown=_unknown_people(coverage, rule))
    _cases(screen, columns[-2], columns[-1])


def _unknown_people(coverage: pd.DataFrame, rule: Rule | None) -> int:
    """Count the communities of which nobody knows how many people live there."""
    rows = coverage[coverage["rule"] == (rule.id if rule else "")]
    return int(rows["population"].isna().sum())


def _reach(
    screen: Screen,
    kind: str,
    row: dict[Hashable, Any] | None,
    rule: Rule | None,
    *,
    unknown: int,
) -> None:
    translate = screen.translate
    label = translate.markdown("overview.reach", kind=screen.kind_name(kind))
    if kind not in screen.city.kinds:
        st.metric(label, "—", border=True)
        st.caption(translate("overview.no_layer"))
        return
    if row is None or rule is None:
        st.metric(label, "—", border=True)
        st.caption(translate("overview.no_rule"))
        return
    meet = translate(
        "overview.communities_meet",
        meets=translate.count(row["meets"]),
        n=translate.count(row["communities"]),
    )
    if rule.service_radius_m is None:
        share, value = rule.figure.share, row[rule.figure.id]
        text = translate.share(value) if share else translate.decimal(value, digits=2)
        st.metric(translate(f"figure.{rule.figure}"), text, border=True)
        lines = [meet]
    elif unknown:
        # people nobody counted may all be beyond: no share of all can be said
        st.metric(label, "—", border=True)
        lines = [*_of_known_people(screen, row, rule, unknown=unknown), meet]
    else:
        st.metric(label, translate.share(row["population_covered_share"]), border=True)
        lines = [translate("overview.reach_of"), meet]
    if row["cannot_judge"]:
        lines.append(translate("overview.cannot_judge", count=translate.count(row["cannot_judge"])))
    if rule.service_radius_m is not None and not unknown:
        key = "reach_note" if row["population_basis"] == "residents" else "reach_note_area"
        lines.append(
            translate(
                f"overview.{key}",
                radius=translate.metres(rule.service_radius_m),
                covered=translate.count(row["population_covered"]),
                population=translate.count(row["population"]),
            )
        )
    lines.append(translate(f"confidence.{rule.confidence}"))
    st.caption("  \n".join(lines))


def _of_known_people(
    screen: Screen, row: dict[Hashable, Any], rule: Rule, *, unknown: int
) -> Iterator[str]:
    """Say what is known where the people of some communities are not: counts, and the area."""
    translate = screen.translate
    known = int(row["communities"]) - unknown
    facts = {"n": translate.count(row["communities"]), "unknown": translate.count(unknown)}
    yield translate("overview.people_unknown", **facts)
    radius = translate.metres(rule.service_radius_m or 0)
    if known:
        yield translate(
            "overview.people_known",
            covered=translate.count(row["population_covered"]),
            population=translate.count(row["population"]),
            radius=radius,
        )
    if pd.notna(row["area_covered_share"]):
        area = translate.share(row["area_covered_share"])
        yield translate("overview.area_reached", area=area, radius=radius)


def _cases(screen: Screen, first: st.delta_generator.DeltaGenerator, second: object) -> None:
    translate = screen.translate
    if screen.city.issues is None:
        with first:
            st.metric(translate("overview.open"), "—", border=True)
            st.caption(translate("overview.no_issues"))
        return
    cases = cache.cases()
    if not cases.states_known:
        with first:
            st.metric(translate("overview.open"), "—", border=True)
            st.caption(translate("overview.open_unknown", total=translate.count(cases.total)))
        return
    with first:
        st.metric(translate("overview.open"), translate.count(cases.open), border=True)
        st.caption(translate("overview.open_note", total=translate.count(cases.total)))
    with second:  # type: ignore[attr-defined]
        st.metric(translate("overview.overdue"), translate.count(cases.overdue), border=True)
        share = cases.overdue / cases.open if cases.open else 0
        undated = cases.open - cases.open_with_due
        st.caption(
            translate(
                "overview.overdue_note",
                share=translate.share(share),
                undated=translate.count(undated),
            )
        )


def _worst(screen: Screen, rows: pd.DataFrame, rule: Rule) -> None:
    if rule.service_radius_m is None:
        return
    translate = screen.translate
    out = rows["population"] - rows["population_covered"]
    facts = {"kind": screen.kind_name(rule.kind), "radius": translate.metres(rule.service_radius_m)}
    unknown = int(rows["population"].isna().sum())
    if unknown:
        counts = {"unknown": translate.count(unknown), "n": translate.count(len(rows))}
        st.markdown(translate.markdown("overview.worst_unknown", **counts, **facts))
    if round(out.sum()) == 0:
        if not unknown:
            st.markdown(translate.markdown("overview.none_out", **facts))
        return
    worst = out[out.round() > 0].nlargest(WORST)
    places = worst_places(screen, rows.loc[worst.index], worst)
    st.markdown(
        translate.markdown(
            "overview.worst_line", out=translate.count(out.sum()), places=places, **facts
        )
    )


def _hottest(screen: Screen) -> None:
    translate, city = screen.translate, screen.city
    if city.issues is None:
        st.info(translate("overview.no_issues"))
        return
    since, until = last_year(city.as_of)
    try:
        hotspot_result = cache.answers().hot_spots(_last_year(screen))
    except SampleError as error:
        st.info(translate.markdown("overview.refused", why=translate.error(error)))
        return
    if hotspot_result.places.empty:
        st.info(translate("overview.no_hot"))
    places = with_places(hotspot_result.places.head(PLACES), city, translate.language)
    known = hotspot_result.cases.states_known
    for row in places.to_dict("records"):
        st.markdown(
            translate.markdown(
                "overview.hottest_line" if known else "overview.hottest_line_plain",
                rank=row["rank"],
                community=place_name(row),
                parent=screen.parent_name(row["parent"]),
                cases=translate.count(row["cases"]),
                category=screen.category_name(row["top_category"]),
                open=translate.count(row["open"]),
                overdue=translate.count(row["overdue"]),
            )
        )
    st.caption(
        translate.markdown(
            "overview.hottest_method",
            cell=translate.metres(hotspot_result.hot_spots.grid.cell_size),
            since=since,
            until=until,
        )
    )
    st.button(translate("page.hotspots"), on_click=put, args=("page", "hotspots"))
