"""Frontage duty: streets, units, single frontages, and their files."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.casework.frontage import GROUPS, duty_states, frontage_duty, issues_before
from analysis.geometry.locate import community_of
from analysis.handling.verification import not_cancelled
from analysis.issues.campaign import in_area
from analysis.issues.location import with_community_names
from analysis.issues.selection import select_issues
from analysis.model.errors import SettingsError
from exports.formats.csv import csv_bytes
from exports.formats.gis import geojson_bytes, with_rounding
from exports.provenance import RECORD, with_record
from exports.tables.coordinates import with_degrees
from layers.knowledge.dictionary import load_dictionary
from layers.recipe.schema import FRONTAGE
from maps.background import stored
from maps.canvas import Canvas
from maps.documents import document_html, shown_document
from maps.rectification.frontage import frontage_map
from maps.store import GeoStore
from wording.campaigns import asked_period, narrowed
from wording.frontage import duty_sentences

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from analysis.model.question import Question
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from wording.speaker import Speaker

COMMAND = FRONTAGE
TABLES = tuple(f"frontage_{group}s" for group in GROUPS)
DUTY_FILES = (
    *(f"{name}.csv" for name in TABLES), "frontages.csv", "frontages.geojson",
    "frontage_map.html", RECORD,
)  # fmt: skip


def frontages_of(answers: IssueAnswers, question: Question) -> gpd.GeoDataFrame:
    """Give the shops and frontage lines of a city, or of a campaign's area; refuse without any."""
    city = answers.city
    if city.frontages is None:
        msg = f"{city.id}: no layer of shops or frontages says who has signed and passed."
        hint = 'Add a layer of kind = "frontage" to city.toml.'
        raise SettingsError(msg, problem="no_frontages", hint=hint, city=city.id)
    campaign = city.campaigns.get(question.selection.campaign)
    if campaign is None:
        return city.frontages
    x, y, home = _places(city.frontages, city)
    return city.frontages[in_area(campaign, x=x, y=y, community=home)]


def _places(
    frontages: gpd.GeoDataFrame, city: City
) -> tuple[NDArray[np.float64], NDArray[np.float64], pd.Series[str]]:
    """Give a point of every frontage, in metres, and the community that it lies in."""
    x, y = shapely.get_coordinates(shapely.point_on_surface(frontages.geometry.to_numpy())).T
    position = community_of(x, y, city.communities)
    home = pd.Series(city.communities.index, dtype=object).reindex(position)
    return x, y, home.set_axis(frontages.index)


def duty_table(answers: IssueAnswers, question: Question, group: str) -> pd.DataFrame:
    """Count by street, by unit, or all frontages in one row."""
    return answers.keep(
        "frontage", repr((question, group)), lambda: _duty(answers, question, group)
    )


def _duty(answers: IssueAnswers, question: Question, group: str) -> pd.DataFrame:
    frontages, pairs = frontages_of(answers, question), _pairs(answers, question)
    return frontage_duty(frontages, group, as_of=answers.city.as_of, pairs=pairs)


def _pairs(answers: IssueAnswers, question: Question) -> pd.DataFrame | None:
    """Pair the issues that are asked for with the frontages that they lie before."""
    if answers.city.issues is None:
        return None

    def make() -> pd.DataFrame:
        register = answers.issue_set(question.selection).issues
        issues = not_cancelled(select_issues(register, question.selection))
        within = question.follow_up.distance_m
        return issues_before(frontages_of(answers, question), issues, within_m=within)

    return answers.keep("frontage_pairs", repr(question), make)


def listed_frontages(answers: IssueAnswers, question: Question) -> gpd.GeoDataFrame:
    """List every frontage with its state, community, place, and the issues before it."""
    city, frontages = answers.city, frontages_of(answers, question)

    def make() -> gpd.GeoDataFrame:
        pairs = _pairs(answers, question)
        near = None
        if pairs is not None:
            near = pairs["frontage"].value_counts().reindex(range(len(frontages)), fill_value=0)
        x, y, home = _places(frontages, city)
        rows = frontages.assign(
            state=duty_states(frontages, as_of=city.as_of),
            issues_near=np.nan if near is None else near.to_numpy(dtype=float),
            x=x,
            y=y,
            community_id=home,
        )
        return with_degrees(with_community_names(rows, city.communities), city)

    return answers.keep("frontages", repr(question), make)


def duty_files(
    answers: IssueAnswers,
    question: Question,
    translate: Speaker,
    *,
    created: dt.datetime | None = None,
) -> tuple[dict[str, bytes], list[str]]:
    """Make the files, and say what stands in them."""
    known, city = load_dictionary().tables, answers.city
    files = {
        f"{name}.csv": csv_bytes(
            duty_table(answers, question, group).reset_index(), known[name].columns
        )
        for name, group in zip(TABLES, GROUPS, strict=True)
    }
    rows = listed_frontages(answers, question).reset_index()
    columns = known["frontages"].columns
    files["frontages.csv"] = csv_bytes(rows, columns)
    layer = with_rounding(rows, columns)
    files["frontages.geojson"] = geojson_bytes(layer, identifiers=("frontage_id",))
    files["frontage_map.html"] = _map_html(answers, question, translate)
    selection = question.selection
    recorded = with_record(
        files,
        city,
        command=COMMAND,
        parameters={
            "since": str(selection.since or ""),
            "until": str(selection.until or ""),
            "category": selection.category,
            "campaign": selection.campaign or None,
            "within_m": question.follow_up.distance_m,
            "language": translate.language,
        },
        created=created or dt.datetime.now(dt.UTC),
    )
    return recorded, sentences(answers, question, translate)


def sentences(answers: IssueAnswers, question: Question, translate: Speaker) -> list[str]:
    """Say how many signed and passed, who was never checked, and what lies before them."""
    whole = duty_table(answers, question, "").iloc[0]
    said = duty_sentences(whole, question, translate)
    return [*narrowed(question.selection, answers.city, translate), *said]


def _map_html(answers: IssueAnswers, question: Question, translate: Speaker) -> bytes:
    city, store = answers.city, GeoStore()
    ground = stored(answers.ground(translate.language), store)
    canvas = Canvas(city, translate, store, areas=store.put(answers.areas()), ground=ground)
    spec = frontage_map(canvas, listed_frontages(answers, question))
    period = asked_period(question.selection, city, translate)
    title = " · ".join(filter(None, (translate("page.frontage"), period)))
    layers = ("communities", FRONTAGE, "issues")
    document = shown_document(spec, store, city, translate, about=title, layers=layers)
    return document_html(document, city).encode()
