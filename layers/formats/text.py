"""Parses JSON strictly, and takes its records apart."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from layers.formats.boundary import reading
from layers.formats.charset import decoded
from layers.formats.table import Broken, Table, text_frame
from layers.sources.opened import check_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from layers.sources.opened import Opened

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_TOTALS = {
    "total", "count", "totalCount", "total_count", "totalFeatures", "numberMatched",
    "totalElements", "recordsTotal", "totalRecords",
}  # fmt: skip
"""What servers call the number of all rows that they have."""
_DEPTH = 4
"""Levels of a reply in which its records are looked for."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class _ConstantError(ValueError):
    """NaN or infinity where a number of JSON should stand."""


class _Twice(dict[str, object]):
    """A JSON object in which a key stands twice, so that its value is ambiguous."""


def parse_json(opened: Opened, *, encoding: str) -> tuple[object, str]:
    """Parse JSON strictly, neither NaN nor infinity; and tell which encoding was guessed."""
    text, guessed = decoded(opened, encoding=encoding)
    check_content(replace(opened, data=text[:4096].encode()), expected="json", format_name="JSON")
    with reading(
        opened,
        "is not valid JSON",
        hint="The file may be cut short, or not keep to JSON: get it again.",
    ):
        try:
            return _json_of(text), guessed
        except _ConstantError as error:
            raise opened.error(
                text=f"holds {error}, which JSON has no number for.",
                problem="json_constant",
                hint="Write it again with null for numbers that are missing.",
                found=str(error),
            ) from error


def _json_of(text: str) -> object:
    """Parse one value, a value a line (NDJSON), or values behind separators (RFC 8142)."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_object_of)
    if "\x1e" in text:
        return _together([decoder.decode(each) for each in text.split("\x1e") if each.strip()])
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Extra data") or "\n" not in text[: error.pos]:
            raise
    values = []
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            values += [decoder.decode(line)] if line.strip() else []
        except json.JSONDecodeError as error:
            msg = f"line {number}: {error.msg}"
            raise ValueError(msg) from error
    return _together(values)


def _together(values: list[Any]) -> object:
    """Take values that stand one behind the other for a collection of features, or a list."""
    types = {value.get("type") if isinstance(value, dict) else None for value in values}
    if types == {"FeatureCollection"} and all(isinstance(v.get("features"), list) for v in values):
        return values[0] | {"features": [each for value in values for each in value["features"]]}
    return {"type": "FeatureCollection", "features": values} if types == {"Feature"} else values


def _object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    return value if len(value) == len(pairs) else _Twice(value)


def sound_records(
    opened: Opened, records: Sequence[Mapping[str, object]]
) -> tuple[list[Mapping[str, object]], NDArray[np.int64], tuple[tuple[int, Broken], ...]]:
    """Part the records of JSON that mean one thing from those that do not."""
    halves = opened.data.startswith(_UTF16) or bool(_SURROGATE.search(opened.data))
    flaws = [_flaw(record, halves=halves) for record in records]
    broken = tuple(
        (0, Broken(row=number, detail=flaw, content=json.dumps(records[number - 1])))
        for number, flaw in enumerate(flaws, start=1)
        if flaw
    )
    numbers = np.array([n for n, flaw in enumerate(flaws, start=1) if not flaw], dtype=np.int64)
    return [records[number - 1] for number in numbers], numbers, broken


def _flaw(record: Mapping[str, object], *, halves: bool) -> str:
    parts = (record, *record.values())
    if any(isinstance(part, _Twice) for part in parts):
        return "a key stands twice"
    try:
        if halves:
            json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "half a character"
    return ""


def _refuse_constant(constant: str) -> None:
    raise _ConstantError(constant)


def published_records(content: object) -> object:
    """Find the records of a reply of CKAN or Socrata, whose rows stand apart from their names."""
    if not isinstance(content, dict):
        return content
    result, meta = content.get("result"), content.get("meta")
    if isinstance(result, dict) and isinstance(result.get("records"), list):
        return result["records"]
    view = meta.get("view") if isinstance(meta, dict) else None
    columns, rows = (view.get("columns") if isinstance(view, dict) else None), content.get("data")
    if not isinstance(columns, list) or not isinstance(rows, list):
        return content
    names = [str(each.get("fieldName")) if isinstance(each, dict) else "" for each in columns]
    sound = all(isinstance(row, list) and len(row) == len(names) for row in rows)
    return [dict(zip(names, row, strict=True)) for row in rows] if sound else content


def are_records(content: object) -> bool:
    """Tell whether JSON is a list of objects."""
    return isinstance(content, list) and bool(content) and all(isinstance(v, dict) for v in content)


def unsent(envelopes: Iterable[object], rows: int) -> dict[str, dict[str, object]]:
    """Remark that a server says in what stands around the rows that it has more than it sent."""
    for each in envelopes:
        if not isinstance(each, dict):
            continue
        if each.get("exceededTransferLimit") is True:
            return {"reply_partial": {"found": "exceededTransferLimit"}}
        for key in _TOTALS & each.keys():
            total = str(each[key])
            if total.isdecimal() and int(total) > rows:
                return {"reply_partial": {"found": f"{key} {total}", "total": int(total)}}
    return {}


def longest_list(content: object) -> str:
    """Find the path of the longest list of records that JSON holds; empty where there is none."""
    lists = dict(_lists(content, ()))
    return max(lists, key=lambda path: lists[path], default="")


def _lists(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Go through the lists of records that JSON holds, by their path."""
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        yield ".".join(path), len(value)
    if isinstance(value, dict) and len(path) < _DEPTH:
        for key, inner in value.items():
            if "." not in key:
                yield from _lists(inner, (*path, key))


def _is_told(value: object) -> bool:
    if not isinstance(value, dict) or value.keys() != {"code", "description"}:
        return False
    return value["code"] in range(400, 600)


def _check_reply(opened: Opened, content: object) -> None:
    """Refuse what a server sent instead of data, in its own words."""
    if isinstance(content, list) and content and all(map(_is_told, content)):
        content = {"error": content[0]["description"]}  # of Open311
    told = content.get("error") if isinstance(content, dict) else None
    told = told.get("message", told) if isinstance(told, dict) else told
    if told:
        raise opened.error(
            text=f"is no data but the error that a server told: {str(told)[:200]}.",
            problem="reply_error",
            hint="Correct the address or the query, and fetch it again.",
            found=str(told)[:200],
        )


def read_records(opened: Opened, *, content: object, records: str) -> Table:
    """Read a list of records from JSON."""
    _check_reply(opened, content)
    value = content if records else published_records(content)
    around = [content, content.get("result") if isinstance(content, dict) else None]
    for key in filter(None, records.split(".")):
        value = value.get(key) if isinstance(value, dict) else None
        around.append(value)
    if not isinstance(value, list) or not all(isinstance(record, dict) for record in value):
        path = longest_list(content)
        if not path and not records:
            raise opened.error(
                text="holds no list of records.",
                problem="records_none",
                hint="Write it as a list of objects, one for each row, or save the table as CSV.",
            )
        path = path or "result.results"
        raise opened.error(
            text=f"has no list of records at {records or 'its top'!r}.",
            problem="records_elsewhere",
            hint=f"State the path of the list as `records`, for example {path}.",
            found=records,
            path=path,
        )
    sound, numbers, broken = sound_records(opened, value)
    remarks = unsent(around, len(value))
    rows = text_frame(sound)
    return Table(rows=rows, numbers=numbers, broken=broken, loose=True, remarks=remarks)
