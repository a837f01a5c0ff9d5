"""Rounds of inspection: tables, the bulletin of a round, and their files."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.casework.inspections import (
    agreement,
    known_before,
    names_rounds,
    round_areas,
    round_findings,
    rounds,
)
from analysis.issues.issue_set import with_communities
from analysis.model.errors import SettingsError
from exports.papers.rounds import round_bulletin
from exports.papers.write import WRITERS
from exports.provenance import RECORD, with_record
from exports.recipes.hotspots import csv_files, with_campaign
from exports.tables.coordinates import with_degrees
from layers.knowledge.taxonomy import category_names
from layers.toml_entry import unknown
from wording.campaigns import narrowed
from wording.rounds import round_sentences

if TYPE_CHECKING:
    import pandas as pd

    from analysis.model.question import Question
    from exports.recipes.issue_answers import IssueAnswers
    from wording.speaker import Speaker

COMMAND = "inspections"
TABLES = ("rounds", "round_areas", "round_findings")
BULLETIN = "round_bulletin"
ROUND_FILES = (
    *(f"{name}.csv" for name in TABLES),
    *(f"{BULLETIN}.{form}" for form in WRITERS),
    RECORD,
)


def round_table(answers: IssueAnswers, question: Question) -> pd.DataFrame:
    """List every round with what became of it and what own checks had known, the latest first."""
    city, rule = answers.city, question.follow_up
    if not names_rounds(city.issues):
        msg = f"{city.id}: no issue names the round of inspection that found it."
        hint = 'Name the column of the round in city.toml: columns = { ... = "inspection" }.'
        raise SettingsError(msg, problem="no_rounds", hint=hint, city=city.id)

    def make() -> pd.DataFrame:
        issue_set = answers.issue_set(question.selection)
        issues = issue_set.issues
        found = rounds(issues, as_of=city.as_of)
        near = agreement(
            issues,
            found.index,
            within_m=rule.distance_m,
            within_days=rule.days,
            communities=issue_set.communities,
        )
        return found.join(near)

    key = f"{rule.distance_m} {rule.days} {question.selection.campaign}"
    return answers.keep("rounds", key, make)


def chosen_round(table: pd.DataFrame, name: str) -> str:
    """Give the round of this name; without one, the latest that has a level above the own."""
    if name and name not in table.index:
        raise unknown(name, table.index, entry="--round", what="round", problem="round_unknown")
    inspectors = table.index[table["level"].ne("self")]
    return name or str(next(iter([*inspectors, *table.index]), ""))


def findings_of(answers: IssueAnswers, question: Question, name: str) -> pd.DataFrame:
    """
    List what a round found, with the community and whether it was known before.

    `state` is `open`, `closed` or `unknown` on the city's day; `known` is 1, 0 or missing.
    """
    issue_set, rule = answers.issue_set(question.selection), question.follow_up
    cases = with_communities(issue_set.issues, issue_set)
    found = round_findings(cases, name, as_of=answers.city.as_of)
    known = known_before(issue_set.issues, name, within_m=rule.distance_m, within_days=rule.days)
    placed = with_degrees(found, answers.city)
    degrees = {each: placed[each].where(np.isfinite(placed[each])) for each in ("lon", "lat")}
    return found.assign(state=found["status"], known=known.reindex(found.index), **degrees)


def areas_of(answers: IssueAnswers, question: Question, name: str) -> pd.DataFrame:
    """List what a round found in each community."""
    issue_set = answers.issue_set(question.selection)
    cases = with_communities(issue_set.issues, issue_set)
    return round_areas(cases, name, as_of=answers.city.as_of)


def sentences(
    answers: IssueAnswers, question: Question, name: str, translate: Speaker
) -> list[str]:
    """Say what a round found, of which campaign, and what was known of it before."""
    said = round_sentences(round_table(answers, question), name, question.follow_up, translate)
    return [*narrowed(question.selection, answers.city, translate), *said]


def inspection_tables(
    answers: IssueAnswers,
    question: Question,
    name: str = "",
    *,
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the tables among `inspection_files`, and their record."""
    question, chosen = _settled(answers, question, name)
    files = csv_files(_tables(answers, question, chosen))
    return _recorded(files, answers, question, chosen, created)


def inspection_files(
    answers: IssueAnswers,
    question: Question,
    name: str,
    translate: Speaker,
    *,
    created: dt.datetime | None = None,
) -> tuple[dict[str, bytes], list[str]]:
    """Make the files of the rounds and the bulletin of one, and say what it found."""
    question, chosen = _settled(answers, question, name)
    tables = _tables(answers, question, chosen)
    said = sentences(answers, question, chosen, translate)
    paper = round_bulletin(
        answers.city,
        chosen,
        said,
        tables["round_areas"],
        tables["round_findings"],
        categories=category_names(),
        translate=translate,
    )
    files = csv_files(tables)
    files |= {f"{BULLETIN}.{form}": write(paper) for form, write in WRITERS.items()}
    return _recorded(files, answers, question, chosen, created), said


def _settled(answers: IssueAnswers, question: Question, name: str) -> tuple[Question, str]:
    """Find the campaign and the round that are asked about."""
    question = replace(question, selection=with_campaign(question.selection, answers.city))
    chosen = chosen_round(round_table(answers, question), name)
    if not chosen:
        raise unknown(name, (), entry="--round", what="round", problem="round_unknown")
    return question, chosen


def _tables(answers: IssueAnswers, question: Question, chosen: str) -> dict[str, pd.DataFrame]:
    findings = findings_of(answers, question, chosen)
    known = findings["known"].astype("boolean")
    return {
        "rounds": round_table(answers, question).reset_index(),
        "round_areas": areas_of(answers, question, chosen),
        "round_findings": findings.assign(known=known).reset_index(),
    }


def _recorded(
    files: dict[str, bytes],
    answers: IssueAnswers,
    question: Question,
    chosen: str,
    created: dt.datetime | None,
) -> dict[str, bytes]:
    follow_up, campaign = asdict(question.follow_up), question.selection.campaign or None
    return with_record(
        files,
        answers.city,
        command=COMMAND,
        parameters={"round": chosen, "campaign": campaign, "follow_up": follow_up},
        created=created or dt.datetime.now(dt.UTC),
    )
