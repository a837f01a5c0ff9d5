"""Readiness for review: every clause by the figures of the other recipes, and its files."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from analysis.casework.readiness import (
    Readiness,
    entered_readings,
    judge_readiness,
    survey_readings,
)
from analysis.model.errors import SettingsError
from analysis.model.title import COMPUTED
from exports.papers.readiness import readiness_paper
from exports.papers.write import WRITERS
from exports.provenance import RECORD, with_record
from exports.recipes.casework.clause_figures import computed_reading
from exports.recipes.casework.survey import rates_of_city
from exports.recipes.hotspots import csv_files
from wording.readiness import readiness_sentences

if TYPE_CHECKING:
    import pandas as pd

    from analysis.model.title import Title
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from wording.speaker import Speaker

COMMAND = "readiness"
TABLES = ("clauses", "key_works")
PAPER = "readiness"
READINESS_FILES = (
    *(f"{name}.csv" for name in TABLES),
    *(f"{PAPER}.{form}" for form in WRITERS),
    RECORD,
)


def title_of(city: City) -> Title:
    """Give the title that a city names."""
    if city.title is None:
        msg = f"{city.id}: city.toml names no title."
        hint = (
            'Name its standard: title = { standard = "cn-sanitary-city", review = "2026-10-15" }.'
        )
        raise SettingsError(msg, problem="no_title", hint=hint, city=city.id)
    return city.title


def readiness(answers: IssueAnswers) -> Readiness:
    """Judge the clauses of the city's title by its data: issues are those of the last year."""
    title = title_of(answers.city)
    return answers.keep("readiness", title.standard.id, lambda: _judge(answers, title))


def _judge(answers: IssueAnswers, title: Title) -> Readiness:
    city = answers.city
    computed = [each for each in title.standard.clauses if each.judged == COMPUTED]
    readings = {
        **{each.id: computed_reading(answers, each, title.standard) for each in computed},
        **entered_readings(title.standard, city.clause_values, as_of=city.as_of),
        **survey_readings(title.standard, rates_of_city(answers)),
    }
    return judge_readiness(title.standard, readings, as_of=city.as_of, review=title.review)


def readiness_files(
    answers: IssueAnswers, translate: Speaker, *, created: dt.datetime | None = None
) -> tuple[dict[str, bytes], list[str]]:
    """Make the files of readiness, and say how the city stands."""
    city, title, found = answers.city, title_of(answers.city), readiness(answers)
    parts = {"clauses": with_texts(found.clauses, title, translate), "key_works": found.works}
    files = csv_files(parts)
    said = readiness_sentences(found, title, city, translate)
    paper = readiness_paper(city, title, found, said, translate)
    files |= {f"{PAPER}.{form}": write(paper) for form, write in WRITERS.items()}
    parameters = {
        "title": title.standard.id,
        "year": title.year,
        "review": None if title.review is None else title.review.isoformat(),
        "days_left": found.days_left,
        "language": translate.language,
    }
    made = created or dt.datetime.now(dt.UTC)
    return with_record(files, city, command=COMMAND, parameters=parameters, created=made), said


def with_texts(clauses: pd.DataFrame, title: Title, translate: Speaker) -> pd.DataFrame:
    """Put what every clause asks for, and where that was read, beside its figures."""
    known = {each.id: each for each in title.standard.clauses}
    rows = [known[name] for name in clauses["clause_id"]]
    return clauses.assign(
        text=[translate.of(each.text) for each in rows],
        source=[translate.of(each.source) for each in rows],
        note=[translate.of(each.note) for each in rows],
    )
