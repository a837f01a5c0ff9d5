"""
What a look at the bytes of a whole text or column proves, so that most of it needs no work.

Each of these says no more than the slower way would: where it proves nothing, the slower way is
gone. Columns are those of pandas with the type `str`, whose texts Arrow keeps one behind the other.
"""

from __future__ import annotations

import contextlib
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.model.contracts import rises
from layers.texts.clock_forms import form_of
from layers.texts.valued import Valued, is_usual, values_of
from layers.texts.written import PLAIN, TO_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Bytes = NDArray[np.uint8]

WIDE_SPACES = (
    "\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Spaces beyond ASCII."""
_HEADS, _TAILS = np.zeros(1 << 8, dtype=bool), np.zeros(1 << 16, dtype=bool)
"""First bytes, and last pairs of bytes, of texts that may begin or end with a space."""
_HEADS[:0x21] = True  # in ASCII all of these are spaces or control characters
_TAILS.reshape(256, 256)[:, :0x21] = True
for _space in WIDE_SPACES:
    _HEADS[_space.encode()[0]] = True
    _TAILS[int.from_bytes(_space.encode()[-2:])] = True
_BEYOND_ASCII, _CAPITALS = bytes(range(0x80, 0x100)), bytes(range(ord("A"), ord("Z") + 1))
_BLOCK = 1 << 18
_FIRST = 1000
"""Values that tell at once of most columns that they are not of a type."""


def is_utf8(data: bytes | memoryview) -> bool:
    """Tell whether bytes are UTF-8, without decoding them."""
    ends = pa.py_buffer(np.array([0, len(data)], dtype=np.int64))
    text = pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(data))
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _arrow(column: pd.Series[str]) -> pa.ChunkedArray:
    texts = pa.chunked_array(column)
    return texts if texts.type == pa.large_string() else texts.cast(pa.large_string())


def _pieces(column: pd.Series[str]) -> Iterator[tuple[NDArray[np.int64], Bytes]]:
    return pieces_of(_arrow(column))


def pieces_of(column: pa.ChunkedArray) -> Iterator[tuple[NDArray[np.int64], Bytes]]:
    """Give where each text begins, with the end of the last, and the bytes of all."""
    for part in column.chunks:
        if len(part):
            whole = part.fill_null("") if part.null_count else part
            _, ends, data = whole.buffers()
            first = whole.offset
            starts = np.frombuffer(ends, dtype=np.int64)[first : first + len(whole) + 1]
            yield starts, np.frombuffer(data or b"", dtype=np.uint8)


def is_filled(column: pd.Series[str]) -> Mask:
    """Tell which texts are not empty."""
    values = values_of(column)
    if values is not None:
        return np.asarray(pc.invert(pc.is_null(values, nan_is_null=True)))
    parts = [np.diff(starts) > 0 for starts, _ in _pieces(column)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=bool)


def has_bytes(column: pd.Series[str], signs: bytes) -> bool:
    """Tell whether any of some bytes stands in a column, for a character without them cannot."""
    ranges = _ranges(signs)
    return any(
        bool((block - first <= last - first).any())  # below the first it turns over to 255
        for starts, data in _pieces(column)
        for block in _blocks(data[starts[0] : starts[-1]])
        for first, last in ranges
    )


def _ranges(signs: bytes) -> list[tuple[np.uint8, np.uint8]]:
    """Give the first and last of bytes that follow each other."""
    parts = np.split(found := np.unique([*signs]), np.flatnonzero(np.diff(found) > 1) + 1)
    return [(np.uint8(part[0]), np.uint8(part[-1])) for part in parts if len(part)]


def _blocks(data: Bytes) -> Iterator[Bytes]:
    """Cut bytes into blocks that a processor keeps at hand."""
    return (data[start : start + _BLOCK] for start in range(0, len(data), _BLOCK))


def stripped(column: pd.Series[str]) -> pd.Series[str]:
    """Take spaces off both ends; a column without any stays the same piece of memory."""
    if values_of(column) is not None:
        return column
    spaced = any(_spaced(starts, data) for starts, data in _pieces(column))
    return column.str.strip() if spaced else column


def _spaced(starts: NDArray[np.int64], data: Bytes) -> bool:
    """Tell whether any text may begin or end with a space."""
    first, ends = starts[:-1], starts[1:]
    filled = ends > first
    if not filled.all():
        first, ends = first[filled], ends[filled]
    if not len(first):
        return False
    before = data.take(ends - 2, mode="clip").astype(np.uint16)
    pairs = before << 8 | data.take(ends - 1)
    return bool(_HEADS.take(data.take(first)).any() or _TAILS.take(pairs).any())


def moments(text: pd.Series[str]) -> pd.Series[pd.Timestamp] | None:
    """
    Read a column all of whose texts are times in ISO 8601, or empty; else nothing.

    In UTC where all of them have an offset, without a zone where none has.
    """
    read = _times_in(text)
    if read is None:
        return None
    read = read.cast(pa.timestamp("us", read.type.tz and "UTC"))
    return pd.Series(read.to_pandas().array, index=text.index)


