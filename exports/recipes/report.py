"""What leaves the program to be shown and printed: pictures of every map."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.model.errors import SampleError
from analysis.model.question import ALL_ISSUES, Selection
from exports.pictures.context import context_of
from exports.pictures.draw import picture_files
from exports.provenance import with_record
from exports.recipes.coverage import answer_coverage, asked, mapped_rule, rule_document
from exports.recipes.hotspots import asked_of_issues, hotspot_document
from wording.numbers import last_year

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analysis.model.question import Question
    from exports.pictures.context import Context
    from exports.recipes.coverage import CoverageAnswer
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from maps.documents import MapDocument
    from wording.speaker import Speaker

PICTURES = ("png", "svg")
FORMATS = PICTURES
"""What `--format` may name."""


@dataclass(frozen=True, eq=False)
class Report:
    """One report: the city asked, the question, who speaks, and what was found of coverage."""

    answers: IssueAnswers
    question: Question
    translate: Speaker
    coverage: CoverageAnswer
    context: Context

    @property
    def city(self) -> City:
        """The city that the report is of."""
        return self.answers.city


def begin_report(answers: IssueAnswers, question: Question, translate: Speaker) -> Report:
    """Ask what every paper and picture is made of; without a period, issues of the last year."""
    question = with_last_year(question, answers.city)
    coverage = answer_coverage(answers, question)
    context = context_of(answers.city, translate.language)
    return Report(answers, question, translate, coverage, context)


def with_last_year(question: Question, city: City) -> Question:
    """Put the last year of the data in the place of no period, as pages do."""
    if question.selection.since or question.selection.until:
        return question
    first, last = (dt.date.fromisoformat(day) for day in last_year(city.as_of))
    selection = Selection(question.selection.category, first, last)
    history = (
        question.history if question.history != ALL_ISSUES else replace(ALL_ISSUES, until=last)
    )
    return replace(question, selection=selection, history=history)


def report_files(
    answers: IssueAnswers,
    question: Question,
    translate: Speaker,
    formats: Sequence[str] = FORMATS,
    *,
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the papers and pictures asked for."""
    report = begin_report(answers, question, translate)
    files: dict[str, bytes] = {}
    for name, document in map_documents(report):
        drawn = picture_files(document, report.context, f"map-{name}", translate=translate)
        files |= {name: each for name, each in drawn.items() if name.rpartition(".")[2] in formats}
    return with_record(
        files,
        report.city,
        command="report",
        parameters=_record(report, formats),
        created=created or dt.datetime.now(dt.UTC),
        standard=report.coverage.assessment.standard,
    )


def map_documents(report: Report) -> Iterator[tuple[str, MapDocument]]:
    """Compose the map of every rule that the city has facilities for, and of hot spots."""
    answers, coverage, translate = report.answers, report.coverage, report.translate
    judged = {rule.id: measure for rule, measure in coverage.assessment.judged}
    for rule in coverage.assessment.standard.rules:
        if rule.kind in report.city.kinds and rule.id in judged:
            yield (
                rule.id,
                rule_document(answers, coverage, translate, rule=rule.id, measure=judged[rule.id]),
            )
    if report.city.issues is not None:
        try:
            yield "hotspots", hotspot_document(answers, report.question, translate)
        except SampleError:  # too few cases for a test: the papers say so, and no map is drawn
            return


def _record(report: Report, formats: Sequence[str]) -> dict[str, object]:
    question, assessment = report.question, report.coverage.assessment
    mapped = mapped_rule(question, assessment, report.city)
    return {
        **asked(question, assessment.standard, mapped),
        **asked_of_issues(report.answers, question, report.translate),
        "formats": list(formats),
    }
