"""Makes the frame of communities, which says where the city is and in which CRS it is measured."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from analysis.model.contracts import check_communities
from analysis.model.crs import check_crs, local_crs, scale_error
from analysis.model.errors import SettingsError, SourceError
from analysis.model.levels import LEVELS, levels_of
from layers.cleaning.amounts import people
from layers.cleaning.coordinates import places_in_degrees
from layers.cleaning.crs import known_crs, transform_geometry
from layers.cleaning.geometry import clean_polygons
from layers.cleaning.identifiers import (
    further_parts,
    identify,
    loaded_rows,
    quarantine_duplicates,
)
from layers.cleaning.merge import Cleaner
from layers.cleaning.study_area import StudyArea
from layers.formats.geodata import WGS84
from layers.languages import WRITTEN
from layers.places.likely_crs import twin_code, zone_code
from layers.recipe.schema import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layers.cleaning.layer import Layer

_RIM_M = 100.0
"""Around the outermost reports, which else would lie on the border."""
_WIDEST = 1.0
"""Degrees from the median report: what is farther away is a slip and not the city."""
_REPORTS = ("上报范围", "Extent of the reports")
_FAR, _FEW_FAR = 20.0, 0.2
"""Degrees from the middle of most beyond which no community lies, unless this share of all does."""
_MIN_WIDTH_M = 1.0
"""No city is narrower."""


def load_communities(
    layers: Sequence[Layer], *, crs: str, reports: Sequence[Layer] = ()
) -> tuple[gpd.GeoDataFrame, StudyArea, float]:
    """
    Make the communities, the study area, and tell how true lengths are in its CRS.

    Without a layer of communities the extent of the reports is the only one.
    """
    if not layers:
        return _area_of_reports(reports, crs=crs)
    bounds = _extent(layers)
    target = local_crs(bounds) if crs == "auto" else known_crs(crs, entry=FILE_NAME)
    cleaner = Cleaner(partial(clean_communities, target=target), repeated=None)
    communities = gpd.GeoDataFrame(cleaner.merged(layers), crs=target)
    _check_width(layers[0], tuple(communities.total_bounds))
    check_crs(target, bounds=communities.total_bounds, name="communities")
    check_communities(communities)
    west, south, east, north = (float(value) for value in communities.total_bounds)
    return communities, StudyArea(target, (west, south, east, north)), scale_error(target, bounds)


def _area_of_reports(
    reports: Sequence[Layer], *, crs: str
) -> tuple[gpd.GeoDataFrame, StudyArea, float]:
    """Take the hull of all reports, with a rim, for the one community of the city."""
    anywhere = StudyArea(CRS(WGS84), (-180.0, -90.0, 180.0, 90.0))
    pairs = [places_in_degrees(layer, anywhere) for layer in reports if layer.has_places()]
    lon, lat = (np.concatenate(each) for each in zip(*pairs, strict=True)) if pairs else ((), ())
    if not len(lon):
        raise _no_area(reports[0].recipe.entry if reports else FILE_NAME)
    near = (np.abs(lon - np.median(lon)) < _WIDEST) & (np.abs(lat - np.median(lat)) < _WIDEST)
    lon, lat = lon[near], lat[near]
    bounds = tuple(float(end) for end in (lon.min(), lat.min(), lon.max(), lat.max()))
    target = local_crs(bounds) if crs == "auto" else known_crs(crs, entry=FILE_NAME)
    points = transform_geometry(np.asarray(shapely.points(lon, lat)), CRS(WGS84), target)
    hull = shapely.buffer(shapely.convex_hull(shapely.multipoints(points)), _RIM_M)
    community = gpd.GeoDataFrame(
        {"name": [_REPORTS[0]], "parent": [""], "name_zh": [_REPORTS[0]], "name_en": [_REPORTS[1]]},
        index=pd.Index(["reports"], name="community_id", dtype="str"),
        geometry=[hull],
        crs=target,
    )
    check_communities(community)
    for layer in reports:
        layer.account.note(
            layer.account.alive.copy(), "area_of_reports", area_m2=round(community.area.iloc[0])
        )
    west, south, east, north = (float(value) for value in community.total_bounds)
    return community, StudyArea(target, (west, south, east, north)), scale_error(target, bounds)


def _no_area(entry: str) -> SourceError:
    return SourceError(
        f"{entry}: there are neither communities nor reports with coordinates.",
        problem="no_area",
        hint="Add a layer of communities, or coordinates of the reports.",
        entry=entry,
    )


def _extent(layers: Sequence[Layer]) -> tuple[float, float, float, float]:
    """Find the extent of all communities in degrees."""
    crs = [layer.crs for layer in layers]
    geographic = [_near(layer, source) for layer, source in zip(layers, crs, strict=True)]
    west, south, east, north = _around(pd.concat(geographic))
    if -180 <= west <= east <= 360 and -90 < south <= north < 90:  # noqa: PLR2004
        return west, south, east, north
    if shapely.is_missing([each for layer in layers for each in layer.geometry]).all():
        raise _shapeless(layers[0])
    _check_exchanged(layers[0])
    _check_zone(layers[0])
    entry, found = layers[0].recipe.entry, f"{west:.6g}, {south:.6g}, {east:.6g}, {north:.6g}"
    msg = (
        f"{entry}: in {crs[0].name} the communities extend over {found} (degrees); allowed"
        " is -180, -90, 180, 90."
    )
    raise SourceError(
        msg,
        problem="extent_wrong",
        hint="State the `crs` that the coordinates are really in, for example EPSG:4549"
        " (CGCS2000) or EPSG:3857 (maps of the web).",
        entry=entry,
        crs=crs[0].name,
        found=found,
    )


def _shapeless(layer: Layer) -> SourceError:
    files = ", ".join(layer.table.files)
    return SourceError(
        f"{layer.recipe.entry}: {files} has no shapes; communities are polygons.",
        problem="communities_shapeless",
        hint="Get the file with the boundaries of the communities.",
        entry=layer.recipe.entry,
        file=files,
    )


def _near(layer: Layer, crs: CRS) -> gpd.GeoSeries:
    """Give the communities in degrees; the few that lie far from all others are quarantined."""
    if layer.table.geometry is None:
        return gpd.GeoSeries()
    shapes = gpd.GeoSeries(transform_geometry(layer.table.geometry, crs, CRS(WGS84)))
    bounds = shapes.bounds.to_numpy(copy=True)
    bounds[~np.isfinite(bounds)] = np.nan  # what no degrees were found for lies nowhere
    known = np.isfinite(bounds).all(axis=1)
    middles = (bounds[known, :2] + bounds[known, 2:]) / 2
    middle = np.median(middles, axis=0) if known.any() else np.zeros(2)
    away = np.abs(bounds.reshape(-1, 2, 2) - middle)
    away[:, :, 0] = np.minimum(away[:, :, 0], 360 - away[:, :, 0])  # the earth is round
    far = known & (away > _FAR).any(axis=(1, 2))
    if far.mean() < _FEW_FAR:
        layer.account.quarantine(far, "community_far")
        shapes = shapes[~far]
    return shapes


def _around(shapes: gpd.GeoSeries) -> tuple[float, float, float, float]:
    """Find the extent in degrees; across the antimeridian the east is counted on beyond 180."""
    west, south, east, north = (float(value) for value in shapes.total_bounds)
    if west >= -180 and west + 180 < east <= 180:  # noqa: PLR2004
        lon = shapely.get_coordinates(shapes.to_numpy())[:, 0] % 360
        if np.ptp(lon) < east - west:
            west, east = float(lon.min()), float(lon.max())
    return west, south, east, north


def _check_zone(layer: Layer) -> None:
    """Refuse eastings that begin with the number of a zone which the system named does not have."""
    if layer.table.geometry is None or (layer.crs.is_geographic and layer.table.crs_stated):
        return
    easting = float(shapely.total_bounds(layer.table.geometry)[0])
    system = zone_code(easting) or twin_code(layer.crs.to_epsg() or 0, easting)
    if not system:
        return
    entry, by_file = layer.recipe.entry, layer.table.crs is not None and layer.table.crs_stated
    msg = (
        f"{entry}: in {layer.crs.name} the eastings of the communities ({easting:.10g}) lie off the"
        f" map; they are those of {system}."
    )
    raise SourceError(
        msg,
        problem="extent_zone_file" if by_file else "extent_zone",
        hint=f"Assign {system} to the file in a desktop GIS: it names the wrong one itself."
        if by_file
        else f'State `crs = "{system}"` in the recipe.',
        entry=entry,
        crs=layer.crs.name,
        found=f"{easting:.10g}",
        system=system,
    )


def _check_exchanged(layer: Layer) -> None:
    """Refuse degrees whose latitude comes first, which no projection can tell of."""
    if layer.table.geometry is None or not layer.crs.is_geographic:
        return
    south, west, north, east = (float(v) for v in shapely.total_bounds(layer.table.geometry))
    if -180 <= west <= east <= 180 and -90 < south <= north < 90:  # noqa: PLR2004
        entry, found = layer.recipe.entry, f"{south:.6g}, {west:.6g}, {north:.6g}, {east:.6g}"
        msg = f"{entry}: latitude and longitude of the communities are exchanged ({found})."
        raise SourceError(
            msg,
            problem="extent_exchanged",
            hint="Write longitude before latitude: exchange the axes in a desktop GIS.",
            entry=entry,
            found=found,
        )


def _check_width(layer: Layer, bounds: tuple[float, float, float, float]) -> None:
    """Refuse degrees under the name of a metric CRS: the city would be centimetres wide."""
    width = max(bounds[2] - bounds[0], bounds[3] - bounds[1])
    if layer.table.geometry is None or not width < _MIN_WIDTH_M:
        return
    own = shapely.total_bounds(layer.table.geometry)
    looks = not layer.crs.is_geographic and bool((np.abs(own) <= (180, 90, 180, 90)).all())
    crs = layer.recipe.crs or layer.crs.name
    found = ", ".join(f"{value:.6g}" for value in own)
    entry = layer.recipe.entry
    msg = f"{entry}: read as {crs} the city would be {width:.2g} m wide (extent {found})."
    raise SourceError(
        msg,
        problem="extent_degrees" if looks else "extent_tiny",
        hint="The coordinates look like degrees: correct `crs`, for example to EPSG:4326."
        if looks
        else "Correct `crs`, or the unit of the coordinates.",
        entry=entry,
        crs=crs,
        found=found,
        width_m=width,
    )


def clean_communities(layer: Layer, *, target: CRS) -> gpd.GeoDataFrame:
    """Make communities."""
    ours, account = layer.ours, layer.account
    quarantine_duplicates(layer)
    parts = further_parts(layer)
    identifiers = identify(layer, keep_twice=False, parts=parts)
    polygons = clean_polygons(layer.geometry, account, crs=layer.crs, target=target)
    columns: dict[str, object] = {
        "name": _names(layer, identifiers),
        **layer.texts("parent"),
        **layer.translated(
            *("name_en", "name_zh", *LEVELS[1:]),
            *(f"{level}_{language}" for level in LEVELS for language in WRITTEN),
        ),
    }
    if "population" in ours:
        population = people(layer)
        account.note(population % 1 > 0, "population_fractional")
        account.repair(np.isnan(population), "population_missing")
        columns["population"] = population
    frame = gpd.GeoDataFrame(columns, index=ours.index, geometry=polygons, crs=target)
    account.repair(parts & identifiers.duplicated(), "community_parts")
    return _joined_parts(loaded_rows(frame, identifiers, layer, index="community_id"))


def _joined_parts(communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make the rows of one identifier one community with the area of all."""
    several = communities.index[communities.index.duplicated()].unique()
    if several.empty:
        return communities
    joined = communities[~communities.index.duplicated()].copy()
    for identifier in several:
        joined.loc[[identifier], "geometry"] = communities.loc[identifier, "geometry"].union_all()
    return joined


def _names(layer: Layer, identifiers: pd.Index[str]) -> pd.Series[str]:
    instead = pd.Series(identifiers, index=layer.ours.index)
    if "name" not in layer.ours:
        return instead
    missing = (layer.ours["name"] == "").to_numpy(dtype=bool)
    layer.account.repair(missing, "name_missing")
    return layer.ours["name"].mask(missing, instead)


def check_level_names(names: Sequence[Mapping[str, str]], communities: gpd.GeoDataFrame) -> None:
    """Refuse names for levels that no column of the communities fills."""
    filled = levels_of(communities)
    wanted = LEVELS[: len(names)]
    empty = [level for level in wanted if level not in filled]
    if empty:
        msg = (
            f"{FILE_NAME}: levels names {len(names)}; of the communities' columns"
            f" {', '.join(empty)} is absent or empty; filled are {', '.join(filled) or '-'}."
        )
        raise SettingsError(
            msg,
            problem="levels_empty",
            hint="Fill the column, or leave the name of its level out.",
            entry=FILE_NAME,
            found=len(names),
            missing=", ".join(empty),
            present=", ".join(filled) or "-",
        )
