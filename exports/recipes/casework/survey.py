"""Surveys of residents: the table of rates, what is said of a topic, and their files."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from analysis.casework.survey import NOT_ASKED, RATE_COLUMNS, city_rates, latest, survey_table
from analysis.model.contracts import CITY, COMMUNITY
from analysis.model.errors import SettingsError
from exports.formats.csv import csv_bytes
from exports.formats.gis import geojson_bytes, with_rounding
from exports.papers.survey import survey_bulletin
from exports.papers.write import WRITERS
from exports.provenance import RECORD, with_record
from layers.knowledge.dictionary import load_dictionary
from layers.toml_entry import unknown
from wording.survey import survey_sentences

if TYPE_CHECKING:
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from wording.speaker import Speaker

COMMAND = "survey"
BULLETIN = "survey_bulletin"
SURVEY_FILES = (
    "survey.csv",
    "survey_areas.geojson",
    *(f"{BULLETIN}.{form}" for form in WRITERS),
    RECORD,
)


def rate_table(answers: IssueAnswers) -> pd.DataFrame:
    """Give the rate of every topic, period and area; refuse a city without a survey."""
    city = answers.city
    if city.survey is None:
        msg = f"{city.id}: there is no layer of surveys."
        hint = 'Add a [[layers]] entry with kind = "survey" to city.toml.'
        raise SettingsError(msg, problem="no_survey", hint=hint, city=city.id)
    asked = city.survey
    return answers.keep(
        "survey", "", lambda: survey_table(asked, city.communities, city.survey_rules)
    )


def rates_of_city(answers: IssueAnswers) -> pd.DataFrame:
    """Give the city's latest rate of each topic, or the reason why there is none."""
    city = answers.city
    table = pd.DataFrame(columns=list(RATE_COLUMNS))
    return city_rates(
        table if city.survey is None else rate_table(answers), list(city.survey_rules.topics)
    )


def topics_of(table: pd.DataFrame, city: City) -> list[str]:
    """List the topics that were asked about, those with a threshold first."""
    held = city.survey_rules.topics
    judged = [name for name, topic in held.items() if topic.threshold is not None]
    asked = list(dict.fromkeys(table["topic"]))
    return sorted(asked, key=lambda each: (each not in judged, each not in held, each))


def chosen_topic(table: pd.DataFrame, city: City, name: str) -> str:
    """Give the topic of this name; without one, the first."""
    topics = topics_of(table, city)
    if name and name not in topics:
        raise unknown(name, topics, entry="--topic", what="topic", problem="topic_unknown")
    return name or next(iter(topics), "")


def rows_of(table: pd.DataFrame, topic: str) -> pd.DataFrame:
    """Give the rows of a topic in its latest period, the city's first."""
    return latest(table[table["topic"].eq(topic)])


def by_community(table: pd.DataFrame, topic: str, city: City) -> pd.DataFrame:
    """Give the latest rate of every community: its own, else that of what it is part of."""
    rows = rows_of(table, topic)
    own = rows[rows["level"].eq(COMMUNITY)].set_index("area_id")
    above = rows[~rows["level"].isin([CITY, COMMUNITY])].set_index("area_id")
    communities = city.communities
    inherited = above.reindex(communities["parent"]).set_axis(communities.index)
    told = inherited if own.empty else own.reindex(communities.index)
    lacking = told["level"].isna()
    told["reason"] = told["reason"].mask(lacking, NOT_ASKED)
    told = told.assign(community=communities["name"], parent=communities["parent"])
    return told.rename_axis("community_id")


def survey_files(
    answers: IssueAnswers, name: str, translate: Speaker, *, created: dt.datetime | None = None
) -> tuple[dict[str, bytes], list[str]]:
    """Make the files of the surveys and the bulletin of one topic, and say what it found."""
    city, table = answers.city, rate_table(answers)
    topic = chosen_topic(table, city, name)
    if not topic:
        raise unknown(name, (), entry="--topic", what="topic", problem="topic_unknown")
    known = load_dictionary().tables
    areas = by_community(table, topic, city).reset_index()
    areas["topic"] = topic
    shapes = gpd.GeoDataFrame(areas, geometry=city.communities.geometry.to_numpy(), crs=city.crs)
    columns = known["survey_areas"].columns
    said = survey_sentences(table, topic, city, translate)
    paper = survey_bulletin(city, topic, said, rows_of(table, topic), translate=translate)
    files = {
        "survey.csv": csv_bytes(table, known["survey"].columns),
        "survey_areas.geojson": geojson_bytes(
            with_rounding(shapes, columns), identifiers=("community_id",)
        ),
        **{f"{BULLETIN}.{form}": write(paper) for form, write in WRITERS.items()},
    }
    recorded = with_record(
        files,
        city,
        command=COMMAND,
        parameters={"topic": topic, "rules": asdict(city.survey_rules)},
        created=created or dt.datetime.now(dt.UTC),
    )
    return recorded, said
