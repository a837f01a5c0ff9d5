"""
Writes values as text: one value, or a column of Arrow at once with the same result.

Millions of Python objects take a minute where Arrow and NumPy take a second. Whatever these do not
write as Python does (an exponent, nanoseconds, a year that no calendar has) goes value by value.
"""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

TEXT = pa.large_string()
_ROWS = 1 << 16
"""Written at once."""
_OF_ARROW = {str, int, float}
"""Types of cells that make a column of one type of Arrow, and nothing else."""
_EXACT = 2.0**53
"""Whole numbers beyond are not told apart."""
PLAIN = (1e-4, 1e10)
"""Between these Arrow and Python write the same digits without an exponent."""
_CALENDAR = (np.datetime64("0001-01-01", "D"), np.datetime64("9999-12-31", "D"))
"""Days that Python knows."""
_USUAL = (np.datetime64("1677-10-01", "s"), np.datetime64("2037-12-30", "s"))
"""Instants on whose summer time all libraries agree, and that nanoseconds reach."""
_DAY, _TIME, _OFFSET = (len(text) for text in ("2024-01-01", "2024-01-01T00:00:00", "+08:00"))
_INVISIBLE = dict.fromkeys(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xAD, 0xFEFF]
)
TO_SECONDS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""How many of each unit of Arrow make a second."""


def as_text(value: object) -> str:
    """
    Write one value of JSON, a workbook or a database as text.

    Examples
    --------
    >>> as_text(6301200042.0), as_text(True), as_text(None)
    ('6301200042', 'true', '')
    """
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | bytes):
        return value.hex() if isinstance(value, bytes) else str(value).lower()
    if isinstance(value, float) and (value != value or value.is_integer()):  # noqa: PLR0124
        return "" if value != value else _whole(value)  # noqa: PLR0124
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()) if isoformat else str(value)


def without_invisible(text: str) -> str:
    """Leave out signs that nobody sees, such as marks of direction around a pasted number."""
    return text if text.isascii() else text.translate(_INVISIBLE)


def _whole(value: float) -> str:
    """Write a whole number with the digits that its file had, and zeros where it had none."""
    return str(int(value)) if abs(value) < _EXACT else format(Decimal(repr(value)), "f")


def column_text(column: pa.ChunkedArray) -> pd.Series[str]:
    """Write a column of Arrow as text; bytes that are none raise here, not when they are used."""
    column.validate(full=True)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    write = next((write for of, write in _WRITERS if of(column.type)), _one_by_one)
    written = pa.chunked_array([write(part) for part in _parts(column)], TEXT)
    return pd.Series(pc.fill_null(written, "").to_pandas(), dtype="str")


def _parts(column: pa.ChunkedArray) -> Iterator[pa.Array]:
    """Cut a column into parts whose texts are written without much memory in between."""
    for chunk in column.chunks:
        yield from (chunk.slice(start, _ROWS) for start in range(0, len(chunk), _ROWS))


def cells_text(cells: Sequence[object]) -> pd.Series[str]:
    """Write the cells of a column as text; those of one type are written at once."""
    kinds = set(map(type, cells)) - {type(None)}
    if len(kinds) == 1 and kinds <= _OF_ARROW:
        with contextlib.suppress(pa.ArrowInvalid, OverflowError):
            return column_text(pa.chunked_array([pa.array(cells)]))
    return pd.Series([as_text(cell) for cell in cells], dtype="str")


def _one_by_one(values: pa.Array) -> pa.Array:
    return pa.array([as_text(value) for value in values.to_pylist()], TEXT)


def _cast(values: pa.Array) -> pa.Array:
    return values.cast(TEXT)


def _dates(values: pa.Array) -> pa.Array:
    values = values.cast(pa.date32(), safe=False)
    least, most = pc.min_max(values.cast(pa.int32())).as_py().values()
    first, last = (edge.astype(np.int64) for edge in _CALENDAR)
    known = least is None or (least >= first and most <= last)
    return _cast(values) if known else _one_by_one(values)


def _floats(values: pa.Array) -> pa.Array:
    """Write numbers with the fewest digits that tell them apart, whole ones without a point."""
    numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    size = np.abs(numbers)
    whole = (size < _EXACT) & (numbers == np.rint(numbers))
    plain = ~whole & (size >= PLAIN[0]) & (size < PLAIN[1])
    odd = ~whole & ~plain & ~np.isnan(numbers)
    parts = [pa.array(numbers, mask=~plain).cast(TEXT)] if plain.any() else []
    if whole.any():
        counts = np.where(whole, numbers, 0).astype(np.int64)
        parts.append(pa.array(counts, mask=~whole).cast(TEXT))
    if odd.any():
        shown = np.full(len(numbers), None, dtype=object)
        shown[odd] = [as_text(value) for value in numbers[odd].tolist()]
        parts.append(pa.array(shown, TEXT))
    return pc.coalesce(*parts) if parts else pa.nulls(len(values), TEXT)


def _times(values: pa.Array) -> pa.Array:
    """Write times as ISO 8601 with their offset, fractions of seconds where there are any."""
    unit = TO_SECONDS[values.type.unit]
    counts = values.cast(pa.int64()).fill_null(0).to_numpy()
    first, last = (edge.astype(np.int64) * unit for edge in _USUAL)
    far = (counts < first) | (counts > last)
    if not far.any():
        return _usual_times(values, unit)
    usual = _usual_times(pc.if_else(far, pa.scalar(None, values.type), values), unit)
    return pc.replace_with_mask(usual, far, _one_by_one(values.filter(far)))


def _usual_times(values: pa.Array, unit: int) -> pa.Array:
    counts = values.cast(pa.int64())
    valid = values.is_valid().to_numpy(zero_copy_only=False)
    local = pc.local_timestamp(values) if values.type.tz else values
    shown = local.cast(pa.int64()).fill_null(0).to_numpy()[valid]
    offsets = (shown - counts.fill_null(0).to_numpy()[valid]) // unit
    seconds, rest = np.divmod(shown, unit)
    micros = rest * 10**6 // unit
    exact = micros * unit == rest * 10**6
    if not exact.all() or (offsets % 60).any():  # nanoseconds, or the sun's own time of old
        return _one_by_one(values)
    last = [_offsets(offsets // 60)] if values.type.tz else []
    written = _laid_out(np.hstack([_clock(seconds), *last]), valid)
    if not micros.any():
        return written
    broken = micros != 0
    parts = [_clock(seconds[broken]), _fractions(micros[broken]), *(each[broken] for each in last)]
    texts = np.hstack(parts)
    mask = np.zeros(len(values), dtype=bool)
    mask[valid] = broken
    return pc.replace_with_mask(written, mask, _laid_out(texts, np.ones(len(texts), dtype=bool)))


def _clock(seconds: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Write seconds since 1970 as characters, a row each."""
    texts = pa.array(seconds).cast(pa.timestamp("s")).cast(TEXT)
    clock = np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)[: _TIME * len(seconds)]
    clock = clock.reshape(-1, _TIME).copy()
    clock[:, _DAY] = ord("T")
    return clock


