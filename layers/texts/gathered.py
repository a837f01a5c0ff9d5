"""Gathers a column that is read piece by piece, and keeps of its times no texts."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from layers.texts.clock_forms import form_of
from layers.texts.proofs import pieces_of, with_values, without_empty
from layers.texts.valued import Valued, is_usual

if TYPE_CHECKING:
    from layers.texts.clock_forms import ClockForm


class Gathered:
    """
    A column of texts of which more and more pieces come.

    As long as all of them are times of one form, only the times are held: memory for the texts of
    each piece is used again for the next. At the first other text all are texts again.
    """

    def __init__(self) -> None:
        self._pieces: list[pa.Array] = []
        self._form: ClockForm | None = None
        self._are_texts = False

    def add(self, texts: pa.LargeStringArray) -> None:
        """Take the next piece; its texts are none of them missing, but may be empty."""
        if not self._are_texts and _has_text(texts):
            times = self._times(texts)
            if times is None:
                self._write()
            else:
                texts = times
        self._pieces.append(texts)

    def column(self) -> pd.Series[str]:
        """Give the whole column, with what its texts stand for where that is known."""
        if self._form is None:
            whole = pa.chunked_array(self._pieces, pa.large_string())
            return with_values(pd.Series(whole.to_pandas(), dtype="str"))
        return pd.Series(Valued(self._values(), write=self._form.write))

    def _times(self, texts: pa.LargeStringArray) -> pa.Array | None:
        """Read a piece as times of the form of those before it."""
        form = next(form_of(*piece) for piece in pieces_of(pa.chunked_array([texts])))
        if form is None or self._form not in {None, form}:
            return None
        with contextlib.suppress(pa.ArrowInvalid):
            times = without_empty(texts).cast(form.kind)
            if is_usual(pa.chunked_array([times])):
                self._form = form
                return times
        return None

    def _values(self) -> pa.ChunkedArray:
        """Give the times so far; pieces without any have no text either."""
        kind = self._form.kind if self._form else pa.null()
        parts = [each if each.type == kind else pa.nulls(len(each), kind) for each in self._pieces]
        return pa.chunked_array(parts, kind)

    def _write(self) -> None:
        """Take all that came so far for texts."""
        if self._form is not None:
            self._pieces = pa.chunked_array(self._form.write(self._values())).chunks
        self._form, self._are_texts = None, True


def _has_text(texts: pa.LargeStringArray) -> bool:
    return any(ends[-1] > ends[0] for ends, _ in pieces_of(pa.chunked_array([texts])))
