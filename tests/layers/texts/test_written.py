"""A column of Arrow written at once reads as each of its values written alone."""

import datetime as dt

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given

from layers.texts import written
from layers.texts.written import as_text, cells_text, column_text

ODD = [0.0, -0.0, 1e-5, 1e-4, 9999999999.5, 1e10, 1.5e10, 2.0**53 + 2, 1e22, 1e300, -5e-324]
EIGHTHS = st.integers(-(10**12), 10**12).map(lambda count: count / 8)
FLOATS = st.floats() | st.sampled_from(ODD) | EIGHTHS
ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "-03:30"])
UNITS = st.sampled_from(["s", "ms", "us", "ns"])
NEAR = {"s": 10**9, "ms": 10**12, "us": 10**15, "ns": 10**18}


def alone(column):
    """Write value by value."""
    return [as_text(value) for value in column.to_pylist()]


def check(whole, cut=1):
    """Compare both, in one piece and in two, and with an offset into the buffers."""
    for parts in ([whole], [whole[:cut], whole[cut:]], [whole[cut:]], []):
        column = pa.chunked_array(parts, whole.type)
        assert column_text(column).tolist() == alone(column)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(written, "_ROWS", 2)
        assert column_text(pa.chunked_array([whole])).tolist() == alone(whole)


@given(st.lists(st.none() | FLOATS, max_size=9), st.sampled_from([pa.float64(), pa.float32()]))
@example([None, np.nan, 1.5, 3.0, 1e-9], pa.float64())
def test_numbers(values, kind):
    check(pa.array(values, pa.float64()).cast(kind))


@st.composite
def times(draw):
    """Instants of one unit, most of whole seconds, some of long ago."""
    unit = draw(UNITS)
    second = NEAR[unit] // 10**9
    whole = st.integers(-(10**10), 10**10).map(
        lambda n: n * second if unit != "ns" else n // 2 * second
    )
    counts = whole | st.integers(-2 * NEAR[unit], 2 * NEAR[unit])
    return draw(st.lists(st.none() | counts, max_size=7)), unit


@given(times(), st.none() | ZONES)
@example(([0, 1_500, None, 1_000], "ms"), "Asia/Shanghai")
@example(([0, 8_589_654_000, None], "s"), "America/New_York")  # a change of the year 2242
@example(([1_730_611_800, 1_730_615_400], "s"), "America/New_York")
def test_times(held, zone):
    values, unit = held
    check(pa.array(values, pa.timestamp(unit, zone)))


@given(st.lists(st.none() | st.dates(), max_size=6), st.sampled_from([pa.date32(), pa.date64()]))
def test_dates(values, kind):
    check(pa.array(values, kind))


@given(
    st.lists(st.none() | st.text(max_size=4), max_size=6)
    | st.lists(st.none() | st.booleans(), max_size=6)
    | st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=6)
    | st.lists(st.none() | st.decimals(-999, 999, places=3), max_size=6)
    | st.lists(st.none() | st.binary(max_size=3), max_size=6)
    | st.lists(st.none() | st.times(), max_size=6)
    | st.lists(st.none() | st.lists(st.integers(0, 9)), max_size=3)
)
def test_other_values(values):
    if any(value is not None for value in values):
        check(pa.array(values))


def test_texts_of_a_dictionary():
    column = pa.chunked_array([pa.array(["甲", None, "乙", "甲"]).dictionary_encode()])
    assert column_text(column).tolist() == ["甲", "", "乙", "甲"]


def test_bytes_that_are_no_text_are_refused():
    bad = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(np.int32([0, 1])), pa.py_buffer(b"\xff")]
    )
    with pytest.raises(pa.ArrowInvalid, match="UTF8"):
        column_text(pa.chunked_array([bad]))


def test_a_year_beyond_the_calendar_raises_as_alone():
    far = pc.cast(pa.chunked_array([pa.array([400_000_000_000])]), pa.timestamp("s"))
    with pytest.raises((OverflowError, ValueError)):
        column_text(far)
    assert column_text(pa.chunked_array([pa.array([dt.date(1, 1, 1), dt.date.max])])).tolist() == [
        "0001-01-01",
        "9999-12-31",
    ]


CELLS = st.none() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=2)
KINDS = [st.none() | kind for kind in (st.integers(), st.floats(), st.text(max_size=3))]


@given(st.one_of(*(st.lists(kind, max_size=6) for kind in (CELLS, *KINDS))))
@example([2**63, 1])
def test_cells_of_a_database(cells):
    assert cells_text(cells).tolist() == [as_text(cell) for cell in cells]
