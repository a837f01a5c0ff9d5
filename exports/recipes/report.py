"""What leaves the program to be shown and printed: papers, and pictures of every map."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from analysis.issues.monthly import monthly_cases
from analysis.issues.selection import select_issues
from analysis.model.errors import SampleError
from charts.cases import monthly_chart
from exports.formats.xlsx import report_workbook
from exports.papers.findings import Findings, IssueFindings
from exports.papers.papers import PAPERS, community_sheet
from exports.papers.write import WRITERS
from exports.pictures.chart import chart_files
from exports.pictures.draw import INSET, document_svg, picture_files
from exports.pictures.svg import plain
from exports.provenance import with_record
from exports.recipes.coverage import answer_coverage, asked, measure_sentence, rule_document
from exports.recipes.hotspots import (
    asked_of_issues,
    hotspot_document,
    with_usual_period,
)
from layers.knowledge.taxonomy import category_names
from layers.toml_entry import unknown
from wording.campaigns import asked_period

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analysis.hotspots.recipe import HotSpotResult
    from analysis.model.question import Question
    from charts.spec import ChartSpec
    from exports.papers.model import Paper
    from exports.recipes.coverage import CoverageAnswer
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from maps.documents import MapDocument
    from wording.speaker import Speaker

SHEET = "community"
PAPER_NAMES = (*PAPERS, SHEET)
"""Papers that can be asked for; the last needs to be told which community."""
HOTSPOTS = "hotspots"
"""Name of the map that is of no rule."""
PICTURES = ("png", "svg")
TABLE = "xlsx"
"""One sheet in words, beside the workbooks of `coverage` and `hotspots`."""
FORMATS = (*WRITERS, TABLE, *PICTURES)
"""What `--format` may name."""


@dataclass(frozen=True, eq=False)
class Report:
    """One report: the city asked, the question, who speaks, and what was found of coverage."""

    answers: IssueAnswers
    question: Question
    translate: Speaker
    coverage: CoverageAnswer

    @property
    def city(self) -> City:
        """The city that the report is of."""
        return self.answers.city


def begin_report(answers: IssueAnswers, question: Question, translate: Speaker) -> Report:
    """Ask what every paper and picture is made of; without a period, issues of the last year."""
    question = with_usual_period(question, answers.city)
    coverage = answer_coverage(answers, question)
    return Report(answers, question, translate, coverage)


def report_files(
    answers: IssueAnswers,
    question: Question,
    translate: Speaker,
    formats: Sequence[str] = FORMATS,
    *,
    communities: Sequence[str] = (),
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the papers and pictures asked for, and a sheet of each community named."""
    check_communities(communities, answers.city)
    report = begin_report(answers, question, translate)
    files = {
        f"{paper.name}.{form}": WRITERS[form](paper)
        for paper in (papers(report, communities) if set(formats) & set(WRITERS) else ())
        for form in formats
        if form in WRITERS
    }
    if TABLE in formats:
        files["coverage-table.xlsx"] = report_workbook(
            report.city,
            report.coverage.assessment,
            words=translate.words,
            language=translate.language,
        )
    if set(formats) & set(PICTURES):
        drawn = _pictures(report)
        files |= {name: each for name, each in drawn if name.rpartition(".")[2] in formats}
    return with_record(
        files,
        report.city,
        command="report",
        parameters={**_record(report, formats), "communities": list(communities)},
        created=created or dt.datetime.now(dt.UTC),
        standard=report.coverage.assessment.standard,
    )


def _pictures(report: Report) -> Iterator[tuple[str, bytes]]:
    """Draw every map and chart, one after the other: a city's pictures are large."""
    for name, document in map_documents(report):
        drawn = picture_files(document, f"map-{name}", translate=report.translate)
        yield from drawn.items()
    months = months_chart(report)
    if months is not None:
        yield from chart_files(months, "chart-monthly").items()


