"""Charts hold the figures they are given, in words, and fetch nothing."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import vl_convert

from analysis.coverage.assessment import assess
from analysis.coverage.reach_curve import reach_curve
from analysis.handling.funnel import funnel_limits
from analysis.handling.survival import staying_clean
from analysis.model.standards import with_service_radius
from charts.cases import alert_chart, monthly_chart, share_curve
from charts.coverage import coverage_bars, reach_chart, scorecard_chart, then_and_now
from charts.ranking import pareto, priority_bars, unit_funnel
from layers.knowledge.standards import load_standards
from layers.languages import LANGUAGES
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()
ENGLISH = Speaker(WORDS, "en")
STANDARD = load_standards()["cn-life-circle"]
RULE = STANDARD.rules[0]

MONTHS = pd.DataFrame(
    {"reported": [5, 7], "closed": [4, 6], "open": [9, 10], "overdue": [pd.NA, pd.NA]},
    index=pd.Index(["2026-05", "2026-06"], name="month"),
    dtype="Int64",
)
ROWS = pd.DataFrame({"name": ["A", "B", "C"], "value": [0.9, 0.2, np.nan], "people": [10, 20, 5]})
CHANGE = pd.DataFrame(
    {
        "name": ["A", "B", "C"],
        "value_then": [0.5, 0.6, 0.7],
        "value": [0.5, 0.9, 0.6],
        "measure": "straight",
    }
)
UNITS = pd.DataFrame(
    {
        "name": ["X", "Y", "Z"], "share": [0.9, 0.5, 0.0], "compared_share": [0.9, 0.5, 0.0],
        "n": [301, 11, 2], "expected": [150.5, 5.5, np.nan], "dispersion": [4.0, 1.1, np.nan],
        "verdict": ["better", "same", ""],
    }
)  # fmt: skip
VERDICTS = {"better": "B", "worse": "W", "same": "S"}
WEEKS = pd.DataFrame(
    {
        "week": ["2026-06-22", "2026-06-15"], "cases": [9, 3], "expected": [3.0, 3.0],
        "range_low": [0, 0], "range_high": [7, 7], "alert": ["more", "within"],
    }
)  # fmt: skip
PRIORITY = SimpleNamespace(
    weights={"reach": 0.5, "overdue": 0.5},
    table=pd.DataFrame(
        {"score": [0.7, 0.2], "reach_points": [0.4, 0.2], "overdue_points": [0.3, np.nan]}
    ),
)
CURVE = staying_clean([1, 2, 3, 4], [True, False, True, False])
NEAR = pd.DataFrame(
    {"distance_m": [0.0, 150.0, 300.0], "people": [0, 5, 9], "share": [0, 0.5, 0.9]}
)


def scores():
    own = {f"{rule.id.replace('-', '_')}_{name}": value
           for rule in STANDARD.rules
           for name, value in (("verdict", "fails"), ("value", 0.3))}  # fmt: skip
    return pd.DataFrame([{"community_id": "c1", **own}])


CHARTS = {
    "monthly": lambda say: monthly_chart(MONTHS, say),
    "bars": lambda say: coverage_bars(ROWS, RULE, say, heading="x", measure="straight", target=0.8),
    "reach": lambda say: reach_chart(NEAR, 300.0, say, "toilets"),
    "dumbbell": lambda say: then_and_now(CHANGE, RULE, say, "2024"),
    "scorecard": lambda say: scorecard_chart(STANDARD, scores(), say, {"c1": "A"}),
    "units": lambda say: unit_funnel(UNITS, say, heading="x", verdicts=VERDICTS),
    "priority": lambda say: priority_bars(PRIORITY, ["A", "B"], say),
    "pareto": lambda say: pareto(pd.Series({"a": 1, "b": 3}), say, title="t", heading="h"),
    "alerts": lambda say: alert_chart(WEEKS, say, "A"),
    "curve": lambda say: share_curve(CURVE, "clean_share", 30, say, title="t", heading="h"),
}


def data_of(chart, *columns):
    """Rows of the first data set of a chart that has some columns."""
    found = [rows for rows in chart.chart.to_dict()["datasets"].values() if rows]
    return next(rows for rows in found if set(columns) <= set(rows[0]))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_whole_in_both_languages_and_fetches_nothing(name, language):
    made = CHARTS[name](Speaker(WORDS, language))
    spec = made.chart.to_dict()
    text = json.dumps({key: part for key, part in spec.items() if key != "$schema"})
    assert "http" not in text
    sent = json.loads(made.vega_lite)  # what the page is given: the same with its data inside
    assert "data" not in sent, "the page would send them apart, and the chart warn that it has none"
    spec, rows = json.loads(json.dumps(spec)), spec["datasets"]
    for part, drawn in zip(spec.get("layer", [spec]), sent["layer"], strict=True):
        source = part.get("data", spec.get("data"))["name"]
        assert drawn["data"]["values"] == json.loads(json.dumps(rows[source]))
        assert drawn["mark"] == part["mark"]
        assert drawn.get("encoding") == part.get("encoding")
    assert {"width", "height", "config"} <= sent.keys()
    assert spec["height"] == made.height
    assert spec["width"] == "container"
    assert len(made.table)
    assert made.title
    assert made.table.columns.is_unique


def test_months_stand_as_they_were_counted_and_what_is_unknown_has_no_line():
    rows = data_of(CHARTS["monthly"](ENGLISH), "month", "series")
    drawn = {(row["month"], row["series"]): row["cases"] for row in rows}
    assert drawn == {
        ("2026-05", "Reported"): 5, ("2026-06", "Reported"): 7,
        ("2026-05", "Closed"): 4, ("2026-06", "Closed"): 6,
        ("2026-05", "Open at the end"): 9, ("2026-06", "Open at the end"): 10,
    }  # fmt: skip


def test_bars_are_lowest_first_and_lines_are_those_somebody_set():
    made = CHARTS["bars"](ENGLISH)
    assert [(row["name"], row["value"]) for row in data_of(made, "name")] == [
        ("B", 0.2),
        ("A", 0.9),
    ]
    assert [row["value"] for row in data_of(made, "limit")] == [RULE.minimum, 0.8]
    alone = coverage_bars(ROWS, RULE, ENGLISH, heading="x", measure="straight")
    assert [row["value"] for row in data_of(alone, "limit")] == [RULE.minimum]
    assert made.table["x"].tolist() == ["B", "A"]


def test_only_what_moved_is_drawn_the_largest_move_first():
    made = CHARTS["dumbbell"](ENGLISH)
    assert [row["name"] for row in data_of(made, "value_then")] == ["B", "C"]
    assert made.table["2024"].tolist() == [ENGLISH.share(0.6), ENGLISH.share(0.7)]


def test_a_unit_without_a_verdict_has_no_dot_and_the_funnel_is_of_the_spread_found():
    made = CHARTS["units"](ENGLISH)
    dots = data_of(made, "compared_share")
    assert [(row["name"], row["n"], row["verdict"]) for row in dots] == [
        ("X", 301, "B"), ("Y", 11, "S"),
    ]  # fmt: skip
    limits = pd.DataFrame(data_of(made, "low_95"))
    wanted = funnel_limits(limits["n"], 0.5, spread=0.01, units=2)
    pd.testing.assert_frame_equal(limits[wanted.columns], wanted, check_dtype=False)
    together = [rows for rows in made.chart.to_dict()["datasets"].values() if len(rows) == 1]
    assert together == [[{"share": 0.5}]]


def test_parts_of_a_bar_add_up_to_the_score():
    rows = pd.DataFrame(data_of(CHARTS["priority"](ENGLISH), "points"))
    assert rows.groupby("name")["points"].sum().to_dict() == pytest.approx({"A": 70, "B": 20})
    assert len(rows) == 3  # a part that cannot be judged has no piece


def test_pareto_adds_up_from_the_greatest():
    rows = data_of(CHARTS["pareto"](ENGLISH), "share")
    assert [(row["name"], row["cases"], row["share"]) for row in rows] == [
        ("b", 3, 0.75),
        ("a", 1, 1.0),
    ]


def test_weeks_are_in_order_and_only_alerts_are_marked():
    made = CHARTS["alerts"](ENGLISH)
    assert made.table.iloc[:, 0].tolist() == ["2026-06-15", "2026-06-22"]
    marked = [rows for rows in made.chart.to_dict()["datasets"].values() if len(rows) == 1]
    assert [row["week"] for rows in marked for row in rows] == ["2026-06-22"]


def test_a_curve_uses_its_axis():
    made = CHARTS["curve"](ENGLISH)
    low, high = made.chart.to_dict()["layer"][1]["encoding"]["y"]["scale"]["domain"]
    assert high == 1
    assert low == pytest.approx(max(0, CURVE[["clean_share", "low_share"]].min().min() - 0.02))


@pytest.mark.parametrize("radius", [250.0, 300.0, 333.3])
def test_at_the_service_radius_the_curve_is_the_share_that_is_judged(preparation, radius):
    standard = with_service_radius(STANDARD, {"toilet": radius})
    summary = assess(preparation, standard).summary
    row = summary[(summary["rule"] == RULE.id) & (summary["level"] == "city")].iloc[0]
    curve = reach_curve(preparation, "toilet", service_radius=radius)
    at = curve[curve["distance_m"] == radius].iloc[0]
    assert at["people"] == pytest.approx(row["population_covered"])
    assert at["share"] == pytest.approx(row["population_covered_share"])
    assert curve["people"].is_monotonic_increasing
    assert curve["distance_m"].tolist() == pytest.approx([radius * n / 20 for n in range(41)])


def test_a_phone_has_slanting_rules_without_figures_on_each_other_and_a_legend_in_two_rows():
    def drawn(chart, width):
        spec = {**json.loads(chart.chart.to_json()), "width": width}
        return vl_convert.vegalite_to_svg(json.dumps(spec))

    card = scorecard_chart(STANDARD, scores(), ENGLISH, {"c1": "Gulou"})
    phone, laptop = drawn(card, 150), drawn(card, 900)
    assert "rotate(-60)" in phone
    assert "rotate(-60)" not in laptop
    figure = r'opacity="0"[^>]*>30.0%<'
    assert (len(re.findall(figure, phone)), len(re.findall(figure, laptop))) == (4, 0)
    months = monthly_chart(MONTHS.assign(overdue=1), ENGLISH)
    assert (
        float(re.search(r'width="([\d.]+)"', drawn(months, 150))[1]) < 300
    )  # four names in one row take 400 pixels


def test_the_months_are_titled_by_what_is_known_of_them():
    whole = monthly_chart(MONTHS.assign(overdue=1), ENGLISH).title
    assert whole == WORDS("en", "monthly.title")
    reported = MONTHS.assign(closed=pd.NA, open=pd.NA)
    assert monthly_chart(reported, ENGLISH).title == "By month: Reported"


@pytest.mark.parametrize("language", LANGUAGES)
def test_bars_of_two_levels_are_told_apart_by_their_titles(language):
    say = Speaker(WORDS, language)
    headings = (say("level.of", level=say("level.first")), say("charts.community"))
    titles = [
        coverage_bars(ROWS, RULE, say, heading=each, measure="straight").title for each in headings
    ]
    assert len(set(titles)) == 2
    assert not any(title[0].islower() for title in titles)


@pytest.mark.parametrize(("language", "written"), [("zh", "10000"), ("en", "10\u202f000")])
def test_axes_write_thousands_as_the_language_does(language, written):
    made = monthly_chart(MONTHS * 1000, Speaker(WORDS, language))
    assert written in re.findall(r">([^<]+)<", vl_convert.vegalite_to_svg(made.vega_lite))


def test_where_the_lowest_are_all_at_nought_they_are_counted_and_the_next_are_drawn():
    names = [f"c{at:02}" for at in range(30)]
    values = [0.0] * 25 + [0.1, 0.2, 0.3, 0.4, 0.5]
    rows = pd.DataFrame({"name": names, "value": values, "people": 10})
    made = coverage_bars(rows, RULE, ENGLISH, heading="x", measure="straight")
    assert made.table["x"].tolist() == names[25:]
    assert "25 more at 0" in made.title
    few = coverage_bars(rows.tail(10), RULE, ENGLISH, heading="x", measure="straight")
    assert few.table["x"].tolist() == names[20:]
    assert "more at" not in few.title
    none = coverage_bars(rows.head(25), RULE, ENGLISH, heading="x", measure="straight")
    assert none.table["x"].tolist() == names[:20]


def test_on_a_dark_page_text_and_grid_stand_out_and_all_else_is_the_same():
    made = monthly_chart(MONTHS, Speaker(load_words(), "en"))
    light, dark = (json.loads(each) for each in (made.vega_lite, made.vega_lite_dark))
    axis = dark["config"]["axis"]
    ground = relative_luminance("#12181f")
    for colour in (axis["labelColor"], axis["titleColor"]):
        assert (relative_luminance(colour) + 0.05) / (ground + 0.05) >= 4.5
    assert axis["gridColor"] != light["config"]["axis"]["gridColor"]
    assert {**dark, "config": None} == {**light, "config": None}


def test_the_axis_of_people_by_distance_names_the_distance():
    walked, straight = (
        reach_chart(NEAR, 300.0, ENGLISH, "toilets", walked=each) for each in (True, False)
    )
    for chart, name, other in ((walked, "Walking", "Straight"), (straight, "Straight", "Walking")):
        assert f'"{name}' in chart.vega_lite
        assert f'"{other}' not in chart.vega_lite
        assert chart.table.columns[0].startswith(name)


def test_figures_on_verdicts_can_be_read_on_a_dark_page():
    card = scorecard_chart(STANDARD, scores(), ENGLISH, {"c1": "Gulou"})
    squares, figures = json.loads(card.vega_lite_dark)["layer"]
    ink = relative_luminance(figures["mark"]["color"])
    for colour in squares["encoding"]["color"]["scale"]["range"]:
        assert (relative_luminance(colour) + 0.05) / (ink + 0.05) >= 4.5


def relative_luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
