"""Loads a city: recipe, files, cleaning and checks, into one `City`."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from analysis.access.land import Land
from analysis.issues.due_dates import with_due_times
from analysis.model.contracts import (
    CODED_ISSUE_COLUMNS,
    FACILITY_COLUMNS,
    TEXT_ISSUE_COLUMNS,
    check_communities,
    check_facilities,
    check_issues,
    check_residents,
)
from analysis.model.crs import check_crs, local_crs, scale_error
from analysis.model.errors import SettingsError, SourceError
from layers.city import City, LayerReport
from layers.cleaning.checked_register import FORMAT, Prepared, read_prepared
from layers.cleaning.columns import shape
from layers.cleaning.coordinates import StudyArea
from layers.cleaning.crs import known_crs, source_crs, transform_geometry
from layers.cleaning.frames import clean_communities, clean_facilities, clean_land, clean_residents
from layers.cleaning.geometry import line_parts
from layers.cleaning.issues import clean_issues, clean_results
from layers.cleaning.row_account import QUARANTINE_COLUMNS, RowAccount
from layers.cleaning.streets import clean_streets
from layers.formats.geodata import WGS84
from layers.formats.read import read_table
from layers.formats.table import concatenate
from layers.knowledge.standards import DATA, load_kinds
from layers.knowledge.taxonomy import (
    FOLDER,
    check_needed,
    find_file,
    load_calendar,
    load_deadlines,
    load_taxonomy,
)
from layers.recipe.schema import (
    BASE_KINDS,
    FILE_NAME,
    LAND_KINDS,
    RESULTS_KIND,
    ZONE,
    LayerRecipe,
    Recipe,
    read_recipe,
)
from layers.sources.files import find_files, read_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.issues.working_time import Calendar, Deadline
    from analysis.model.standards import Kind
    from analysis.model.taxonomy import Taxonomy
    from layers.formats.read import How
    from layers.formats.table import Table


@dataclass(frozen=True, eq=False)
class _Layer:
    """One entry on its way: as read, as ours, and its account."""

    recipe: LayerRecipe
    table: Table
    ours: pd.DataFrame
    account: RowAccount
    lookup_files: Mapping[str, str]

    def parts(self) -> tuple[Table, pd.DataFrame, LayerRecipe, RowAccount]:
        return self.table, self.ours, self.recipe, self.account


@dataclass(frozen=True)
class _Rules:
    """What the recipe says of categories, deadlines and working time, and the bytes of it."""

    taxonomy: Taxonomy
    deadlines: Mapping[str, Deadline]
    calendar: Calendar | None
    data: bytes


def default_city_data() -> Path:
    """Find the folder of real cities' files."""
    named = os.environ.get("CITY_DATA")
    return Path(named) if named else DATA.parent.parent / "shared" / "cities"


