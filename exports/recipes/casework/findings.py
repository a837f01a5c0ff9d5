"""Findings: everything an assessment asks somebody to do, in one list, and its files."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from analysis.casework.campaign import within
from analysis.casework.findings import (
    FINDING_KINDS,
    OF_ONE_CASE,
    OPTIONAL_KINDS,
    OVERDUE,
    Findings,
    clause_findings,
    coverage_findings,
    gather_findings,
    hot_place_findings,
    inspection_findings,
    overdue_findings,
    recurrence_findings,
    repeat_findings,
    survey_findings,
    unchecked_findings,
)
from analysis.casework.inspections import inspected
from analysis.casework.survey import latest
from analysis.handling.verification import not_cancelled
from analysis.issues.counts import undated
from analysis.issues.issue_set import with_communities
from analysis.issues.selection import select_issues
from analysis.model.errors import SampleError
from exports.formats.csv import csv_bytes
from exports.formats.gis import geojson_bytes, with_rounding
from exports.provenance import RECORD, with_record
from exports.recipes.casework.readiness import readiness
from exports.recipes.casework.sites import found_sites, kept_sites
from exports.recipes.casework.survey import rate_table
from exports.recipes.coverage import assessed
from exports.recipes.hotspots import asked_of_issues, with_usual_period
from exports.tables.coordinates import with_degrees
from layers.knowledge.dictionary import load_dictionary
from wording.campaigns import narrowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from analysis.model.question import Question
    from exports.recipes.casework.sites import ProposedSite
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from wording.speaker import Speaker

    Rows = Callable[[pd.DataFrame], pd.DataFrame]
    """Leaves out the cases or tasks that whoever asks does not see."""

FINDING_FILES = ("findings.csv", "findings.geojson", RECORD)


def find(
    answers: IssueAnswers, question: Question, sites: tuple[ProposedSite, ...] = ()
) -> Findings:
    """Gather what facilities, issues, surveys, sites and title ask for; what can be judged."""

    def make() -> Findings:
        of_issues = _of_issues(answers, question)
        of_facilities = _of_facilities(answers, question, sites)
        of_offices = (*_of_surveys(answers), *_of_title(answers))
        campaign = answers.city.campaigns.get(question.selection.campaign)
        found = (*of_facilities, *of_issues, *of_offices)
        return gather_findings(*(within(each, campaign) for each in found))

    return answers.keep("findings", repr((question, sites)), make)


def _of_title(answers: IssueAnswers) -> Iterator[Findings]:
    """Clauses that the city fails, by its own question: no period or standard of a page."""
    if answers.city.title is not None:
        clauses = readiness(answers).clauses
        yield clause_findings(clauses, title=answers.city.title.standard.id)


def _of_facilities(
    answers: IssueAnswers, question: Question, sites: tuple[ProposedSite, ...]
) -> Iterator[Findings]:
    if answers.city.kinds:
        scored = assessed(answers, question).scored
        yield coverage_findings(scored.coverage, answers.city.communities)
    if sites:
        yield found_sites(answers, question, sites)


def _of_issues(answers: IssueAnswers, question: Question) -> Iterator[Findings]:
    if answers.city.issues is None:
        return
    cases, checks = received_cases(answers, question), answers.handling(question).checks
    if not undated(answers.city.issues):
        yield from _at_times(answers, question, cases)
    issue_set = answers.issue_set(question.selection)
    found = inspected(issue_set.issues)
    if found["status"].isin(("open", "closed")).any():  # else of none is known what became
        placed = with_communities(found, issue_set)
        yield inspection_findings(placed, as_of=answers.city.as_of)
    if checks.judged:
        yield unchecked_findings(checks.unchecked, cases.index)


def _at_times(answers: IssueAnswers, question: Question, cases: pd.DataFrame) -> Iterator[Findings]:
    """What rests on when cases were reported, `cases` up to the end of the period."""
    if not answers.are_named_alone():
        yield from _at_places(answers, question)
    closings, days = answers.follow_up(question).closings, question.follow_up.days
    if len(closings):
        issues = answers.issue_set().issues
        yield recurrence_findings(closings, issues, days=days)
    late = overdue_findings(cases, as_of=answers.city.as_of)
    known = late.judged[OVERDUE]
    if cases.empty or (known is not None and len(known) and cases["due_at"].notna().any()):
        yield late  # else of none is known when it was due, and closed ones are no answer


def _of_surveys(answers: IssueAnswers) -> Iterator[Findings]:
    if answers.city.survey is not None:
        yield survey_findings(latest(rate_table(answers)), answers.city.communities)


def _at_places(answers: IssueAnswers, question: Question) -> Iterator[Findings]:
    """Hot places, where there are cases enough for a test, and repeat points of one category."""
    with suppress(SampleError):  # the kind is not judged then, and every reader is told so
        yield hot_place_findings(answers.hot_spots(question).places)
    rule = question.follow_up
    follow_up = answers.follow_up(question)
    placed = answers.issue_set(question.selection).issues["x"].notna().any()
    if follow_up.categories_known and placed:
        yield repeat_findings(follow_up.repeats, least=rule.least, side_m=rule.distance_m)


def seen_findings(table: pd.DataFrame, seen: Rows) -> pd.DataFrame:
    """Leave out findings of single cases that whoever asks does not see (`seen`)."""
    single = table["kind"].isin(OF_ONE_CASE)
    return table[~single | table.index.isin(seen(table[single]).index)]


def received_cases(answers: IssueAnswers, question: Question) -> pd.DataFrame:
    """Give all cases reported up to the end of the period that are not cancelled."""
    issue_set = answers.issue_set(question.selection)
    until = select_issues(issue_set.issues, replace(question.selection, since=None))
    return with_communities(not_cancelled(until), issue_set)


def finding_table(findings: Findings, city: City) -> gpd.GeoDataFrame:
    """List findings as points; those without a place have none."""
    table = with_degrees(findings.table.reset_index(), city)
    points = gpd.points_from_xy(table["x"], table["y"])
    placed = gpd.GeoDataFrame(table, geometry=points, crs=city.crs)
    placed.loc[placed["x"].isna(), "geometry"] = shapely.Point()
    return placed


def finding_files(
    answers: IssueAnswers,
    question: Question,
    translate: Speaker,
    *,
    sites: tuple[ProposedSite, ...] = (),
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the files of the list."""
    found = find(answers, question, sites)
    table = finding_table(found, answers.city)
    columns = load_dictionary().tables["findings"].columns
    files = {
        "findings.csv": csv_bytes(table, columns),
        "findings.geojson": geojson_bytes(
            with_rounding(table, columns), identifiers=("finding_id",)
        ),
    }
    return with_record(
        files,
        answers.city,
        command="findings",
        parameters={
            **asked_of_issues(answers, question, translate),
            "service_radius_m": dict(question.radii),
            "follow_up": asdict(question.follow_up),
            "scenarios": sorted({site.scenario for site in sites}),
            "found": counted(found),
        },
        created=created or dt.datetime.now(dt.UTC),
        standard=answers.standard(question),
    )


