"""Numbers are read by the signs that their column states or proves, whole or not at all."""

from __future__ import annotations

import csv
import re
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analysis.model.errors import PlanningError, SettingsError
from layers.cleaning.degrees import read_degrees
from layers.cleaning.numbers import NumberStyle, proved_style, read_number, to_numbers
from layers.formats.footers import is_counted_total
from layers.load import load_city
from tests.layers.toy import HEAD, NOWHERE, write_communities


def series(*values):
    return pd.Series(values, dtype="str")


def test_a_point_and_thousands_by_commas():
    text = series("1", " 2 ", "1,234.5", "1,23", "nan", "inf", "", "八")
    read = to_numbers(text, proved_style(text))
    assert np.array_equal(read, [1, 2, 1234.5, *[np.nan] * 5], equal_nan=True)


@pytest.mark.parametrize(
    ("text", "sign", "number"),
    [
        ("12 345", ".", 12345), ("12\u202f345", ".", 12345), ("12'345", ".", 12345),
        ("1,234,567.25", ".", 1234567.25), ("1.234.567,25", ",", 1234567.25),
        ("1.2万", ".", 12000), ("3亿", ".", 3e8), ("1234人", ".", 1234), ("约2000", ".", 2000),
        ("１２３４．５", ".", 1234.5), ("850 ㎡", ".", 850), ("1200 hab.", ".", 1200),
        ("1,234 people", ".", 1234),
        ("1200명", ".", 1200), ("-1,5", ",", -1.5), (".5", ".", 0.5),
        ("1e3", ".", 1000), ("\u22125", ".", -5),
    ],
)  # fmt: skip
def test_forms_that_are_read(text, sign, number):
    assert read_number(text, decimal=sign) == number


@pytest.mark.parametrize("text", ["1,23", "12,34,567", "1.2.3", "300户", "1-2", "0x10", ".", "万"])
def test_what_is_no_number_is_never_half_read(text):
    assert np.isnan(read_number(text, decimal="."))


SIGNS = {".": ",", ",": "."}
WRITTEN = st.text("0123456789.,-+eE inf人万", max_size=7) | st.from_regex(
    r"[+-]?\d{1,20}([.,]\d{1,20})?", fullmatch=True
)


@given(st.lists(WRITTEN, max_size=6), st.sampled_from([*SIGNS]))
@example(["", "5", "-0"], ".")
@example(["1" * 400, "1e400"], ".")
def test_a_column_is_read_as_each_of_its_values(texts, sign):
    alone = [read_number(text, decimal=sign) for text in texts]
    alone = [number if np.isfinite(number) else np.nan for number in alone]
    read = to_numbers(series(*texts), NumberStyle(sign))
    assert np.array_equal(read, alone, equal_nan=True)
    assert read.shape == (len(texts),)


@pytest.mark.parametrize("unit", ["人", " people", "名", " hab.", "명", " 人", " Einwohner"])
@given(numbers=st.lists(st.integers(1000, 999_999), min_size=1, max_size=4))
def test_a_unit_behind_a_number_changes_no_sign(unit, numbers):
    grouped = series(*[f"{number:,}{unit}" for number in numbers])
    style = proved_style(grouped)
    assert style == proved_style(series(*[f"{number:,}" for number in numbers]))
    assert to_numbers(grouped, style).tolist() == numbers
    pointed = proved_style(series(*[f"{number:,}{unit}".replace(",", ".") for number in numbers]))
    assert not pointed.known, "1.234 may be one and a quarter"


def test_signs_that_nobody_sees_change_no_number():
    assert to_numbers(series("1,234\u200b", "\ufeff5"), NumberStyle()).tolist() == [1234, 5]
    assert read_degrees("\u200e114°18′", axis="lon") == 114.3


@given(
    numbers=st.lists(st.decimals(-9_999_999, 9_999_999, places=2), min_size=1, max_size=6),
    sign=st.sampled_from([*SIGNS]),
)
def test_two_decimals_prove_their_sign(numbers, sign):
    swapped = str.maketrans({".": sign, ",": SIGNS[sign]})
    text = series(*[f"{number:,.2f}".translate(swapped) for number in numbers])
    style = proved_style(text)
    assert style == NumberStyle(sign)
    assert to_numbers(text, style) == pytest.approx([float(number) for number in numbers])


