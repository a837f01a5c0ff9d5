"""An area drawn by hand: its figures beside the city's, by the recipes of the zones, as files."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from exports.formats.csv import csv_bytes
from exports.formats.gis import geojson_bytes
from exports.provenance import RECORD, with_record
from exports.recipes.coverage import supply_filter
from exports.recipes.hotspots import asked_of_issues
from layers.knowledge.dictionary import load_dictionary

if TYPE_CHECKING:
    import pandas as pd

    from analysis.geometry.drawn_area import DrawnArea
    from analysis.model.question import Question
    from exports.recipes.issue_answers import IssueAnswers
    from wording.speaker import Speaker

AREA_FILES = ("zones.csv", "area_cases.csv", "area.geojson", RECORD)


def area_figures(answers: IssueAnswers, question: Question, area: DrawnArea) -> pd.DataFrame:
    """Compare an area with the city, rule by rule, as zones are."""
    standard, supply = answers.standard(question), supply_filter(question)
    return answers.zones(standard, supply, answers.measures(standard, question.measures), area)


def area_cases(answers: IssueAnswers, question: Question, area: DrawnArea) -> pd.DataFrame | None:
    """Count the issues of an area by category; `None` where no issue has a place."""
    if answers.city.issues is None or answers.city.issues["x"].isna().all():
        return None
    return answers.cases_in(question, area)


def area_files(
    answers: IssueAnswers,
    question: Question,
    area: DrawnArea,
    translate: Speaker,
    *,
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the files of an area: its figures, its issues by category, its outline."""
    city, standard = answers.city, answers.standard(question)
    tables, cases = load_dictionary().tables, area_cases(answers, question, area)
    files = {
        "zones.csv": csv_bytes(area_figures(answers, question, area), tables["zones"].columns),
        "area.geojson": geojson_bytes(area.zone(city.crs).reset_index(), identifiers=("zone_id",)),
    }
    if cases is not None:
        files["area_cases.csv"] = csv_bytes(cases, tables["area_cases"].columns)
    return with_record(
        {name: files[name] for name in AREA_FILES if name in files},
        city,
        command="area",
        parameters={
            "area": area.text(),
            **asked_of_issues(answers, question, translate),
            "service_radius_m": dict(question.radii),
            **supply_filter(question).record(),
        },
        created=created or dt.datetime.now(dt.UTC),
        standard=standard,
    )
