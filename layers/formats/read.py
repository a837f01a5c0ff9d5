"""Reads one file of a layer by its format."""

from __future__ import annotations

import hashlib
import re
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from layers.formats.archives import layer_parts, several_layers, unpacked, unzip
from layers.formats.gdal_files import read_fgb, read_geodatabase, read_gml, read_mapinfo
from layers.formats.geodata import is_geojson, read_geojson
from layers.formats.geopackage import read_gpkg
from layers.formats.headings import Stated
from layers.formats.json_dialects import as_geojson
from layers.formats.known import SUFFIXES
from layers.formats.osm_features import elements_of_xml, read_features
from layers.formats.overpass import elements_of, is_overpass, read_overpass
from layers.formats.placemarks import read_gpx, read_kml
from layers.formats.raster import read_raster
from layers.formats.shapefile import read_shapefile
from layers.formats.table import Table, in_plane
from layers.formats.tabular import PIECE, is_large, read_csv, read_csv_pieces, read_parquet
from layers.formats.text import are_records, parse_json, read_records
from layers.formats.workbook import read_workbook, read_xlsx
from layers.formats.xml_tree import local, parse_xml, read_xml_records
from layers.sources.files import copy_file, in_pieces, read_file, read_folder
from layers.sources.memory import uncollected
from layers.sources.opened import Opened, check_content, content_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from layers.formats.raster import Within


WORKBOOKS = ("xlsx", "xls", "ods", "xlsb")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The part that a workbook with a password has in place of its sheets."""
_SEVERAL_COLUMNS = re.compile(rb"[^\r\n]*[,;\t|]")
_JSON_START = re.compile(rb'(\xef\xbb\xbf)?\s*(\{\s*"|\[\s*\{\s*")')


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


@dataclass(frozen=True)
class Asked:
    """
    What is wanted of a file.

    Attributes
    ----------
    path
        Where it lies, for files beside it.
    how
        As the recipe says.
    columns
        Theirs that the recipe names.
    kind
        Of the layer: OpenStreetMap has streets and places.
    within
        Where the city is, of layers whose files may cover much more.
    """

    path: Path
    how: How
    columns: Collection[str]
    kind: str
    within: Within | None


def read_table(
    path: Path,
    *,
    name: str,
    entry: str,
    how: How,
    columns: Collection[str] = (),
    kind: str = "",
    within: Within | None = None,
) -> Table:
    """
    Read a file into rows of text, with geometry beside them where the format has it.

    GDAL sees nothing but files whose content was checked, under names of our own; every other
    format is taken apart by its own library after its content was compared with its format.
    """
    asked = Asked(path, how, columns, kind, within)
    if path.suffix.lower() == ".gdb" and path.is_dir() and not path.is_symlink():
        return in_plane(_read_gdb_folder(asked, name, entry), kind=kind)
    with uncollected():
        read = _read_copy if _stays_on_disk(name, how) else _read_bytes
        opened, table = read(asked, name, entry)
    files = {name: opened.sha256, **table.files}
    return replace(in_plane(table, kind=kind), files=files, file_of=table.numbers * 0)


def _stays_on_disk(name: str, how: How) -> bool:
    """Tell whether a file is read from a copy on the disk anyway: memory need not hold it."""
    return not name.endswith(".gz") and (
        how.format == "gpkg" or (not how.format and name.lower().strip().endswith(".gpkg"))
    )


def _read_copy(asked: Asked, name: str, entry: str) -> tuple[Opened, Table]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        opened = copy_file(asked.path, copy, name=name, entry=entry)
        return opened, _read_gpkg(opened, asked, copy)


def _read_bytes(asked: Asked, name: str, entry: str) -> tuple[Opened, Table]:
    found = _read_pieces(asked, name, entry)
    if found:
        return found
    opened = unpacked(read_file(asked.path, name=name, entry=entry))
    return opened, _parse(opened, asked)


def _read_pieces(asked: Asked, name: str, entry: str) -> tuple[Opened, Table] | None:
    """Read a large CSV without holding its bytes; nothing of what is none, or has to be held."""
    how, suffix = asked.how, PurePosixPath(name.lower().strip()).suffix
    if (how.format or SUFFIXES.get(suffix)) != "csv" or name.endswith(".gz") or how.quote_pattern:
        return None
    with in_pieces(asked.path, name=name, entry=entry) as pieces:
        if not is_large(pieces.size):
            return None
        start = Opened(entry, name, pieces.read(PIECE), "")
        if not how.format and _by_content(start.data, "csv") != "csv":
            return None
        table = read_csv_pieces(
            start,
            pieces.read,
            size=pieces.size,
            encoding=how.encoding,
            columns=asked.columns,
            stated=how.headings,
        )
        return (pieces.opened(start.data), table) if table else None


def read_copy(opened: Opened, *, columns: Collection[str]) -> Table:
    """Read rows that a database copied out."""
    stated = Stated(header_row=1)
    with uncollected():
        table = read_csv(opened, encoding="utf-8", columns=columns, quote_pattern="", stated=stated)
    return replace(table, files={opened.name: opened.sha256}, file_of=table.numbers * 0)


def _parse(opened: Opened, asked: Asked) -> Table:
    """Read a file by the format stated, else by its suffix, where its content is not another's."""
    named = _format(opened, asked.how)
    if named in WORKBOOKS and _ENCRYPTED in opened.data:
        raise opened.error(
            text="is a workbook with a password.",
            problem="workbook_password",
            hint="Save it without a password: take it out in the spreadsheet program.",
        )
    if named in WORKBOOKS and content_of(opened.data) == "xml":
        raise opened.error(
            text="is a web page or XML under the name of a workbook.",
            problem="workbook_web",
            hint="Open it in a spreadsheet program and save it as XLSX.",
        )
    meant = named if asked.how.format else _by_content(opened.data, named)
    if meant == named:
        return READERS[named](opened, asked)
    table = READERS[meant](opened, replace(asked, how=replace(asked.how, format=meant)))
    told = {"format_by_content": {"named": named, "format": meant}}
    return replace(table, remarks={**table.remarks, **told})


