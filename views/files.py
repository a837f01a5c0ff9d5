"""The files of the Export page: the recipes of the command line, fed from the caches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.bundle import coverage_files, coverage_geojson, hotspot_files
from exports.records import gaps_by_rule
from views import cached
from views.choice import Question
from views.hotspots import period
from views.maps.exported import coverage_html, hotspots_html

if TYPE_CHECKING:
    from views.screen import Screen


def coverage(screen: Screen) -> dict[str, bytes]:
    """
    Make the files of the standard chosen.

    Parameters
    ----------
    screen
        What there is and what is chosen.

    Returns
    -------
    files
        Content by name.
    """
    standard = screen.standards[screen.choice.standard]
    result = cached.assessment(standard)
    gaps = gaps_by_rule(standard, screen.city.kinds, cached.gaps)
    rule = screen.choice.rule or standard.rules[0].id
    html = coverage_html(screen.city, result, gaps, rule=rule, kinds=screen.kinds, say=screen.say)
    files = coverage_files(
        screen.city,
        result,
        gaps,
        language=screen.say.language,
        map_html=html,
        parameters={"standard": standard.id, "map_rule": rule},
    )
    return {**files, "coverage.geojson": coverage_geojson(screen.city, result)}


def hotspots(screen: Screen) -> dict[str, bytes]:
    """
    Make the files of the category and period chosen on the hot-spot page.

    Parameters
    ----------
    screen
        What there is and what is chosen.

    Returns
    -------
    files
        Content by name.
    """
    since, until = period(screen)
    choice = screen.choice
    question = Question(choice.category, since, until, choice.cell)
    survey = cached.survey(question)
    look = cached.look_back(question, choice.near, choice.days, choice.margin)
    html = hotspots_html(screen.city, survey, say=screen.say)
    return hotspot_files(screen.city, survey, look, map_html=html, parameters=question._asdict())