@given(numbers=st.lists(st.integers(1_000, 999_999), min_size=1, max_size=6))
def test_points_before_three_digits_prove_nothing(numbers):
    text = series(*[f"{number:,}".replace(",", ".") for number in numbers])
    assert not proved_style(text).known


@given(degrees=st.integers(-179, 179), minutes=st.integers(0, 59), seconds=st.integers(0, 59))
def test_degrees_minutes_and_seconds_add_up(degrees, minutes, seconds):
    side = "W" if degrees < 0 else "E"
    value = (abs(degrees) + minutes / 60 + seconds / 3600) * (-1 if degrees < 0 else 1)
    for text in (
        f"{abs(degrees)}°{minutes}′{seconds}″{side}",
        f"{side} {abs(degrees)} {minutes:02d} {seconds:02d}",
        f"{abs(degrees)}-{minutes}-{seconds}{side}",
    ):
        assert read_degrees(text, axis="lon") == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    "text",
    ["114°60'00\"", "114°18'60\"", "114.5°18'", "30°N", "-30°W", "E30E", "114305", "abc", ""],
)
def test_what_is_no_degree_is_missing(text):
    assert np.isnan(read_degrees(text, axis="lon"))


def test_chinese_sides():
    assert read_degrees("东经114°18分18秒", axis="lon") == pytest.approx(114.305)
    assert read_degrees("30.585°北纬", axis="lat") == 30.585


@pytest.mark.parametrize(
    ("text", "axis", "degrees"),
    [
        ("東経114度18分18秒", "lon", 114.305), ("동경 114도 18분 18초", "lon", 114.305),
        ("114.305° West", "lon", -114.305), ("30.585 Süd", "lat", -30.585),
        ("114d18'18\"E", "lon", 114.305), ("30d35m6s", "lat", 30.585),
        ("30d35m6sS", "lat", -30.585),
        ("30 35 06s", "lat", -30.585), ("30°35′06″S", "lat", -30.585),
    ],
)  # fmt: skip
def test_sides_and_marks_of_other_languages_and_programs(text, axis, degrees):
    assert read_degrees(text, axis=axis) == pytest.approx(degrees)


def test_a_long_text_is_soon_known_to_be_no_degree():
    begun = time.process_time()
    assert np.isnan(read_degrees("0" * 100_000 + "x", axis="lon"))
    assert not is_counted_total("0" * 100_000 + "x")
    assert time.process_time() - begun < 1


