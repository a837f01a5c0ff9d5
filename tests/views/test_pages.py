"""The pages without a browser: they draw, they show the recipe's numbers, the URL is the state."""

from __future__ import annotations

import dataclasses
import html
import json
import re
from io import StringIO
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from analysis.access.prepared_city import prepare, with_filter, with_shortest_paths
from analysis.access.supply_filter import SupplyFilter, ask
from analysis.access.walking import prepare_walking_network
from analysis.coverage.additions import with_additions
from analysis.coverage.assessment import assess
from analysis.coverage.capacity import arithmetic, judge_capacity
from analysis.coverage.editions import compare
from analysis.coverage.figures import NETWORK
from analysis.coverage.robustness import judge_robustness
from analysis.coverage.scorecard import flips, scorecard
from analysis.coverage.zones import communities_in, compare_zones
from analysis.handling.matrix import wide_matrix
from analysis.handling.recipe import assess_handling
from analysis.hotspots.clusters import find_clusters
from analysis.hotspots.recipe import find_hot_spots
from analysis.issues.counts import count_cases
from analysis.model.standards import with_service_radius
from analysis.priority import COMPONENTS
from analysis.trends.emerging import EDITION
from analysis.trends.recipe import find_trends
from layers.knowledge.standards import load_kinds, load_standards
from layers.load import load_city
from maps.handling import MOST_POINTS, single_reports
from maps.store import GeoStore
from views import cache, coverage
from views.controls.choice import (
    DAYS,
    LANGUAGES,
    LAYERS,
    PAGES,
    SHARES,
    SHOWS,
    Choice,
    read_choice,
    rules_of,
)
from views.coverage import LISTED
from views.map_widget import widget
from views.map_widget.base import dynamic
from views.map_widget.shared_store import STORE
from views.scorecard import cell
from wording.catalogue import load_words
from wording.names import lacking_text
from wording.numbers import count, last_year, percent
from wording.speaker import Speaker

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo"
WORDS = load_words()
STANDARDS = load_standards()
RECIPE = """
name = { zh = "小城", en = "Small Town" }
language = "en"
time_zone = "Asia/Shanghai"
crs = "auto"
as_of = "2026-06-30"
standard = "cn-life-circle"

[[layers]]
kind = "communities"
file = "communities.geojson"
columns = { id = "id", name = "name" }
source = "a test"

[[layers]]
kind = "toilet"
file = "toilets.csv"
crs = "EPSG:4326"
columns = { id = "id", lon = "lon", lat = "lat" }
source = "a test"
"""


def write_town(folder, toilets):
    """A town of two squares; no residents, no issues, toilets as given."""
    folder.mkdir()
    squares = {"a": 121.00, "b": 121.01}
    features = [
        {
            "type": "Feature",
            "properties": {"id": name, "name": f"Square {name}"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[lon, 31], [lon + 0.01, 31], [lon + 0.01, 31.01], [lon, 31.01], [lon, 31]]
                ],
            },
        }
        for name, lon in squares.items()
    ]
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "communities.geojson").write_text(json.dumps(collection), encoding="utf-8")
    (folder / "toilets.csv").write_text(toilets, encoding="utf-8")
    (folder / "city.toml").write_text(RECIPE, encoding="utf-8")
    return folder


def write_great_town(folder, wide=100, long=70):
    """A town of 7,000 squares with one toilet."""
    write_town(folder, "id,lon,lat\nt1,121.005,31.005\n")
    places = [(121 + x / 100, 30.5 + y / 100) for y in range(long) for x in range(wide)]
    squares = [shapely.box(lon, lat, lon + 0.01, lat + 0.01) for lon, lat in places]
    names = [f"Square {number} of the town" for number in range(len(squares))]
    frame = gpd.GeoDataFrame({"id": names, "name": names}, geometry=squares, crs=4326)
    frame.to_file(folder / "communities.geojson")
    return folder


@pytest.fixture(scope="module")
def towns(tmp_path_factory):
    """Folders of cities: the demo city, one that lacks most layers, one that cannot be read."""
    home = tmp_path_factory.mktemp("towns")
    return {
        "demo": DEMO,
        "nyc": ROOT / "data" / "nyc",
        "bare": write_town(home / "bare", "id,lon,lat\nt1,121.005,31.005\n"),
        "broken": write_town(home / "broken", "id,lon\nt1,121.005\n"),
        "great": write_great_town(home / "great"),
    }


@pytest.fixture(scope="module")
def city():
    return load_city(DEMO)


@pytest.fixture(scope="module")
def preparation(city):
    return prepare(
        city.communities, city.facilities, city.residents, kinds=city.kinds, land=city.land
    )


@pytest.fixture
def visit(towns, monkeypatch):
    """Open a page as its URL does, and check that no defect shows."""

    def draw(town="demo", **query):
        monkeypatch.setenv("CITY", str(towns[town]))
        page = AppTest.from_file(str(ROOT / "views" / "server" / "script.py"), default_timeout=120)
        for name, value in query.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception
        return page

    return draw


def texts(page):
    """Everything the page says outside tables, as the reader sees it."""
    kinds = (page.markdown, page.caption, page.warning, page.info, page.error, page.header)
    return [html.unescape(element.value) for kind in kinds for element in kind]


def said(page):
    return "\n".join(texts(page))


def query_of(page):
    """The URL's parameters; the test harness gives the ones it was handed as lists."""
    values = dict(page.query_params)
    return {name: v[-1] if isinstance(v, list) else v for name, v in values.items()}


# --- every page draws


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("town", ["demo", "bare"])
def test_every_page_draws_in_every_language(visit, town, name, language):
    page = visit(town, page=name, language=language)
    assert not page.error
    assert f"**{WORDS(language, 'app.title')}**" in texts(page)
    assert query_of(page)["page"] == name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_city_that_cannot_be_read_is_refused_in_words(visit, name, language):
    page = visit("broken", page=name, language=language)
    (error,) = page.error
    shown = html.unescape(error.value)
    assert WORDS(language, "error.title") in shown
    assert "toilet" in shown
    assert "lat" in shown


