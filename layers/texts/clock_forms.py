"""
Times whose texts all have one form, so that they can be written again and need not be kept.

A register of two million reports holds a quarter of a gigabyte of such texts, and hardly one of
them is ever looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layers.texts.written import column_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FORM = re.compile(
    rb"\d{4}-\d\d-\d\d(?P<separator>[ T])\d\d:\d\d:\d\d"
    rb"(?P<offset>(?!-00:00)[+-](?:[01]\d|2[0-3]):[0-5]\d)?"
)
_CLOCK = len("2024-01-01 00:00:00")
_TOGETHER = 64
"""Texts that are looked at in one step."""


@dataclass(frozen=True)
class ClockForm:
    """
    How times are written to the second.

    Attributes
    ----------
    separator
        Between day and time: a blank or `T`.
    offset
        From UTC, such as `+08:00`; empty for times without a zone.
    """

    separator: str
    offset: str

    @property
    def kind(self) -> pa.DataType:
        """What its texts are read as."""
        return pa.timestamp("us", self.offset and "UTC")

    def write(self, values: pa.ChunkedArray) -> pd.Series[str]:
        """Write times; missing ones are empty."""
        kind = pa.timestamp(values.type.unit, self.offset or None)
        texts = pa.chunked_array(column_text(values.cast(kind)))
        if self.separator != "T":
            texts = pc.replace_substring(texts, "T", self.separator, max_replacements=1)
        return pd.Series(texts.to_pandas(), dtype="str")


def form_of(starts: NDArray[np.int64], data: NDArray[np.uint8]) -> ClockForm | None:
    """
    Find the one form of texts that are known to be times; nothing where they have several.

    Texts of one length, whose signs between the digits are the same throughout, have the form of
    the first: ::

        2024-03-05 10:05:06+08:00
            -  -   :  :  +08:00     the same in each
    """
    lengths = np.diff(starts)
    length = int(lengths.max(initial=0))
    if not length or not ((lengths == length) | (lengths == 0)).all():
        return None
    signs = data[starts[0] : starts[-1]].reshape(-1, length)
    first = signs[0].tobytes()
    found = _FORM.fullmatch(first)
    if not found:
        return None
    fixed = [at for at in range(length) if at >= _CLOCK or not first[at : at + 1].isdigit()]
    if not _same(signs)[fixed].all():
        return None
    return ClockForm(found["separator"].decode(), (found["offset"] or b"").decode())


def _same(signs: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell at which places all texts of one length have the same sign."""
    count, length = signs.shape
    many = count - count % _TOGETHER
    every, any_of = (
        by.reduce(
            np.vstack(
                [
                    by.reduce(signs[:many].reshape(-1, _TOGETHER * length)).reshape(-1, length),
                    signs[many:],
                ]
            )
        )
        for by in (np.bitwise_and, np.bitwise_or)
    )
    same: NDArray[np.bool_] = every == any_of
    return same