def check_communities(communities: Sequence[str], city: City) -> None:
    """Refuse what is no community of the city."""
    for each in communities:
        if each not in city.communities.index:
            known = map(str, city.communities.index)
            raise unknown(
                each, known, entry="--community", what="community", problem="community_unknown"
            )


# --- papers


def papers(report: Report, communities: Sequence[str] = ()) -> Iterator[Paper]:
    """Compose every paper of the city, and a sheet of each community named."""
    found = find(report)
    for compose in PAPERS.values():
        yield compose(found)
    for community in communities:
        yield community_sheet(found, community)


def one_paper(report: Report, name: str, community: str = "") -> Paper:
    """Compose one paper of `PAPER_NAMES`."""
    found = find(report)
    return community_sheet(found, community) if name == SHEET else PAPERS[name](found)


def find(report: Report) -> Findings:
    """Gather what papers are composed of."""
    answers, question, city = report.answers, report.question, report.city
    translate = report.translate
    return Findings(
        city=city,
        kinds=answers.kinds,
        categories=category_names(),
        assessment=report.coverage.assessment,
        priority=None if city.issues is None else answers.priority(question),
        issues=None if city.issues is None else _find_issues(report),
        period=plain(asked_period(question.selection, city, translate)),
        draw=partial(draw, report),
        translate=translate,
        measure_note=measure_sentence(
            answers, question, report.coverage.assessment.standard, translate
        ),
    )


def _find_issues(report: Report) -> IssueFindings:
    answers, question = report.answers, report.question
    hot: HotSpotResult | SampleError
    grids = None
    try:
        hot = answers.hot_spots(question)
        grids = answers.grid_choices(question)
    except SampleError as error:
        hot = error
    return IssueFindings(
        answers.cases(question), months_chart(report), hot, grids, answers.follow_up(question)
    )


def months_chart(report: Report) -> ChartSpec | None:
    """Draw the issues asked for by month, whatever their period; those of the city as home does."""
    if report.city.issues is None:
        return None
    selection = replace(report.question.selection, since=None, until=None)
    chosen = select_issues(report.answers.issue_set(selection).issues, selection)
    months = monthly_cases(chosen, as_of=report.city.as_of)
    return monthly_chart(months, report.translate) if len(months) > 1 else None


def draw(report: Report, name: str, community: str = "") -> tuple[str, str]:
    """Draw the map of a rule or of hot spots for a paper, and say what it shows."""
    if name == HOTSPOTS:
        document = hotspot_document(report.answers, report.question, report.translate)
    else:
        measure = _in_use(report)[name]
        document = rule_document(
            report.answers,
            report.coverage,
            report.translate,
            rule=name,
            measure=measure,
            community=community,
        )
    svg = document_svg(document, sheet=INSET, translate=report.translate)
    return svg, document.spec.legend.title if document.spec.legend else document.title


def _in_use(report: Report) -> dict[str, str]:
    """Give the measure in use of each rule."""
    return {rule.id: measure for rule, measure in report.coverage.assessment.scored.judged}


# --- pictures


def map_documents(report: Report) -> Iterator[tuple[str, MapDocument]]:
    """Compose the map of every rule that the city has facilities for, and of hot spots."""
    answers, coverage, translate = report.answers, report.coverage, report.translate
    judged = _in_use(report)
    for rule in coverage.assessment.standard.rules:
        if rule.kind in report.city.kinds and rule.id in judged:
            yield (
                rule.id,
                rule_document(answers, coverage, translate, rule=rule.id, measure=judged[rule.id]),
            )
    if report.city.issues is not None:
        try:
            yield HOTSPOTS, hotspot_document(answers, report.question, translate)
        except SampleError:  # too few cases for a test: the papers say so, and no map is drawn
            return


def _record(report: Report, formats: Sequence[str]) -> dict[str, object]:
    question = report.question
    return {
        **asked(report.answers, question, report.coverage.assessment),
        **asked_of_issues(report.answers, question, report.translate),
        "formats": list(formats),
    }