def counted(findings: Findings) -> dict[str, int | None]:
    """Count the findings of each kind; `None` where the kind cannot be judged."""
    counts = findings.table["kind"].value_counts()
    return {
        kind: int(counts.get(kind, 0)) if kind in findings.judged else None
        for kind in FINDING_KINDS
        if kind in findings.judged or kind not in OPTIONAL_KINDS
    }


def listed(
    answers: IssueAnswers, question: Question, translate: Speaker
) -> tuple[dict[str, bytes], list[str]]:
    """Make the files and say what they hold; without a period, of the issues of the last year."""
    question, sites = with_usual_period(question, answers.city), kept_sites(answers.city)
    files = finding_files(answers, question, translate, sites=sites)
    said = sentences(find(answers, question, sites), translate)
    return files, [*narrowed(question.selection, answers.city, translate), *said]


def sentences(findings: Findings, translate: Speaker) -> list[str]:
    """Say how many there are of each kind, and what could not be judged."""
    counts = counted(findings)
    said = [
        translate("finding.counted", kind=translate(f"finding.kind_{kind}"), n=translate.count(n))
        for kind, n in counts.items()
        if n is not None
    ]
    unknown = [translate(f"finding.kind_{kind}") for kind, n in counts.items() if n is None]
    names = translate("asked.and").join(unknown)
    return [*said, translate("finding.not_judged", kinds=names)] if unknown else said
