"""Loads a city: recipe, files, cleaning and checks, into one `City`."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.access.land import Land
from analysis.issues.moments import as_they_stood, day_of, in_zone
from analysis.model.errors import SettingsError
from layers.background import load_background
from layers.campaigns import campaign_files, file_marks, load_campaigns
from layers.city import City
from layers.city_cache import cache_slot, keep_parts, kept_parts
from layers.cleaning.checked_register import FORMAT, Prepared, read_prepared
from layers.cleaning.communities import check_level_names, load_communities
from layers.cleaning.facilities import load_facilities
from layers.cleaning.house_numbers import clean_addresses, with_gazetteer
from layers.cleaning.identifiers import without_known
from layers.cleaning.issues import clean_issues, clean_results, joined_issues
from layers.cleaning.land import clean_land, join_zones
from layers.cleaning.layer import read_layer
from layers.cleaning.merge import Cleaner
from layers.cleaning.residents import clean_residents, numbered_residents
from layers.cleaning.row_account import FOUND_AGAIN, QUARANTINE_COLUMNS
from layers.cleaning.streets import clean_frontages, clean_streets, joined_frontages
from layers.findings.city_notes import COMPARED, Frames, with_findings
from layers.findings.personal import REPORTS, note_personal
from layers.formats.archives import unpacked
from layers.formats.raster import Within
from layers.knowledge.case_rules import load_case_rules
from layers.knowledge.standards import DATA, check_standard, load_kinds
from layers.languages import LANGUAGES
from layers.places.names import Communities
from layers.recipe.parse import read_recipe
from layers.recipe.schema import (
    ADDRESSES,
    BACKGROUND_KINDS,
    BASE_KINDS,
    CLAUSE_VALUES,
    FRONTAGE,
    LAND_KINDS,
    MONITORING,
    RESULTS_KIND,
    SURVEY,
    ZONE,
)
from layers.results.clause_values import clean_clause_values
from layers.results.monitoring import clean_readings, joined_readings
from layers.results.survey import clean_survey, joined_survey
from layers.sources.files import find_files, read_file
from layers.sources.memory import give_back, uncollected
from layers.sources.watched import watching

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd

    from analysis.model.standards import Kind
    from layers.city import LayerReport
    from layers.cleaning.layer import Layer
    from layers.cleaning.study_area import StudyArea
    from layers.knowledge.case_rules import CaseRules
    from layers.recipe.schema import LayerRecipe, Recipe
    from layers.sources.watched import Inputs


CASE_RULES = ("taxonomy", "calendar", "actions", "ladder", "title", "survey_rules",
              "monitoring_rules")  # fmt: skip
"""What a city keeps of the rules for its cases."""


def default_city_data() -> Path:
    """Find the folder of real cities' files."""
    named = os.environ.get("CITY_DATA")
    return Path(named) if named else DATA.parent.parent / "shared" / "cities"


def load_city(
    folder: Path, *, city_data: Path | None = None, kinds: Mapping[str, Kind] | None = None
) -> City:
    """
    Load a city by its recipe.

    Every row of every file is loaded, repaired with a note, left out by the recipe's own filter
    or quarantined with its reason, and each report's counts add up. Nothing is fetched.
    """
    folder = folder.resolve()
    usual = kinds is None
    kinds = load_kinds() if kinds is None else kinds
    recipe, data = read_recipe(folder, kinds={kind.id: kind.columns for kind in kinds.values()})
    check_standard(recipe.standard, folder)
    folders = city_folders(folder, default_city_data() if city_data is None else city_data)
    rules = load_case_rules(recipe, folder)
    areas = campaign_files(recipe, folders)
    data += file_marks(areas)
    slot = cache_slot(data + rules.data, folders) if usual else None
    parts = None if slot is None else kept_parts(slot, zone=recipe.time_zone)
    if parts is None:
        with watching() as inputs, uncollected():
            parts = _made(recipe, folders, kinds, rules, data)
        if slot is not None and _may_be_kept(parts, inputs, recipe):
            keep_parts(slot, parts, inputs)
    present = {report.kind for report in parts["reports"]}
    city = City(
        **_stated(recipe, folder),
        **{name: getattr(rules, name) for name in CASE_RULES},
        kinds={name: kind for name, kind in kinds.items() if name in present},
        **parts,
    )
    check_level_names(city.levels, city.communities)
    return replace(city, campaigns=load_campaigns(recipe, city, areas))


