"""Monitoring: results against their limits, by area, period and station, and their files."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from analysis.casework.monitoring import (
    EVERY,
    SERIES,
    STATION_COLUMNS,
    judged_readings,
    monitoring_table,
    nearest_stations,
    station_results,
)
from analysis.issues.location import with_community_names
from analysis.issues.moments import days_of
from analysis.model.contracts import CITY
from analysis.model.errors import SettingsError
from exports.formats.csv import csv_bytes
from exports.formats.gis import geojson_bytes, with_rounding
from exports.papers.monitoring import monitoring_bulletin
from exports.papers.write import WRITERS
from exports.provenance import RECORD, with_record
from exports.tables.coordinates import with_degrees
from layers.knowledge.dictionary import load_dictionary
from layers.recipe.schema import MONITORING
from layers.toml_entry import check_one_of, unknown
from maps.background import stored
from maps.canvas import Canvas
from maps.documents import document_html, shown_document
from maps.rectification.monitoring import monitoring_map
from maps.store import GeoStore
from wording.monitoring import monitoring_sentences

if TYPE_CHECKING:
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from wording.speaker import Speaker

COMMAND = MONITORING
BULLETIN = "monitoring_bulletin"
MONITORING_FILES = (
    "monitoring.csv", "monitoring_stations.csv", "monitoring_stations.geojson",
    "monitoring_nearest.csv", "monitoring_readings.csv", "monitoring_map.html",
    *(f"{BULLETIN}.{form}" for form in WRITERS), RECORD,
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What the latest period of an indicator has: by area, by station, near each community."""

    rows: pd.DataFrame
    stations: pd.DataFrame
    nearest: pd.DataFrame
    said: tuple[str, ...]


def readings_of(answers: IssueAnswers) -> pd.DataFrame:
    """Judge every reading; refuse a city without a layer of them."""
    city = answers.city
    if city.readings is None:
        msg = f"{city.id}: there is no layer of monitoring."
        hint = 'Add a [[layers]] entry with kind = "monitoring" to city.toml.'
        raise SettingsError(msg, problem="no_monitoring", hint=hint, city=city.id)
    readings, rules = city.readings, city.monitoring_rules
    return answers.keep("readings", "", lambda: judged_readings(readings, city.communities, rules))


def result_table(answers: IssueAnswers, every: str) -> pd.DataFrame:
    """Count the results of every network, indicator, period and area."""
    check_one_of(every, EVERY, entry="--every", key="every")
    city, judged = answers.city, readings_of(answers)
    return answers.keep(
        "monitoring",
        every,
        lambda: monitoring_table(judged, city.communities, city.monitoring_rules, every=every),
    )


def station_table(answers: IssueAnswers, every: str) -> pd.DataFrame:
    """Sum up every station in the latest period of each indicator, those that exceeded first."""
    judged = readings_of(answers)

    def make() -> pd.DataFrame:
        found = station_results(judged, every=every)
        keys = [*SERIES, "exceeded", "station"]
        found = found.sort_values(keys, ascending=[True, True, False, True], ignore_index=True)
        return with_degrees(with_community_names(found, answers.city.communities), answers.city)

    return answers.keep("monitoring_stations", every, make)


def nearest_table(answers: IssueAnswers, every: str) -> pd.DataFrame:
    """Find the station nearest to each community, for every indicator."""
    stations = station_table(answers, every)[list(STATION_COLUMNS)]
    return answers.keep(
        "monitoring_nearest", every, lambda: nearest_stations(stations, answers.city.communities)
    )


