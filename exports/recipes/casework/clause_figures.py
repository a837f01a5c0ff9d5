"""Figures that clauses of a title's standard are held to, read off the recipes that make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.casework.inspections import names_rounds
from analysis.casework.readiness import NO_LAYER, NOT_KNOWN, Reading
from analysis.model.errors import SampleError
from analysis.model.question import Question
from analysis.model.title import (
    CHECK_RATE,
    CLOSE_RATE,
    HOT_PLACES,
    KNOWN_BEFORE,
    ON_TIME_RATE,
    RECTIFIED,
    RELAPSE,
    RULE_SHARE,
)
from exports.recipes.casework.inspections import chosen_round, round_table
from exports.recipes.hotspots import with_usual_period
from layers.knowledge.titles import rule_named

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from analysis.model.standards import Rule
    from analysis.model.title import Clause, TitleStandard
    from exports.recipes.issue_answers import IssueAnswers

UNTOLD = Reading(reason=NOT_KNOWN)


def computed_reading(answers: IssueAnswers, clause: Clause, standard: TitleStandard) -> Reading:
    """Read the figure of a clause off the recipe that every other page takes it from."""
    if clause.rule:
        return _of_rule(answers, clause, rule_named(clause, answers.standards, standard.id))
    if answers.city.issues is None:
        return Reading(reason=NO_LAYER)
    question = with_usual_period(Question(), answers.city)
    return OF_ISSUES[clause.figure](answers, question, clause.figure)


def _of_rule(answers: IssueAnswers, clause: Clause, rule: Rule) -> Reading:
    """Read the city's row of a rule; the communities that cannot be judged may be of either."""
    if rule.kind not in answers.city.kinds:
        return Reading(reason=NO_LAYER)
    standard = answers.own_standard(Question(standard=clause.standard))
    summary = answers.assessment(standard).scored.summary
    row: Any = summary[(summary["level"] == "city") & (summary["rule"] == rule.id)].iloc[0]
    name = f"{clause.standard}; {rule.id}"
    if clause.figure == RULE_SHARE:
        n, share = float(row["communities"]), float(row["meets"] / row["communities"])
        most = share + float(row["cannot_judge"]) / n
        return Reading(share, least=share, most=most, n=n, evidence="summary", row=name)
    most = float(row.get(f"{rule.figure.id}_most", np.nan))
    return Reading(float(row[rule.figure.id]), most=most, evidence="summary", row=name)


def _of_cases(answers: IssueAnswers, question: Question, figure: str) -> Reading:
    kpis = answers.handling(question).kpis
    row: Any = kpis[(kpis["level"] == "city") & (kpis["kpi"] == figure)].iloc[0]
    if row["reason"]:
        return UNTOLD
    return _share(row, "", n=row["denominator"], evidence="kpis", row_id=figure)


def _share(row: Any, part: str, *, n: float, evidence: str, row_id: str) -> Reading:  # noqa: ANN401  a row
    """Read a share with its interval; `part` is what its columns begin with."""
    if np.isnan(row[f"{part}share"]):
        return UNTOLD
    return Reading(
        value=float(row[f"{part}share"]),
        low=float(row[f"{part}low_share"]),
        high=float(row[f"{part}high_share"]),
        n=float(n),
        evidence=evidence,
        row=row_id,
    )


def _of_places(answers: IssueAnswers, question: Question, _: str) -> Reading:
    if answers.are_named_alone():
        return UNTOLD
    try:
        places = answers.hot_spots(question).places
    except SampleError:
        return UNTOLD
    return Reading(float(len(places)), evidence="places")


def _of_closings(answers: IssueAnswers, question: Question, _: str) -> Reading:
    found = answers.follow_up(question)
    share = found.relapsed_share
    if share is None:
        return UNTOLD
    return Reading(share, n=float(found.followed), evidence="relapse")


def _of_round(answers: IssueAnswers, question: Question, figure: str) -> Reading:
    """Read the latest round of inspectors."""
    if not names_rounds(answers.city.issues):
        return Reading(reason=NO_LAYER)
    table = round_table(answers, question)
    name = chosen_round(table, "")
    if not name:
        return UNTOLD
    row: Any = table[table.index == name].iloc[0]
    if figure == KNOWN_BEFORE:
        return _share(row, "known_", n=row["judged"], evidence="rounds", row_id=name)
    known = row["rectified"] + row["open"]
    return _share(row, "", n=known, evidence="rounds", row_id=name)


OF_ISSUES: dict[str, Callable[[IssueAnswers, Question, str], Reading]] = {
    CHECK_RATE: _of_cases,
    CLOSE_RATE: _of_cases,
    ON_TIME_RATE: _of_cases,
    RELAPSE: _of_closings,
    HOT_PLACES: _of_places,
    RECTIFIED: _of_round,
    KNOWN_BEFORE: _of_round,
}
"""How each figure that is of issues is read."""