def _made(
    recipe: Recipe,
    folders: Sequence[Path],
    kinds: Mapping[str, Kind],
    rules: CaseRules,
    data: bytes,
) -> dict[str, Any]:
    """Make the parts of a city that its files decide."""
    layers, ready, (communities, area, error) = _read_layers(recipe, folders)
    area = with_gazetteer(area, layers, kinds)
    facilities, earlier = _facilities(layers, kinds, area)
    prepared = _prepared(ready, recipe, area, folders)
    frames = _frames(layers, recipe, area, rules=rules, prepared=prepared, among=communities)
    shown = _background(recipe)
    background, told, aside = load_background(shown, folders, area)
    own, quarantine = _summed_up(layers, prepared, aside)
    as_of = _as_of(recipe, frames["issues"], (*own, *told))
    compared = Frames(
        communities, facilities, as_of=as_of, **{name: frames[name] for name in COMPARED}
    )
    del layers  # what was read is larger than the frames, and nobody asks for it any more
    give_back()
    reports = (*with_findings(own, compared, kinds), *told)
    if frames["issues"] is not None:
        frames["issues"] = as_they_stood(frames["issues"], as_of)
    return {
        "crs": area.crs,
        "scale_error": error,
        "as_of": as_of,
        "communities": communities,
        "facilities": facilities,
        "earlier": earlier,
        "background": background,
        **frames,
        "absent": _absent(reports, kinds),
        "reports": reports,
        "quarantine": quarantine,
        "fingerprint": _fingerprint(data + rules.data, reports),
    }


def _may_be_kept(parts: Mapping[str, Any], inputs: Inputs, recipe: Recipe) -> bool:
    """Tell whether a city is made of files alone, and not of the day on which it is loaded."""
    read = {*inputs.read.values()}
    of_files = all(read.issuperset(report.files.values()) for report in parts["reports"])
    today = day_of(pd.Timestamp.now(tz=recipe.time_zone))
    return of_files and bool(parts["as_of"] < today)


def _read_layers(
    recipe: Recipe, folders: Sequence[Path]
) -> tuple[list[Layer], list[LayerRecipe], tuple[gpd.GeoDataFrame, StudyArea, float]]:
    """Read what tells where the city is, then what may have to know; name what is prepared."""
    ready = [entry for entry in recipe.layers if entry.how.format == FORMAT]
    shown = _background(recipe)
    rest = [entry for entry in recipe.layers if entry not in ready and entry not in shown]
    bounded = any(entry.kind == "communities" for entry in rest)
    founding = "communities" if bounded else "issues"
    first = _read_all([entry for entry in rest if entry.kind == founding], folders)
    found = [*first.values()]
    own, reports = (found, []) if bounded else ([], found)
    city = load_communities(own, crs=recipe.crs, reports=reports)
    give_back()
    within = Within(city[0].geometry.to_numpy(), city[1].crs)
    read = first | _read_all([entry for entry in rest if entry.id not in first], folders, within)
    return [read[entry.id] for entry in rest if entry.id in read], ready, city


def _background(recipe: Recipe) -> list[LayerRecipe]:
    return [entry for entry in recipe.layers if entry.kind in BACKGROUND_KINDS]


def _read_all(
    entries: Sequence[LayerRecipe], folders: Sequence[Path], within: Within | None = None
) -> dict[str, Layer]:
    """Read layers, by their names; only residents may be a raster, which must know the city."""
    read = {
        entry.id: read_layer(entry, folders, within=within if entry.kind == "residents" else None)
        for entry in entries
    }
    return {name: layer for name, layer in read.items() if layer}