def _by_content(data: bytes, named: str) -> str:
    """
    Tell a table that an office saved under the suffix of another.

    Portals write text and new workbooks as `.xls`, and JSON as `.csv`. Whatever else is not as its
    suffix says is left to its reader, which refuses it.
    """
    content = content_of(data)
    if named in {"xls", "xlsx"} and content == "text" and _SEVERAL_COLUMNS.match(data):
        return "csv"
    if named == "xls" and content == "zip":
        return "xlsx"
    if named == "xlsx" and content == "ole":
        return "xls"
    return "json" if named == "csv" and _JSON_START.match(data) else named


def _read_json(opened: Opened, asked: Asked) -> Table:
    """Read JSON by what it holds: a dialect of GeoJSON, whatever its file is called, or records."""
    how = asked.how
    content, guessed = parse_json(opened, encoding=how.encoding)
    if is_overpass(content) and not how.records:
        return replace(_osm(opened, asked, content), guessed=guessed)
    content = as_geojson(opened, content, layer=how.layer)
    named = is_geojson(content) and how.records in {"", "features"}
    meant = _format(opened, how) == "geojson" and not how.records and not are_records(content)
    if named or meant:
        table = read_geojson(opened, content=content)
    else:
        table = read_records(opened, content=content, records=how.records)
    return replace(table, guessed=guessed)


def _read_overpass(opened: Opened, asked: Asked) -> Table:
    content, guessed = parse_json(opened, encoding=asked.how.encoding)
    return replace(_osm(opened, asked, content), guessed=guessed)


def _osm(opened: Opened, asked: Asked, content: object) -> Table:
    """Read OpenStreetMap as streets, or as whatever has tags."""
    if asked.kind == "streets":
        return read_overpass(opened, content=content, columns=asked.columns)
    return read_features(opened, elements_of(opened, content), columns=asked.columns)


def _read_osm(opened: Opened, asked: Asked) -> Table:
    return _osm(opened, asked, elements_of_xml(opened, encoding=asked.how.encoding))


