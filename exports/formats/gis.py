"""Map layers: GeoPackage in the city's CRS, GeoJSON in WGS 84, the same bytes every time."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyogrio
import shapely

from exports.formats.csv import rounded

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.knowledge.dictionary import Column

DEGREE_DECIMALS = 6
"""About 0.1 m."""
LONG_NUMBER = re.compile(r"-?\d+\.\d{7,}")
"""A rounded coordinate written with the 17 digits of its binary form."""


def with_rounding(frame: gpd.GeoDataFrame, columns: Sequence[Column]) -> gpd.GeoDataFrame:
    """Round the columns that the dictionary knows and leave the others as they are."""
    layer = frame.reset_index(drop=True)
    figures = rounded(pd.DataFrame(layer.drop(columns="geometry")), columns)
    for name in figures.columns:
        layer[name] = figures[name]
    return layer


def geopackage_bytes(
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    points: Collection[str],
    lines: Collection[str] = (),
    day: pd.Timestamp,
) -> bytes:
    """Write map layers as one GeoPackage."""
    many = {**dict.fromkeys(points, "Point"), **dict.fromkeys(lines, "MultiLineString")}
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{day:%Y-%m-%d}T00:00:00.000Z"})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "layers.gpkg"
        for number, (name, frame) in enumerate(layers.items()):
            pyogrio.write_dataframe(
                frame,
                file,
                layer=name,
                driver="GPKG",
                append=number > 0,
                geometry_type=many.get(name, "MultiPolygon"),
                promote_to_multi=name not in points,
            )
        return file.read_bytes()


def geojson_bytes(frame: gpd.GeoDataFrame, *, identifiers: Sequence[str]) -> bytes:
    """
    Write a map layer as GeoJSON (RFC 7946).

    References
    ----------
    Butler et al. (2016), The GeoJSON Format, RFC 7946.
    """
    names = [name for name in frame.columns if name != "geometry"]
    table = pd.DataFrame(frame[names]).astype(object)
    rows = table.where(table.notna(), None).to_numpy().tolist()
    features = ",\n".join(
        _feature(dict(zip(names, row, strict=True)), geometry, identifiers)
        for row, geometry in zip(rows, _geometries(frame), strict=True)
    )
    return f'{{"type":"FeatureCollection","features":[\n{features}\n]}}\n'.encode()


def _geometries(frame: gpd.GeoDataFrame) -> list[str]:
    """Write every shape as a GeoJSON geometry in WGS 84."""
    degrees = _cut_at_180(frame.geometry.to_crs(4326).to_numpy(copy=True))
    # a border that all but touches itself in metres may cross itself once in degrees
    crossed = ~shapely.is_valid(degrees)
    mended = shapely.make_valid(degrees[crossed], method="structure", keep_collapsed=False)
    degrees[crossed] = mended
    snapped = shapely.set_precision(degrees, 10.0**-DEGREE_DECIMALS)
    exact = shapely.transform(snapped, lambda each: np.round(each, DEGREE_DECIMALS))
    texts: list[str] = shapely.to_geojson(shapely.orient_polygons(exact)).tolist()
    empty = shapely.is_empty(exact).tolist()
    return [
        "null" if nothing else LONG_NUMBER.sub(lambda found: repr(float(found[0])), text)
        for text, nothing in zip(texts, empty, strict=True)
    ]


def _cut_at_180(degrees: NDArray[np.object_]) -> NDArray[np.object_]:
    """Cut shapes across the antimeridian in two, as the standard has it."""
    bounds = shapely.bounds(degrees)
    for row in np.flatnonzero(bounds[:, 2] - bounds[:, 0] > 180).tolist():  # noqa: PLR2004
        whole = shapely.transform(degrees[row], _counted_on)
        east = shapely.intersection(whole, shapely.box(0, -90, 180, 90))
        beyond = shapely.intersection(whole, shapely.box(180, -90, 360, 90))
        west = shapely.transform(beyond, lambda corners: corners - (360, 0))
        degrees[row] = shapely.union_all([east, west])
    return degrees


def _counted_on(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([corners[:, 0] % 360, corners[:, 1]])


def _feature(properties: dict[str, Any], geometry: str, identifiers: Sequence[str]) -> str:
    name = "/".join(str(properties[each]) for each in identifiers)
    return (
        f'{{"type":"Feature","id":{_json(name)},"properties":{_json(properties)},'
        f'"geometry":{geometry}}}'
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
