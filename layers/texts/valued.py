"""
Columns of texts whose values are known, so that nobody needs to write or read the texts.

Places and times of a large register are used as numbers and instants, and hardly a text of them is
looked at. Whatever asks for a text gets it: this is a column of texts as any other, written when
the first is asked for, and `values_of` is all that knows more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layers.texts.written import TO_SECONDS, column_text

if TYPE_CHECKING:
    from collections.abc import Callable

_TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
_USUAL = (np.datetime64("1973-01-01", "s"), np.datetime64("2037-12-30", "s"))
"""Days on whose offsets from UTC all libraries agree, and all of which are whole minutes."""


class Valued(pd.arrays.ArrowStringArray):
    """
    Texts and what they stand for.

    Attributes
    ----------
    known
        Decimals or times; `None` once somebody has changed a text.
    write
        Writes their texts.
    follow
        Whether the texts are what it writes, of times to the second, and never stood anywhere.
    """

    _cache: dict[str, pa.ChunkedArray]

    def __init__(
        self,
        values: pa.ChunkedArray,
        texts: pa.ChunkedArray | None = None,
        *,
        write: Callable[[pa.ChunkedArray], pd.Series[str]] = column_text,
    ) -> None:
        self.known: Any = values
        self.write, self.follow = write, texts is None
        self._texts: Any = texts
        self._dtype, self._cache = _TEXT, {}

    def _with(self, values: pa.ChunkedArray, texts: pa.ChunkedArray | None) -> Valued:
        """Hold other values, whose texts are written in the same way."""
        others = Valued(values, texts, write=self.write)
        others.follow = self.follow
        return others

    @property
    def _pa_array(self) -> pa.ChunkedArray:
        """Where pandas keeps the texts."""
        if self._texts is None:
            self._texts = pa.chunked_array(self.write(self.known))
        return self._texts

    @_pa_array.setter
    def _pa_array(self, texts: pa.ChunkedArray) -> None:
        self._texts, self.known = texts, None

    def _from_pyarrow_array(self, texts: pa.ChunkedArray) -> pd.arrays.ArrowStringArray:
        """Make a plain column of what is made of texts."""
        return pd.arrays.ArrowStringArray(texts, dtype=_TEXT)  # type: ignore[call-arg]

    def __len__(self) -> int:
        """Count without writing."""
        return len(self._texts if self.known is None else self.known)

    def __getitem__(self, item: Any) -> Any:  # noqa: ANN401  as pandas has it
        """Take some without writing the others."""
        if self.known is None or (isinstance(item, slice) and item.step not in {None, 1}):
            return super().__getitem__(item)
        if isinstance(item, slice):
            return self._with(self.known[item], None if self._texts is None else self._texts[item])
        at = pd.api.indexers.check_array_indexer(self, item)
        if not isinstance(at, np.ndarray):
            if self._texts is not None:
                return super().__getitem__(at)
            return self.write(self.known[at : at + 1 or None]).iloc[0]
        if at.dtype == bool:
            texts = None if self._texts is None else self._texts.filter(at)
            return self._with(self.known.filter(at), texts)
        return self.take(at)

    def take(
        self,
        indices: Any,  # noqa: ANN401
        *,
        allow_fill: bool = False,
        fill_value: Any = None,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Take some without writing the others."""
        at = np.asarray(indices, dtype=np.int64)
        if (
            self.known is None
            or allow_fill
            or not len(self)
            or np.abs(at).max(initial=0) >= len(self)
        ):
            return super().take(indices, allow_fill=allow_fill, fill_value=fill_value)
        taken = pa.array(np.where(at < 0, at + len(self), at))
        texts = None if self._texts is None else self._texts.take(taken)
        return self._with(self.known.take(taken), texts)

    def copy(self) -> Any:  # noqa: ANN401
        """Give the same texts, written or not."""
        return super().copy() if self.known is None else self._with(self.known, self._texts)

    def view(self, dtype: Any = None) -> Any:  # noqa: ANN401
        """Look at the same texts, written or not."""
        return self.copy() if dtype is None else super().view(dtype)


def column_of(column: pa.ChunkedArray) -> pd.Series[str]:
    """Give a column of Arrow as texts: of decimals and usual times they are not written yet."""
    if not is_usual(column):
        return column_text(column)
    column.validate(full=True)
    return pd.Series(Valued(column))


def is_usual(column: pa.ChunkedArray) -> bool:
    """Tell whether any way of reading the texts would find these values."""
    kind = column.type
    if not pa.types.is_timestamp(kind) or not len(column):
        return bool(len(column) and pa.types.is_floating(kind) and not pa.types.is_float16(kind))
    counts = column.cast(pa.int64())
    least, most = pc.min_max(counts).as_py().values()
    first, last = (int(day.astype(np.int64)) * TO_SECONDS[kind.unit] for day in _USUAL)
    if least is not None and not first <= least <= most <= last:
        return False
    if kind.unit != "ns":
        return True
    micros = pc.multiply(pc.divide(counts, 1000), 1000)
    return bool(pc.all(pc.equal(micros, counts), min_count=0).as_py())


def are_spelled_out(column: pd.Series[str]) -> bool:
    """Tell whether all texts are decimals, times without an offset, or times to the second."""
    array = column.array
    if not isinstance(array, Valued) or array.known is None:
        return False
    return array.follow or not pa.types.is_timestamp(array.known.type) or not array.known.type.tz


def values_of(column: pd.Series[str]) -> pa.ChunkedArray | None:
    """Give what the texts of a column stand for, where that is known."""
    array = column.array
    return array.known if isinstance(array, Valued) else None