def _read_xml(opened: Opened, asked: Asked) -> Table:
    """Read XML by its root: a format with a name of its own, or records."""
    root = parse_xml(opened, encoding=asked.how.encoding)
    known = {"kml": "kml", "gpx": "gpx", "osm": "osm", "FeatureCollection": "gml"}
    if local(root) in known and not asked.how.records:
        return READERS[known[local(root)]](opened, asked)
    return read_xml_records(opened, root, records=asked.how.records)


def _read_raster(opened: Opened, asked: Asked) -> Table:
    if asked.within is None:
        raise opened.error(
            text=f"is a raster, which cannot be {asked.kind or 'read'}; allowed is `residents`.",
            problem="raster_kind",
            hint="Use a layer of polygons or points.",
            found=asked.kind,
        )
    return read_raster(opened, within=asked.within, columns=asked.columns)


def _read_workbook(opened: Opened, asked: Asked) -> Table:
    how = asked.how
    return read_workbook(
        opened,
        format_name=_format(opened, how).upper(),
        layer=how.layer,
        columns=asked.columns,
        stated=how.headings,
    )


def _read_gpkg(opened: Opened, asked: Asked, copy: Path | None = None) -> Table:
    beside = _beside(opened, asked.path, ("-wal", "-journal"))
    changes = {suffix: each.data for suffix, each in beside.items()}
    table = read_gpkg(opened, layer=asked.how.layer, beside=changes, copy=copy)
    return replace(table, files=_hashes(beside))


def _read_shp(opened: Opened, asked: Asked) -> Table:
    if content_of(opened.data) != "shapefile":
        check_content(opened, expected="shapefile", format_name="shapefile")
    beside = _beside(opened, asked.path, (".shx", ".dbf", ".prj", ".cpg"))
    parts = {".shp": opened.data} | {suffix: each.data for suffix, each in beside.items()}
    table = read_shapefile(opened, parts=parts, encoding=asked.how.encoding)
    return replace(table, files=_hashes(beside))


def _read_mapinfo(opened: Opened, asked: Asked) -> Table:
    suffix = asked.path.suffix.lower()
    beside = _beside(opened, asked.path, (".dat", ".map", ".id", ".ind", ".mid"))
    parts = {suffix: opened.data} | {name: each.data for name, each in beside.items()}
    table = read_mapinfo(opened, parts, encoding=asked.how.encoding)
    return replace(table, files=_hashes(beside))


def _read_csv(opened: Opened, asked: Asked) -> Table:
    return read_csv(
        opened,
        encoding=asked.how.encoding,
        columns=asked.columns,
        quote_pattern=asked.how.quote_pattern,
        stated=asked.how.headings,
    )


def _read_xlsx(opened: Opened, asked: Asked) -> Table:
    how = asked.how
    return read_xlsx(opened, layer=how.layer, columns=asked.columns, stated=how.headings)


def _read_gdb_folder(asked: Asked, name: str, entry: str) -> Table:
    files = read_folder(asked.path, name=name, entry=entry)
    digest = hashlib.sha256("".join(each.sha256 for each in files.values()).encode()).hexdigest()
    parts = {file: each.data for file, each in files.items()}
    opened = Opened(entry, name, b"", digest)
    table = read_geodatabase(opened, parts, layer=asked.how.layer, columns=asked.columns)
    return replace(table, files={name: digest}, file_of=table.numbers * 0)


def _read_zip(opened: Opened, asked: Asked) -> Table:
    """Read the one layer that a zip holds: of several files that belong together, or of one."""
    check_content(opened, expected="zip", format_name="ZIP")
    members = unzip(opened)
    members = {name: data for name, data in members.items() if not name.startswith("__MACOSX/")}
    how = asked.how
    names = [*members]
    if any(".gdb/" in name.lower() for name in names):
        parts = _geodatabase_parts(opened, members)
        return read_geodatabase(opened, parts, layer=how.layer, columns=asked.columns)
    if any(name.lower().endswith(".shp") for name in names):
        parts = layer_parts(opened, members, ".shp")
        return read_shapefile(opened, parts=parts, encoding=how.encoding)
    for suffix in (".tab", ".mif"):
        if any(name.lower().endswith(suffix) for name in names):
            parts = layer_parts(opened, members, suffix)
            return read_mapinfo(opened, parts, encoding=how.encoding)
    name = _member_meant(opened, names, how.layer)
    inner = replace(opened, name=f"{opened.name}/{name}", data=members[name])
    layer = "" if how.layer == name else how.layer
    path = asked.path / name
    table = _parse(inner, replace(asked, path=path, how=replace(how, format="", layer=layer)))
    unread = [each for each in _data_of(names) if each != name]
    if not unread or how.layer == name:
        return table
    told = {"files_unread": {"files": ", ".join(unread)[:200]}}
    return replace(table, remarks={**table.remarks, **told})


