"""A city's folder from OpenStreetMap: its layers as files, and the recipe that reads them."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import tomlkit

from exports.formats.csv import csv_bytes
from exports.formats.gis import geojson_bytes
from exports.provenance import RECORD, recorded
from layers.knowledge.dictionary import load_dictionary
from layers.languages import WRITTEN
from layers.recipe.schema import BACKGROUND_KINDS, FILE_NAME
from layers.suggest.vocabulary import load_vocabulary
from layers.suggest.zones import nearest_zone
from wording.speaker import Speaker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layers.osm.city import OsmCity
    from wording.catalogue import Words

ASIDE = "left_aside.csv"
COMMAND = "osm"
LICENCE = "Open Database License (ODbL) 1.0"
ADDRESS = "https://www.openstreetmap.org/copyright"
STANDARD = "intl-400m"
ZONE_UNKNOWN = "UTC"
_LINES_AND_LAND = ("streets", "water", "residential", "built_up")
"""Layers written as GeoParquet: of a large city they have a hundred thousand shapes."""


@dataclass(frozen=True)
class Stated:
    """
    What is said of the city and stands on no map.

    Attributes
    ----------
    id
        Its folder's name, by which it is called where the area has no name.
    language, time_zone
        Of the recipe; an empty zone is that of the boundary, else of the nearest chief town.
    """

    id: str
    language: str = ""
    time_zone: str = ""


def osm_names(kinds: Mapping[str, object]) -> tuple[str, ...]:
    """Name every file that such a folder may have."""
    drawn = [f"{name}.geojson" for name in ("communities", "zone", *BACKGROUND_KINDS, *kinds)]
    columns = [f"{name}.parquet" for name in (*_LINES_AND_LAND, "residents")]
    return (FILE_NAME, *drawn, *columns, ASIDE, RECORD)


def osm_files(
    city: OsmCity,
    stated: Stated,
    words: Words,
    *,
    parameters: Mapping[str, object],
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Write a city from OpenStreetMap: recipe, layers, what was left aside, the record."""
    layers = _layers(city)
    files = {name: _bytes(name, frame) for name, frame in layers.items()}
    files[ASIDE] = _aside(city)
    recipe = osm_recipe(city, stated, words)
    files = {FILE_NAME: tomlkit.dumps(recipe).encode(), **files}
    facts = {"inputs": [asdict(city.origin)], "area": {"id": city.area.id, **city.area.tags}}
    return recorded(
        files,
        facts,
        command=COMMAND,
        parameters=parameters,
        created=created or dt.datetime.now(dt.UTC),
    )


def _layers(city: OsmCity) -> dict[str, pd.DataFrame]:
    """Give each layer the name of its file; its stem is the kind."""
    layers: dict[str, pd.DataFrame] = {"communities.geojson": city.communities.frame}
    if city.residents is not None:
        layers["residents.parquet"] = city.residents.frame
    layers |= {f"{kind}.geojson": frame for kind, frame in city.facilities.items()}
    if len(city.streets):
        layers["streets.parquet"] = city.streets
    for sort, frame in city.land.items():
        layers[f"{sort}.{'parquet' if sort in _LINES_AND_LAND else 'geojson'}"] = frame
    layers |= {f"{kind}.geojson": frame for kind, frame in city.background.items()}
    return layers


def _bytes(name: str, frame: pd.DataFrame) -> bytes:
    if name.endswith(".geojson"):
        return geojson_bytes(frame, identifiers=("id",))
    stream = io.BytesIO()
    degrees = frame.to_crs(4326) if isinstance(frame, gpd.GeoDataFrame) else frame
    degrees.to_parquet(stream, index=False, compression="zstd")
    return stream.getvalue()


def _aside(city: OsmCity) -> bytes:
    columns = load_dictionary().tables["left_aside"].columns
    rows = [{**asdict(each), "aside_reason": each.reason} for each in city.aside]
    return csv_bytes(pd.DataFrame(rows, columns=[column.id for column in columns]), columns)


