"""The Export page: every file agrees with its `run.json`, with the pages, and with the raw data."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from layers.knowledge.dictionary import load_dictionary
from layers.load import load_city
from tests.languages import SPOKEN
from tests.views.shown import plain
from wording.catalogue import load_words
from wording.speaker import Speaker

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "data" / "demo"
WORDS = load_words()
BUNDLES = {"coverage": "coverage", "hotspots": "hotspots"}
ASKED = {
    "since": "2025-04-01", "until": "2026-03-31", "cell": "300", "grid": "hexagon",
    "basis": "rate", "within": "100", "crowd": "5", "near": "100", "days": "60", "span": "1",
    "margin": "5", "weigh_reach": "3", "weigh_overdue": "0",
}  # fmt: skip
"""Nothing of it usual, so that what is dropped on the way shows."""
ADDRESSES = {
    "usual": {},
    "asked": ASKED,
    "one category": {"category": "店外经营", "until": "2026-05-31"},
}
COVERED = {
    "usual": {},
    "asked": {
        "standard": "intl-400m", "kind": "toilet", "radius": "450", "measure": "network",
        "only": "accessible", "weekday": "we", "hour": "22", "off": "20", "catchment": "gaussian",
        "need": "2.5", "edition": "2024-06-30",
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def _demo(monkeypatch):
    monkeypatch.setenv("CITY", str(DEMO))


def visit(**query):
    page = AppTest.from_file(str(ROOT / "views" / "server" / "script.py"), default_timeout=120)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def address(name, bundle):
    return (COVERED if bundle == "coverage" else ADDRESSES)[name]


@cache
def made(bundle, name, language):
    """The files of a bundle as the page offers them, and the page."""
    page = visit(page="export", language=language, **address(name, bundle))
    page.button(key=f"make-{bundle}").click().run()
    assert not page.exception
    return page.session_state[f"made-{bundle}"][1], page


def table(files, name):
    return pd.read_csv(BytesIO(files[f"{name}.csv"]), keep_default_na=False, na_values=[""])


def record(files):
    return json.loads(files["run.json"])["parameters"]


def shown(page, language, key):
    """The column of that name in the first table that has it."""
    name = WORDS(language, key)
    return next(each.value[name] for each in page.dataframe if name in each.value)


def said(page):
    kinds = (page.markdown, page.caption, page.warning, page.info)
    return plain("\n".join(element.value for kind in kinds for element in kind))


# --- offered and labelled


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize(
    ("bundle", "name"),
    [("coverage", "usual"), ("coverage", "asked"), ("hotspots", "usual"), ("hotspots", "asked")],
)
def test_every_file_made_is_offered_and_labelled(bundle, name, language):
    files, page = made(bundle, name, language)
    labels = [button.label for button in page.get("download_button")]
    assert len(labels) == len(files) == len(set(labels))
    assert not page.error
    assert not [label for label in labels if re.match(r"(export|dictionary)\.", label)]
    results = json.loads(files["run.json"])["results"]
    assert set(results) == set(files) - {"run.json"}


@pytest.mark.parametrize("name", COVERED)
def test_every_table_with_a_radius_names_the_measure_of_the_headline(name):
    files, _ = made("coverage", name, "en")
    measures = record(files)["measure"]
    kinds = {row["kind"]: measures[row["rule"]] for _, row in table(files, "summary").iterrows()}
    seen = set()
    for each, columns in load_dictionary().tables.items():
        if f"{each}.csv" not in files or "service_radius_m" not in [c.id for c in columns.columns]:
            continue
        rows = table(files, each)
        assert rows["measure"].notna().all()
        for row in rows[[c for c in ("rule", "kind", "measure") if c in rows]].to_dict("records"):
            wanted = measures[row["rule"]] if "rule" in row else kinds[row["kind"]]
            assert row["measure"] in wanted, each
        seen.add(each)
    assert {"coverage", "robustness", "closures", "capacity", "equity"} <= seen
    scores = table(files, "scorecard")
    for rule, used in measures.items():
        assert set(scores[f"{rule.replace('-', '_')}_measure"]) == {used[0]}


def test_files_of_two_bundles_in_one_folder_do_not_meet():
    coverage, hotspots = (set(made(each, "usual", "en")[0]) for each in BUNDLES)
    assert coverage & hotspots == {"run.json"}


# --- the record says what was asked, and the files agree with it


@pytest.mark.parametrize("language", SPOKEN)
def test_the_record_of_hot_spots_says_what_was_asked(language):
    parameters = record(made("hotspots", "asked", language)[0])
    wanted = {
        "since": "2025-04-01", "until": "2026-03-31", "cell_m": 300, "grid": "hexagon",
        "basis": "rate", "months": 1, "standard": "cn-life-circle", "language": language,
    }  # fmt: skip
    assert wanted.items() <= parameters.items()
    assert parameters["used"]["shape"] == "hexagon"
    assert parameters["used"]["basis"] == "rate"
    assert parameters["clusters"]["distance_m"] == 100
    assert parameters["clusters"]["least_cases"] == 5
    look_back = parameters["look_back"]
    assert (look_back["distance_m"], look_back["days"]) == (100, 60)
    assert look_back["margin_share"] == pytest.approx(0.05)
    assert parameters["priority"]["weights"] == pytest.approx(
        {"reach": 0.6, "hot": 0.2, "relapse": 0.2, "overdue": 0}
    )


@pytest.mark.parametrize("language", SPOKEN)
def test_the_record_of_coverage_says_what_was_asked(language):
    files = made("coverage", "asked", language)[0]
    rules = ("toilet-400", "market-400", "fitness-400")
    wanted = {
        "standard": "intl-400m", "service_radius_m": {"toilet": 450.0},
        "measure": {rule: ["network"] for rule in rules}, "measure_chosen": True,
        "measure_why_straight": "", "only": "accessible", "at": "We 22:00", "catchment": "gaussian",
        "need_per_1000": {"toilet": 2.5}, "compare": "2024-06-30", "position_error_m": 20,
        "language": language,
    }  # fmt: skip
    assert wanted.items() <= record(files).items()
    found = table(files, "coverage")
    toilets = found[(found["kind"] == "toilet") & found["service_radius_m"].notna()]
    assert set(toilets["service_radius_m"]) == {450}
    assert set(found["standard"]) == {"intl-400m"}
    assert set(found["measure"]) == {"network"}
    assert (found["straight_covered_share"] >= found["population_covered_share"]).any()
    assert set(table(files, "capacity")["method"]) == {"gaussian"}
    assert "change.csv" in files


@pytest.fixture(scope="module")
def raw():
    """Cases of the raw file as it stands, without the rows in quarantine."""
    cases = pd.read_csv(DEMO / "issues.csv.gz", dtype=str)
    city = load_city(DEMO)
    aside = city.quarantine.loc[city.quarantine["layer"] == "issues", "row"].astype(int)
    assert 0 < len(aside) < 20
    cases = cases.drop(index=aside.to_numpy() - 1)
    assert cases["案件编号"].is_unique
    return cases.assign(day=pd.to_datetime(cases["上报时间"], errors="coerce").dt.normalize())


PERIODS = {"usual": ("2025-07-01", "2026-06-30"), "asked": ("2025-04-01", "2026-03-31"),
           "one category": ("2025-07-01", "2026-05-31")}  # fmt: skip

SHEETS = ("places", "unchecked", "notes", "source")


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("name", [*ADDRESSES])
def test_every_file_of_hot_spots_is_of_the_period_recorded(raw, name, language):
    files = made("hotspots", name, language)[0]
    parameters, (since, until) = record(files), PERIODS[name]
    assert (parameters["since"], parameters["until"]) == (since, until)
    chosen = raw[raw["day"].between(since, until)]
    if category := ADDRESSES[name].get("category"):
        chosen = chosen[chosen["问题类别"] == category]
        assert parameters["category"] == category
    total = len(chosen)
    assert 500 < total < len(raw) * 0.7
    used, clusters = parameters["used"], parameters["clusters"]
    on_map = used["cases"] + used["outside"] + used["off_grid"]
    assert on_map + used["unlocated"] == total
    assert clusters["cases"] + clusters["outside"] + clusters["unlocated"] == total
    inside = clusters["cases"]
    assert table(files, "clusters")["cases"].sum() == clusters["in_clusters"]
    assert table(files, "hotspots")["count"].sum() == used["cases"]
    closing = table(files, "closing")
    closing = closing[closing["level"] == "city"].iloc[0]
    assert closing["cases"] + closing["left_out"] == total
    matrix = table(files, "matrix")
    for level in ("group", "category"):
        if (matrix["level"] == level).any():
            assert matrix[matrix["level"] == level]["cases"].sum() == inside
    kpis = table(files, "kpis")
    rate = kpis[(kpis["level"] == "city") & (kpis["kpi"] == "on_time_close_rate")].iloc[0]
    assert rate["denominator"] <= total
    repeats = table(files, "repeat_points")["month"]
    assert since[:7] <= repeats.min() <= repeats.max() <= until[:7]
    relapsed = pd.to_datetime(table(files, "relapse")["closed_at"].str[:10])
    assert relapsed.between(since, until).all()
    reported = table(files, "unchecked")["reported_at"].str[:10]
    assert (reported.dropna() <= until).all()


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("name", [*ADDRESSES])
def test_the_bulletin_names_its_period(name, language):
    text = html.unescape(made("hotspots", name, language)[0]["bulletin.html"].decode())
    assert " – ".join(PERIODS[name]) in text.partition("<table>")[0]


@pytest.mark.parametrize("language", SPOKEN)
def test_a_sheet_names_the_period_that_its_rows_are_of(language):
    files, (since, until) = made("hotspots", "asked", language)[0], PERIODS["asked"]
    book, labels = openpyxl.load_workbook(BytesIO(files["hotspots.xlsx"])), load_dictionary().labels
    headings = {key: book[labels[key][language]]["A1"].value for key in SHEETS}
    assert headings["places"].endswith(f"{since} – {until}")
    assert table(files, "unchecked")["reported_at"].min() < since
    assert headings["unchecked"].endswith(f"… – {until}")
    for sheet in ("notes", "source"):
        assert until not in headings[sheet]


@pytest.mark.parametrize("name", [*ADDRESSES])
def test_what_looks_at_another_period_says_so(name):
    files, page = made("hotspots", name, "en")
    change = record(files)["change"]
    since, until = change["since"], change["until"]
    assert since == ADDRESSES[name].get("since")
    assert until == ADDRESSES[name].get("until")
    told = WORDS("en", "export.whole_history", until=PERIODS[name][1])
    assert (told in said(page)) == (since is None)
    alerts = table(files, "alerts")["week"].max()
    assert until is None or alerts <= until


# --- the pages of the same address


def agree(column, values, digits=0):
    """The first rows of a file stand on the page, rounded to so many digits."""
    left, right = (pd.Series(each).astype(float).to_numpy() for each in (column, values))
    assert 0 < len(left) <= len(right)
    np.testing.assert_allclose(left, right[: len(left)], atol=0.5 * 10.0**-digits + 1e-6)


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("name", [*ADDRESSES])
def test_the_page_of_hot_spots_shows_the_files(name, language):
    files, chosen = made("hotspots", name, language)[0], ADDRESSES[name]
    page = visit(page="hotspots", language=language, **chosen)
    places = table(files, "places").query("level == 'hot'")
    agree(shown(page, language, "hotspots.col_cases"), places["cases"])
    assert f"**{len(places)}**" in said(page)
    assert Speaker(WORDS, language).count(record(files)["used"]["cases"]) in said(page)
    page = visit(page="hotspots", language=language, layer="clusters", **chosen)
    clusters = table(files, "clusters")
    agree(shown(page, language, "hotspots.col_cases"), clusters["cases"])
    assert f"**{len(clusters)}**" in said(page)


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("name", [*ADDRESSES])
def test_the_pages_of_issues_show_the_files(name, language):
    files, chosen = made("hotspots", name, language)[0], {"language": language, **ADDRESSES[name]}
    page = visit(page="priority", **chosen)
    agree(shown(page, language, "priority.score"), table(files, "priority")["score"] * 100, 1)
    page = visit(page="units", part="rates", **chosen)
    kpis = table(files, "kpis").query("level == 'city'")
    agree(shown(page, language, "units.col_denominator"), kpis["denominator"])
    agree(shown(page, language, "units.col_hits"), kpis["numerator"])
    page = visit(page="units", **chosen)
    listed = table(files, "unchecked")["issue_id"].tolist()
    assert Speaker(WORDS, language).count(len(listed)) in said(page)
    first = shown(page, language, "lookback.col_case").tolist()
    assert sorted(first) == sorted(listed[: len(first)])
    page = visit(page="units", part="ranking", **chosen)
    units = table(files, "units").query("level == 'unit' and indicator == 'on_time'")
    called = units["verdict"].map({"worse": 0, "better": 1}).fillna(2)  # these stand first
    agree(
        shown(page, language, "units.col_n"),
        units.loc[called.sort_values(kind="stable").index, "n"],
    )
    page = visit(page="lookback", **chosen)
    relapsed = record(files)["look_back"]
    assert f"**{Speaker(WORDS, language).count(relapsed['relapsed'])}**" in said(page)
    assert len(table(files, "relapse")) >= relapsed["relapsed"]
    page = visit(page="matrix", **chosen)
    assert Speaker(WORDS, language).count(record(files)["clusters"]["cases"]) in said(page)


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("name", [*ADDRESSES])
def test_the_pages_of_change_show_the_files(name, language):
    files, chosen = made("hotspots", name, language)[0], {"language": language, **ADDRESSES[name]}
    refused = record(files)["change"]["refused"]
    if "emerging" not in refused:
        page = visit(page="change", **chosen)
        agree(
            shown(page, language, "change.col_last"), table(files, "emerging_places")["cases_last"]
        )
        page = visit(page="change", view="prediction", **chosen)
        empty = shown(page, language, "change.col_empty")
        agree(empty, table(files, "prediction")["months_empty"])
    for view in {"previous", "last_year"} - set(refused):
        page = visit(page="change", view=view, **chosen)
        rows = table(files, "periods").query("basis == @view")
        agree(
            shown(page, language, "hotspots.col_cases"),
            rows.sort_values("p", kind="stable")["cases_now"],
        )
    page = visit(page="change", view="weeks", **chosen)
    alerts = table(files, "alerts").query("alert != 'within'")
    agree(shown(page, language, "hotspots.col_cases"), alerts["cases"])
    page = visit(page="silence", **chosen)
    silence = table(files, "silence").dropna(subset="p").sort_values("p", kind="stable")
    agree(shown(page, language, "silence.col_cases"), silence["cases"])


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("name", [*COVERED])
def test_the_pages_of_facilities_show_the_files(name, language):
    files, chosen = made("coverage", name, language)[0], {"language": language, **COVERED[name]}
    found, asked = table(files, "coverage"), record(files)
    page = visit(page="coverage", **chosen)
    rule, measure = asked["map_rule"], asked["map_measure"]
    rows = found[(found["rule"] == rule) & (found["measure"] == measure)]
    summary = table(files, "summary")
    whole = summary[(summary["level"] == "city") & (summary["rule"] == rule)
                    & (summary["measure"] == measure)].iloc[0]  # fmt: skip
    assert whole["communities"] == len(rows)
    assert f"{whole['meets']:.0f}" in said(page)
    map_html = files["coverage_map.html"].decode()
    assert f"{whole['meets']:.0f} " in map_html
