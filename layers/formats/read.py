"""Reads one file of a layer by its format."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from layers.formats.archives import unpacked
from layers.formats.geodata import read_geojson
from layers.formats.geopackage import read_gpkg
from layers.formats.overpass import read_overpass
from layers.formats.shapefile import read_shapefile, shapefile_parts
from layers.formats.tabular import read_csv, read_parquet, read_xlsx
from layers.formats.text import parse_json, read_records
from layers.sources.files import read_file
from layers.sources.opened import Opened, content_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from layers.formats.table import Table

FORMATS = (
    "geojson",
    "gpkg",
    "shp",
    "zip",
    "parquet",
    "csv",
    "xlsx",
    "json",
    "overpass",
    "prepared",
)
_SUFFIXES = {
    ".geojson": "geojson", ".gpkg": "gpkg", ".shp": "shp", ".zip": "zip", ".parquet": "parquet",
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".json": "json",
}  # fmt: skip


@dataclass(frozen=True)
class How:
    """
    How to read a file, as far as the recipe says.

    Attributes
    ----------
    format
        One of `FORMATS`, or `""` to go by the suffix.
    layer, records, encoding, quote_pattern
        As in the recipe; `""` where it says nothing.
    """

    format: str = ""
    layer: str = ""
    records: str = ""
    encoding: str = ""
    quote_pattern: str = ""


def read_table(
    path: Path, *, name: str, entry: str, how: How, columns: Collection[str] = ()
) -> Table:
    """
    Read a file into rows of text, with geometry beside them where the format has it.

    GDAL sees nothing but shapefiles whose parts were checked; every other format is
    taken apart by its own library after its content was compared with its format.
    """
    opened = unpacked(read_file(path, name=name, entry=entry))
    with _uncollected():
        table = _parse(opened, path, how, columns)
    return replace(
        table,
        files={name: opened.sha256},
        file_of=table.numbers * 0,
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile: a parser makes objects by the million, and no cycles."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def _parse(opened: Opened, path: Path, how: How, columns: Collection[str]) -> Table:
    match _format(opened, how):
        case "geojson":
            table = read_geojson(opened, content=parse_json(opened, encoding=how.encoding))
        case "overpass":
            content = parse_json(opened, encoding=how.encoding)
            table = read_overpass(opened, content=content, columns=columns)
        case "gpkg":
            table = read_gpkg(opened, layer=how.layer)
        case "shp":
            table = read_shapefile(opened, parts=_siblings(opened, path), encoding=how.encoding)
        case "zip":
            parts = shapefile_parts(opened)
            table = read_shapefile(opened, parts=parts, encoding=how.encoding)
        case "parquet":
            table = read_parquet(opened, columns=columns)
        case "xlsx":
            table = read_xlsx(opened, layer=how.layer)
        case "json":
            content = parse_json(opened, encoding=how.encoding)
            table = read_records(opened, content=content, records=how.records)
        case _:
            table = read_csv(
                opened, encoding=how.encoding, columns=columns, quote_pattern=how.quote_pattern
            )
    return table


def _format(opened: Opened, how: How) -> str:
    if how.format:
        return how.format
    name = opened.name.lower().strip().removesuffix(".gz")
    suffix = name[name.rfind(".") :]
    if suffix not in _SUFFIXES:
        raise opened.error(
            text=f"ends in {suffix!r}; known are {', '.join(_SUFFIXES)}.",
            problem="format_unknown",
            hint="State its `format` in the recipe.",
            found=suffix,
            allowed=", ".join(_SUFFIXES),
        )
    return _SUFFIXES[suffix]


def _siblings(opened: Opened, path: Path) -> dict[str, bytes]:
    if content_of(opened.data) != "shapefile":
        raise opened.error(
            text=f"should be a shapefile, but its content is {content_of(opened.data)}.",
            problem="format_mismatch",
            hint="Get the file in the format meant, or correct `format` in the recipe.",
            found=content_of(opened.data),
            allowed="shapefile",
            format="shapefile",
        )
    parts = {".shp": opened.data}
    for file in sorted(path.parent.iterdir()):
        suffix = file.suffix.lower()
        if file.stem == path.stem and suffix in {".shx", ".dbf", ".prj", ".cpg"}:
            parts[suffix] = read_file(file, name=file.name, entry=opened.entry).data
    return parts
