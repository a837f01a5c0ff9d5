"""Writers whose bytes depend on nothing but the rows: no clock, no system library."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

STAMP = "2026-07-01T00:00:00.000Z"


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with `\\n` on every system."""
    path.write_bytes(text.encode())


def write_geojson(path: Path, properties: pd.DataFrame, shapes: NDArray[object]) -> None:
    """Write one feature a line, six decimals of a degree."""
    features = [
        json.dumps(
            {"type": "Feature", "properties": row, "geometry": _rounded(shape)},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for row, shape in zip(properties.to_dict("records"), shapes, strict=True)
    ]
    write_text(path, '{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n")


def _rounded(shape: object) -> dict[str, object]:
    def coordinates(value: object) -> object:
        if isinstance(value, float):
            return round(value, 6)
        return [coordinates(part) for part in value]  # type: ignore[attr-defined]

    mapping = shapely.geometry.mapping(shape)
    return {"type": mapping["type"], "coordinates": coordinates(mapping["coordinates"])}


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write CSV as office programs like it: with a byte order mark."""
    path.write_bytes(table.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig"))


def write_csv_gz(path: Path, table: pd.DataFrame) -> None:
    """Write gzipped CSV; the packer is the one inside pyarrow."""
    with pa.OSFile(str(path), "wb") as sink, pa.CompressedOutputStream(sink, "gzip") as packed:
        packed.write(table.to_csv(index=False, lineterminator="\n").encode())


def write_parquet(path: Path, table: pd.DataFrame) -> None:
    """Write plain Parquet."""
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path, compression="zstd")


def write_geoparquet(path: Path, table: pd.DataFrame, *, crs: str) -> None:
    """Write GeoParquet; `geometry` is the column of shapes."""
    gpd.GeoDataFrame(table, geometry="geometry", crs=crs).to_parquet(
        path, index=False, compression="zstd"
    )


def write_gpkg(path: Path, table: pd.DataFrame, *, layer: str, crs: str) -> None:
    """Write a GeoPackage whose time stamp is fixed."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP})
    try:
        frame = gpd.GeoDataFrame(table, geometry="geometry", crs=crs)
        pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG", geometry_type="Point")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write_xlsx(path: Path, table: pd.DataFrame, *, sheet: str) -> None:
    """Write one sheet; numbers stay numbers, text stays text. Stored, not deflated."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": datetime(2026, 7, 1, tzinfo=UTC)})
        page = book.add_worksheet(sheet)
        page.write_row(0, 0, list(table.columns))
        for number, row in enumerate(table.itertuples(index=False), start=1):
            for column, value in enumerate(row):
                _write_cell(page, number, column, value)
        page.autofit()
    path.write_bytes(_stored(buffer))


def _write_cell(page: object, row: int, column: int, value: object) -> None:
    if value == "":
        return
    if isinstance(value, str):
        page.write_string(row, column, value)  # type: ignore[attr-defined]
    else:
        page.write_number(row, column, value)  # type: ignore[attr-defined]


def _stored(buffer: io.BytesIO) -> bytes:
    """Pack the members of a zip again, uncompressed: packers differ from system to system."""
    packed = io.BytesIO()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(packed, "w") as new:
        for name in sorted(old.namelist()):
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), old.read(name))
    return packed.getvalue()


def toml_table(values: Mapping[str, object]) -> str:
    """
    Write key = value lines of texts, numbers, lists of texts and tables of texts.

    Examples
    --------
    >>> print(toml_table({"id": "a", "lon": 1.5, "name": {"en": "A"}}))
    id = "a"
    lon = 1.5
    name = { en = "A" }
    """
    return "\n".join(f"{_toml_key(key)} = {_toml_value(value)}" for key, value in values.items())


def _toml_key(key: str) -> str:
    """Bare or dotted keys stay as they are, others are quoted."""
    return key if re.fullmatch(r"[A-Za-z0-9_.-]+", key) else json.dumps(key, ensure_ascii=False)


def _toml_value(value: object) -> str:
    if isinstance(value, dict):
        pairs = [f"{_toml_key(key)} = {_toml_value(part)}" for key, part in value.items()]
        return "{ " + ", ".join(pairs) + " }"
    return json.dumps(value, ensure_ascii=False)
