"""Answers kept for every session, no more than so many bytes of them."""

from __future__ import annotations

import sys
from collections import OrderedDict
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

POINT_BYTES, SHAPE_BYTES = 16, 200
"""Of a geometry: each of its points, and the objects around them."""
COLUMN_BYTES = 2_000
"""Of a column of a frame: the objects around its values, and what memory loses between them."""
MAXIMUM = 2**29
"""Bytes of answers that are kept; what a loaded city itself takes is not among them."""
FEWEST = 8


class Shelf:
    """
    Values by key; the one used longest ago goes first. Safe to use from many threads.

    A value that several ask for at once is made once. The few used last stay whatever they
    take: a great city of which none were kept would be made ready anew for every run.
    """

    def __init__(self, *, limit: int = MAXIMUM, fewest: int = FEWEST) -> None:
        self._limit, self._fewest = limit, fewest
        self._values: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._turns: dict[Hashable, Lock] = {}
        self._lock = Lock()
        self.size = 0

    def give(self, key: Hashable, make: Callable[[], object]) -> object:
        """Give the value of a key, made if it is not there."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key][0]
            turn = self._turns.setdefault(key, Lock())
        try:
            with turn:
                with self._lock:
                    if key in self._values:
                        return self._values[key][0]
                value = make()
                self._keep(key, value, size_of(value) + size_of(key))
                return value
        finally:
            with self._lock:
                self._turns.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self.size = 0

    def _keep(self, key: Hashable, value: object, size: int) -> None:
        with self._lock:
            self._values[key] = (value, size)
            self.size += size
            while self.size > self._limit and len(self._values) > self._fewest:
                _, (_, gone) = self._values.popitem(last=False)
                self.size -= gone

    def __len__(self) -> int:
        """Count what is kept."""
        return len(self._values)


def size_of(value: object) -> int:
    """
    Estimate the bytes that a value holds: arrays and shapes exactly, frames and objects about.

    What is written in C and tells nothing, such as the tree of a search, counts as its shell.
    """
    seen: set[int] = set()
    waiting, total = [value], 0
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        total += _own_bytes(each)
        waiting.extend(_parts(each))
    return total


def _own_bytes(value: object) -> int:
    if isinstance(value, np.ndarray):
        return int(value.nbytes) + (_shape_bytes(value) if value.dtype == object else 0)
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index):
        columns = len(value.columns) if isinstance(value, pd.DataFrame) else 1
        around = COLUMN_BYTES * columns + _geometry_bytes(value)
        return int(np.sum(value.memory_usage(deep=True))) + around
    return sys.getsizeof(value)


def _geometry_bytes(value: pd.DataFrame | pd.Series | pd.Index) -> int:
    if not isinstance(value, pd.DataFrame):
        return _shape_bytes(value.to_numpy()) if str(value.dtype) == "geometry" else 0
    # only these are taken out: a frame remembers every column that was, for as long as it lives
    shapes = [at for at, dtype in enumerate(value.dtypes) if str(dtype) == "geometry"]
    return sum(_shape_bytes(value.iloc[:, at].to_numpy()) for at in shapes)


def _shape_bytes(values: np.ndarray[Any, Any]) -> int:
    shapes = values[shapely.is_geometry(values)]
    return int(POINT_BYTES * shapely.get_num_coordinates(shapes).sum() + SHAPE_BYTES * len(shapes))


def _parts(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.keys()
        yield from value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        yield from value
    elif isinstance(value, np.ndarray) and value.dtype == object:
        yield from (each for each in value.ravel() if not shapely.is_geometry(each))
    elif is_dataclass(value) and not isinstance(value, type):
        yield from (getattr(value, each.name) for each in fields(value))
    elif hasattr(value, "__dict__") and not isinstance(
        value, type | pd.DataFrame | pd.Series | pd.Index
    ):
        yield from cast("dict[str, object]", vars(value)).values()


ANSWERS = Shelf()
"""The one shelf of all sessions."""
