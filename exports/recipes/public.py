"""What everybody may see: one page in every language and its tables, as a folder to publish."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from analysis.issues.issue_set import with_communities
from analysis.issues.months import (
    first_day,
    last_whole_month,
    month_name,
    month_number,
    month_numbers,
)
from analysis.issues.selection import select_issues
from analysis.model.errors import SampleError, SettingsError
from analysis.privacy.public_view import (
    COUNTS,
    COVERAGE,
    MONTHS,
    PLACES,
    SPOTS,
    public_counts,
    public_places,
)
from exports.formats.csv import csv_bytes
from exports.formats.gis import geojson_bytes, with_rounding
from exports.papers.html import html_bytes
from exports.papers.public import COVERED, NONE, PublicFacts, public_paper
from exports.provenance import RECORD, recorded
from exports.recipes.hotspots import with_usual_period
from exports.recipes.report import begin_report, find
from exports.tables.coordinates import with_degrees
from layers.knowledge.dictionary import load_dictionary
from layers.knowledge.public import load_public
from layers.languages import LANGUAGES
from wording.speaker import Speaker

if TYPE_CHECKING:
    from analysis.model.question import Question
    from analysis.privacy.public_view import PublicView
    from exports.papers.model import Paper
    from exports.recipes.issue_answers import IssueAnswers
    from exports.recipes.report import Report
    from layers.city import City

TABLES = {part: f"public_{part}" for part in (COVERAGE, COUNTS, MONTHS, SPOTS)}
PAGES = {language: f"{language}.html" for language in LANGUAGES}
DAY = pd.Timedelta(days=1)
PUBLIC_FILES = (
    "index.html",
    *PAGES.values(),
    *(f"{table}.csv" for table in TABLES.values()),
    "public_places.geojson",
    RECORD,
)


def public_files(
    answers: IssueAnswers,
    question: Question,
    translate: Speaker,
    *,
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the folder; its record names no input and no row of them."""
    known, files = load_dictionary().tables, dict[str, bytes]()
    question = public_question(question, answers.city)
    facts = public_facts(begin_report(answers, question, translate))
    for language in LANGUAGES:
        report = begin_report(answers, question, Speaker(translate.words, language))
        names = {
            translate.words(other, f"language.{other}"): file
            for other, file in PAGES.items()
            if other != language
        }
        page = html_bytes(public_paper(find(report), facts), links=names)
        files[PAGES[language]] = page
        if language == translate.language:
            files["index.html"] = page
    for part, table in TABLES.items():
        if part in facts.tables:
            files[f"{table}.csv"] = csv_bytes(facts.tables[part], known[table].columns)
    if PLACES in facts.tables:
        columns = known["public_places"].columns
        squares = with_degrees(facts.tables[PLACES], answers.city)
        points = gpd.points_from_xy(squares["x"], squares["y"])
        placed = gpd.GeoDataFrame(squares, geometry=points, crs=answers.city.crs)
        files["public_places.geojson"] = geojson_bytes(
            with_rounding(placed, columns), identifiers=()
        )
    return recorded(
        {name: files[name] for name in PUBLIC_FILES if name in files},
        {"city": dict(answers.city.name), "as_of": f"{answers.city.as_of:%Y-%m-%d}"},
        command="public",
        parameters=asdict(facts.view),
        created=created or dt.datetime.now(dt.UTC),
    )


def public_page(answers: IssueAnswers, question: Question, translate: Speaker) -> Paper:
    """Compose what the page for the public shows."""
    report = begin_report(answers, public_question(question, answers.city), translate)
    return public_paper(find(report), public_facts(report))


def public_question(question: Question, city: City) -> Question:
    """
    Ask of every issue of whole months, those that days cut among them, if they are over.

    Counts of one category or campaign tell cases apart, so do those of editions a day apart.
    """
    asked = replace(question.selection, category=None, campaign="")
    question = with_usual_period(replace(question, selection=asked), city)
    asked, over = question.selection, last_whole_month(city.as_of)
    last = over if asked.until is None else min(over, month_number(f"{asked.until:%Y-%m}"))
    since, until = asked.since and asked.since.replace(day=1), first_day(last + 1) - DAY
    if since and since > until.date():
        msg = f"No month from {asked.since} to {asked.until} is over on {city.as_of:%Y-%m-%d}."
        hint = "What everybody may see is of whole months: choose days before."
        facts = {"since": str(asked.since), "until": str(asked.until or city.as_of.date())}
        raise SettingsError(
            msg, problem="public_months", hint=hint, **facts, day=f"{city.as_of:%Y-%m-%d}"
        )
    return replace(question, selection=replace(asked, since=since, until=until.date()))


def public_facts(report: Report) -> PublicFacts:
    """Gather what may be shown, of what the city has."""
    city, view = report.city, load_public(report.city.folder)
    made = {COVERAGE: _coverage(report)} if city.kinds else {}
    if city.issues is not None:
        made |= _of_issues(report, view)
    tables = {part: made[part] for part in view.parts if part in made}
    return PublicFacts(view, city.taxonomy.names.get(city.taxonomy.levels[0], {}), tables)


def _coverage(report: Report) -> pd.DataFrame:
    rows = report.coverage.assessment.scored.coverage
    kept = rows[rows["kind"].isin(report.city.kinds)]
    return kept[list(COVERED)].reset_index(drop=True)


def _of_issues(report: Report, view: PublicView) -> dict[str, pd.DataFrame]:
    found, taxonomy = report.answers.issue_set(), report.city.taxonomy
    cases = with_communities(select_issues(found.issues, report.question.selection), found)
    level = taxonomy.levels[0]
    keyed = {each: taxonomy.key(each, level) for each in cases["category"].unique()}
    facts = pd.DataFrame(
        {
            "parent": cases["parent"].replace("", None).fillna(NONE).astype(str),
            "group": cases["category"].map(keyed).replace("", None).fillna(NONE).astype(str),
            "month": [month_name(each) for each in month_numbers(cases["reported_at"])],
        }
    )
    counts = public_counts(facts, ["parent", "group"], least=view.least)
    months = public_counts(facts, ["month"], least=view.least)
    made = {
        COUNTS: counts.sort_values(["parent", "group"]).rename(columns={"count": "cases"}),
        MONTHS: months[months["month"].notna()]
        .sort_values("month")
        .rename(columns={"count": "cases"}),
        PLACES: public_places(cases, view),
    }
    if report.answers.are_named_alone():
        return made
    try:
        places = report.answers.hot_spots(report.question).places
    except SampleError:  # too few cases for a test: there is no spot to name
        return made
    spots = places[places["cases"] >= view.least]
    spots = spots.rename(columns={"top_category": "category"}).reset_index(drop=True)
    return made | {SPOTS: spots[["community_id", "community", "parent", "category"]]}
