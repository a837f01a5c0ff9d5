"""Facilities to close or to move: which lose least, and the scenario that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.coverage.figures import NETWORK
from analysis.scenarios.changes import ADD, CLOSE, Change
from analysis.siting.closing import Moves, close_and_open
from analysis.siting.maximal_cover import OPTIMAL, Answer
from analysis.siting.solving import Solution, solve_siting
from exports.recipes.coverage import supply_filter
from exports.recipes.scenarios import (
    SCENARIO_FILES,
    Judged,
    Scenario,
    ScenarioJudge,
    in_degrees,
    scenario_files,
)
from exports.recipes.siting import (
    ANYWHERE,
    Where,
    ground_of,
    siting_measure,
    siting_of,
    siting_rule,
)
from wording.names import facility_names, reach_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.model.question import Question, SitingRequest
    from exports.recipes.issue_answers import IssueAnswers
    from exports.recipes.siting import AskedSiting
    from wording.speaker import Speaker

MOVES_FILES = SCENARIO_FILES
NAMED = 10
"""Facilities that a sentence names."""


def propose_moves(
    answers: IssueAnswers,
    question: Question,
    kind: str,
    request: SitingRequest,
    *,
    closures: int,
    where: Where = ANYWHERE,
    heard: Callable[[Moves], None] | None = None,
) -> Moves:
    """Choose facilities of a kind to close, and sites to open, by the standard's first rule."""
    standard, supply = answers.standard(question), supply_filter(question)
    rule = siting_rule(standard, kind)
    measure = siting_measure(answers, question, standard, [rule])
    return close_and_open(
        answers.walking(supply) if measure == NETWORK else answers.preparation(supply),
        rule,
        request,
        closures=closures,
        ground=ground_of(answers, measure, request, where),
        heard=heard,
    )


def solve_asked(
    answers: IssueAnswers,
    asked: AskedSiting,
    heard: Callable[[Solution], None] | None = None,
) -> Solution:
    """Look for sites, or for the facilities to close and the sites to open instead."""
    question, (kind, *_), request, where = asked
    if request.closures is None:
        return solve_siting(siting_of(answers, asked), heard=heard)
    moves = propose_moves(
        answers,
        question,
        kind,
        request,
        closures=request.closures,
        where=where,
        heard=heard and (lambda found: heard(_solution(found))),
    )
    return _solution(moves)


def _solution(moves: Moves) -> Solution:
    none = np.empty(0, dtype=np.int64)
    gained, bound = moves.after - moves.before, moves.bound - moves.before
    return Solution(Answer(none, gained, bound, moves.status, moves.method), moves=moves)


def moves_changes(kind: str, moves: Moves) -> tuple[Change, ...]:
    """Give the facilities that close and the sites that open as changes, in metres."""
    closed = [Change(CLOSE, kind, str(facility)) for facility in moves.closed]
    opened = [
        Change(ADD, kind, f"site {number}", float(x), float(y))
        for number, (x, y) in enumerate(moves.opened, 1)
    ]
    return (*closed, *opened)


def moves_scenario(
    answers: IssueAnswers, question: Question, kind: str, moves: Moves, *, author: str = ""
) -> Scenario:
    """Make a scenario of the facilities that close and of the sites that open."""
    return Scenario(
        in_degrees(moves_changes(kind, moves), answers.city),
        author,
        standard=question.standard,
        radii=question.radii,
        measures=question.measures,
    )


def moves_files(
    answers: IssueAnswers,
    judged: Judged,
    moves: Moves,
    request: SitingRequest,
    translate: Speaker,
    *,
    closures: int,
    where: Where = ANYWHERE,
) -> dict[str, bytes]:
    """Make the files of a proposal to close or to move: those of its scenario."""
    asked = {
        "closures_asked": closures,
        "sites_asked": request.sites or 0,
        "candidates": request.candidates,
        "zone": request.zone,
        "weight": request.weight,
        **where.record(),
    }
    found = {
        "closed": len(moves.closed),
        "opened": len(moves.opened),
        "reached_before": moves.before,
        "objective": moves.after,
        "bound": moves.bound,
        "gap_share_of_all": moves.gap,
        "status": moves.status,
        "method": moves.method,
    }
    return scenario_files(answers, [judged], translate, command="place", found={**asked, **found})


def judge_moves(answers: IssueAnswers, name: str, scenario: Scenario) -> Judged:
    """Judge every rule of the standard with the moves made."""
    return ScenarioJudge(answers).judge(name, scenario)


def moves_sentences(
    answers: IssueAnswers,
    question: Question,
    kind: str,
    moves: Moves,
    translate: Speaker,
    *,
    closures: int,
    sites: int,
) -> list[str]:
    """Say what closes, what that loses or brings, and what is proven."""
    standard = answers.standard(question)
    rule = siting_rule(standard, kind)
    measure = siting_measure(answers, question, standard, [rule])
    names = facility_names(answers.city.facilities, translate.language)[moves.closed]
    listed = translate("asked.and").join(names.head(NAMED))
    facts = {
        "reach": reach_text(translate, float(rule.service_radius_m or 0), measure),
        "before": translate.count(round(moves.before)),
        "after": translate.count(round(moves.after)),
        "closed": translate.count(len(moves.closed)),
        "opened": translate.count(len(moves.opened)),
        "names": listed + ("…" if len(names) > NAMED else ""),
    }
    proven = "siting.moves_optimal" if moves.status == OPTIMAL else "siting.moves_within"
    return [
        translate("siting.moves" if len(moves.closed) else "siting.moves_none", **facts),
        translate(
            proven,
            closures=translate.count(closures),
            sites=translate.count(sites),
            gap=translate.share(moves.gap),
        ),
    ]