def load_city(
    folder: Path, *, city_data: Path | None = None, kinds: Mapping[str, Kind] | None = None
) -> City:
    """
    Load a city by its recipe.

    Every row of every file is loaded, repaired with a note, left out by the recipe's own
    filter or quarantined with its reason, and each report's counts add up. Nothing is
    fetched.
    """
    folder = folder.resolve()
    kinds = load_kinds() if kinds is None else kinds
    city_data = default_city_data() if city_data is None else city_data
    recipe, data = read_recipe(folder, kinds={kind.id: kind.columns for kind in kinds.values()})
    folders = (folder, city_data / folder.name, city_data)
    ready = [entry for entry in recipe.layers if entry.how.format == FORMAT]
    rest = [entry for entry in recipe.layers if entry not in ready]
    layers = [layer for entry in rest if (layer := _read_layer(entry, folders))]
    communities, area, error = _communities(_of(layers, "communities"), recipe)
    present = _present(layers)
    past = [each for each in layers if each not in present]
    earlier = {
        edition: _facilities([each for each in past if each.recipe.edition == edition], kinds, area)
        for edition in sorted({each.recipe.edition for each in past})
    }
    facilities = _facilities(present, kinds, area)
    rules = _rules(recipe, folder)
    prepared = _prepared(ready, recipe, area, folders)
    issues = prepared.issues if prepared else _issues(layers, recipe, area, rules)
    streets = _streets(layers, area)
    residents = _residents(layers, area)
    rechecks = _second_looks(layers, recipe)
    land = Land(**{kind: _polygons(layers, kind, area) for kind in LAND_KINDS})
    zones = _zones(layers, area)
    reports = tuple(_report(layer, earlier=layer not in present) for layer in layers)
    reports += (prepared.report,) if prepared else ()
    loaded = {report.kind for report in reports}
    return City(
        id=folder.name,
        folder=folder,
        name=recipe.name or {"zh": folder.name, "en": folder.name},
        language=recipe.language,
        time_zone=recipe.time_zone,
        standard=recipe.standard,
        crs=area.crs,
        scale_error=error,
        as_of=_as_of(recipe, issues, reports),
        communities=communities,
        facilities=facilities,
        residents=residents,
        issues=issues,
        streets=streets,
        taxonomy=rules.taxonomy,
        calendar=rules.calendar,
        land=land,
        zones=zones,
        kinds={name: kind for name, kind in kinds.items() if _of(layers, name)},
        absent=tuple(name for name in (*BASE_KINDS, *kinds) if name not in loaded),
        reports=reports,
        quarantine=_quarantine(layers, prepared),
        fingerprint=_fingerprint(data + rules.data, reports),
        rechecks=rechecks,
        earlier=earlier,
    )


def _of(layers: Sequence[_Layer], kind: str) -> list[_Layer]:
    return [layer for layer in layers if layer.recipe.kind == kind]


def _present(layers: Sequence[_Layer]) -> list[_Layer]:
    """Leave out earlier editions: of a kind without an entry that has none, all but the latest."""
    latest: dict[str, str] = {}
    for layer in layers:
        kind, edition = layer.recipe.kind, layer.recipe.edition
        known = latest.get(kind, edition)
        latest[kind] = max(known, edition) if known and edition else ""
    return [each for each in layers if each.recipe.edition == latest[each.recipe.kind]]


def _read_layer(recipe: LayerRecipe, folders: Sequence[Path]) -> _Layer | None:
    try:
        table = _read(recipe.files, recipe.how, recipe, folders, columns=recipe.needed())
    except SourceError as error:
        if recipe.optional and error.problem == "file_missing":
            return None
        raise
    if recipe.kind == "streets" and not recipe.names_nodes():
        table = line_parts(table)
    lookup = None
    if recipe.join is not None:
        join = recipe.join
        lookup = _read(
            join.files,
            join.how,
            recipe,
            folders,
            columns={*join.on.values(), *join.columns, *join.where},
        )
    account = RowAccount(recipe, table)
    ours = shape(table, recipe, account, lookup=lookup)
    return _Layer(recipe, table, ours, account, {} if lookup is None else lookup.files)


def _read(
    files: Sequence[str],
    how: How,
    recipe: LayerRecipe,
    folders: Sequence[Path],
    *,
    columns: set[str],
) -> Table:
    tables = []
    for pattern in files:
        found = find_files(pattern, folders=folders, entry=recipe.entry, url=recipe.url)
        for path in found:
            name = str(Path(pattern).parent / path.name)
            tables.append(read_table(path, name=name, entry=recipe.entry, how=how, columns=columns))
    return concatenate(tables, entry=recipe.entry)


