"""The files of the Export page: the recipes of the command line, fed from the caches."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from analysis.coverage.additions import with_additions
from analysis.coverage.capacity import capacity_table
from analysis.coverage.editions import compare
from analysis.coverage.figures import NETWORK, STRAIGHT, measures_of
from analysis.coverage.zones import compare_zones
from analysis.model.question import Question
from analysis.model.standards import with_service_radius
from exports.bundle import change_tables, coverage_files, coverage_geojson, hotspot_files
from exports.tables.facilities import closure_table, gaps_by_rule, walk_reach_table
from maps.documents import coverage_html, hotspots_html
from views import cache
from views.hotspots import period
from views.priority import weights

if TYPE_CHECKING:
    import pandas as pd

    from analysis.model.standards import Standard
    from views.controls.screen import Screen


def chosen_radius(screen: Screen) -> dict[str, float]:
    """Give the service radius that the reader has put in place of the standard's."""
    choice = screen.choice
    return {choice.kind: float(choice.radius)} if choice.radius and choice.rule else {}


def chosen_standard(screen: Screen) -> Standard:
    """Give the standard with the radius that the Coverage page shows."""
    return with_service_radius(screen.standards[screen.choice.standard], chosen_radius(screen))


def coverage(screen: Screen) -> dict[str, bytes]:
    """
    Make the files of the standard chosen.

    Walking distance stands beside the straight line if it is the measure chosen.
    """
    standard, asked = chosen_standard(screen), screen.choice.asked
    rule = screen.choice.rule or standard.rules[0].id
    measures = (STRAIGHT, NETWORK) if screen.choice.measure == NETWORK else (STRAIGHT,)
    if not any(NETWORK in measures_of(each) for each in standard.rules):
        measures = (STRAIGHT,)
    result = cache.assessment(standard, measures=measures, asked=asked)
    ready = cache.walks(asked) if NETWORK in measures else cache.preparation(asked)
    result = with_additions(ready, result)
    shown = [measure for each, measure in result.judged if each.id == rule]
    gaps = gaps_by_rule(standard, screen.city.kinds, partial(cache.gaps, asked=asked))
    walk_reach = None
    if NETWORK in measures:
        walk_reach = walk_reach_table(screen.city, cache.walks(asked), result)
    html = coverage_html(
        screen.city,
        result,
        gaps,
        rule=rule,
        measure=shown[-1],
        kinds=screen.kinds,
        translate=screen.translate,
        walk_reach=walk_reach,
    )
    choice = screen.choice
    needs = {choice.kind: choice.need} if choice.need else {}
    capacity = capacity_table(
        cache.preparation(),
        standard,
        screen.kinds,
        method=choice.catchment,
        needs=needs,
    )
    robustness = cache.robustness(standard, position_error=choice.off, asked=asked)
    files = coverage_files(
        screen.city,
        result,
        gaps,
        extra_tables={
            "capacity": capacity,
            "robustness": robustness.communities,
            "closures": closure_table(robustness.closures, screen.city),
            "zones": compare_zones(cache.preparation(asked), screen.city.zones, standard),
            **_change(screen, standard),
        },
        language=screen.translate.language,
        map_html=html,
        walk_reach=walk_reach,
        parameters={
            "standard": standard.id,
            "service_radius_m": chosen_radius(screen),
            "map_rule": rule,
            "measure": list(measures),
            **asked.record(),
            "catchment": choice.catchment,
            "need_per_1000": needs,
            "compare": choice.edition,
            "position_error_m": choice.off,
        },
    )
    return {**files, "coverage.geojson": coverage_geojson(screen.city, result)}


def _change(screen: Screen, standard: Standard) -> dict[str, pd.DataFrame]:
    """Compare with the edition chosen, where the city has an earlier one."""
    city, edition = screen.city, screen.choice.edition
    if not edition:
        return {}
    then = city.earlier[edition]
    found = compare(cache.preparation(), then, standard)
    return change_tables(city, found)


def hotspots(screen: Screen) -> dict[str, bytes]:
    """Make the files of the category and period chosen on the hot-spot page."""
    since, until = period(screen)
    choice = screen.choice
    question = Question(choice.category, since, until, choice.cell, choice.grid, choice.basis)
    hotspot_result = cache.hotspot_result(question)
    follow_up = cache.follow_up_issues(question, choice.near, choice.days, choice.margin)
    html = hotspots_html(screen.city, hotspot_result, translate=screen.translate)
    priority = cache.priority(
        screen.standards[choice.standard],
        question,
        near=choice.near,
        days=choice.days,
        margin=choice.margin,
        weights=weights(screen),
    )
    question = Question(choice.category, choice.since, choice.until, choice.cell)
    return hotspot_files(
        screen.city,
        hotspot_result,
        follow_up,
        cache.case_handling(question),
        priority,
        trends=cache.trends(question, choice.span),
        clusters=cache.clusters(question, choice.within, choice.crowd),
        language=screen.translate.language,
        map_html=html,
        parameters={**question._asdict(), "months": choice.span, "standard": choice.standard},
    )