def city_folders(folder: Path, city_data: Path) -> tuple[Path, ...]:
    """Say where a city's files are looked for, in this order."""
    return folder, city_data / folder.name, city_data


def _stated(recipe: Recipe, folder: Path) -> dict[str, Any]:
    return {
        "id": folder.name,
        "folder": folder,
        "name": recipe.name or dict.fromkeys(LANGUAGES, folder.name),
        "language": recipe.language,
        "time_zone": recipe.time_zone,
        "standard": recipe.standard,
        "home_kinds": recipe.home_kinds,
        "target": recipe.target,
        "levels": recipe.levels,
    }


def _of(layers: Sequence[Layer], kind: str) -> list[Layer]:
    return [layer for layer in layers if layer.recipe.kind == kind]


def _present(layers: Sequence[Layer]) -> list[Layer]:
    """Leave out earlier editions: of a kind without an entry that has none, all but the latest."""
    latest: dict[str, str] = {}
    for layer in layers:
        kind, edition = layer.recipe.kind, layer.recipe.edition
        known = latest.get(kind, edition)
        latest[kind] = max(known, edition) if known and edition else ""
    return [each for each in layers if each.recipe.edition == latest[each.recipe.kind]]


def _facilities(
    layers: Sequence[Layer], kinds: Mapping[str, Kind], area: StudyArea
) -> tuple[gpd.GeoDataFrame, dict[str, gpd.GeoDataFrame]]:
    """Make the facilities of the present, and of each earlier edition."""
    present = _present(layers)
    editions: dict[str, list[Layer]] = {}
    for layer in layers:
        if layer not in present:
            editions.setdefault(layer.recipe.edition, []).append(layer)
    earlier = {
        edition: load_facilities(editions[edition], kinds=kinds, area=area)
        for edition in sorted(editions)
    }
    return load_facilities(present, kinds=kinds, area=area), earlier


def _frames(
    layers: Sequence[Layer],
    recipe: Recipe,
    area: StudyArea,
    *,
    rules: CaseRules,
    prepared: Prepared | None,
    among: gpd.GeoDataFrame,
) -> dict[str, Any]:
    """Make the frames that need one loop over the layers of a kind, among the communities."""
    names = cache(partial(Communities, among))
    cleaners = _cleaners(area=area, zone=recipe.time_zone, rules=rules, names=names)
    found = {kind: cleaner.merged(_of(layers, kind)) for kind, cleaner in cleaners.items()}
    return {
        "issues": prepared.issues if prepared else found["issues"],
        "streets": found["streets"],
        "residents": found["residents"],
        "rechecks": found[RESULTS_KIND],
        "clause_values": found[CLAUSE_VALUES],
        "survey": found[SURVEY],
        "frontages": found[FRONTAGE],
        "readings": found[MONITORING],
        "land": Land(**{kind: found[kind] for kind in LAND_KINDS}),
        "zones": found[ZONE],
    }


def _cleaners(
    *, area: StudyArea, zone: str, rules: CaseRules, names: Callable[[], Communities]
) -> dict[str, Cleaner]:
    """Say how each kind of layer is cleaned, but communities and facilities."""
    land = partial(clean_land, area=area)
    return {
        "issues": Cleaner(
            partial(clean_issues, area=area, zone=zone, rules=rules, names=names),
            repeated=without_known,
            may_be_empty=True,
            finish=joined_issues,
        ),
        "streets": Cleaner(partial(clean_streets, area=area)),
        "residents": Cleaner(
            partial(clean_residents, area=area),
            repeated=None,
            may_be_empty=True,
            finish=numbered_residents,
        ),
        RESULTS_KIND: Cleaner(
            partial(clean_results, zone=zone), repeated=without_known, may_be_empty=True
        ),
        CLAUSE_VALUES: Cleaner(
            partial(clean_clause_values, zone=zone, rules=rules), may_be_empty=True
        ),
        SURVEY: Cleaner(
            partial(clean_survey, zone=zone, rules=rules, names=names),
            finish=joined_survey,
        ),
        FRONTAGE: Cleaner(partial(clean_frontages, area=area, zone=zone), finish=joined_frontages),
        MONITORING: Cleaner(
            partial(clean_readings, area=area, zone=zone, rules=rules), finish=joined_readings
        ),
        **dict.fromkeys(LAND_KINDS, Cleaner(land)),
        ZONE: Cleaner(land, finish=join_zones),
        ADDRESSES: Cleaner(partial(clean_addresses, area=area), repeated=None),
    }