def _geodatabase_parts(opened: Opened, members: Mapping[str, bytes]) -> dict[str, bytes]:
    """Pick the files of the one File Geodatabase among the members of a zip."""
    inside = [name for name in members if ".gdb/" in name.lower()]
    folders = sorted({name[: name.lower().index(".gdb/")] for name in inside})
    if len(folders) != 1:
        raise several_layers(opened, folders)
    start = len(folders[0]) + len(".gdb/")
    return {name[start:]: data for name, data in members.items() if name.startswith(folders[0])}


def _member_meant(opened: Opened, names: Sequence[str], layer: str) -> str:
    """Choose the file that a zip is about: the one named, or the only one that can be read."""
    if layer in names:
        return layer
    data = _data_of(names)
    if "doc.kml" in data:
        return "doc.kml"
    if len(data) != 1:
        raise several_layers(opened, data or names)
    return data[0]


def _data_of(names: Sequence[str]) -> list[str]:
    """Tell which members of a zip can be read; texts beside other data only explain them."""
    known = [name for name in names if PurePosixPath(name).suffix.lower() in SUFFIXES]
    return [name for name in known if not name.lower().endswith((".txt", ".xml"))] or known


def _format(opened: Opened, how: How) -> str:
    if how.format:
        return how.format
    name = opened.name.lower().strip().removesuffix(".gz")
    suffix = name[name.rfind(".") :]
    if suffix not in SUFFIXES:
        raise opened.error(
            text=f"ends in {suffix!r}; known are {', '.join(SUFFIXES)}.",
            problem="format_unknown",
            hint="State its `format` in the recipe.",
            found=suffix,
            allowed=", ".join(SUFFIXES),
        )
    return SUFFIXES[suffix]


def _as_stated(asked: Asked) -> dict[str, str]:
    return {"encoding": asked.how.encoding, "layer": asked.how.layer}


def _beside(opened: Opened, path: Path, suffixes: Collection[str]) -> dict[str, Opened]:
    """Read the files that belong to one: of the same name, with these suffixes."""
    found = {}
    for file in sorted(path.parent.iterdir()) if path.parent.is_dir() else ():
        added = file.name.removeprefix(path.name)
        suffix = added if added in suffixes else file.suffix.lower()
        own = file.stem == path.stem or added in suffixes
        if own and suffix in suffixes and file != path and file.stat().st_size:
            found[suffix] = read_file(file, name=file.name, entry=opened.entry)
    return found


def _hashes(beside: Mapping[str, Opened]) -> dict[str, str]:
    return {each.name: each.sha256 for each in beside.values()}


READERS: Mapping[str, Callable[[Opened, Asked], Table]] = {
    "geojson": _read_json,
    "json": _read_json,
    "overpass": _read_overpass,
    "osm": _read_osm,
    "xml": _read_xml,
    "kml": lambda opened, asked: read_kml(opened, **_as_stated(asked)),
    "gpx": lambda opened, asked: read_gpx(opened, **_as_stated(asked)),
    "gml": lambda opened, asked: read_gml(opened, layer=asked.how.layer, columns=asked.columns),
    "fgb": lambda opened, asked: read_fgb(opened, columns=asked.columns),
    "mapinfo": _read_mapinfo,
    "gpkg": _read_gpkg,
    "shp": _read_shp,
    "zip": _read_zip,
    "gdb": _read_zip,
    "parquet": lambda opened, asked: read_parquet(opened, columns=asked.columns),
    "xlsx": _read_xlsx,
    "xls": _read_workbook,
    "ods": _read_workbook,
    "xlsb": _read_workbook,
    "tif": _read_raster,
    "csv": _read_csv,
}
