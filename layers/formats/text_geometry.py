"""Reads shapes written as text in a column: WKT and EWKT, WKB in hexadecimal digits, GeoJSON."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from layers.formats.geodata import WGS84

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from layers.formats.table import Table

_MOST = 0.5
"""Share of the texts that must be shapes, for the column to be one of shapes."""
_EWKT = re.compile(r"\s*SRID\s*=\s*(\d{1,6})\s*;\s*", re.IGNORECASE)
_HEX = re.compile(r"0[01][0-9A-Fa-f]{16,}")
_MARKED_HEX = re.compile(r"^(?:0[xX]|\\x)(?=0[01][0-9A-Fa-f]{16,}$)")
"""Signs that databases put before such digits."""


def with_shapes(table: Table, column: str) -> tuple[Table, NDArray[np.bool_]]:
    """
    Give a table without geometry the shapes that a column of it spells out.

    Returns the table as it was if the column is not one of shapes; and which of its texts are
    none.
    """
    texts = table.rows[column].str.strip()
    stated = texts.str.extract(_EWKT.pattern, flags=re.IGNORECASE, expand=False)
    geometry, codes = _shapes(texts.str.replace(_EWKT, "", regex=True).tolist())
    filled = (texts != "").to_numpy(dtype=bool)
    unread = filled & np.asarray(shapely.is_missing(geometry))
    if not filled.any() or unread.sum() > _MOST * filled.sum():
        return table, np.zeros(len(texts), dtype=bool)
    codes = np.where(stated.notna(), stated.fillna("0").astype(int), codes)
    crs, plain = _one_crs(table, codes[filled & ~unread], texts)
    return replace(table, geometry=geometry, crs=crs, crs_stated=not plain), unread


def _shapes(texts: list[str]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Build a shape of each text, or none; and tell the code of its system, or 0."""
    texts = [_MARKED_HEX.sub("", text) for text in texts]
    kinds = np.array([_kind(text) for text in texts], dtype=object)
    written = np.array(texts, dtype=object)
    geometry = np.full(len(texts), None, dtype=object)
    readers = {"wkt": shapely.from_wkt, "json": shapely.from_geojson, "hex": shapely.from_wkb}
    for kind, read in readers.items():
        mine = kinds == kind
        if mine.any():
            geometry[mine] = _each(read, written[mine])
    codes = np.where(shapely.is_missing(geometry), 0, shapely.get_srid(geometry))
    return geometry, codes


def _each(read: Callable[..., object], texts: NDArray[np.object_]) -> NDArray[np.object_]:
    """Read at once; where one text stops the library, one by one."""
    try:
        return np.asarray(read(texts, on_invalid="ignore"))
    except (NotImplementedError, ValueError, shapely.errors.GEOSException):
        return np.array([_one(read, text) for text in texts] or [None], dtype=object)


def _one(read: Callable[..., object], text: str) -> object:
    try:
        return read(text, on_invalid="ignore")
    except (NotImplementedError, ValueError, shapely.errors.GEOSException):
        return None


def _kind(text: str) -> str:
    if text.startswith("{"):
        return "json"
    if _HEX.fullmatch(text):
        return "hex"
    return "wkt" if "(" in text or text.upper().endswith("EMPTY") else ""


def _one_crs(
    table: Table, codes: NDArray[np.int64], texts: pd.Series[str]
) -> tuple[CRS | None, bool]:
    """Find the system of all shapes, if they state one; GeoJSON takes WGS 84 for granted."""
    stated = np.unique(codes[codes > 0])
    if len(stated) == 1:
        with contextlib.suppress(CRSError):  # a code of nobody states nothing
            return CRS.from_epsg(int(stated[0])), False
    if len(stated) == 0 and texts.str.startswith("{").any():
        return CRS.from_user_input(WGS84), True
    return table.crs, False
