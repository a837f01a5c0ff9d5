"""
Tables for people and programs: numbers rounded by their unit, times written, text made harmless.

The rounding of every unit and the form of days and moments stand in `data/dictionary.toml` and
are the same in every file, so that a figure reads the same in the table, the workbook and the map
layers.
"""

from __future__ import annotations

import csv
import io
import re
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.privacy.recognise import mask
from wording.numbers import round_share

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from layers.knowledge.dictionary import Column, Unit

ACTIVE = re.compile("^[' \u00a0\u3000]*[=+\\-@\t\r\n＝＋－＠]")
"""Text that a spreadsheet may take for a formula, with any blanks or ' before it."""
UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
"""Characters that no text file or sheet can hold."""


def safe_text(text: str) -> str:
    """
    Make a text from data harmless in a spreadsheet.

    Examples
    --------
    >>> safe_text("=1+1"), safe_text("Old Town")
    ("'=1+1", 'Old Town')
    """
    text = UNWRITABLE.sub("\ufffd", text)
    return f"'{text}" if ACTIVE.match(text) else text


def rounded(frame: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """Select the columns of a table, round every number by its unit and write every time in its."""
    return pd.DataFrame(
        {column.id: _rounded(frame[column.id], column.unit) for column in columns},
        index=range(len(frame)),
    )


def _rounded(values: pd.Series, unit: Unit) -> Any:  # noqa: ANN401 - any array
    if unit.time and pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.strftime(unit.time).array
    if unit.decimals is None and unit.significant is None:
        return values.array
    numbers = pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    if unit.significant is not None:
        return np.array([float(f"{each:.{unit.significant}g}") for each in numbers.tolist()])
    write = round_share if unit.id == "share" else round
    exact = np.array([write(each, unit.decimals or 0) for each in numbers.tolist()], dtype=float)
    return pd.array(exact, dtype="Int64") if unit.decimals == 0 else exact


def csv_bytes(frame: pd.DataFrame, columns: Sequence[Column]) -> bytes:
    """Write a table as CSV that opens right in a spreadsheet."""
    table = rounded(frame, columns)
    cells = [_cells(table[column.id], column.unit) for column in columns]
    return _written([column.id for column in columns], zip(*cells, strict=True))


def masked_csv(content: bytes, columns: Collection[str], *, classes: Collection[str]) -> bytes:
    """Mask personal data of some classes in some columns of a table that `csv_bytes` wrote."""
    heads, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    places = [(place, name) for place, name in enumerate(heads) if name in columns]
    masks = {name: cache(partial(mask, heading=name, classes=classes)) for _, name in places}
    for row in rows:
        for place, name in places:
            row[place] = masks[name](row[place])
    return _written(heads, rows)


def _written(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _cells(values: pd.Series, unit: Unit) -> list[str]:
    missing = values.isna().to_numpy()
    return [
        "" if gone else _cell(value, unit)
        for value, gone in zip(values.tolist(), missing, strict=True)
    ]


def _cell(value: object, unit: Unit) -> str:
    if isinstance(value, float):
        if unit.significant is not None:
            return f"{value:.{unit.significant}g}"
        text = f"{value:.{unit.decimals or 0}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text == "-0" else text
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else safe_text(str(value))
