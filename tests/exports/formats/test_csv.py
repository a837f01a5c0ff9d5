"""Text is never active; a CSV file is read back and compared with its frame."""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.coverage.scorecard import scorecard
from exports.formats.csv import ACTIVE, csv_bytes, rounded, safe_text
from exports.tables.facilities import (
    rule_columns,
    stated,
)
from tests.exports.reading import as_shown, assert_same, read_csv
from tests.exports.toy import (
    STANDARD,
    TABLES,
)


@given(st.text(max_size=12))
def test_safe_text_is_never_active_and_can_be_undone(text):
    written = safe_text(text)
    plain = text.replace("\x00", "\ufffd")
    assert not re.match("[=+\\-@\t\r\n＝＋－＠]", written)
    assert (written[1:] if ACTIVE.match(written) else written) == plain


@pytest.mark.parametrize("first", "=+-@\t\r\n＝＋－＠")
def test_neutralises_every_opening_of_a_formula(first):
    for before in ("", " ", "\u3000", "'", "' "):
        assert safe_text(f"{before}{first}1") == f"'{before}{first}1"


def test_leaves_ordinary_text_and_replaces_what_cannot_be_written():
    assert safe_text("人民路 1-3 号 a=b") == "人民路 1-3 号 a=b"
    assert safe_text("a\x00b\ud800") == "a\ufffdb\ufffd"


def test_rounds_by_unit_and_leaves_missing_missing(assessment):
    columns = [each for each in TABLES["coverage"].columns if each.id == "nearest_distance_m"]
    frame = pd.DataFrame({"nearest_distance_m": [1.005, 2.675, math.inf, math.nan, -0.001]})
    assert rounded(frame, columns)["nearest_distance_m"].tolist()[:2] == [1.0, 2.67]
    lines = csv_bytes(frame, columns).decode("utf-8-sig").split("\r\n")
    assert lines == ["nearest_distance_m", "1", "2.67", '""', '""', "0", ""]


def test_csv_holds_the_coverage_table(files, assessment):
    columns = TABLES["coverage"].columns
    found = read_csv(files["coverage.csv"], columns)
    assert_same(found, as_shown(rounded(assessment.coverage, columns)))
    assert (found["community_id"] == "0001").any()


def test_csv_holds_the_summary_table(files, assessment):
    columns = TABLES["summary"].columns
    found = read_csv(files["summary.csv"], columns)
    assert_same(found, as_shown(rounded(assessment.summary, columns)))


def test_csv_holds_the_scorecard(files, assessment):
    columns = rule_columns(assessment.scored, table="scorecard")
    found = read_csv(files["scorecard.csv"], columns)
    expected = stated(scorecard(STANDARD, assessment.coverage), None)
    assert_same(found, as_shown(rounded(expected, columns)))
    assert len(found) == 4


def test_rounding_moves_no_figure_by_more_than_half_a_unit(assessment):
    columns = [each for each in TABLES["coverage"].columns if each.unit.format]
    table = rounded(assessment.coverage, columns)
    for each in columns:
        change = table[each.id].astype(float) - assessment.coverage[each.id].astype(float)
        assert change.abs().max() <= 0.5000001 * 10.0**-each.unit.decimals or change.isna().all()


def test_csv_opens_in_a_spreadsheet(files):
    content = files["coverage.csv"]
    assert content.startswith(b"\xef\xbb\xbfcommunity_id,")
    assert content.endswith(b"\r\n")
    cells = next(line for line in content.decode("utf-8-sig").split("\r\n") if "HYPER" in line)
    assert cells.startswith("c0,\"'=HYPERLINK(")


def test_negative_numbers_stay_numbers():
    column = next(each for each in TABLES["hotspots"].columns if each.id == "z")
    content = csv_bytes(pd.DataFrame({"z": [-1.5, 2e-9]}), [column])
    assert content.decode("utf-8-sig") == "z\r\n-1.5\r\n0\r\n"