def _communities(
    layers: Sequence[_Layer], recipe: Recipe
) -> tuple[gpd.GeoDataFrame, StudyArea, float]:
    """Load the communities first: they say where the city is and in which CRS it is measured."""
    systems = [source_crs(layer.table, layer.recipe) for layer in layers]
    bounds = _bounds(layers, systems)
    crs = local_crs(bounds) if recipe.crs == "auto" else known_crs(recipe.crs, entry=FILE_NAME)
    frames = [
        clean_communities(*layer.parts(), crs=system, target=crs)
        for layer, system in zip(layers, systems, strict=True)
    ]
    for layer, frame in zip(layers, frames, strict=True):
        _check_loaded(layer, len(frame))
    communities = gpd.GeoDataFrame(pd.concat(frames), crs=crs)
    check_crs(crs, bounds=communities.total_bounds, name="communities")
    check_communities(communities)
    west, south, east, north = (float(value) for value in communities.total_bounds)
    area = StudyArea(crs, (west, south, east, north))
    return communities, area, scale_error(crs, bounds)


def _bounds(layers: Sequence[_Layer], systems: Sequence[CRS]) -> tuple[float, float, float, float]:
    """Find the extent of all communities in degrees."""
    geographic = [
        gpd.GeoSeries(transform_geometry(layer.table.geometry, crs, CRS(WGS84)))
        if layer.table.geometry is not None
        else gpd.GeoSeries()
        for layer, crs in zip(layers, systems, strict=True)
    ]
    west, south, east, north = (float(v) for v in pd.concat(geographic).total_bounds)
    found = f"{west:.6g}, {south:.6g}, {east:.6g}, {north:.6g}"
    if not (-180 <= west <= east <= 180 and -90 < south <= north < 90):  # noqa: PLR2004
        entry = layers[0].recipe.entry
        msg = (
            f"{entry}: in {systems[0].name} the communities extend over {found} (degrees); allowed"
            " is -180, -90, 180, 90."
        )
        raise SourceError(
            msg,
            problem="extent_wrong",
            hint="State the `crs` that the coordinates are really in, for example EPSG:2263.",
            entry=entry,
            crs=systems[0].name,
            found=found,
        )
    return west, south, east, north


def _check_loaded(layer: _Layer, count: int) -> None:
    if count:
        return
    reasons = layer.account.quarantined()["reason"].value_counts()
    found = ", ".join(f"{reason} ({number})" for reason, number in reasons.items())
    msg = f"{layer.recipe.entry}: not one row could be loaded: {found}."
    raise SourceError(
        msg,
        problem="nothing_loaded",
        hint="Look at the columns and the CRS in the recipe.",
        entry=layer.recipe.entry,
        found=found,
    )


def _facilities(
    layers: Sequence[_Layer], kinds: Mapping[str, Kind], area: StudyArea
) -> gpd.GeoDataFrame:
    frames: list[gpd.GeoDataFrame] = []
    taken: set[str] = set()
    for layer in layers:
        kind = kinds.get(layer.recipe.kind)
        if kind is None:
            continue
        frame = clean_facilities(*layer.parts(), kind=kind, area=area)
        _check_loaded(layer, len(frame))
        frames.append(_with_new_ids(frame, layer, taken))
        taken |= set(frames[-1].index)
    if not frames:
        empty = {column: pd.Series(dtype="str") for column in FACILITY_COLUMNS}
        index = pd.Index([], name="facility_id", dtype="str")
        return gpd.GeoDataFrame(empty, index=index, geometry=[], crs=area.crs)
    facilities = gpd.GeoDataFrame(pd.concat(frames), crs=area.crs)
    facilities = _typed(facilities, kinds)
    first = [*FACILITY_COLUMNS, *([] if "name_en" not in facilities else ["name_en"])]
    rest = [column for column in facilities.columns if column not in {*first, "geometry"}]
    facilities = facilities[[*first, *rest, "geometry"]]
    check_facilities(facilities)
    return facilities


def _typed(facilities: gpd.GeoDataFrame, kinds: Mapping[str, Kind]) -> gpd.GeoDataFrame:
    """Give each optional column its type again: kinds that lack it made it empty."""
    types = {"name_en": "text"}
    for kind in kinds.values():
        types |= kind.columns
    for column in [name for name in types if name in facilities]:
        match types[column]:
            case "number":
                facilities[column] = facilities[column].astype("float64")
            case "flag":
                facilities[column] = facilities[column].astype("boolean")
            case _:
                facilities[column] = facilities[column].fillna("").astype("str")
    return facilities