def load(folder, rows, recipe, *, separator=",", population=None):
    write_communities(folder, **({"population": population} if population else {}))
    head = HEAD if population is None else HEAD.replace("}", ', population = "population" }')
    (folder / "city.toml").write_text(head + recipe, encoding="utf-8")
    with (folder / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    return load_city(folder, city_data=NOWHERE)


TOILETS = """
[[layers]]
kind = "toilet"
file = "t.csv"
columns = { id = "id", lon = "lon", lat = "lat", stalls = "male_stalls" }
"""


def places(*pairs, stalls="2"):
    return [("id", "lon", "lat", "stalls"), *[(f"t{i}", *p, stalls) for i, p in enumerate(pairs)]]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_decimal_commas_of_degrees_need_no_key(tmp_path, separator):
    rows = places(("116,4051", "39,9052"), ("116,405", "39,905"))
    city = load(tmp_path, rows, TOILETS, separator=separator)
    found = city.facilities.to_crs(4326).geometry
    assert found.x.tolist() == pytest.approx([116.4051, 116.405])
    assert found.y.tolist() == pytest.approx([39.9052, 39.905])


@pytest.mark.parametrize(("factor", "power"), [("1e-6", 6), ("1e-7", 7), ("1e-5", 5)])
def test_whole_numbers_of_degrees_are_refused_with_an_advice_that_works(tmp_path, factor, power):
    rows = places((str(11640 * 10 ** (power - 2)), str(3990 * 10 ** (power - 2))))
    with pytest.raises(PlanningError, match="multiplied by") as caught:
        load(tmp_path, rows, TOILETS)
    advice = re.search("factors = {.*}", caught.value.hint).group(0)
    city = load(tmp_path, rows, TOILETS + advice)
    assert float(factor) == float(caught.value.facts["factor"])
    assert city.facilities.to_crs(4326).geometry.x.item() == pytest.approx(116.40)


@pytest.mark.parametrize(
    "place",
    ["116.4051,39.9052", "(39.9052, 116.4051)", "[116.4051;39.9052]", "lat 39.9052 lon 116.4051"],
)
def test_a_pair_of_numbers_is_refused_with_a_pattern_that_reads_it(tmp_path, place):
    rows = [("id", "lon", "stalls"), ("t1", place, "2"), ("t2", place, "3")]
    pairs = TOILETS.replace('lon = "lon", lat = "lat"', 'lon = "position"')
    with pytest.raises(PlanningError, match="neither a shape nor a Plus code") as caught:
        load(tmp_path, rows, pairs)
    pattern = re.search("'(.*)'", caught.value.hint).group(1)
    city = load(tmp_path, rows, f"{pairs}position_pattern = '{pattern}'\n")
    found = city.facilities.to_crs(4326).geometry
    assert [found.x.iloc[0], found.y.iloc[0]] == pytest.approx([116.4051, 39.9052])


@pytest.mark.parametrize(
    ("key", "people"),
    [('thousands = "."', 1234), ('decimal = ","', 1234), ('decimal = "."', 1.234)],
)
def test_people_that_may_be_thousands_are_refused_until_a_key_says(tmp_path, key, people):
    with pytest.raises(PlanningError, match="may be 1234 or a fraction") as caught:
        load(tmp_path, places(("116.4", "39.9")), TOILETS, population=["1.234"])
    assert caught.value.problem == "numbers_ambiguous"
    stated = TOILETS.replace("[[layers]]", f"{key}\n[[layers]]")
    city = load(tmp_path, places(("116.4", "39.9")), stated, population=["1.234"])
    assert city.communities["population"].item() == people
    noted = {note.rule for note in city.reports[0].notes}
    assert ("population_fractional" in noted) == (people % 1 > 0)


@pytest.mark.parametrize("people", ["1234人", "１２３４", "约1234"])
def test_people_in_words_or_wide_digits_are_listed_as_repaired(tmp_path, people):
    city = load(tmp_path, places(("116.4", "39.9")), TOILETS, population=[people])
    assert city.communities["population"].item() == 1234
    assert [note.rule for note in city.reports[0].notes] == ["number_worded"]
    assert city.reports[0].repaired == 1


RESIDENTS = """
[[layers]]
kind = "residents"
file = "t.csv"
columns = { id = "id", lon = "lon", lat = "lat", stalls = "population" }
"""


def test_people_most_of_whom_are_no_numbers_are_refused(tmp_path):
    rows = [
        row for text in ("100-200", "≥50", "3") for row in places(("116.4", "39.9"), stalls=text)
    ]
    rows = [rows[0], *[(f"t{i}", *row[1:]) for i, row in enumerate(rows[1::2])]]
    city = load(tmp_path, rows, RESIDENTS)
    assert (city.reports[1].loaded, city.reports[1].quarantined) == (1, 2)
    with pytest.raises(PlanningError, match=r"3 of 4 .*'100-200'") as caught:
        load(tmp_path, [*rows, ("t9", "116.4", "39.9", "1e300")], RESIDENTS)
    assert caught.value.problem == "numbers_unreadable"


def test_an_amount_that_may_be_thousands_is_noted(tmp_path):
    city = load(tmp_path, places(("116.4", "39.9"), stalls="1.234"), TOILETS)
    assert [note.rule for note in city.reports[1].notes] == ["number_ambiguous"]


@pytest.mark.parametrize(
    "line", ['decimal = ";"', 'thousands = "x"', 'decimal = "."\nthousands = "."',
             "factors = { lon = 0 }", "factors = { lon = true }", "factors = { depth = 1 }"],
)  # fmt: skip
def test_wrong_signs_and_factors_are_refused(tmp_path, line):
    with pytest.raises(SettingsError):
        load(tmp_path, places(("116.4", "39.9")), TOILETS + line)
