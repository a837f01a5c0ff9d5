"""Reads one file of a layer by its format."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from layers.formats.archives import unpacked, unzip
from layers.formats.geodata import is_geojson, read_geojson
from layers.formats.geopackage import read_gpkg
from layers.formats.headings import Stated
from layers.formats.overpass import read_overpass
from layers.formats.shapefile import read_shapefile, shapefile_parts
from layers.formats.tabular import read_csv, read_parquet, read_xlsx
from layers.formats.text import parse_json, read_records
from layers.sources.files import read_file
from layers.sources.opened import Opened, check_content, content_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
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
    headings
        Where the headings of a table stand, or what they are.
    """

    format: str = ""
    layer: str = ""
    records: str = ""
    encoding: str = ""
    quote_pattern: str = ""
    headings: Stated = field(default_factory=Stated)


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
        case "geojson" | "json":
            table = _read_json(opened, how)
        case "overpass":
            content, guessed = parse_json(opened, encoding=how.encoding)
            table = read_overpass(opened, content=content, columns=columns)
            table = replace(table, guessed=guessed)
        case "gpkg":
            table = read_gpkg(opened, layer=how.layer)
        case "shp":
            table = read_shapefile(opened, parts=_siblings(opened, path), encoding=how.encoding)
        case "zip":
            table = _read_zip(opened, path, how, columns)
        case "parquet":
            table = read_parquet(opened, columns=columns)
        case "xlsx":
            table = read_xlsx(opened, layer=how.layer, columns=columns, stated=how.headings)
        case _:
            table = read_csv(
                opened,
                encoding=how.encoding,
                columns=columns,
                quote_pattern=how.quote_pattern,
                stated=how.headings,
            )
    return table


def _read_json(opened: Opened, how: How) -> Table:
    """Read JSON by what it holds: GeoJSON, whatever its file is called, or records."""
    content, guessed = parse_json(opened, encoding=how.encoding)
    if how.records or (_format(opened, how) == "json" and not is_geojson(content)):
        table = read_records(opened, content=content, records=how.records)
    else:
        table = read_geojson(opened, content=content)
    return replace(table, guessed=guessed)


def _read_zip(opened: Opened, path: Path, how: How, columns: Collection[str]) -> Table:
    """Read the one layer that a zip holds: a shapefile, or a file of another format."""
    check_content(opened, expected="zip", format_name="ZIP")
    members = unzip(opened)
    names = [name for name in members if not name.startswith("__MACOSX/")]
    if any(".gdb/" in name.lower() for name in names):
        raise opened.error(
            text="holds a File Geodatabase, which is not read.",
            problem="geodatabase",
            hint="Export the layer as GeoPackage or zipped shapefile.",
        )
    if any(name.lower().endswith(".shp") for name in names):
        parts = shapefile_parts(opened, members)
        return read_shapefile(opened, parts=parts, encoding=how.encoding)
    name = _member_meant(opened, names, how.layer)
    inner = replace(opened, name=f"{opened.name}/{name}", data=members[name])
    layer = "" if how.layer == name else how.layer
    return _parse(inner, path, replace(how, format="", layer=layer), columns)


def _member_meant(opened: Opened, names: Sequence[str], layer: str) -> str:
    """Choose the file that a zip is about: the one named, or the only one that can be read."""
    known = [name for name in names if PurePosixPath(name).suffix.lower() in _SUFFIXES]
    data = [name for name in known if not name.lower().endswith(".txt")] or known
    if layer in names:
        return layer
    if len(data) != 1:
        found = ", ".join(data or names)[:200] or "none"
        raise opened.error(
            text=f"holds {len(data)} layers ({found}); allowed is one.",
            problem="archive_layers",
            hint="Pack one layer a zip, or name its file as `layer` in the recipe.",
            count=len(data),
            found=found,
        )
    return data[0]


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