def _with_new_ids(frame: pd.DataFrame, layer: _Layer, taken: set[str]) -> pd.DataFrame:
    """Put the layer's name before identifiers that an earlier layer of the city uses too."""
    clash = frame.index.isin(taken)
    if not clash.any():
        return frame
    labels = pd.Series(layer.account.labels)
    layer.account.repair(
        labels.isin(frame.index[clash]).to_numpy(dtype=bool), "identifier_made_unique"
    )
    renamed = frame.index.where(~clash, layer.recipe.id + ":" + frame.index)
    return frame.set_axis(renamed.rename(frame.index.name), axis=0)


def _rules(recipe: Recipe, folder: Path) -> _Rules:
    natives = tuple(find_file(name, folder=folder) for name in recipe.taxonomy)
    deadlines = [find_file(name, folder=folder) for name in (recipe.deadlines,) if name]
    calendars = [find_file(name, folder=folder) for name in (recipe.calendar,) if name]
    paths = (FOLDER / "levels.toml", FOLDER / "categories.toml", *natives, *deadlines, *calendars)
    rules = _Rules(
        taxonomy=load_taxonomy(natives),
        deadlines=load_deadlines(deadlines[0]) if deadlines else {},
        calendar=load_calendar(calendars[0]) if calendars else None,
        data=b"".join(path.read_bytes() for path in paths),
    )
    check_needed(rules.calendar, rules.deadlines)
    return rules


def _with_due_times(frame: pd.DataFrame, layer: _Layer, rules: _Rules) -> pd.DataFrame:
    frame = with_due_times(frame, rules.taxonomy, rules.deadlines, rules.calendar)
    computed = frame.index[frame["due_basis"].eq("computed")]
    labels = pd.Series(layer.account.labels)
    layer.account.note(labels.isin(computed).to_numpy(dtype=bool), "due_computed")
    return frame