def _summed_up(
    layers: Sequence[Layer], prepared: Prepared | None, aside: Sequence[pd.DataFrame]
) -> tuple[tuple[LayerReport, ...], pd.DataFrame]:
    """Say what became of all rows, and list those that were set apart."""
    for layer in layers:
        if layer.recipe.kind in REPORTS:
            note_personal(layer)
    return _reports(layers, prepared), _quarantine(layers, prepared, aside)


def _reports(layers: Sequence[Layer], prepared: Prepared | None) -> tuple[LayerReport, ...]:
    present = _present(layers)
    reports = [layer.report(earlier=layer not in present) for layer in layers]
    return (*reports, *((prepared.report,) if prepared else ()))


def _absent(reports: Sequence[LayerReport], kinds: Mapping[str, Kind]) -> tuple[str, ...]:
    loaded = {report.kind for report in reports}
    return tuple(name for name in (*BASE_KINDS, *kinds) if name not in loaded)


def _prepared(
    entries: Sequence[LayerRecipe], recipe: Recipe, area: StudyArea, folders: Sequence[Path]
) -> Prepared | None:
    if not entries:
        return None
    entry = entries[0]
    kinds = [each.kind for each in recipe.layers]
    if entry.kind != "issues" or kinds.count("issues") > 1:
        msg = f"{entry.entry}: a prepared register must be the only layer of issues."
        raise SettingsError(
            msg,
            problem="prepared_alone",
            hint="It holds the issues of all layers: take the others out.",
            entry=entry.entry,
        )
    path = find_files(entry.files[0], folders=folders, entry=entry.entry, url=entry.url)[0]
    opened = unpacked(read_file(path, name=entry.files[0], entry=entry.entry))
    return read_prepared(opened, entry, area, zone=recipe.time_zone)


def _quarantine(
    layers: Sequence[Layer], prepared: Prepared | None, aside: Sequence[pd.DataFrame]
) -> pd.DataFrame:
    frames = [frame for layer in layers if len(frame := layer.account.quarantined())]
    frames += aside
    frames += [prepared.quarantine] if prepared and len(prepared.quarantine) else []
    if not frames:
        return pd.DataFrame(columns=list(QUARANTINE_COLUMNS))
    joined = pd.concat(frames, ignore_index=True)
    found = joined.reindex(columns=list(FOUND_AGAIN))  # a prepared register has neither
    parts = pd.to_numeric(found["part"]).fillna(0).astype("int64")
    return joined.assign(part=parts, shape=found["shape"].astype("str"))


def _as_of(
    recipe: Recipe, issues: pd.DataFrame | None, reports: Sequence[LayerReport]
) -> pd.Timestamp:
    """Take the recipe's day, else the newest report or closing, else the newest publication."""
    if recipe.as_of:
        return in_zone(pd.Timestamp(recipe.as_of), recipe.time_zone)
    if issues is not None and issues["reported_at"].notna().any():
        return day_of(issues[["reported_at", "closed_at"]].max().max())
    dates = [report.publication_date for report in reports if report.publication_date]
    if dates:
        return in_zone(pd.Timestamp(max(dates)), recipe.time_zone)
    return day_of(pd.Timestamp.now(tz=recipe.time_zone))


def _fingerprint(data: bytes, reports: Sequence[LayerReport]) -> str:
    digest = hashlib.sha256(data)
    for report in reports:
        for name, sha256 in sorted(report.files.items()):
            digest.update(f"{report.id}\0{name}\0{sha256}\n".encode())
    return digest.hexdigest()
