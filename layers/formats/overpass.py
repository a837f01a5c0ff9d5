"""
Reads streets from a reply of the Overpass API of OpenStreetMap: nodes and ways, as JSON.

A way becomes one edge between each two nodes at which streets meet: nodes that ways pass
more than once, and its ends. Both directions of every edge can be walked, whatever
`oneway` says.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pyproj import CRS

from layers.formats.boundary import held
from layers.formats.geodata import WGS84
from layers.formats.street_edges import edge_lines, edges_of, is_walkable
from layers.formats.table import Table
from layers.formats.text import sound_records
from layers.texts.written import as_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from layers.sources.opened import Opened

    Ints = NDArray[np.int64]

_YES_NO = {True: "yes", False: "no"}


def is_overpass(content: object) -> bool:
    """Tell whether JSON is a reply of the API, whatever its file is called."""
    if not isinstance(content, dict) or {"osm3s", "version"}.isdisjoint(content):
        return False
    return isinstance(content.get("elements"), list)


def read_overpass(opened: Opened, *, content: object, columns: Collection[str] = ()) -> Table:
    """Cut the ways of a reply into edges."""
    elements = elements_of(opened, content)
    types = [each.get("type") if isinstance(each, dict) else None for each in elements]
    ids, xy = _places(opened, [elements[i] for i, kind in enumerate(types) if kind == "node"])
    at = np.array([i for i, kind in enumerate(types) if kind == "way"], dtype=np.int64)
    ways, numbers, broken = sound_records(opened, [elements[i] for i in at.tolist()])
    way, node = _passages(opened, ways)
    place = _position(node, ids)
    first, last = edges_of(way, node, known=place >= 0)
    alone = np.setdiff1d(np.arange(len(ways)), way[first])
    of_row = np.concatenate([way[first], alone])
    rows = _tags(ways, columns).iloc[of_row].reset_index(drop=True)
    rows["id"] = rows["id"] + "-" + (rows.groupby(of_row).cumcount() + 1).astype("str")
    rows["from_node"] = _names(node[first], len(of_row))
    rows["to_node"] = _names(node[last], len(of_row))
    lines = np.full(len(of_row), None, dtype=object)
    passed = xy[place] if len(xy) else np.empty((len(place), 2))
    lines[: len(first)] = edge_lines(passed, first, last)
    return Table(
        rows=rows,
        numbers=at[numbers - 1][of_row] + 1,
        geometry=lines,
        crs=CRS.from_user_input(WGS84),
        broken=tuple((0, replace(bad, row=int(at[bad.row - 1]) + 1)) for _, bad in broken),
        gaps=np.isin(of_row, way[place < 0]),
    )


def elements_of(opened: Opened, content: object) -> list[Any]:
    """Take the elements of a reply that is whole."""
    elements = content.get("elements") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(elements, list):
        raise opened.error(
            text="is JSON without a list of `elements`; allowed is a reply of the Overpass API.",
            problem="format_mismatch",
            hint="Get the file as Overpass JSON, or correct `format` in the recipe.",
            found=type(content).__name__,
            allowed="elements",
            format="Overpass JSON",
        )
    if content.get("remark"):
        found = str(content["remark"])[:200]
        raise opened.error(
            text=f"is a reply that broke off: {found}",
            problem="reply_incomplete",
            hint="Ask the Overpass API again, for a smaller area or with more time.",
            found=found,
        )
    return elements


def _places(opened: Opened, nodes: Sequence[Mapping[str, Any]]) -> tuple[Ints, NDArray[np.float64]]:
    """Give the identifiers of the nodes, ascending, and their degrees."""
    ids = _integers(opened, [node.get("id") for node in nodes])
    degrees = [[node.get(axis) for node in nodes] for axis in ("lon", "lat")]
    with held(lambda _: _no_number(opened)):
        xy = np.array(degrees, dtype=float).T
    on_earth = (np.abs(xy) <= (180, 90)).all(axis=1)
    ids, xy = ids[on_earth], xy[on_earth]
    ids, first = np.unique(ids, return_index=True)
    return ids, xy[first]


def _passages(opened: Opened, ways: Sequence[Mapping[str, Any]]) -> tuple[Ints, Ints]:
    """List way and node of every passage; a node named twice running is passed once."""
    listed = [way.get("nodes") for way in ways]
    nodes: list[list[Any]] = [each if isinstance(each, list) else [] for each in listed]
    way = np.repeat(np.arange(len(nodes)), [len(each) for each in nodes])
    node = _integers(opened, list(chain.from_iterable(nodes)))
    new = np.ones(len(node), dtype=bool)
    new[1:] = (node[1:] != node[:-1]) | (way[1:] != way[:-1])
    return way[new], node[new]


def _integers(opened: Opened, values: Sequence[Any]) -> Ints:
    with held(lambda _: _no_number(opened)):
        numbers = np.array(values) if values else np.empty(0, dtype=np.int64)
    if numbers.dtype.kind != "i" or numbers.ndim != 1:
        raise _no_number(opened)
    return numbers.astype(np.int64)


def _no_number(opened: Opened) -> Exception:
    found = "a node whose id, lat or lon is no number"
    return opened.error(
        text=f"is no sound reply of the Overpass API: {found}.",
        problem="file_broken",
        hint="Get the file again.",
        found=found,
    )


def _position(node: Ints, ids: Ints) -> Ints:
    """Find nodes among ascending identifiers; -1 for those that are not there."""
    if not len(ids):
        return np.full(len(node), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(ids, node), len(ids) - 1)
    return np.where(ids[place] == node, place, -1)


def _names(node: Ints, rows: int) -> pd.Series[str]:
    """Name nodes; rows beyond theirs have none."""
    return pd.Series([*map(str, node.tolist()), *[""] * (rows - len(node))], dtype="str")


def _tags(ways: Sequence[Mapping[str, Any]], columns: Collection[str]) -> pd.DataFrame:
    """Lay the tags needed side by side; every tag is optional, one that no way has is empty."""
    stated = [way.get("tags") for way in ways]
    tags: list[dict[str, Any]] = [each if isinstance(each, dict) else {} for each in stated]
    rows = {
        "id": [as_text(way.get("id")) for way in ways],
        "walkable": [_YES_NO[is_walkable(each)] for each in tags],
    }
    for name in sorted(set(columns) - {*rows, "from_node", "to_node"}):
        rows[name] = [as_text(each.get(name)) for each in tags]
    return pd.DataFrame(rows, dtype="str")