def _issues(
    layers: Sequence[_Layer], recipe: Recipe, area: StudyArea, rules: _Rules
) -> pd.DataFrame | None:
    frames = []
    taken: set[str] = set()
    for layer in _of(layers, "issues"):
        frame = clean_issues(*layer.parts(), area=area, zone=recipe.time_zone)
        if rules.deadlines:
            frame = _with_due_times(frame, layer, rules)
        again = pd.Series(layer.account.labels).isin(taken).to_numpy(dtype=bool)
        layer.account.quarantine(again, "identifier_twice")
        frames.append(frame[~frame.index.isin(taken)])
        taken |= set(frame.index)
    if not frames:
        return None
    issues = _joined(frames)
    check_issues(issues)
    return issues


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
    opened = read_file(path, name=entry.files[0], entry=entry.entry)
    return read_prepared(opened, entry, area, zone=recipe.time_zone)


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Put layers together; a text or code that one of them lacks is empty there."""
    issues = frames[0] if len(frames) == 1 else pd.concat(frames)
    lacking = [column for column in (*CODED_ISSUE_COLUMNS, *TEXT_ISSUE_COLUMNS) if column in issues]
    return issues.assign(**{name: issues[name].fillna("").astype("str") for name in lacking})


def _residents(layers: Sequence[_Layer], area: StudyArea) -> pd.DataFrame | None:
    frames = [clean_residents(*layer.parts(), area=area) for layer in _of(layers, "residents")]
    if not frames:
        return None
    residents = frames[0] if len(frames) == 1 else pd.concat(frames)
    if not residents.index.is_unique:
        residents = residents.set_axis(pd.RangeIndex(1, len(residents) + 1, name="resident_id"))
    check_residents(residents)
    return residents


def _streets(layers: Sequence[_Layer], area: StudyArea) -> gpd.GeoDataFrame | None:
    frames = []
    taken: set[str] = set()
    for layer in _of(layers, "streets"):
        crs = source_crs(layer.table, layer.recipe)
        frame = clean_streets(*layer.parts(), crs=crs, target=area.crs)
        _check_loaded(layer, len(frame))
        frames.append(_with_new_ids(frame, layer, taken))
        taken |= set(frames[-1].index)
    return gpd.GeoDataFrame(pd.concat(frames), crs=area.crs) if frames else None


def _second_looks(layers: Sequence[_Layer], recipe: Recipe) -> pd.DataFrame | None:
    frames = []
    taken: set[str] = set()
    for layer in _of(layers, RESULTS_KIND):
        frame = clean_results(*layer.parts(), zone=recipe.time_zone)
        again = pd.Series(layer.account.labels).isin(taken).to_numpy(dtype=bool)
        layer.account.quarantine(again, "identifier_twice")
        frames.append(frame[~frame.index.isin(taken)])
        taken |= set(frame.index)
    return pd.concat(frames) if frames else None


def _polygons(layers: Sequence[_Layer], kind: str, area: StudyArea) -> gpd.GeoDataFrame | None:
    frames = []
    taken: set[str] = set()
    for layer in _of(layers, kind):
        crs = source_crs(layer.table, layer.recipe)
        frame = clean_land(*layer.parts(), crs=crs, target=area.crs)
        _check_loaded(layer, len(frame))
        frames.append(_with_new_ids(frame, layer, taken))
        taken |= set(frames[-1].index)
    return gpd.GeoDataFrame(pd.concat(frames), crs=area.crs) if frames else None


def _zones(layers: Sequence[_Layer], area: StudyArea) -> gpd.GeoDataFrame | None:
    """Join the polygons of one name into one zone, under the identifier of the first."""
    found = _polygons(layers, ZONE, area)
    if found is None:
        return None
    named = found.assign(name=found["name"].where(found["name"] != "", found.index))
    named["zone_id"] = named.index
    zones = named.dissolve(by="name", sort=False).reset_index().set_index("zone_id")
    if "name_en" in zones:
        zones["name_en"] = zones["name_en"].fillna("")
    return zones


def _report(layer: _Layer, *, earlier: bool) -> LayerReport:
    report = layer.account.report()
    files = {**report.files, **layer.lookup_files}
    edition = layer.recipe.edition if earlier else ""
    return LayerReport(**{**vars(report), "files": files, "edition": edition})


def _quarantine(layers: Sequence[_Layer], prepared: Prepared | None) -> pd.DataFrame:
    frames = [frame for layer in layers if len(frame := layer.account.quarantined())]
    frames += [prepared.quarantine] if prepared and len(prepared.quarantine) else []
    if not frames:
        return pd.DataFrame(columns=list(QUARANTINE_COLUMNS))
    return pd.concat(frames, ignore_index=True)


def _as_of(
    recipe: Recipe, issues: pd.DataFrame | None, reports: Sequence[LayerReport]
) -> pd.Timestamp:
    """Take the recipe's day, else the newest report, else the newest publication."""
    if recipe.as_of:
        return pd.Timestamp(recipe.as_of, tz=recipe.time_zone)
    if issues is not None and issues["reported_at"].notna().any():
        newest: pd.Timestamp = issues["reported_at"].max()
        return newest.normalize()
    dates = [report.publication_date for report in reports if report.publication_date]
    if dates:
        return pd.Timestamp(max(dates), tz=recipe.time_zone)
    return pd.Timestamp.now(tz=recipe.time_zone).normalize()


def _fingerprint(data: bytes, reports: Sequence[LayerReport]) -> str:
    digest = hashlib.sha256(data)
    for report in reports:
        for name, sha256 in sorted(report.files.items()):
            digest.update(f"{report.id}\0{name}\0{sha256}\n".encode())
    return digest.hexdigest()