ISSUES = """
[[layers]]
kind = "issues"
file = "issues.csv"
columns = { id = "id", what = "category", day = "reported_at" }
source = "a test"
"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_register_without_places_and_states_gives_no_number(
    towns, visit, language, tmp_path, monkeypatch
):
    town = write_town(tmp_path / "bald", "id,lon,lat\nt1,121.005,31.005\n")
    (town / "city.toml").write_text(RECIPE + ISSUES, encoding="utf-8")
    rows = "".join(f"i{n},Theft,2026-{1 + n % 6:02d}-11\n" for n in range(60))
    (town / "issues.csv").write_text(f"id,what,day\n{rows}", encoding="utf-8")
    monkeypatch.setitem(towns, "bald", town)
    page = visit("bald", page="overview", language=language)
    assert [metric.value for metric in page.metric].count("—") == 4
    assert WORDS(language, "overview.open_unknown", total="60") in said(page)
    why = WORDS(language, "error.no_places", found="60")
    for name in ("overview", "hotspots", "change", "silence"):
        assert why in said(visit("bald", page=name, language=language)), name
    page = visit("bald", page="scorecard", language=language)
    assert WORDS(language, "reason.no_layer_of_this_kind") in said(page)
    page = visit("bald", page="units", language=language)
    assert WORDS(language, "units.no_status") in said(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_city_without_a_layer_says_so_and_gives_no_number(visit, language):
    page = visit("bare", page="overview", language=language)
    kind = WORDS(language, "overview.no_layer")
    values = [metric.value for metric in page.metric]
    assert values.count("—") == 4
    assert texts(page).count(kind) == 2
    assert WORDS(language, "overview.no_issues") in texts(page)
    page = visit("bare", page="hotspots", language=language)
    assert WORDS(language, "hotspots.no_layer") in texts(page)


def test_a_city_that_names_no_standard_can_be_served(tmp_path, monkeypatch):
    town = write_town(tmp_path / "plain", "id,lon,lat\nt1,121.005,31.005\n")
    recipe = (town / "city.toml").read_text("utf-8")
    (town / "city.toml").write_text(recipe.replace('standard = "cn-life-circle"\n', ""), "utf-8")
    monkeypatch.setenv("CITY", str(town))
    monkeypatch.setattr("gc.freeze", lambda: None)
    cache.warm_up(GeoStore())


# --- the numbers are the recipe's


def test_capacity_shows_the_recipe_and_its_arithmetic(visit, city, preparation):
    kind = city.kinds["toilet"]
    found = judge_capacity(
        preparation, kind, service_radius=500, method="gaussian", need_per_1000=2.5
    )
    page = visit(
        page="capacity",
        language="en",
        kind="toilet",
        radius="500",
        catchment="gaussian",
        need="2.5",
    )
    whole = found.whole
    for figure in ("people_served", "people_over_capacity", "people_out_of_reach"):
        assert f"**{count(whole[figure])}**" in said(page)
    assert "2.50 stalls per 1,000" in said(page)
    worst = found.table.set_index("community_id")["people_over_capacity"].idxmax()
    terms = arithmetic(found, worst)
    assert page.dataframe[0].value["Over capacity"].iloc[0] == round(
        found.table["people_over_capacity"].max()
    )
    shown = page.dataframe[1].value
    assert shown["Adds"].tolist() == pytest.approx(terms["adds_per_1000"].round(3).tolist())
    assert query_of(page)["need"] == "2.5"


def test_then_and_now_shows_the_recipe(visit, city, preparation):
    standard = STANDARDS["intl-400m"]
    then = city.earlier["2024-06-30"]
    found = compare(preparation, then, standard)
    rule = next(iter(rules_of(standard, "toilet")))
    rows = found.change[found.change["rule"] == rule]
    page = visit(page="compare", language="en", standard="intl-400m", kind="toilet")
    counts = found.counts("toilet")
    assert f"**{counts['opened']}** opened, **{counts['closed']}** closed" in said(page)
    assert f"**{count(rows['people_gained'].sum())}** residents came within" in said(page)
    assert f"no longer meeting it: **{(rows['crossed'] == 'down').sum()}**" in said(page)
    assert page.dataframe[0].value["Change"].iloc[0] == "no longer meets"
    changed = page.dataframe[1].value["Outcome"].value_counts().to_dict()
    assert changed == {name: counts[name] for name in ("opened", "closed", "moved")}
    assert query_of(page)["edition"] == "2024-06-30"


def test_then_and_now_needs_an_earlier_edition(visit):
    page = visit("bare", page="compare", language="en")
    assert "no earlier edition" in said(page)
    assert not page.dataframe


def test_capacity_is_not_judged_without_residents(visit):
    page = visit("bare", page="capacity", language="en")
    assert "Capacity cannot be judged: there is no residents layer." in said(page)


def test_overview_shows_the_recipe(visit, city, preparation):
    summary = assess(preparation, STANDARDS[city.standard]).summary
    whole = summary[summary["level"] == "city"].drop_duplicates("kind").set_index("kind")
    cases = count_cases(city.issues, as_of=city.as_of)
    page = visit(page="overview", language="en")
    shares = [percent(whole.loc[kind, "population_covered_share"]) for kind in city.kinds]
    assert [metric.value for metric in page.metric] == [
        *shares,
        count(cases.open),
        count(cases.overdue),
    ]
    for kind in city.kinds:
        row = whole.loc[kind]
        facts = {"meets": count(row["meets"]), "n": count(row["communities"])}
        people = {"covered": row["population_covered"], "population": row["population"]}
        numbers = {name: count(value) for name, value in people.items()}
        assert WORDS("en", "overview.communities_meet", **facts) in said(page)
        assert f"{numbers['covered']} of {numbers['population']} people" in said(page)


def test_robustness_shows_the_recipe(visit, city, preparation):
    result = assess(preparation, STANDARDS["cn-life-circle"])
    found = judge_robustness(preparation, result, position_error=50)
    rows = found.communities[found.communities["rule"] == "toilet-5min"]
    closures = found.closures[found.closures["rule"] == "toilet-5min"]
    query = {"standard": "cn-life-circle", "kind": "toilet", "off": "50"}
    page = visit(page="robustness", language="en", **query)
    assert f"**{rows['flips'].sum()} of {len(rows)}**" in said(page)
    shown = page.dataframe[0].value
    lost = WORDS("en", "robustness.col_lost")
    assert shown[lost].tolist() == closures["people_lost"].round().head(len(shown)).tolist()
    assert shown[WORDS("en", "robustness.col_facility")].str.contains("Public Toilet").mean() > 0.9
    assert len(page.dataframe[1].value) == rows["flips"].sum()
    page = visit(page="robustness", language="zh", standard="cn-toilet-density", kind="toilet")
    assert WORDS("zh", "robustness.no_radius") in texts(page)


def test_a_map_shown_again_has_everything_promised_again(visit):
    names = []
    for _ in range(2):
        STORE._promises.clear()
        visit(page="coverage", kind="toilet", standard="cn-life-circle", radius="1150")
        names.append(set(STORE._promises))
    assert names[0] == names[1]
    assert len(names[0]) == 4  # areas, text, points, gaps


def details_of(page):
    """Give the table of the community chosen: figures down, rules across."""
    return next(each.value for each in page.dataframe if "Shortfall" in each.value.index)


def test_details_say_how_firm_a_verdict_is(visit, city, preparation):
    result = assess(preparation, STANDARDS["cn-life-circle"])
    rows = judge_robustness(preparation, result).communities
    row = rows[(rows["rule"] == "toilet-5min") & rows["flips"]].iloc[0]
    chosen = {"standard": "cn-life-circle", "kind": "toilet", "community": row["community_id"]}
    page = visit(page="coverage", language="zh", **chosen)
    bands = page.dataframe[1].value.loc[WORDS("zh", "robustness.band")]
    low, high = percent(row["value_radius_less"]), percent(row["value_radius_more"])
    assert bands.iloc[0] == f"{low} – {high} · {WORDS('zh', 'robustness.turns')}"


@pytest.mark.parametrize("share", ["people", "area"])
def test_a_zone_is_compared_with_the_city_and_narrows_the_tables(visit, city, preparation, share):
    standard = STANDARDS["cn-life-circle"]
    zone = city.zones.loc[["old-town"]]
    rows = compare_zones(preparation, zone, standard)
    figure = {"people": "population_covered_share", "area": "area_covered_share"}[share]
    parts = rows[rows["rule"] == "toilet-5min"].set_index("part")[figure]
    members = communities_in(preparation.community_land.dry, zone)
    query = {"standard": "cn-life-circle", "kind": "toilet", "zone": "old-town"}
    page = visit(page="coverage", language="en", share=share, **query)
    assert f"**{percent(parts['inside'])}**, in the city {percent(parts['city'])}" in said(page)
    assert len(page.dataframe[0].value) == len(members) < len(city.communities)
    assert WORDS("en", "zones.straight") not in said(page)
    page = visit(page="coverage", language="en", measure="network", **query)
    assert WORDS("en", "zones.straight") in said(page)
    page = visit(page="scorecard", language="en", **query)
    table, matrix = page.dataframe[0].value, page.dataframe[1].value
    assert len(table) == len(standard.rules)
    inside = rows[rows["part"] == "inside"]["value"]
    assert table[WORDS("en", "zones.col_inside")].tolist() == inside.map(percent).tolist()
    assert len(matrix) == len(members)
    page = visit("bare", page="scorecard", language="en", zone="old-town")
    assert "zone" not in query_of(page)


@pytest.mark.parametrize(("town", "there"), [("demo", True), ("bare", False)])
def test_residential_land_is_offered_where_there_is_a_layer(visit, town, there):
    page = visit(town, page="coverage", language="en", share="land")
    assert (query_of(page).get("share") == "land") == there
    column = WORDS("en", "coverage.land")
    assert (column in page.dataframe[0].value) == there
    assert (WORDS("en", "coverage.area_without_water") in said(page)) == there


@pytest.mark.parametrize(
    "chosen",
    [("cn-life-circle", "toilet", 0), ("cn-life-circle", "market", 800), ("intl-400m", "", 0)],
)
def test_coverage_shows_the_recipe(visit, preparation, chosen):
    standard, kind, radius = chosen
    kind = kind or STANDARDS[standard].rules[0].kind
    rule = next(iter(rules_of(STANDARDS[standard], kind)))
    radii = {kind: float(radius)} if radius else {}
    result = assess(preparation, with_service_radius(STANDARDS[standard], radii))
    rows = result.coverage[result.coverage["rule"] == rule]
    query = {"standard": standard, "kind": kind, "radius": str(radius)}
    page = visit(page="coverage", language="zh", **query)
    out = rows["population"] - rows["population_covered"]
    meets = (rows["verdict"] == "meets").sum()
    assert f"**{meets} / {len(rows)}**" in said(page)
    assert f"**{count(out.sum())}**" in said(page)
    table = page.dataframe[0].value
    names = [WORDS("zh", f"coverage.{name}") for name in ("col_name", "people", "area", "col_out")]
    wanted = pd.DataFrame(
        {
            names[0]: rows["community"],
            names[1]: [float(percent(share)[:-1]) for share in rows["population_covered_share"]],
            names[2]: [float(percent(share)[:-1]) for share in rows["area_covered_share"]],
            names[3]: out.round(),
        }
    )
    order = [names[0], names[3]]
    pd.testing.assert_frame_equal(
        table[names].sort_values(order).reset_index(drop=True),
        wanted.sort_values(order).reset_index(drop=True),
        check_dtype=False,
        rtol=1e-6,
    )


@pytest.fixture(scope="module")
def ways(city, preparation):
    return prepare_walking_network(city.communities, preparation.demand, city.streets)


def test_walking_distance_shows_the_recipe(visit, city, preparation, ways):
    ready = with_shortest_paths(preparation, ways)
    result = assess(ready, STANDARDS["cn-life-circle"], measures=(NETWORK,))
    rows = result.rows_of("toilet-5min", NETWORK)
    query = {"standard": "cn-life-circle", "kind": "toilet", "measure": "network"}
    page = visit(page="coverage", language="en", **query)
    beyond = rows["population"] - rows["population_covered"] - rows["population_not_judged"]
    assert f"**{count(beyond.sum())}**" in said(page)
    whole = result.summary.iloc[0]
    assert f"{whole['detour_ratio']:.2f} times" in said(page)
    table = page.dataframe[0].value
    assert WORDS("en", "coverage.area") not in table
    both = assess(ready, STANDARDS["cn-life-circle"]).rows_of("toilet-5min", "straight")
    shares = {
        "by_straight": both["population_covered_share"] * 100,
        "col_detour": rows["detour_ratio"],
    }
    for word, wanted in shares.items():
        shown = table[WORDS("en", f"coverage.{word}")].astype(float)
        assert sorted(shown) == pytest.approx(sorted(wanted), abs=0.051)
    walked = table[WORDS("en", "coverage.col_walk")].astype(float)
    assert sorted(walked) == sorted(rows["mean_distance_m"].round())


def test_details_say_how_many_facilities_are_enough(visit, city, preparation):
    standard = STANDARDS["cn-life-circle"]
    result = with_additions(preparation, assess(preparation, standard))
    rows = result.rows_of("toilet-5min", "straight").set_index("community_id")
    chosen = {"page": "coverage", "kind": "toilet", "language": "en", "community": "990106005"}
    details = details_of(visit(**chosen))
    row = rows.loc["990106005"]
    assert row["facilities_to_add"] > 1
    told = f"{count(row['shortfall'])} more people to reach; facilities to add: "
    assert details.loc["Shortfall"].iloc[0] == f"{told}{row['facilities_to_add']}"


def test_details_of_a_community_that_fails_by_walking(visit, city, preparation, ways):
    ready = with_shortest_paths(preparation, ways)
    rows = assess(ready, STANDARDS["intl-400m"], measures=(NETWORK,)).rows_of("toilet-400", NETWORK)
    failing = rows.loc[rows["verdict"] == "fails", "community_id"].iloc[0]
    query = {"standard": "intl-400m", "measure": "network", "community": failing}
    page = visit(page="coverage", language="en", **query)
    found = details_of(page).loc[WORDS("en", "coverage.col_detour")]
    detour = rows.set_index("community_id").loc[failing, "detour_ratio"]
    assert found["Public toilet: 400 m · Straight"] == "—"
    assert found["Public toilet: 400 m · Walking"] == f"{detour:.2f}"
    assert WORDS("en", "coverage.details_radius") not in said(page)
    page = visit(page="coverage", language="en", radius="650", **query)
    assert WORDS("en", "coverage.details_radius") in said(page)


NIGHT = {"only": "accessible", "least": "Class 2", "weekday": "we", "hour": "22"}


@pytest.fixture
def at_night(city, preparation):
    """The city as those see it who need an accessible toilet of class 2 on Wednesday night."""
    answers = ask(city.facilities, city.kinds, SupplyFilter(("accessible",), "Class 2", (2, 1320)))
    return with_filter(preparation, answers)


def test_who_and_when_shows_the_recipe(visit, at_night):
    result = assess(at_night, STANDARDS["cn-life-circle"])
    rows = result.coverage[result.coverage["rule"] == "toilet-5min"]
    page = visit(page="coverage", language="en", kind="toilet", **NIGHT)
    assert query_of(page).items() >= {**NIGHT, "least": "二类"}.items()
    beyond = (
        rows["population"] - rows["population_covered"] - rows["population_not_judged"].fillna(0)
    )
    assert f"**{count(beyond.sum())}**" in said(page)
    supply = at_night.supply["toilet"]
    assert "only if **Accessible, Class 2 or better, open Wednesday 22:00**" in said(page)
    assert f"{len(supply.facilities)} of 182 do" in said(page)
    page.button_group(key="only-en").unselect("accessible").run()
    assert "only if **Class 2 or better, open Wednesday 22:00**" in said(page)
    next(each for each in page.button if each.label == WORDS("en", "asked.clear")).click().run()
    assert not {"only", "least", "weekday"} & set(query_of(page))
    assert "only if" not in said(page)


def test_what_nobody_knows_is_no_share_of_nought(visit):
    """No fitness site of the demo city states its access: who is reached can be anyone."""
    asked = {"page": "coverage", "kind": "fitness", "only": "accessible", "radius": "3000"}
    page = visit(language="en", **asked)
    assert "**0 of 58**" in said(page)
    assert ", 58 cannot be judged; no resident" in said(page)
    assert "no resident is known to be beyond 3" in said(page)
    assert "every resident" not in said(page)
    least, most = (page.dataframe[0].value[WORDS("en", f"coverage.col_{name}")]
                   for name in ("least", "most"))  # fmt: skip
    assert (set(least), set(most)) == ({0.0}, {100.0})
    assert WORDS("en", "coverage.people") not in page.dataframe[0].value


@pytest.mark.parametrize("page", ["capacity", "compare"])
def test_a_page_of_all_supply_says_so_where_something_is_asked(visit, page):
    told = WORDS("en", "asked.all_supply")
    assert told not in said(visit(page=page, language="en", kind="toilet"))
    assert told in said(visit(page=page, language="en", kind="toilet", only="accessible"))


def test_at_night_is_one_click(visit):
    page = visit(page="coverage", language="zh", kind="toilet")
    next(each for each in page.button if each.label == WORDS("zh", "asked.night")).click().run()
    assert query_of(page).items() >= {"weekday": "we", "hour": "22"}.items()
    assert "周三 22:00 开放" in said(page)


def test_scorecard_and_export_follow_who_and_when(visit, at_night):
    result = assess(at_night, STANDARDS["cn-life-circle"]).coverage
    page = visit(page="scorecard", language="en", kind="toilet", **NIGHT)
    assert "only if **Accessible, Class 2 or better, open Wednesday 22:00**" in said(page)
    assert "(cannot judge)" not in said(page)
    unclear = result.query("rule == 'fitness-15min'")
    assert set(unclear["verdict"]) == {"cannot_judge"}
    assert f"cannot be judged ({WORDS('en', 'reason.facilities_in_doubt')})" in said(page)
    page = visit(page="export", language="en", kind="toilet", **NIGHT)
    page.button(key="make-coverage").click().run()
    assert not page.exception
    _, files = page.session_state["made-coverage"]
    table = pd.read_csv(StringIO(files["coverage.csv"].decode("utf-8-sig")))
    assert table["verdict"].tolist() == result["verdict"].tolist()
    asked = (
        table.fillna("").drop_duplicates("kind").set_index("kind")[["only", "least_class", "at"]]
    )
    assert asked.loc["toilet"].tolist() == ["accessible", "二类", "We 22:00"]
    assert asked.loc["fitness"].tolist() == ["accessible", "", ""]
    assert json.loads(files["run.json"])["parameters"]["at"] == "We 22:00"


def test_a_citys_own_copy_of_a_standard_is_offered_and_marked(towns, visit, tmp_path, monkeypatch):
    town = write_town(tmp_path / "own", "id,lon,lat\nt1,121.005,31.005\n")
    monkeypatch.setitem(towns, "own", town)
    (town / "standards").mkdir()
    shared = (ROOT / "data" / "standards" / "complete-community.toml").read_text("utf-8")
    own = shared.replace("minimum = 1", "minimum = 3")
    (town / "standards" / "our-own.toml").write_text(own, "utf-8")
    page = visit("own", page="coverage", language="zh", kind="toilet", standard="our-own")
    (offered,) = [box for box in page.selectbox if box.label == WORDS("zh", "coverage.standard")]
    assert offered.value == "our-own"
    assert "完整居住社区：每社区一处（本市自定）" in offered.options
    assert "≥ 3" in said(page)


def test_a_kind_without_such_data_offers_nothing(visit):
    page = visit(page="coverage", language="en", kind="fitness", only="accessible", weekday="we")
    facts = {"kind": "Fitness equipment"}
    assert WORDS("en", "asked.nothing", **facts) in texts(page)
    assert "weekday" not in query_of(page)


def test_nothing_is_asked_of_facilities_until_someone_asks(visit, monkeypatch):
    monkeypatch.setattr("views.cache.facilities.ask", None)
    page = visit(page="coverage", language="en", kind="toilet")
    assert WORDS("en", "coverage.table_share") in said(page)


@pytest.mark.parametrize("rule", ["toilet-female-male", "toilet-accessible"])
def test_what_facilities_offer_stands_beside_its_minimum(visit, preparation, rule):
    result = assess(preparation, STANDARDS["cn-toilet-stalls"])
    rows = result.coverage[result.coverage["rule"] == rule]
    chosen = {"standard": "cn-toilet-stalls", "kind": "toilet", "rule": rule, "language": "en"}
    page = visit(page="coverage", community=str(rows["community_id"].iloc[0]), **chosen)
    translate, kind = Speaker(WORDS, "en"), load_kinds()["toilet"]
    lacking = lacking_text(translate, rows.iloc[0], kind)
    assert lacking in details_of(page).loc["Shortfall"].tolist()
    total = result.summary[result.summary["rule"] == rule].iloc[0]
    told = "\n".join(texts(visit(page="scorecard", **chosen)))
    assert lacking_text(translate, total, kind) in told


def test_a_rule_on_the_built_up_area_says_so_and_its_gaps_do_not(visit, preparation):
    result = assess(preparation, STANDARDS["cn-urban-checkup"])
    meets = (result.rows_of("toilet-land-300", "straight")["verdict"] == "meets").sum()
    page = visit(page="coverage", standard="cn-urban-checkup", kind="toilet", language="en")
    assert f"**{meets} of 58**" in said(page)
    assert WORDS("en", "coverage.area_built_up") in said(page)
    town = visit("bare", page="coverage", standard="cn-urban-checkup", language="en")
    assert WORDS("en", "coverage.area_no_layer") in said(town)
    assert WORDS("en", "reason.no_residential_layer") in said(town)


def test_a_rule_of_density_shows_the_recipe(visit, preparation):
    result = assess(preparation, STANDARDS["cn-toilet-density"])
    rule = result.standard.rules[0]
    rows = result.coverage[result.coverage["rule"] == rule.id]
    page = visit(page="coverage", standard="cn-toilet-density", language="en")
    shown = page.dataframe[0].value[WORDS("en", "coverage.col_value")]
    assert sorted(shown) == pytest.approx(sorted(rows["value"].astype("float32")))
    assert f"**{(rows['verdict'] == 'meets').sum()} of {len(rows)}**" in said(page)


def test_scorecard_shows_the_recipe(visit, preparation):
    result = assess(preparation, STANDARDS["cn-toilet-300"])
    page = visit(page="scorecard", standard="cn-toilet-300", against="intl-400m", language="en")
    whole = result.summary[result.summary["level"] == "city"]
    for _, row in whole.iterrows():
        assert f"**{row['meets']} of {row['communities']}** communities meet" in said(page)
    matrix, changed = (each.value for each in page.dataframe)
    rows = scorecard(result.standard, result.coverage)
    fails = matrix[WORDS("en", "scorecard.col_fails")]
    assert fails.tolist() == rows["fails"].head(len(matrix)).tolist()
    marks = {"meets": "✓", "fails": "✗", "cannot_judge": "?"}
    for rule in result.standard.rules:
        verdicts = rows[f"{rule.id.replace('-', '_')}_verdict"].head(len(matrix))
        shown = matrix[rule.title["en"]].str[0]
        assert shown.tolist() == [marks[verdict] for verdict in verdicts]
    other = assess(preparation, STANDARDS["intl-400m"])
    found = flips(result.coverage, other.coverage)
    assert len(changed) == min(len(found), 100) > 0
    assert set(found["kind"]) == {"toilet"}


@pytest.mark.parametrize(
    ("standard", "value", "shown"),
    [
        ("cn-toilet-300", 0.89996, "✗ 89.9% (-0.1) missing"),
        ("cn-toilet-300", 0.9, "✓ 90.0% (0.0)"),
        ("cn-toilet-300", 0.7, "✗ 70.0% (-20.0) missing"),
        ("cn-toilet-density", 2.9999, "✗ 2.99 (-0.01) missing"),
        ("cn-toilet-density", 210_000.0, "✓ 210\u202f000.00 (+209\u202f997.00)"),
        ("complete-community", 0, "✗ 0 (-1) missing"),
        ("complete-community", 12, "✓ 12 (+11)"),
    ],
)
def test_a_value_that_fails_never_reads_as_the_minimum(standard, value, shown):
    rule, translate = STANDARDS[standard].rules[0], Speaker(WORDS, "en")
    verdict = "meets" if value >= rule.minimum else "fails"
    assert cell(translate, rule, verdict, value, value - rule.minimum, "missing", value) == shown


@pytest.mark.parametrize(
    ("verdict", "shown"), [("meets", "✓ ≥ 91.0%"), ("fails", "✗ ≥ 0.0% missing")]
)
def test_a_value_that_may_be_higher_says_so(verdict, shown):
    rule, translate = STANDARDS["cn-toilet-300"].rules[0], Speaker(WORDS, "en")
    value = 0.91 if verdict == "meets" else 0.0
    found = cell(translate, rule, verdict, value, value - rule.minimum, "missing", value + 0.05)
    assert found == shown


def test_a_zone_that_touches_no_community_says_that_nothing_can_be_compared(
    towns, visit, tmp_path, monkeypatch
):
    town = write_town(tmp_path / "far", "id,lon,lat\nt1,121.005,31.005\n")
    zone = gpd.GeoDataFrame(
        {"id": ["z"], "name": ["Far"]}, geometry=[shapely.box(121.03, 31, 121.04, 31.01)], crs=4326
    )
    zone.to_file(town / "zones.geojson")
    layer = '[[layers]]\nkind = "zone"\nfile = "zones.geojson"\nsource = "a test"\n'
    layer += 'columns = { id = "id", name = "name" }\n'
    (town / "city.toml").write_text(RECIPE + layer, "utf-8")
    monkeypatch.setitem(towns, "far", town)
    query = {"standard": "cn-toilet-300", "rule": "toilet-500-area", "zone": "z", "share": "area"}
    page = visit("far", page="coverage", language="en", **query)
    assert WORDS("en", "zones.empty", zone="Far") in said(page)
    assert page.dataframe[0].value.empty
    page = visit("far", page="scorecard", language="en", **query)
    assert set(page.dataframe[0].value[WORDS("en", "zones.col_inside")]) == {"—"}


def test_scorecard_of_a_part_of_the_city(visit, preparation):
    result = assess(preparation, STANDARDS["cn-life-circle"])
    parent = result.coverage["parent"].iloc[0]
    page = visit(page="scorecard", standard="cn-life-circle", parent=parent, language="zh")
    assert set(page.dataframe[0].value[WORDS("zh", "coverage.col_parent")]) == {parent}
    n = (preparation.communities["parent"] == parent).sum()
    assert f" / {n}**" in said(page)


def test_standards_without_a_common_kind_say_so(visit):
    page = visit(page="scorecard", standard="cn-fitness", against="cn-toilet-300", language="en")
    assert "no kind of facility in common" in said(page)


@pytest.mark.parametrize("category", [False, True])
def test_hot_spots_show_the_recipe(visit, city, category):
    chosen = city.issues["category"].value_counts().index[0] if category else ""
    found = find_hot_spots(
        city.issues,
        city.communities,
        as_of=city.as_of,
        category=chosen or None,
        since=pd.Timestamp("2025-01-01"),
        until=pd.Timestamp("2026-06-30"),
        cell_size=300,
    )
    query = {"since": "2025-01-01", "cell": "300", "category": chosen}
    page = visit(page="hotspots", language="en", **query)
    places = found.places
    assert len(places) > 0
    assert f"**{len(places)}** hot places" in said(page)
    assert f"({count(places['cases'].sum())} of {count(found.hot_spots.cases)})" in said(page)
    table = page.dataframe[0].value
    for name, column in (("cases", "cases"), ("open", "open"), ("overdue", "overdue")):
        shown = table[WORDS("en", f"hotspots.col_{name}")]
        assert shown.tolist() == places[column].head(len(table)).tolist()


@pytest.mark.parametrize("language", LANGUAGES)
def test_density_clusters_show_the_recipe(visit, city, language):
    found = find_clusters(
        city.issues,
        city.communities,
        as_of=city.as_of,
        since=pd.Timestamp("2025-01-01"),
        until=pd.Timestamp("2026-06-30"),
        distance=100,
        least=5,
        streets=city.streets,
    )
    query = {"layer": "clusters", "since": "2025-01-01", "within": "100", "crowd": "5"}
    page = visit(page="hotspots", language=language, **query)
    assert f"**{len(found.table)}**" in said(page)
    assert f"{count(found.inside)}" in said(page)
    assert WORDS(language, "hotspots.clusters_meaning") in said(page)
    table = page.dataframe[0].value
    for name, column in (("cases", "cases"), ("sites", "sites"), ("open", "open")):
        shown = table[WORDS(language, f"hotspots.col_{name}")]
        assert shown.tolist() == found.table[column].head(len(table)).tolist() != []
    assert query.items() <= query_of(page).items()


def test_where_nothing_is_dense_the_page_says_what_may_help(visit):
    page = visit(page="hotspots", language="en", layer="clusters", within="25", crowd="100")
    assert "A wider radius or fewer cases may help." in said(page)
    assert not page.dataframe


def test_sources_account_for_every_row(visit, city):
    page = visit(page="sources", language="en")
    table = page.dataframe[0].value
    parts = {name: table[WORDS("en", f"sources.col_{name}")] for name in ("in", "loaded")}
    aside = table[[WORDS("en", f"sources.col_{n}") for n in ("not_selected", "quarantined")]]
    assert (parts["in"] == parts["loaded"] + aside.sum(axis=1)).all()
    assert parts["in"].tolist() == [report.rows_in for report in city.reports]
    notes, quarantine = page.dataframe[1].value, page.dataframe[2].value
    assert len(notes) == sum(len(report.notes) for report in city.reports) > 0
    assert len(quarantine) == min(len(city.quarantine), 200) > 0


def test_exported_files_hold_the_numbers_of_the_page(visit, preparation):
    page = visit(page="export", language="en", standard="intl-400m")
    page.button(key="make-coverage").click().run()
    assert not page.exception
    _, files = page.session_state["made-coverage"]
    table = pd.read_csv(StringIO(files["coverage.csv"].decode("utf-8-sig")))
    result = assess(preparation, STANDARDS["intl-400m"]).coverage
    assert table["population_covered"].tolist() == pytest.approx(
        result["population_covered"].tolist(), abs=1e-3
    )
    assert set(table["standard"]) == {"intl-400m"}
    labels = [element.label for element in page.get("download_button")]
    assert labels == [WORDS("en", f"export.file_{name.replace('.', '_')}") for name in files]


# --- change and silence


@pytest.fixture(scope="module")
def change(city):
    return find_trends(
        city.issues,
        city.communities,
        as_of=city.as_of,
        residents=city.residents,
        facilities=city.facilities,
    )


def test_the_page_of_change_shows_the_recipe_s_patterns(visit, change):
    page = visit(page="change", language="en")
    table, places = page.dataframe[0].value, change.emerging.places
    assert table[WORDS("en", "change.col_pattern")].tolist() == [
        WORDS("en", f"change.{name}") for name in places["pattern"]
    ]
    assert table[WORDS("en", "change.col_last")].tolist() == places["cases_last"].tolist()
    assert EDITION in said(page)


def test_alerts_and_predictions_are_those_of_the_recipe(visit, change):
    table = visit(page="change", language="en", view="weeks").dataframe[0].value
    called = change.alerts[change.alerts["alert"] != "within"]
    assert table[WORDS("en", "change.col_week")].tolist() == called["week"].tolist()
    table = visit(page="change", language="en", view="prediction").dataframe[0].value
    shown = table[WORDS("en", "change.col_hits")].tolist()
    assert shown == [percent(rate) for rate in change.prediction["hit_rate"]]


def test_a_period_too_short_for_change_is_refused_with_the_reason(visit):
    page = visit(page="change", language="en", since="2026-01-01")
    assert "There are only 6 whole months" in said(page)
    assert WORDS("en", "hint.steps_too_few") in said(page)


def test_the_silent_community_leads_its_page(visit, change):
    page = visit(page="silence", language="zh")
    table = change.under_reporting.table
    first = table["p"].idxmin()
    shown = page.dataframe[0].value
    assert (
        shown[WORDS("zh", "hotspots.col_place")].iloc[0].split(" · ")[0]
        == (table.loc[first, "community"])
    )
    assert table.loc[first, "community"] in said(page)
    assert WORDS("zh", "hotspots.no_report") in said(page)


# --- joint priority


def points_of(page):
    """The arithmetic of the row shown: points of each part, and their sum."""
    frame = page.dataframe[-1].value
    return [float(text) for text in frame[WORDS("en", "priority.col_points")]]


def test_the_priority_page_shows_a_sum_that_adds_up(visit):
    page = visit(page="priority", language="en")
    *parts, total = points_of(page)
    assert len(parts) == 4
    assert sum(parts) == pytest.approx(total, abs=0.03)
    first = page.dataframe[0].value
    assert first[WORDS("en", "priority.score")].iloc[0] == pytest.approx(total, abs=0.06)
    assert WORDS("en", "priority.method") in "".join(texts(page))


def test_weights_are_in_the_url_and_move_the_list(visit):
    equal = visit(page="priority", language="en").dataframe[0].value
    page = visit(page="priority", language="en", weigh_reach="5", weigh_overdue="0")
    assert query_of(page)["weigh_reach"] == "5"
    weights = page.dataframe[-1].value[WORDS("en", "priority.col_weight")].tolist()
    assert weights == [percent(share) for share in (5 / 7, 1 / 7, 1 / 7, 0)] + ["100%"]
    place = WORDS("en", "hotspots.col_place")
    assert page.dataframe[0].value[place].tolist() != equal[place].tolist()
    page.selectbox(key="weigh_reach-en").set_value(0).run()
    assert not page.exception
    assert query_of(page)["weigh_reach"] == "0"


def test_a_city_without_issues_has_a_list_by_reach_alone_or_none(visit):
    page = visit("bare", page="priority", language="en")
    assert WORDS("en", "priority.none") in texts(page)


def test_all_weights_at_nothing_are_refused_in_words(visit):
    zero = {f"weigh_{part}": "0" for part in COMPONENTS}
    page = visit(page="priority", language="zh", **zero)
    assert any(WORDS("zh", "error.title") in text for text in texts(page))
    overview = visit(page="overview", language="zh", **zero)
    assert not overview.error


def test_the_overview_names_the_first_of_the_list(visit):
    page = visit(page="overview", language="en")
    listed = visit(page="priority", language="en").dataframe[0].value
    first = listed[WORDS("en", "hotspots.col_place")].iloc[0].split(" · ")[0]
    assert any(text.startswith(f"**1. {first}**") for text in texts(page))


# --- the state is the URL


def choices(city):
    """Any choice that widgets of this city can make."""
    days = st.dates(*DAYS).map(str) | st.just("")
    return st.builds(
        Choice,
        page=st.sampled_from(PAGES),
        language=st.sampled_from(LANGUAGES),
        standard=st.sampled_from(sorted(STANDARDS)),
        kind=st.sampled_from(sorted(city.kinds)),
        radius=st.integers(1, 100_000) | st.just(0),
        share=st.sampled_from(SHARES),
        community=st.sampled_from(["", *city.communities.index]),
        category=st.sampled_from(["", *sorted(city.issues["category"].unique())]),
        since=days,
        until=days,
        cell=st.sampled_from([0, 50, 120, 5000]),
        layer=st.sampled_from(LAYERS),
        place=st.sampled_from(["", "3-4"]),
        against=st.sampled_from(["", *sorted(STANDARDS)]),
        parent=st.sampled_from(sorted({"", *city.communities["parent"]})),
        edition=st.sampled_from(sorted(city.earlier)),
    )


@given(data=st.data())
def test_a_choice_comes_back_from_its_query(city, data):
    settled = data.draw(choices(city))
    rules = sorted(rules_of(STANDARDS[settled.standard], settled.kind))
    rule = data.draw(st.sampled_from(rules)) if rules else ""
    against = "" if settled.against == settled.standard else settled.against
    settled = dataclasses.replace(settled, rule=rule, against=against)
    assert read_choice(settled.query(), city, STANDARDS) == settled


FIELDS = [item.name for item in dataclasses.fields(Choice)]
WILD = st.text(max_size=30) | st.sampled_from(
    ["nan", "inf", "-1", "1e400", "0x10", "NaT", "now", "0001-01-01", "9999-12-31", "2024-W01-1"]
)


@given(query=st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), WILD))
def test_any_query_gives_a_choice_that_fits(city, query):
    choice = read_choice(query, city, STANDARDS)
    assert read_choice(choice.query(), city, STANDARDS) == choice
    assert choice.page in PAGES
    assert choice.kind in city.kinds
    assert choice.rule == "" or choice.rule in rules_of(STANDARDS[choice.standard], choice.kind)
    assert choice.community == "" or choice.community in city.communities.index
    for day in (choice.since, choice.until):
        assert day == "" or str(DAYS[0]) <= day <= str(DAYS[1])


@pytest.mark.parametrize(
    "query",
    [
        {"page": "hotspots", "since": "0001-01-01"},
        {"page": "hotspots", "since": "1900-01-01", "until": "2099-12-31"},
        {"page": "hotspots", "since": "2026-07-01", "until": "2026-06-01"},
        {"page": "hotspots", "cell": "10"},
        {"page": "hotspots", "cell": "100000"},
        {"page": "hotspots", "place": "no such place"},
        {"page": "hotspots", "layer": "density", "since": "2026-06-30"},
        {"page": "change", "view": "month", "month": "2026-13"},
        {"page": "change", "view": "last_year", "span": "12", "until": "2024-09-01"},
        {"page": "change", "view": "weeks", "until": "1900-01-01"},
        {"page": "silence", "since": "2026-06-30", "category": "no such"},
        {"page": "coverage", "radius": "1"},
        {"page": "coverage", "radius": "100000"},
        {"page": "coverage", "standard": "cn-toilet-300", "kind": "market"},
        {"page": "export", "standard": "<script>", "category": "${x}"},
    ],
)
def test_a_strange_url_gets_a_page_or_words(visit, query):
    page = visit(**query, language="en")
    assert f"**{WORDS('en', 'app.title')}**" in texts(page)


@pytest.mark.parametrize(
    "query",
    [
        {"page": "coverage", "kind": "market", "radius": "650", "share": "area"},
        {"page": "hotspots", "since": "2025-02-03", "cell": "400", "layer": "density"},
        {"page": "overview", "standard": "intl-400m"},
    ],
)
def test_a_page_keeps_its_url_and_shows_its_state(visit, query):
    page = visit(**query, language="en")
    assert query.items() <= query_of(page).items()
    again = visit(**query_of(page))
    assert texts(again) == texts(page)
    assert query_of(again) == query_of(page)


def test_another_language_keeps_the_rest(visit):
    page = visit(page="coverage", language="en", radius="650", community="990104003")
    page.button_group(key="language-en").set_value("zh").run()
    assert not page.exception
    now = query_of(page)
    assert (now["language"], now["radius"], now["community"]) == ("zh", "650", "990104003")
    assert f"**{WORDS('zh', 'app.title')}**" in texts(page)


def test_another_kind_drops_the_radius_of_the_last_one(visit):
    page = visit(page="coverage", language="en", radius="650")
    page.selectbox(key="kind-en").set_value("market").run()
    assert not page.exception
    now = query_of(page)
    assert now["kind"] == "market"
    assert "radius" not in now


# --- units and matrix


@pytest.fixture(scope="module")
def year(city):
    """The last year of the data, which pages show first, and its oversight."""
    first, last = (pd.Timestamp(day) for day in last_year(city.as_of))
    ready = prepare(
        city.communities, city.facilities, city.residents, kinds=city.kinds, land=city.land
    )
    return assess_handling(
        city.issues, city.communities, as_of=city.as_of, taxonomy=city.taxonomy,
        area_m2=ready.area_m2, calendar=city.calendar, since=first, until=last,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_report_checked_shows_the_recipe(visit, city, year, language):
    page = visit(page="units", language=language)
    checks = year.checks
    assert f"**{count(len(checks.unchecked))}**" in said(page)
    assert f"**{count(checks.received)}**" in said(page)
    ages, sources, units, cases = (frame.value for frame in page.dataframe)
    name = WORDS(language, "units.show_unchecked")
    assert ages[name].sum() == sources[name].sum() == units[name].sum() == len(checks.unchecked)
    assert cases.iloc[:, 0].tolist() == checks.unchecked.index[: len(cases)].tolist()
    assert not cases.astype(str).isin(set(city.issues["text"])).to_numpy().any()


def test_rates_show_numerator_and_denominator(visit, year):
    page = visit(page="units", part="rates", language="en")
    table = page.dataframe[0].value
    rows = year.kpis.query("level == 'city'")
    for name, column in (("hits", "numerator"), ("denominator", "denominator")):
        assert table[WORDS("en", f"units.col_{name}")].tolist() == rows[column].tolist()
    half = year.closing.loc[0, "median_days"]
    assert f"**{half:.1f}** days" in said(page)


def test_ranks_say_why_and_the_small_unit_is_not_ranked(visit):
    page = visit(page="units", part="ranking", language="zh")
    units, communities = (frame.value for frame in page.dataframe)
    name, rank, why = (WORDS("zh", key) for key in ("units.col_name", "hotspots.col_rank",
                                                     "units.col_reason"))  # fmt: skip
    small = units[units[name] == "市园林绿化队"].iloc[0]
    assert small[rank] == "—"
    assert "不足 10 件" in small[why]
    assert len(communities) == 57  # the quiet one has no case to rank by
    assert page.get("download_button")


def test_the_matrix_shows_the_recipe_and_its_top_three(visit, year):
    page = visit(page="matrix", language="zh")
    table = page.dataframe[0].value
    cases = wide_matrix(year.matrix, level="ten", value="cases")
    assert table[WORDS("zh", "matrix.total")].sum() == cases.to_numpy().sum()
    assert table["乱扔乱倒"].sum() == cases["dump"].sum()
    assert table[WORDS("zh", "matrix.total")].is_monotonic_decreasing
    assert table[WORDS("zh", "matrix.top")].iloc[0].startswith("乱扔乱倒")
    again = visit(page="matrix", language="en", taxon="major", per="cases_per_km2")
    assert "City appearance and environment" in again.dataframe[0].value


@pytest.mark.real_city("nyc")
def test_a_city_without_checks_or_due_times_says_so(visit):
    page = visit("nyc", page="units", language="en")
    assert "Cannot judge" in said(page)
    assert not page.error
    rates = visit("nyc", page="units", part="rates", language="en").dataframe[0].value
    assert rates[WORDS("en", "units.col_meaning")].str.startswith("cannot be judged").all()


@pytest.mark.real_city("nyc")
def test_pages_agree_on_the_people_out_of_reach_though_they_come_in_fractions(visit):
    chosen = {"kind": "toilet", "language": "en"}
    told = re.search(r"\*\*([^*]+)\*\* have none", said(visit("nyc", page="capacity", **chosen)))
    assert f"**{told[1]}** residents are beyond" in said(visit("nyc", page="coverage", **chosen))
    assert f": {told[1]} residents are beyond" in said(visit("nyc", page="overview", **chosen))


# --- never a marker for each case


@pytest.fixture
def drawn(visit, monkeypatch):
    """Open a page and give the specification of its map."""
    specs = []
    monkeypatch.setattr(widget, "dynamic", lambda spec: specs.append(spec) or dynamic(spec))

    def draw(**query):
        specs.clear()
        visit(language="en", **query)
        (spec,) = specs
        return spec

    return draw


def single_points(spec):
    """Places drawn one by one."""
    if spec.points is None:
        return []
    return json.loads(STORE.get(spec.points.url).content)["lon"]


@pytest.mark.parametrize(
    "query",
    [
        *({"page": "hotspots", "layer": layer} for layer in LAYERS),
        {"page": "hotspots", "layer": "clusters", "within": "25", "crowd": "3"},
        {"page": "change"},
        {"page": "change", "view": "month"},
        {"page": "lookback"},
        {"page": "priority"},
        *({"page": "units", "show": show} for show in SHOWS),
    ],
)
def test_no_map_makes_a_marker_of_each_of_thousands_of_cases(drawn, city, query):
    spec = drawn(**query, since="2024-01-01")
    assert len(city.issues) > 10_000
    assert len(spec.marks) <= 100
    assert len(single_points(spec)) <= MOST_POINTS == 2_000


def test_single_reports_stand_on_the_map_where_they_are_few(drawn, city, year):
    waiting = year.checks.unchecked
    rare = waiting["category"].value_counts().index[-1]
    found = waiting[(waiting["category"] == rare) & waiting["x"].notna()]
    spec = drawn(page="units", category=rare)
    assert len(single_points(spec)) == len(found) > 0
    assert drawn(page="units", category=rare, show="overdue").points is None
    assert len(waiting) > MOST_POINTS
    assert drawn(page="units").points is None


def test_at_most_two_thousand_reports_are_drawn_one_by_one(year):
    reports = pd.concat([year.checks.unchecked.dropna(subset="x")] * 2).head(MOST_POINTS + 1)
    for count_, shown in ((MOST_POINTS, MOST_POINTS), (MOST_POINTS + 1, 0)):
        checks = dataclasses.replace(year.checks, unchecked=reports.head(count_))
        assert len(single_reports(dataclasses.replace(year, checks=checks), "unchecked")) == shown


# --- many readers, many communities


def bytes_sent(page):
    """Sum of all that a run sends to the browser."""
    protos = [getattr(element, "proto", None) for element in page]
    return sum(proto.ByteSize() for proto in protos if proto is not None)


def test_an_answer_is_made_once_for_all_sessions(visit, monkeypatch):
    first = visit(page="coverage", language="en", radius="700")
    monkeypatch.setattr(coverage, "_answer", None)
    again = visit(page="coverage", language="en", radius="700")
    assert texts(again) == texts(first)
    assert again.dataframe[0].value.equals(first.dataframe[0].value)


def test_an_update_is_small_with_7000_communities(visit):
    page = visit("great", page="coverage", language="en")
    assert len(page.selectbox(key="community-en").options) == LISTED + 1
    assert 15_000 < bytes_sent(page) < 50_000
    page.text_input(key="part-en").set_value("SQUARE 6999").run()
    assert page.selectbox(key="community-en").options[1:] == ["Square 6999 of the town"]
    page.selectbox(key="community-en").set_value("Square 6999 of the town").run()
    page.text_input(key="part-en").set_value("no such name").run()
    assert page.selectbox(key="community-en").options[1:] == ["Square 6999 of the town"]
    assert query_of(page)["community"] == "Square 6999 of the town"
    assert bytes_sent(page) < 50_000


@pytest.mark.parametrize("page", ["overview", "coverage", "scorecard", "capacity", "robustness"])
def test_a_city_without_facilities_is_told_so(visit, towns, tmp_path, page):
    towns["empty"] = write_town(tmp_path / "empty", "id,lon,lat\nt1,121.005,31.005\n")
    recipe = towns["empty"] / "city.toml"
    head, *layers = recipe.read_text("utf-8").split("[[layers]]")
    kept = [layer for layer in layers if "toilet" not in layer]
    assert len(kept) < len(layers)
    recipe.write_text("[[layers]]".join([head, *kept]), encoding="utf-8")
    visit("empty", page=page, language="zh")
