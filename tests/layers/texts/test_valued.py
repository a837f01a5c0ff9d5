"""Texts that are not written yet are, to whoever asks, the texts that a column of Arrow has."""

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings

from layers.cleaning.times import _SPAN
from layers.texts.gathered import Gathered
from layers.texts.proofs import (
    different,
    is_filled,
    moments,
    plain_numbers,
    stripped,
    times_between,
    with_values,
)
from layers.texts.valued import Valued, are_spelled_out, column_of, values_of
from layers.texts.written import column_text

HELD = st.one_of(
    st.lists(st.none() | st.floats(), min_size=1, max_size=6).map(
        lambda held: pa.array(held, pa.float64())
    ),
    st.lists(st.none() | st.integers(0, 2 * 10**9), min_size=1, max_size=6).map(
        lambda held: pa.array(held, pa.timestamp("s", "Asia/Shanghai"))
    ),
)
USES = {
    "all": lambda column: column,
    "one": lambda column: column.iloc[[-1]],
    "a slice": lambda column: column.iloc[1:],
    "others": lambda column: column[(np.arange(len(column)) % 2).astype(bool)],
    "none": lambda column: column[:0],
    "in another order": lambda column: column.iloc[::-1],
    "twice": lambda column: pd.concat([column, column]),
    "beyond its end": lambda column: column.reindex(range(len(column) + 1)),
    "changed": lambda column: column.mask(column == "", "-"),
    "in a frame": lambda column: pd.DataFrame({"a": column}).assign(b=column)["b"],
    "longer": lambda column: column + "x",
    "different": different,
    "stripped": stripped,
    "sorted": lambda column: column.sort_values(),
    "copied": lambda column: column.copy(),
    "as objects": lambda column: column.astype(object),
}


@given(HELD, st.booleans())
@example(array=pa.array([-0.0, 1.5, None]), written=True)
def test_every_use_is_that_of_texts(array, written):
    held = pa.chunked_array([array])
    for name, use in USES.items():
        column = pd.Series(Valued(held))
        if written:
            assert len(column.to_list()) == len(array)
        found, texts = use(column), use(column_text(held))
        assert found.index.equals(texts.index), name
        assert (
            found.astype(object).fillna("?").tolist() == texts.astype(object).fillna("?").tolist()
        ), name
    assert [column_of(held).iloc[i] for i in range(len(array))] == column_text(held).tolist()


@given(HELD)
def test_values_are_those_that_the_texts_are_read_as(array):
    held = pa.chunked_array([array])
    column, texts = pd.Series(Valued(held)), column_text(held)
    assert is_filled(column).tolist() == is_filled(texts).tolist()
    if pa.types.is_timestamp(array.type):
        pd.testing.assert_series_equal(moments(column), moments(texts))
    else:
        np.testing.assert_array_equal(plain_numbers(column), plain_numbers(texts))


@given(
    st.lists(
        st.sampled_from(
            ["", "1973-01-01", "1999-12-31T23:59:59", "2000-01-02T00:00:00", "2099-12-30",
             "2099-12-30T00:00:01", "0001-01-01", "9999-12-31", "2000-01-02T00:00:00+08:00",
             "2000-01-01T23:59:59Z", "2000-01-02T00:00:00-01:00", "2000-13-01", "x"]
        ),
        max_size=3,
    ),
    st.booleans(),
)  # fmt: skip
def test_times_lie_between_two_days_as_they_do_when_read(texts, known):
    column = pd.Series(texts, dtype="str")
    column = with_values(column) if known else column
    read, told = moments(column), times_between(column, "2000-01-02", "2099-12-30")
    assert (told is None) == (read is None)
    if read is not None:
        first, last = (pd.Timestamp(day, tz=read.dt.tz) for day in ("2000-01-02", "2099-12-30"))
        assert told == (read.isna() | read.between(first, last)).all()


