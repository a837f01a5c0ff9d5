"""The formats that are read, by the names that recipes use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """
    A format that is read.

    Attributes
    ----------
    name
        As a recipe states it.
    suffixes
        By which it is known where the recipe does not state it.
    holds
        What is read of it, for the reference page.
    layer
        What `layer` names in it; empty where it has one alone.
    """

    name: str
    suffixes: tuple[str, ...]
    holds: str
    layer: str = ""


FORMATS = (
    Known(
        "geojson",
        (".geojson", ".geojsonl", ".geojsons", ".ndjson", ".jsonl"),
        "GeoJSON: a collection, one feature or shape, a feature a line (NDJSON, GeoJSONSeq);"
        " TopoJSON and Esri JSON, told by what they hold",
        "object of TopoJSON",
    ),
    Known(
        "json",
        (".json", ".topojson"),
        "the same, or a list of records (also one a line); `records` is the path of the list, and a"
        " heading such as `location.latitude` a path within each",
        "object of TopoJSON",
    ),
    Known(
        "overpass",
        (),
        "a reply of the Overpass API as JSON: streets cut where they meet, or for other kinds each"
        " node, way and relation with tags, in its shape or at its centre; `id` is `way/123`",
    ),
    Known("osm", (".osm",), "the same as OSM XML"),
    Known(
        "xml",
        (".xml",),
        "KML, GPX, OSM XML or GML by its root, else records: Open311 GeoReport, and any list of"
        " elements; `records` is the path of the list, `address.street` a path within each",
    ),
    Known(
        "kml",
        (".kml",),
        "placemarks with name, description and extended data; links are not followed",
        "folder",
    ),
    Known("gpx", (".gpx",), "waypoints, else routes, else tracks", "waypoints, routes or tracks"),
    Known(
        "gml", (".gml",), "features; no schema is fetched, systems must be named", "feature type"
    ),
    Known(
        "gpkg",
        (".gpkg",),
        "a table of features or of attributes, with changes in a `-wal` beside it; never a view",
        "table",
    ),
    Known("shp", (".shp",), "shapefile with its `.shx`, `.dbf`, `.prj` and `.cpg` beside it"),
    Known("fgb", (".fgb",), "FlatGeobuf"),
    Known("mapinfo", (".tab", ".mif"), "MapInfo tables with their parts beside them"),
    Known(
        "gdb", (".gdb",), "File Geodatabase: the folder, or a zip of it", "feature class or table"
    ),
    Known(
        "zip",
        (".zip", ".kmz"),
        "one layer of any format here, also of several files (shapefile, MapInfo, File Geodatabase)"
        " and KMZ",
        "file in the zip, else as in its format",
    ),
    Known(
        "parquet",
        (".parquet", ".geoparquet", ".pq"),
        "Parquet; GeoParquet with WKB or native geometry, GeoArrow",
    ),
    Known(
        "csv", (".csv", ".tsv", ".txt"), "text in columns, separated by comma, semicolon, tab or |"
    ),
    Known(
        "xlsx",
        (".xlsx", ".xlsm"),
        "stored values of a sheet; no formula and no macro runs",
        "sheet",
    ),
    Known("xls", (".xls",), "the same of older workbooks", "sheet"),
    Known("ods", (".ods",), "the same of OpenDocument", "sheet"),
    Known("xlsb", (".xlsb",), "the same of binary workbooks", "sheet"),
    Known(
        "tif",
        (".tif", ".tiff"),
        "GeoTIFF of people (WorldPop, GHSL), for `residents` alone: one row a cell within the city,"
        " cut at its border by area; columns are `band1` …",
    ),
)
SUFFIXES = {suffix: each.name for each in FORMATS for suffix in each.suffixes}
NAMES = (*(each.name for each in FORMATS), "prepared")
"""What a recipe may state; a prepared register is written by this program itself."""
