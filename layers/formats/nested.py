"""Columns inside columns: `tags.name` of a cell that holds JSON, or an hstore of PostgreSQL."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from layers.texts.written import as_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from layers.formats.table import Table

_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"\s*=>\s*(?:"((?:[^"\\]|\\.)*)"|NULL)')
"""One pair of an hstore: `"amenity"=>"toilets"`."""


def containers(column: str) -> Iterator[str]:
    """
    Name the columns that may hold a column by its path, the longest first.

    Examples
    --------
    >>> list(containers("location.point.lat"))
    ['location.point', 'location']
    """
    parts = column.split(".")
    for count in range(len(parts) - 1, 0, -1):
        yield ".".join(parts[:count])


def are_held(columns: Collection[str], names: Collection[str]) -> bool:
    """Tell whether headings have all columns, by name or inside another."""
    have = set(names)
    return all(name in have or not have.isdisjoint(containers(name)) for name in columns)


def with_containers(columns: Collection[str]) -> set[str]:
    """Add to columns those that may hold them."""
    return {*columns, *(outer for name in columns for outer in containers(name))}


def with_nested(table: Table, columns: Collection[str]) -> Table:
    """Give columns named by a path, which some row has, a column of their own."""
    rows = table.rows
    found: dict[str, pd.Series[str]] = {}
    opened: dict[str, list[object]] = {}
    for column in sorted(set(columns) - set(rows.columns)):
        outer = next((name for name in containers(column) if name in rows), None)
        if outer is None:
            continue
        if outer not in opened:
            opened[outer] = [_parsed(text) for text in rows[outer]]
        path = column[len(outer) + 1 :]
        values = [_at(value, path) for value in opened[outer]]
        if any(value is not None for value in values):
            found[column] = pd.Series([*map(as_text, values)], index=rows.index, dtype="str")
    return replace(table, rows=rows.assign(**found)) if found else table


def _parsed(text: str) -> object:
    """Parse a cell; what is neither JSON nor tags holds nothing."""
    if not text:
        return None
    if text.lstrip()[:1] in {"{", "["}:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None
    return {_plain(name): _plain(value) for name, value in _TAG.findall(text)}


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _at(value: object, path: str) -> object:
    """Follow a path; keys may have dots themselves, lists count from 0."""
    if isinstance(value, list):
        head, _, rest = path.partition(".")
        inside = head.isdecimal() and int(head) < len(value)
        value, path = (value[int(head)], rest) if inside else (None, "")
        return _at(value, path) if path else value
    if not isinstance(value, dict):
        return None
    if path in value:
        return value[path]
    for head in containers(path):
        if head in value:
            return _at(value[head], path[len(head) + 1 :])
    return None