def times_between(text: pd.Series[str], first: str, last: str) -> bool | None:
    """Tell whether all times that `moments` would read lie between two days; nothing of others."""
    read = _times_in(text)
    if read is None:
        return None
    unit = TO_SECONDS[read.type.unit]
    early, late = (int(np.datetime64(day, "s").astype(np.int64)) * unit for day in (first, last))
    least, most = pc.min_max(read.cast(pa.int64())).as_py().values()
    return least is None or early <= least <= most <= late


def _times_in(text: pd.Series[str]) -> pa.ChunkedArray | None:
    values = values_of(text)
    if values is not None:
        return values if pa.types.is_timestamp(values.type) else None
    zoned = _read_as(pa.timestamp("us", "UTC"), text)
    return _read_as(pa.timestamp("us"), text) if zoned is None else zoned


def plain_numbers(text: pd.Series[str]) -> NDArray[np.float64] | None:
    """Read a column all of whose texts are numbers with a point, or empty; else nothing."""
    values = values_of(text)
    if values is None:
        read = _read_as(pa.float64(), text)
    else:
        read = values.cast(pa.float64()) if pa.types.is_floating(values.type) else None
    if read is None:
        return None
    numbers: NDArray[np.float64] = read.to_numpy() + 0.0  # no text says -0
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def with_decimals(text: pd.Series[str], least: int) -> Mask:
    """Tell of which known values so many decimals or more are written, none beyond a milliard."""
    values = values_of(text)
    if values is None or not pa.types.is_float64(values.type):
        return np.zeros(len(text), dtype=bool)
    numbers, power = values.to_numpy(), 10.0 ** (least - 1)
    size, shorter = np.abs(numbers), numbers * power
    np.rint(shorter, out=shorter)
    shorter /= power
    return np.asarray((size >= PLAIN[0]) & (size < 1e9) & (numbers != shorter))  # noqa: PLR2004


def with_values(text: pd.Series[str]) -> pd.Series[str]:
    """Read a column of times or decimals once for all who ask for them."""
    for kind in (pa.timestamp("us", "UTC"), pa.timestamp("us"), pa.float64()):
        values = _read_as(kind, text)
        if values is not None:  # a text that begins or ends with a space is none
            plain = pa.types.is_floating(kind) and not pc.all(pc.is_finite(values)).as_py()
            return text if plain else pd.Series(_valued(values, text), index=text.index)
    return text


def _valued(values: pa.ChunkedArray, text: pd.Series[str]) -> Valued:
    """Hold values with their texts, unless these can be written again."""
    if pa.types.is_timestamp(values.type) and is_usual(values):
        forms = {form_of(ends, data) for ends, data in _pieces(text) if ends[-1] > ends[0]}
        if len(forms) == 1 and (form := forms.pop()):
            return Valued(values, write=form.write)
    return Valued(values, _arrow(text))


def _read_as(kind: pa.DataType, text: pd.Series[str]) -> pa.ChunkedArray | None:
    """Read all texts but empty ones as values of a type, if they are that throughout."""
    column = _arrow(text)
    with contextlib.suppress(pa.ArrowInvalid):
        for some in (column[:_FIRST], column):
            filled = pa.chunked_array([without_empty(part) for part in some.chunks], some.type)
            read = filled.cast(kind)
        return read
    return None


def without_empty(texts: pa.Array) -> pa.Array:
    """Take empty texts for missing ones, where the texts lie."""
    _, ends, data = texts.buffers()
    starts = np.frombuffer(ends or bytes(8), dtype=np.int64)[texts.offset :][: len(texts) + 1]
    filled = np.diff(starts) > 0
    if filled.all() and not texts.null_count:
        return texts
    if texts.null_count:
        filled &= texts.is_valid().to_numpy(zero_copy_only=False)
    valid = pa.py_buffer(np.packbits(filled, bitorder="little"))
    return pa.LargeStringArray.from_buffers(
        len(texts), pa.py_buffer(np.ascontiguousarray(starts)), data, valid
    )


def all_differ(column: pd.Series[str]) -> bool:
    """Tell whether no text stands twice."""
    return _in_order(column) or not bool(column.duplicated().any())


def different(column: pd.Series[str]) -> pd.Series[str]:
    """Give each text once, in the order in which they first stand."""
    if _in_order(column):
        return column
    return pd.Series(_arrow(column).unique().to_pandas(), dtype="str")


def _in_order(column: pd.Series[str]) -> bool:
    """Tell whether texts rise, or as the numbers 9, 10, 11 do: then no two are the same."""
    return rises(column) or all(_rises_by_length(some) for some in (column[:_FIRST], column))


def _rises_by_length(column: pd.Series[str]) -> bool:
    lengths = np.concatenate([np.zeros(0), *(np.diff(starts) for starts, _ in _pieces(column))])
    steps = np.diff(lengths)
    ends = [*(np.flatnonzero(steps) + 1).tolist(), len(column)]
    alike = pairwise([0, *ends])
    return bool((steps >= 0).all()) and all(rises(column.iloc[one:end]) for one, end in alike)


def casefolded(column: pd.Series[str]) -> pd.Series[str]:
    """Write texts so that those which differ in case alone are the same."""
    if has_bytes(column, _BEYOND_ASCII):
        return column.str.casefold()
    return column.str.lower() if has_bytes(column, _CAPITALS) else column
