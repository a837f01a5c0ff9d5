"""The page of coverage and its details show the recipe."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.access.prepared_city import with_shortest_paths
from analysis.coverage.additions import with_additions
from analysis.coverage.assessment import assess
from analysis.coverage.figures import NETWORK
from analysis.model.question import BOTH, BY_RULE
from analysis.model.standards import with_service_radius
from layers.knowledge.standards import load_kinds, load_standards
from tests.conftest import ROOT
from tests.views.shown import details_of, query_of, said, texts
from tests.views.towns import write_town
from views.controls.choice import (
    rules_of,
)
from wording.catalogue import load_words
from wording.names import lacking_text
from wording.speaker import Speaker

WORDS = load_words()
ENGLISH = Speaker(WORDS, "en")

STANDARDS = load_standards()


@pytest.mark.parametrize(("town", "there"), [("demo", True), ("bare", False)])
def test_residential_land_is_offered_where_there_is_a_layer(visit, town, there):
    page = visit(town, page="coverage", language="en", share="land", measure="straight")
    assert (query_of(page).get("share") == "land") == there
    column = WORDS("en", "coverage.land")
    assert (column in page.dataframe[0].value) == there
    assert (WORDS("en", "coverage.area_without_water") in said(page)) == there


@pytest.mark.parametrize(
    "chosen",
    [("cn-life-circle", "toilet", 0), ("cn-life-circle", "market", 800), ("intl-400m", "", 0)],
)
@pytest.mark.parametrize("measure", ["", "straight"])
def test_coverage_shows_the_recipe(visit, preparation, chosen, measure):
    standard, kind, radius = chosen
    kind = kind or STANDARDS[standard].rules[0].kind
    rule = next(iter(rules_of(STANDARDS[standard], kind)))
    radii = {kind: float(radius)} if radius else {}
    measures = (measure,) if measure else BY_RULE
    judged = with_service_radius(STANDARDS[standard], radii)
    result = assess(preparation, judged, measures=measures)
    rows = result.coverage[result.coverage["rule"] == rule]
    walked = not measure and standard == "cn-life-circle"
    assert set(rows["measure"]) == {"network" if walked else "straight"}
    query = {"standard": standard, "kind": kind, "radius": str(radius), "measure": measure}
    page = visit(page="coverage", language="zh", **query)
    out = rows["population"] - rows["population_covered"]
    out -= rows["population_not_judged"].fillna(0)
    meets = (rows["verdict"] == "meets").sum()
    assert f"**{meets} / {len(rows)}**" in said(page)
    assert f"**{out.sum():.0f}**" in said(page)
    if walked:  # the shares stand in columns of their own, see below
        return
    table = page.dataframe[0].value
    names = [WORDS("zh", f"coverage.{name}") for name in ("col_name", "people", "area", "col_out")]
    wanted = pd.DataFrame(
        {
            names[0]: rows["community"],
            names[1]: [
                float(ENGLISH.share(each)[:-1]) for each in rows["population_covered_share"]
            ],
            names[2]: [float(ENGLISH.share(share)[:-1]) for share in rows["area_covered_share"]],
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


def test_walking_distance_shows_the_recipe(visit, city, preparation, ways):
    ready = with_shortest_paths(preparation, ways)
    result = assess(ready, STANDARDS["cn-life-circle"], measures=(NETWORK,))
    rows = result.rows_of("toilet-5min", NETWORK)
    query = {"standard": "cn-life-circle", "kind": "toilet", "measure": "network"}
    page = visit(page="coverage", language="en", **query)
    beyond = rows["population"] - rows["population_covered"] - rows["population_not_judged"]
    assert f"**{ENGLISH.count(beyond.sum())}**" in said(page)
    whole = result.summary.iloc[0]
    assert f"{whole['detour_ratio']:.2f} times" in said(page)
    table = page.dataframe[0].value
    assert WORDS("en", "coverage.area") not in table
    assert f"{ENGLISH.share(whole['straight_covered_share'])} within reach" in said(page)
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
    result = with_additions(preparation, assess(preparation, standard, measures=BOTH))
    chosen = {"page": "coverage", "kind": "toilet", "language": "en", "community": "990106005"}
    details = details_of(visit(**chosen))
    for place, measure in enumerate(BOTH):
        row = result.rows_of("toilet-5min", measure).set_index("community_id").loc["990106005"]
        assert row["facilities_to_add"] > 1
        lacking = f"{ENGLISH.count(row['shortfall'])} more people to reach"
        told = f"{lacking}; facilities to add for this community alone: {row['facilities_to_add']}"
        assert details.loc["Shortfall"].iloc[place] == told


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
    assert sorted(shown) == pytest.approx(sorted(rows["value"]), abs=0.00501)  # two decimals
    assert f"**{(rows['verdict'] == 'meets').sum()} of {len(rows)}**" in said(page)


@pytest.mark.parametrize(
    ("language", "title"), [("zh", "各街道居民覆盖率"), ("en", "Sub-district by share")]
)
def test_the_bars_of_areas_are_called_as_the_city_calls_them(visit, language, title):
    page = visit(page="coverage", language=language, panel="chart", measure="straight")
    assert title in said(page)
