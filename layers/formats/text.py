"""Decodes text files and parses JSON, strictly."""

from __future__ import annotations

import codecs
import contextlib
import json
import re
from typing import TYPE_CHECKING

import numpy as np

from layers.formats.boundary import reading
from layers.formats.table import Broken, Table, text_frame
from layers.sources.opened import Opened, check_content

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_SUPERSETS = {
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
}
"""Encodings by the names that office programs give them, and what these programs write."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class _Twice(dict[str, object]):
    """A JSON object in which a key stands twice, so that its value is ambiguous."""


def decode(opened: Opened, *, encoding: str) -> str:
    """Decode a text file strictly: no character is replaced."""
    data = opened.data
    tried: tuple[str, ...]
    if encoding:
        tried = _meant(encoding)
    elif data.startswith(_UTF16):
        tried = ("utf-16",)
    else:
        tried = ("utf-8-sig", "gb18030")
    for name in tried:
        try:
            return data.decode(name).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            position = error.start
        except LookupError as error:
            raise opened.error(
                text=f"cannot be decoded: Python knows no encoding {name!r}.",
                problem="encoding_unknown",
                hint="Use for example utf-8, gb18030, big5hkscs or cp1252.",
                found=name,
            ) from error
    line = data[:position].count(b"\n") + 1
    raise opened.error(
        text=f"is not text in {' or '.join(tried)}: line {line}, byte {data[position]:#04x}.",
        problem="encoding_wrong",
        hint="State its `encoding` in the recipe, for example gb18030 or big5hkscs.",
        found=f"{data[position]:#04x}",
        line=line,
        allowed=", ".join(tried),
    )


def _meant(stated: str) -> tuple[str, ...]:
    """Name the encodings that a name stands for: programs that write them mean the superset."""
    with contextlib.suppress(LookupError):
        plain = codecs.lookup(stated).name
        return (_SUPERSETS[plain], stated) if plain in _SUPERSETS else (stated,)
    return (stated,)


def guess(opened: Opened) -> str:
    """Tell which encoding `decode` had to guess."""
    if opened.data.startswith(_UTF16):
        return ""
    try:
        opened.data.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return ""


def parse_json(opened: Opened, *, encoding: str) -> object:
    """Parse JSON strictly: neither NaN nor infinity."""
    check_content(opened, expected="json", format_name="JSON")
    with reading(opened, "is not valid JSON", hint="The file may be cut short: get it again."):
        marked = opened.data.startswith(_UTF16)
        text = decode(opened, encoding=encoding or ("utf-16" if marked else "utf-8-sig"))
        return _json_of(text.replace("\x1e", ""))


def _json_of(text: str) -> object:
    """Parse one value, or a value a line (NDJSON, GeoJSON text sequences)."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_object_of)
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
    features = all(isinstance(value, dict) and value.get("type") == "Feature" for value in values)
    return {"type": "FeatureCollection", "features": values} if features else values


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
    msg = f"{constant} is not a JSON number"
    raise ValueError(msg)


def read_records(opened: Opened, *, content: object, records: str) -> Table:
    """Read a list of records from JSON."""
    value = content
    for key in filter(None, records.split(".")):
        value = value.get(key) if isinstance(value, dict) else None
    if not isinstance(value, list) or not all(isinstance(record, dict) for record in value):
        raise opened.error(
            text=f"has no list of records at {records or 'its top'!r}.",
            problem="records_missing",
            hint="State the path of the list as `records`, for example result.results.",
            found=records,
        )
    sound, numbers, broken = sound_records(opened, value)
    return Table(rows=text_frame(sound), numbers=numbers, broken=broken)
