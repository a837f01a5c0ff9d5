"""Answers are kept within a number of bytes, made once, and forgotten in the order of use."""

from __future__ import annotations

import dataclasses
import pickle
import threading
import tracemalloc

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.recipes.shelf import Shelf, size_of


@dataclasses.dataclass(frozen=True)
class Found:
    rows: pd.DataFrame
    parts: dict[str, np.ndarray]


@settings(max_examples=40)
@given(asked=st.lists(st.integers(0, 30), max_size=60))
def test_no_more_than_the_limit_stays_and_every_answer_is_right(asked):
    shelf = Shelf(limit=10_000, fewest=1)
    for n in asked:
        assert shelf.give(n, lambda n=n: bytes([n]) * 900) == bytes([n]) * 900
        assert shelf.size <= 10_000
        assert len(shelf) <= 11
    last = asked[-3:]
    for n in last:
        shelf.give(n, lambda: pytest.fail("one of the last three was forgotten"))


def test_what_was_used_longest_ago_goes_first():
    shelf = Shelf(limit=3_000, fewest=1)
    for n in (1, 2, 1, 3, 4):
        shelf.give(n, lambda: b"x" * 900)
    shelf.give(1, lambda: pytest.fail("used after 2"))
    assert shelf.give(2, lambda: "made anew") == "made anew"


def test_the_few_used_last_stay_even_if_they_are_too_great():
    shelf = Shelf(limit=10, fewest=2)
    for n in (1, 2, 3):
        shelf.give(n, lambda: b"x" * 900)
    assert len(shelf) == 2
    shelf.give(3, lambda: pytest.fail("kept"))


def test_many_who_ask_at_once_wait_for_one_and_a_failure_is_not_kept():
    shelf, made, go = Shelf(), [], threading.Event()

    def make():
        go.wait(5)
        made.append(1)
        return "answer"

    threads = [threading.Thread(target=shelf.give, args=("q", make)) for _ in range(8)]
    for each in threads:
        each.start()
    go.set()
    for each in threads:
        each.join()
    assert made == [1]
    with pytest.raises(ZeroDivisionError):
        shelf.give("bad", lambda: 1 / 0)
    assert shelf.give("bad", lambda: "good") == "good"


@pytest.mark.parametrize(
    "value",
    [
        b"x" * 50_000,
        np.arange(9_000.0),
        ["text" * 50 + str(n) for n in range(500)],
        Found(pd.DataFrame({"a": np.arange(5_000.0)}), {"b": np.arange(5_000)}),
        gpd.GeoDataFrame(
            geometry=shapely.buffer(shapely.points(np.arange(200.0), 0), 1), crs=32651
        ),
    ],
    ids=["bytes", "array", "list", "record", "shapes"],
)
def test_a_size_is_near_what_writing_the_value_takes(value):
    """Of an independent writer: pickle, which copies everything once."""
    assert size_of(value) == pytest.approx(len(pickle.dumps(value)), rel=0.5)


def test_the_size_of_a_frame_of_many_columns_is_near_what_memory_grows_by():
    """Of an independent witness; looking at a frame leaves nothing behind in it."""

    def wide():
        return pd.DataFrame({f"c{n}": pd.array(range(10), dtype="Int64") for n in range(70)})

    size_of(wide())  # what is loaded at the first use is no part of a frame
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        frame = wide()
        grown = tracemalloc.get_traced_memory()[0] - before
        size = size_of(frame)
        looked = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < size < 3 * grown
    assert looked < 1.35 * grown


def test_what_is_held_twice_counts_once():
    rows = np.arange(9_000.0)
    assert size_of([rows, rows]) < 1.1 * size_of([rows])