def series_of(table: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """List what is measured, by a code; first what exceeded its limit most in its last period."""
    whole = table[table["level"].eq(CITY)].drop_duplicates(SERIES)
    ordered = whole.sort_values(["exceeded", *SERIES], ascending=[False, True, True], kind="stable")
    wide = "\uff0f"  # so that the first slash parts the two
    return {
        f"{network.replace('/', wide)}/{indicator}": (network, indicator)
        for network, indicator in ordered[SERIES].to_numpy()
    }


def chosen_series(table: pd.DataFrame, name: str) -> str:
    """Give the indicator of this code; without one, the first."""
    series = series_of(table)
    if (name and name not in series) or not series:
        raise unknown(name, series, entry="--series", what="series", problem="series_unknown")
    return name or next(iter(series))


def of_series(rows: pd.DataFrame, series: tuple[str, str]) -> pd.DataFrame:
    """Keep the rows of an indicator of a network."""
    network, indicator = series
    return rows[rows["network"].eq(network) & rows["indicator"].eq(indicator)]


def found_of(answers: IssueAnswers, code: str, every: str, translate: Speaker) -> Found:
    """Give what the latest period of an indicator has, and say it."""
    series = series_of(result_table(answers, every))[code]
    key = repr((code, every, translate.language))
    return answers.keep("monitoring_found", key, lambda: _found(answers, series, every, translate))


def _found(answers: IssueAnswers, series: tuple[str, str], every: str, translate: Speaker) -> Found:
    rows = of_series(result_table(answers, every), series)
    rows = rows[rows["period"].eq(rows["period"].max())]
    stations = of_series(station_table(answers, every), series)
    readings = of_series(readings_of(answers), series)
    first, last = rows["first_day"].min(), rows["last_day"].max()
    readings = readings[days_of(readings["taken_at"]).between(first, last)]
    said = monitoring_sentences(rows, stations, readings, answers.city, translate)
    nearest = of_series(nearest_table(answers, every), series)
    return Found(rows, stations, nearest, tuple(said))


def monitoring_files(
    answers: IssueAnswers,
    name: str,
    every: str,
    translate: Speaker,
    *,
    created: dt.datetime | None = None,
) -> tuple[dict[str, bytes], list[str]]:
    """Make the tables of all that is measured, map and bulletin of one, and say what it found."""
    city, series = answers.city, series_of(result_table(answers, every))
    code = chosen_series(result_table(answers, every), name)
    found = found_of(answers, code, every, translate)
    paper = monitoring_bulletin(
        city,
        series[code],
        found.said,
        _days(found.rows, "first_day", "last_day"),
        _days(found.stations, "last_day"),
        translate=translate,
    )
    files = {
        **_tables(answers, every),
        "monitoring_map.html": _map_html(answers, found, series[code], translate),
        **{f"{BULLETIN}.{form}": write(paper) for form, write in WRITERS.items()},
    }
    recorded = with_record(
        files,
        city,
        command=COMMAND,
        parameters=_parameters(city, code, every) | {"language": translate.language},
        created=created or dt.datetime.now(dt.UTC),
    )
    return recorded, list(found.said)


def _parameters(city: City, code: str, every: str) -> dict[str, object]:
    """Record what was asked, and what results were held to."""
    rules = city.monitoring_rules
    return {
        "series": code,
        "every": every,
        "least": rules.least,
        "limits": {each.id: asdict(each)["limits"] for each in rules.indicators.values()},
        "sampled": [each.id for each in rules.networks.values() if each.sampled],
    }


def _tables(answers: IssueAnswers, every: str) -> dict[str, bytes]:
    """Write every table, and the stations as a layer."""
    stations = _days(station_table(answers, every), "last_day")
    results = _days(result_table(answers, every), "first_day", "last_day")
    nearest = _days(nearest_table(answers, every), "last_day")
    return {
        "monitoring.csv": _csv("monitoring", results),
        "monitoring_stations.csv": _csv("monitoring_stations", stations),
        "monitoring_stations.geojson": _geojson(stations),
        "monitoring_nearest.csv": _csv("monitoring_nearest", nearest),
        "monitoring_readings.csv": _csv("monitoring_readings", _listed(answers)),
    }


def _csv(name: str, rows: pd.DataFrame) -> bytes:
    return csv_bytes(rows, load_dictionary().tables[name].columns)


def _geojson(stations: pd.DataFrame) -> bytes:
    """Write a point for every station and indicator."""
    shapes = gpd.points_from_xy(stations["lon"], stations["lat"])
    layer = gpd.GeoDataFrame(stations, geometry=shapes, crs="EPSG:4326")
    columns = load_dictionary().tables["monitoring_stations"].columns
    return geojson_bytes(
        with_rounding(layer, columns), identifiers=("network", "indicator", "station")
    )


def _listed(answers: IssueAnswers) -> pd.DataFrame:
    """List every reading with its state, limit and place."""
    city = answers.city
    rows = with_community_names(readings_of(answers), city.communities)
    return with_degrees(_days(rows, "taken_at"), city).reset_index()


def _days(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    days = {each: pd.to_datetime(table[each]).dt.strftime("%Y-%m-%d") for each in columns}
    return table.assign(**days)


def _map_html(
    answers: IssueAnswers, found: Found, series: tuple[str, str], translate: Speaker
) -> bytes:
    city, store = answers.city, GeoStore()
    ground = stored(answers.ground(translate.language), store)
    canvas = Canvas(city, translate, store, areas=store.put(answers.areas()), ground=ground)
    spec = monitoring_map(canvas, found.stations, series)
    title = translate("page.monitoring")
    layers = ("communities", MONITORING)
    document = shown_document(spec, store, city, translate, about=title, layers=layers)
    return document_html(document, city).encode()
