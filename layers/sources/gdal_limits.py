"""Limits GDAL to the drivers of `DRIVERS`, and keeps GDAL and PROJ off the network."""

from __future__ import annotations

import os

DRIVERS = (
    "ESRI Shapefile", "FlatGeobuf", "GML", "GPKG", "GeoJSON", "MEM", "MapInfo File", "OpenFileGDB",
)  # fmt: skip
"""What stays: GPKG and GeoJSON are written by the exports, the others are read with it."""

SKIPPED = (
    "PCIDSK,PDS4,VICAR,PDF,MBTiles,EEDA,OGCAPI,GDALG,LVBAG,S57,DGN,OGR_VRT,CSV,"
    "GPX,LIBKML,KML,GeoJSONSeq,ESRIJSON,TopoJSON,OGR_GMT,SQLite,WAsP,DXF,"
    "GeoRSS,VFK,PGDUMP,OSM,GPSBabel,OGR_PDS,WFS,OAPIF,EDIGEO,Idrisi,ODS,XLSX,Elasticsearch,Carto,"
    "AmigoCloud,SXF,Selafin,JML,PLSCENES,CSW,VDV,MVT,NGW,MapML,GTFS,PMTiles,JSONFG,MiraMonVector,"
    "ADBC,AVCBin,AVCE00,AIVector,HTTP"
)
"""Every other driver of the pinned release; a test compares this with what is registered."""

SETTINGS = {
    "GDAL_SKIP": SKIPPED,
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "GDAL_HTTPS_PROXY": "127.0.0.1:9",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
    "PROJ_NETWORK": "OFF",
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
}
"""Port 9 of this machine answers nothing, so that a request ends where it starts."""


def restrain() -> None:
    """
    Set the environment that GDAL reads once, when it is first loaded.

    It must run before pyogrio is imported; importing `layers` first sees to that. The
    readers do not rely on it alone: no file reaches GDAL before its content is checked.
    """
    os.environ.update(SETTINGS)