def osm_recipe(city: OsmCity, stated: Stated, words: Words) -> dict[str, Any]:
    """Write the recipe: every layer with its source, licence, date and what to know of it."""
    shared = {
        "source": words("en", "osm.source", file=city.origin.file),
        "publication_date": city.origin.date,
        "url": ADDRESS,
        "licence": LICENCE,
    }
    remarks = osm_remarks(city, words)
    layers = [
        {
            "kind": name.partition(".")[0],
            "file": name,
            **shared,
            "remark": remarks[name.partition(".")[0]],
            "columns": {column: column for column in frame if column != "geometry"},
        }
        for name, frame in _layers(city).items()
    ]
    return {
        "name": _name(city, stated),
        "language": stated.language or _language(city),
        "time_zone": _zone(city, stated)[0],
        "crs": "auto",
        "standard": STANDARD,
        "layers": layers,
    }


def _name(city: OsmCity, stated: Stated) -> dict[str, str]:
    tags = city.area.tags
    own = tags.get("name", stated.id)
    chinese = tags.get("name:zh-Hans", tags.get("name:zh", own))
    return {"zh": chinese, "en": tags.get("name:en", own)}


def _language(city: OsmCity) -> str:
    """Chinese where the city's own name is its Chinese name."""
    tags = city.area.tags
    own = tags.get("name", "")
    return "zh" if own and own in {tags.get("name:zh"), tags.get("name:zh-Hans")} else "en"


def _zone(city: OsmCity, stated: Stated) -> tuple[str, str]:
    """Give the time zone, and the key of what is to be said of it: nothing where it is stated."""
    if zone := stated.time_zone or city.area.tags.get("timezone", ""):
        return zone, ""
    near = nearest_zone(city.communities.frame.to_crs(4326).total_bounds)
    language = stated.language or _language(city)
    zone = load_vocabulary({}).zones.get(language, {}).get(near, near)
    return (zone, "osm.near_zone") if zone else (ZONE_UNKNOWN, "osm.no_zone")


def osm_remarks(city: OsmCity, words: Words) -> dict[str, dict[str, str]]:
    """Say in both languages what to know of each layer."""
    told = {language: _told(city, Speaker(words, language)) for language in WRITTEN}
    return {kind: {each: told[each][kind] for each in WRITTEN} for kind in told["en"]}


def _told(city: OsmCity, translate: Speaker) -> dict[str, str]:
    communities, residents = city.communities, city.residents
    told = {
        "communities": translate(
            f"osm.communities_{communities.source}",
            level=str(communities.level),
            share=translate.share(communities.covered_share),
        ),
        "streets": translate("osm.streets"),
        **{sort: translate(f"osm.{sort}") for sort in (*city.land, *city.background)},
    }
    for kind in city.facilities:
        told[kind] = translate("osm.facilities", tags=", ".join(city.tags[kind]))
    if residents is not None:
        told["residents"] = translate(
            f"osm.residents_{residents.weights}",
            people=round(residents.total),
            stated=translate(f"osm.stated_{residents.stated}"),
        )
    return told


def osm_lines(city: OsmCity, stated: Stated, translate: Speaker) -> list[str]:
    """Say in sentences what the city is made of and what it lacks."""
    told = _told(city, translate)
    lacking = "osm.no_dwellings" if city.people else "osm.no_residents"
    people = translate(lacking, people=round(city.people))
    lines = [told["communities"], told.get("residents", people)]
    zone, told_of_zone = _zone(city, stated)
    if told_of_zone:
        lines.append(translate(told_of_zone, zone=zone))
    ground = {kind: len(city.background.get(kind, ())) for kind in BACKGROUND_KINDS}
    lines.append(translate("osm.aside", count=len(city.aside)))
    return [*lines, translate("osm.background", **ground)]
