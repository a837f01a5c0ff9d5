"""The page that follows a number from a row to the screen is true in every box."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import tomllib
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from analysis.coverage.assessment import assess
from exports.formats.csv import csv_bytes
from exports.recipes import facility_answers as kept
from exports.recipes.issue_answers import IssueAnswers
from layers.knowledge.dictionary import load_dictionary
from layers.knowledge.standards import load_standards
from tests.conftest import ROOT
from tests.views.shown import query_of, texts
from views.map_widget import widget
from views.map_widget.base import dynamic

PAGE = ROOT / "docs" / "explanation" / "a-numbers-way.md"
DEMO = ROOT / "data" / "demo"
LAEA = "+proj=laea +lat_0=30.72 +lon_0=112.62 +datum=WGS84 +units=m"
COMMUNITY = "沈家桥社区"
QUERY = {
    "page": "coverage", "language": "en", "standard": "cn-life-circle", "kind": "toilet",
    "measure": "straight",
}  # fmt: skip
BLANKS = str.maketrans(dict.fromkeys("\u2009\u202f\xa0", " "))


def plain(text):
    """Lines with single blanks between words."""
    lines = text.replace("**", "").translate(BLANKS).splitlines()
    return [" ".join(line.split()) for line in lines if line.strip()]


@pytest.fixture(scope="module")
def boxes():
    found = re.findall(r"^```text\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [plain(box) for box in found]


def test_no_figure_of_the_city_stands_outside_the_boxes():
    box = re.compile(r"^```text\n.*?^```$|`[^`]*`", re.MULTILINE | re.DOTALL)
    prose = box.sub("", PAGE.read_text("utf-8"))
    assert set(re.findall(r"\d{2,}", prose)) <= {
        "10",
        "11",
        "256",
        "500",
    }  # steps, sha256, the click


@pytest.fixture(scope="module")
def recipe():
    layers = tomllib.loads((DEMO / "city.toml").read_text("utf-8"))["layers"]
    return {entry["kind"]: entry for entry in reversed(layers)}


@pytest.fixture(scope="module")
def toilets(recipe):
    """Rows of the file as the recipe reads them, those without a place too."""
    entry = recipe["toilet"]
    rows = pd.read_csv(DEMO / "toilets.csv", dtype="str", keep_default_na=False)
    rows = rows.rename(columns=entry["columns"]).drop_duplicates()
    rows["status"] = rows["status"].map(entry["values"]["status"]).fillna("unknown")
    return rows.set_index("id")


@pytest.fixture(scope="module")
def placed(toilets):
    """Toilets in metres; those of the other hemisphere, swapped or absent are none."""
    lon, lat = (pd.to_numeric(toilets[name], errors="coerce") for name in ("lon", "lat"))
    x, y = Transformer.from_crs("EPSG:4326", LAEA, always_xy=True).transform(lon, lat)
    found = toilets.assign(x=x, y=y)
    return found[np.hypot(x, y) < 20_000]


@pytest.fixture(scope="module")
def communities():
    """Names and borders in metres, by identifier, from the raw file."""
    carry = Transformer.from_crs("EPSG:4326", LAEA, always_xy=True).transform
    collection = json.loads((DEMO / "communities.geojson").read_text("utf-8"))
    rows = pd.DataFrame([each["properties"] for each in collection["features"]]).set_index("code")
    borders = [shapely.geometry.shape(each["geometry"]) for each in collection["features"]]
    rows["border"] = shapely.transform(
        shapely.make_valid(borders), lambda at: np.column_stack(carry(at[:, 0], at[:, 1]))
    )
    return rows


@pytest.fixture(scope="module")
def residents(recipe, communities, placed):
    """Rows of residents: their community, the nearest toilet that serves, and how far it is."""
    carry = Transformer.from_crs(recipe["residents"]["crs"], LAEA, always_xy=True).transform
    rows = pd.read_parquet(DEMO / "residents.parquet")
    rows["people"] = pd.to_numeric(rows["population"], errors="coerce")
    rows = rows[rows["people"] >= 0]
    x, y = carry(rows["easting"], rows["northing"])
    rows["community"] = ""
    for code, border in communities["border"].items():
        rows.loc[shapely.contains_xy(border, x, y), "community"] = code
    serving = placed[placed["status"].isin(["open", "unknown"])]
    apart = np.hypot(
        np.subtract.outer(x, serving["x"].to_numpy()), np.subtract.outer(y, serving["y"].to_numpy())
    )
    nearest = serving.index[apart.argmin(axis=1)]
    return rows.assign(toilet=nearest, distance=apart.min(axis=1)).query("community != ''")


@pytest.fixture(scope="module")
def people(communities, residents):
    """Those of the one community, and its identifier."""
    (code,) = communities.index[communities["name"] == COMMUNITY]
    return code, residents[residents["community"] == code]


def test_the_row_the_recipe_and_the_file_are_what_stands_there(boxes, toilets, recipe):
    raw = pd.read_csv(DEMO / "toilets.csv", dtype="str", keep_default_na=False)
    columns = ["编号", "公厕名称", "经度", "纬度", "状态"]
    shown = raw[raw["编号"].isin(["GC0130", "GC0183", "GC9M0"])][columns]
    assert boxes[0] == plain("\n".join(map(" ".join, [columns, *shown.to_numpy().tolist()])))
    entry = recipe["toilet"]
    lines = [f'"{name}" = "{entry["columns"][name]}"' for name in columns]
    words = entry["values"]["status"]
    lines += [f'"{word}" -> "{words[word]}"' for word in ("开放", "停用")]
    assert boxes[1] == lines
    digest = hashlib.sha256((DEMO / "toilets.csv").read_bytes()).hexdigest()
    assert boxes[2] == [f"toilets.csv: {len(raw)} rows, sha256 {digest[:12]}…"]
    ours = ["name", "lon", "lat", "status"]
    mapped = toilets.loc[["GC0130", "GC0183", "GC9M0"], ours].reset_index().to_numpy().tolist()
    assert boxes[3] == plain("\n".join(map(" ".join, [["id", *ours], *mapped])))


def test_the_place_and_the_account_are_those_of_the_city(boxes, placed, city):
    lines = [f"{name} x {at.x:.1f} y {at.y:.1f}" for name, at in placed.iterrows()]
    assert boxes[4][0] == LAEA
    assert boxes[4][1:3] == [line for line in lines if line[:6] in {"GC0130", "GC0183"}]
    held = city.quarantine.query("layer == 'toilet'")
    assert boxes[4][3] == f"GC9M0 quarantined: {held.set_index('id').loc['GC9M0', 'reason']}"
    (report,) = (each for each in city.reports if each.id == "toilet")
    (account,) = boxes[5]
    assert account == (
        f"{report.rows_in} read = {len(placed)} loaded + {len(held)} quarantined +"
        f" {report.not_selected} not selected; {report.repaired} of those loaded were repaired"
    )
    known = city.facilities.loc[["GC0130", "GC0183"]]
    assert np.allclose(known.geometry.x, placed.loc[known.index, "x"], atol=0.01)
    assert np.allclose(known.geometry.y, placed.loc[known.index, "y"], atol=0.01)


def test_the_residents_and_toilets_are_those_of_the_community(boxes, placed, communities, people):
    code, rows = people
    border = communities.loc[code, "border"]
    inside = placed[shapely.contains_xy(border, placed["x"], placed["y"])]
    assert dict(inside["status"]) == {"GC0130": "open", "GC0183": "closed"}
    assert boxes[6] == [
        f"{COMMUNITY} ({code}): {len(rows)} rows of residents, {rows['people'].sum():.0f} people",
        "toilets inside: GC0130 open, GC0183 closed and so no supply",
        f"farthest resident: {rows['distance'].max():.0f} m from a toilet",
    ]


@pytest.mark.parametrize(("step", "radius"), [(7, 300), (14, 500)])
def test_the_people_in_reach_are_summed_by_hand(boxes, people, step, radius):
    everyone, near = people[1], people[1].query(f"distance <= {radius}")
    lines = [
        f"{len(rows)} row{'s' * (len(rows) > 1)}, {rows['people'].sum():.0f} people: nearest is"
        f" {name}{', in another community' * (name != 'GC0130')}"
        for name, rows in sorted(near.groupby("toilet"), key=lambda each: -len(each[1]))
    ]
    reached, total = near["people"].sum(), everyone["people"].sum()
    within = f"{len(near)} rows, {reached:.0f} people within {radius} m"
    lines.append(f"{within}, of {total:.0f} = {reached / total:.6f}")
    assert boxes[step] == lines


@pytest.mark.parametrize(("step", "radius"), [(9, 300), (16, 500)])
def test_the_words_of_the_page_are_summed_by_hand(boxes, communities, residents, step, radius):
    standard = tomllib.loads((ROOT / "data/standards/cn-life-circle.toml").read_text("utf-8"))
    (rule,) = (each for each in standard["rules"] if each["id"] == "toilet-5min")
    near = residents[residents["distance"] <= radius]
    total, reached = (rows.groupby("community")["people"].sum() for rows in (residents, near))
    share, out = reached / total, (total - reached).sort_values(ascending=False)
    names = communities["name_en"]
    (code,) = communities.index[communities["name"] == COMMUNITY]
    meets = f"{(share >= rule['minimum']).sum()} of {len(communities)} communities meet"
    places = [f"{names[key]} ({out[key]:,.0f} people)" for key in out.index[:3]]
    named = rule["title"]["en"].replace(f"{rule['service_radius_m']} m", f"{radius} m")
    sentence = (
        f"{meets} “{named}”; {out.sum():,.0f} residents are beyond {radius} m in a straight line,"
        f" the largest numbers in {', '.join(places)}."
    )
    assert boxes[step][:2] == [
        f"{names[code]} {share[code] * 100:.1f} % {out[code]:.0f} people out of reach fails",
        re.sub(r"(?<=\d),(?=\d)", " ", sentence),
    ]
    if radius == rule["service_radius_m"]:
        assert boxes[8] == [
            f"toilet-5min: {share[code]:.6f} < {rule['minimum']}, fails (below_minimum)",
            f"city: {meets} the rule",
        ]


def test_without_a_choice_the_figure_is_by_walking(boxes, city):
    found = IssueAnswers(city).assessment(load_standards()["cn-life-circle"])
    row = found.coverage.query("community == @COMMUNITY and rule == 'toilet-5min'").iloc[0]
    assert row["measure"] == "network"
    told = (
        f"{row['population_covered']:.0f} of {row['population']:.0f} people walk at most"
        f" {row['service_radius_m']:.0f} m: {row['population_covered_share']:.6f};"
        f" in a straight line {row['straight_covered_share']:.6f}"
    )
    assert boxes[17] == [told]


def test_the_file_has_the_figure_of_the_page(boxes, city, preparation):
    result = assess(preparation, load_standards()["cn-life-circle"])
    data = csv_bytes(result.coverage, load_dictionary().tables["coverage"].columns)
    table = pd.read_csv(io.BytesIO(data), dtype="str")
    names = boxes[10][0].split()
    row = table.query("community == @COMMUNITY and rule == 'toilet-5min'")[names]
    assert boxes[10][1:] == [" ".join(each) for each in row.to_numpy().tolist()]


def shown_of(page):
    """What the page says of the community in its table, and its sentence on the city."""
    table = page.dataframe[0].value.set_index("Community").loc["Shenjiaqiao Community"]
    share = next(each for each in table if isinstance(each, float))
    sentence = next(text for text in texts(page) if "communities meet" in text)
    line = (
        f"Shenjiaqiao Community {share:.1f} % {table['People out of reach']} people out of"
        f" reach {table['Verdict']}"
    )
    return plain(f"{line}\n{sentence}")


@pytest.fixture
def fresh(towns, tmp_path, monkeypatch):
    """The demo city as nobody has asked about it: its recipe has one more comment."""
    shutil.copytree(DEMO, tmp_path / "demo")
    with (tmp_path / "demo" / "city.toml").open("a", encoding="utf-8") as recipe:
        recipe.write("# as nobody has asked about it\n")
    monkeypatch.setitem(towns, "fresh", tmp_path / "demo")


@pytest.mark.usefixtures("fresh")
def test_the_page_shows_it_and_a_click_moves_only_what_the_page_says(boxes, visit, monkeypatch):
    specs, made = [], []
    monkeypatch.setattr(widget, "dynamic", lambda spec: specs.append(spec) or dynamic(spec))
    for name in ("prepare", "assess"):
        original = getattr(kept, name)
        monkeypatch.setattr(
            kept, name, lambda *a, _do=original, _name=name, **k: made.append(_name) or _do(*a, **k)
        )
    page = visit("fresh", **QUERY)
    assert made == ["prepare", "assess"]
    assert shown_of(page) == boxes[9]

    slider = page.slider(key="radius-300-en")
    before = f"radius {slider.value} (not chosen)"
    slider.set_value(500).run()
    assert not page.exception
    assert boxes[11] == [f"{before} -> {page.slider[0].value}"]
    assert boxes[12] == ["?" + urlencode(query_of(page))]
    assert made == ["prepare", "assess", "assess"]
    assert boxes[13] == [
        "views.cache.city there",
        "views.cache.facilities.preparation there",
        "views.cache.facilities.assessment made: one rule at the new radius",
        "views.cache.prepared made: sentence, table, map",
    ]
    assert shown_of(page) == boxes[16][:-1]
    assert boxes[16][-1] in plain("\n".join(texts(page)))

    first, last = specs[0], specs[-1]
    parts = {
        "areas": (first.areas.url, last.areas.url),
        "points": (first.points.url, last.points.url),
        "text": (first.areas.text, last.areas.text),
        "gaps": (first.gaps.url, last.gaps.url),
    }
    lines = [
        f"{name} {'same URL: not fetched again' if old == new else 'new URL'}"
        for name, (old, new) in parts.items()
    ]
    codes = list(zip(first.areas.classes, last.areas.classes, strict=True))
    changed = sum(old != new for old, new in codes)
    lines += [f"classes {changed} of {len(codes)} communities change theirs"]
    assert boxes[15] == lines