def test_what_is_changed_in_place_has_no_values_any_more():
    column = pd.Series(Valued(pa.chunked_array([[1.5, 2.5]])))
    column.iloc[0] = "oops"
    assert column.tolist() == ["oops", "2.5"]
    assert values_of(column) is None


@pytest.mark.parametrize(
    ("texts", "known"),
    [
        (["1.50", ""], True), (["2024-01-01 08:00", ""], True), (["2024-01-01T08:00Z"], True),
        (["1.5 "], False), (["nan"], False), (["1.5", "oops"], False),
        ([""] * 1000 + [" 1"], False),
    ],
)  # fmt: skip
def test_texts_read_once_keep_their_signs(texts, known):
    held = with_values(pd.Series(texts, dtype="str"))
    assert held.tolist() == texts
    assert (values_of(held) is not None) == known


WHEN = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["2024-03-05", "1973-01-01", "1950-05-05", "2037-12-31", "2024-3-05"]),
    st.sampled_from(" T "),
    st.sampled_from(["10:05:06", "23:59:59", "10:05", "24:00:00", "10:05:06.5"]),
    st.sampled_from(["", "+08:00", "-00:00", "+00:00", "-03:30", "Z", "+0800", "+08"]),
)


@settings(max_examples=40)
@given(st.lists(st.lists(st.just("") | WHEN, min_size=1, max_size=2), min_size=1, max_size=3))
@example([["2024-03-05 10:05:06+08:00", ""], [""], ["1999-12-31 23:59:59+08:00"]])
@example([[""], ["2024-03-05T10:05:06"] * 2, ["2024-03-05 10:05:06", "2024-03-05T10:05:06"]])
@example([["2024-03-05T10:05:06"] * 65 + ["2024-03-05 10:05:06"]])
@example([["2024-03-05 10:05-11:00"], ["2024-03-05 09:05-11:00"]])
@example([["2024-03-05T10:05:06"], ["soon"], ["2024-03-05T10:05:06"]])
@example([["2024-03-05T10:05:06", "2024-13-05T10:05:06"]])
def test_times_are_written_as_they_stood(parts):
    texts = pd.Series([text for part in parts for text in part], dtype="str")
    pieces = Gathered()
    for part in parts:
        pieces.add(pa.array(part, pa.large_string()))
    joined = pd.concat([pd.Series(part, dtype="str") for part in parts], ignore_index=True)
    for column in (with_values(joined), pieces.column()):
        for name in ("all", "one", "a slice", "others", "twice"):
            found, wanted = USES[name](column), USES[name](texts)
            assert found.tolist() == wanted.tolist(), name
        assert not are_spelled_out(column) or not texts.str.contains(_SPAN, regex=True).any()
        known, read = values_of(column), moments(texts)
        assert known is None or known.to_pandas().equals(read.reset_index(drop=True))


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        (["2024-03-05 10:05:06+08:00", "", "2025-03-05 10:05:06+08:00"], False),
        (["2024-03-05T10:05:06", "2024-03-05T10:05:07"], False),
        (["2024-03-05T10:05:06", "2024-03-05 10:05:06"], True),
        (["2024-03-05 10:05:06+08:00", "2024-03-05 10:05:06+09:00"], True),
        (["2024-03-05 10:05:06-00:00"], True), (["1950-03-05 10:05:06"], True),
        (["2024-03-05 10:05:06Z"], True), (["2024-03-05"], True), (["1.5"], True),
    ],
)  # fmt: skip
def test_texts_are_kept_where_they_could_not_be_written_again(texts, kept):
    held = with_values(pd.Series(texts, dtype="str"))
    assert (held.array._texts is not None) == kept
    assert held.tolist() == texts


def test_nothing_is_written_for_numbers_and_times():
    for array in (pa.array([1.5, None]), pa.array([10**9], pa.timestamp("s"))):
        column = column_of(pa.chunked_array([array]))
        for read in (is_filled, stripped, moments, plain_numbers, pd.Series.copy):
            read(column)
        assert column.array._texts is None