def _fractions(micros: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Write millionths of seconds as a point and six digits, a row each."""
    digits = micros[:, None] // 10 ** np.arange(5, -1, -1) % 10 + ord("0")
    point = np.full((len(micros), 1), ord("."))
    return np.hstack([point, digits]).astype(np.uint8)


def _offsets(minutes: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Write offsets from UTC as characters, a row each."""
    codes, different = pd.factorize(minutes)
    signs = [
        f"{'-' if m < 0 else '+'}{abs(m) // 60:02}:{abs(m) % 60:02}" for m in different.tolist()
    ]
    table = np.frombuffer("".join(signs).encode(), dtype=np.uint8).reshape(-1, _OFFSET)
    return table[codes]


def _laid_out(texts: NDArray[np.uint8], valid: NDArray[np.bool_]) -> pa.Array:
    """Make texts of one length of rows of characters; missing where nothing is valid."""
    ends = np.cumsum(np.concatenate([[0], valid * texts.shape[1]]), dtype=np.int64)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(texts))]
    return pa.LargeStringArray.from_buffers(len(valid), *buffers[1:])


_WRITERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.Array]], ...] = (
    (pa.types.is_string, _cast),
    (pa.types.is_large_string, _cast),
    (pa.types.is_boolean, _cast),
    (pa.types.is_integer, _cast),
    (pa.types.is_floating, _floats),
    (pa.types.is_timestamp, _times),
    (pa.types.is_date, _dates),
)
