"""The demo city: made anew byte for byte, its planted truths and its dirt in the raw files."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tools.demo_city.city import write_demo

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"

LIMIT = 4_000_000

FILES = {
    "README.md",
    "built_up.geojson",
    "city.toml",
    "clause_values.csv",
    "communities.geojson",
    "fitness.gpkg",
    "green.geojson",
    "issues.csv.gz",
    "main_streets.geojson",
    "markets.xlsx",
    "place_names.geojson",
    "residential.geojson",
    "monitoring.csv",
    "residents.parquet",
    "river.geojson",
    "streets.parquet",
    "survey_awareness.csv",
    "survey_satisfaction.csv",
    "toilets.csv",
    "toilets_2024.csv",
    "truths.toml",
    "zones.geojson",
    "frontages.geojson",
}

TO_METRES = Transformer.from_crs("EPSG:4326", "EPSG:32649", always_xy=True)


def metres(lon, lat):
    """Easting and northing of numbers or texts; those that are no place become infinite."""
    lon, lat = (pd.to_numeric(pd.Series(part), errors="coerce") for part in (lon, lat))
    return np.column_stack(TO_METRES.transform(lon.to_numpy(), lat.to_numpy()))


@pytest.fixture(scope="module")
def truths():
    tables = tomllib.loads((DEMO / "truths.toml").read_text(encoding="utf-8"))
    return {truth["id"]: truth for truth in tables["truth"]}


@pytest.fixture(scope="module")
def dirt():
    tables = tomllib.loads((DEMO / "truths.toml").read_text(encoding="utf-8"))
    return {(row["file"], row["what"]): row["count"] for row in tables["dirt"]}


@pytest.fixture(scope="module")
def communities():
    features = json.loads((DEMO / "communities.geojson").read_text(encoding="utf-8"))["features"]
    frame = gpd.GeoDataFrame.from_features(features, crs="EPSG:4326").set_index("code")
    return frame.to_crs("EPSG:32649")


@pytest.fixture(scope="module")
def residents():
    return pd.read_parquet(DEMO / "residents.parquet")


@pytest.fixture(scope="module")
def toilets():
    return pd.read_csv(DEMO / "toilets.csv", encoding="utf-8-sig", dtype=str).fillna("")


@pytest.fixture(scope="module")
def supply(toilets):
    rows = toilets[toilets["状态"].isin(["开放", "不详", "施工中", "?"])]
    at = metres(rows["经度"], rows["纬度"])
    return at[np.isfinite(at).all(axis=1)]


@pytest.fixture(scope="module")
def issues():
    rows = pd.read_csv(DEMO / "issues.csv.gz", dtype=str).fillna("")
    at = metres(rows["经度"], rows["纬度"])
    return rows.assign(
        x=at[:, 0],
        y=at[:, 1],
        day=pd.to_datetime(rows["上报时间"], errors="coerce"),
    )


def near(issues, truth, radius):
    centre = metres([truth["lon"]], [truth["lat"]])
    return issues[np.hypot(issues["x"] - centre[0, 0], issues["y"] - centre[0, 1]) <= radius]


def test_a_fresh_city_has_the_same_bytes_as_the_committed_one(tmp_path):
    write_demo(tmp_path)
    fresh = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in tmp_path.iterdir()
    }
    committed = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in DEMO.iterdir()
    }
    assert fresh == committed
    assert set(fresh) == FILES


def test_the_city_is_small():
    assert sum(file.stat().st_size for file in DEMO.iterdir()) <= LIMIT


def test_everything_has_a_name_in_both_languages(communities):
    assert len(communities) == 58
    assert communities["street"].nunique() == 8
    assert communities[["street", "street_en"]].drop_duplicates().shape == (8, 2)
    names = [communities[["name", "name_en", "street", "street_en"]]]
    names.append(pd.read_csv(DEMO / "toilets.csv", encoding="utf-8-sig")[["公厕名称", "英文名称"]])
    names.append(
        pd.read_excel(DEMO / "markets.xlsx", sheet_name="农贸市场")[["市场名称", "英文名称"]]
    )
    names.append(gpd.read_file(DEMO / "fitness.gpkg")[["name", "name_en"]])
    for frame in names:
        assert frame.notna().all(axis=None)
        assert (frame != "").all(axis=None)


def test_communities_share_their_borders_once_the_bow_tie_is_mended(communities):
    broken = communities[~communities.is_valid]
    assert len(broken) == 1
    mended = shapely.make_valid(communities.geometry.to_numpy(), method="structure")
    assert shapely.coverage_is_valid(mended, gap_width=0.01)
    assert shapely.union_all(mended).geom_type == "Polygon"


def test_subdistricts_are_in_one_piece_on_one_bank(communities):
    features = json.loads((DEMO / "river.geojson").read_text(encoding="utf-8"))["features"]
    river = gpd.GeoDataFrame.from_features(features, crs="EPSG:4326").to_crs("EPSG:32649")
    whole = communities.assign(geometry=communities.make_valid()).dissolve("street")
    assert (whole.geom_type == "Polygon").all()
    dry = whole.difference(river.union_all())
    mainland = dry.apply(lambda shape: max(part.area for part in getattr(shape, "geoms", [shape])))
    assert (mainland / dry.area > 0.999).all()


def test_residents_are_a_grid_that_avoids_the_river(residents, communities):
    counted = residents[residents["population"] > 0]
    assert 400_000 <= counted["population"].sum() <= 600_000
    assert counted["population"].sum() == communities["population"].sum()
    assert (residents[["easting", "northing"]] % 100 == 50).all(axis=None)
    features = json.loads((DEMO / "river.geojson").read_text(encoding="utf-8"))["features"]
    river = gpd.GeoDataFrame.from_features(features, crs="EPSG:4326").to_crs("EPSG:32649")
    points = shapely.points(residents[["easting", "northing"]].to_numpy())
    assert not shapely.intersects(river.union_all(), points).any()


def parts(streets):
    nodes, place = np.unique(
        streets[["from_node", "to_node"]].to_numpy().astype(str), return_inverse=True
    )
    first, second = place.reshape(-1, 2).T
    links = coo_array((np.ones(len(first)), (first, second)), shape=(len(nodes), len(nodes)))
    return connected_components(links, directed=False)[0]


def test_only_two_bridges_carry_walkers_over_the_river():
    streets = gpd.read_parquet(DEMO / "streets.parquet")
    walkable = streets[streets["walkable"]]
    bridges = walkable["road_class"] == "桥梁"
    assert bridges.sum() == 2
    assert parts(walkable) == 1
    assert parts(walkable[~bridges]) == 2


@pytest.mark.parametrize("gap", ["gap-south", "gap-north"])
def test_gaps_are_populated_and_far_from_every_toilet_in_use(gap, truths, supply, residents):
    truth = truths[gap]
    centre = metres([truth["lon"]], [truth["lat"]])
    assert np.hypot(*(supply - centre).T).min() > truth["free_radius_m"]
    far = np.hypot(*(residents[["easting", "northing"]].to_numpy() - centre).T)
    people = residents["population"].clip(lower=0)
    # Within 300 m of the centre every toilet in use is more than 600 m away.
    assert people[far < 300].sum() > 1_500
    assert people[far < truth["free_radius_m"]].sum() >= truth["people_beyond_500_m"] > 5_000


def test_most_people_far_from_a_toilet_live_in_the_two_gaps(truths, supply, residents):
    at = residents[["easting", "northing"]].to_numpy()
    apart = np.array([np.hypot(*(supply - point).T).min() for point in at])
    people = residents["population"].clip(lower=0).fillna(0)
    planted = sum(truths[gap]["people_beyond_500_m"] for gap in ("gap-south", "gap-north"))
    assert planted / people[apart > 500].sum() > 0.6


def test_the_standing_hot_spot_reports_every_month(truths, issues):
    truth = truths["standing"]
    own = near(issues, truth, truth["radius_m"])
    own = own[own["问题类别"].isin(truth["categories"])]
    assert own.groupby(own["day"].dt.to_period("M")).size().min() >= 45
    assert own["day"].dt.to_period("M").nunique() == 24
    share = len(own) / issues["问题类别"].isin(truth["categories"]).sum()
    assert share > 50 * np.pi * truth["radius_m"] ** 2 / 67e6


def test_the_emerging_hot_spot_is_silent_until_its_last_four_months(truths, issues):
    truth = truths["emerging"]
    own = near(issues, truth, truth["radius_m"])
    own = own[own["问题类别"].isin(truth["categories"])]
    months = own.groupby(own["day"].dt.strftime("%Y-%m")).size()
    assert list(months.index) == ["2026-03", "2026-04", "2026-05", "2026-06"]
    assert list(months) == truth["by_month"] == sorted(truth["by_month"])


def test_the_returned_hot_spot_was_closed_then_quiet_then_back_at_the_same_spots(truths, issues):
    truth = truths["returned"]
    own = near(issues, truth, truth["quiet_radius_m"])
    own = own[own["问题类别"].isin(truth["categories"])]
    before = own[own["day"] < truth["quiet_from"]]
    after = own[own["day"] >= truth["back_since"]]
    assert len(before) + len(after) == len(own) == truth["planted_issues"]
    assert (before["结案时间"] != "").all()
    assert before["结案时间"].max() <= truth["all_closed_by"] + " 23:59"
    old, new = before[["x", "y"]].to_numpy(), after[["x", "y"]].to_numpy()
    apart = np.hypot(*(new[:, None] - old[None]).transpose(2, 0, 1)).min(axis=1)
    assert np.quantile(apart, 0.99) < 15


def test_the_quiet_community_has_people_but_almost_no_report(truths, issues, communities):
    truth = truths["quiet"]
    shape = communities.geometry[truth["community_id"]]
    points = shapely.points(np.nan_to_num(issues[["x", "y"]].to_numpy(), posinf=0))
    assert shapely.contains(shape, points).sum() == truth["issues"] <= 2
    assert communities["population"][truth["community_id"]] == truth["population"] > 5_000
    assert truth["issues_expected_by_population"] > 100


def test_people_covered_and_land_covered_differ_in_the_uneven_community(
    truths, supply, communities
):
    truth = truths["uneven"]
    shape = communities.geometry[truth["community_id"]]
    reach = shapely.union_all(shapely.buffer(shapely.points(supply), truth["service_radius_m"]))
    share = shape.intersection(reach).area / shape.area
    assert share == pytest.approx(truth["area_covered_share"], abs=0.005)
    assert truth["population_covered_share"] - share > 0.5


def test_elsewhere_issues_follow_the_residents(truths, issues, communities):
    counts = pd.Series(0, index=communities.index)
    points = gpd.GeoSeries(shapely.points(issues[["x", "y"]].to_numpy()), crs="EPSG:32649")
    points = points[np.isfinite(issues["x"])]
    inside = gpd.sjoin(points.to_frame("geometry"), communities.make_valid().to_frame("geometry"))
    counts = counts.add(inside.groupby("code").size(), fill_value=0)
    for truth in truths.values():
        counts = counts.drop(truth.get("community_id", ""), errors="ignore")
    rate = counts / communities["population"].reindex(counts.index)
    assert rate.std() / rate.mean() < 0.1


def test_issues_end_with_some_open_and_overdue(issues):
    usable = issues[issues["状态"] == "处置中"]
    assert 150 < (usable["处置时限"] < "2026-06-30").sum() < 400
    assert (usable["结案时间"] == "").all()
    assert len(issues) == 20_288
    assert issues["问题类别"].nunique() == 12
    assert issues["来源"].nunique() == 5
    assert issues["责任单位"].str.contains("环卫所|城管中队|居委会|园林绿化队").all()


def test_dirty_issues_are_counted(issues, dirt):
    def count(what):
        return dirt["issues.csv.gz", what]

    lon, lat = (pd.to_numeric(issues[column], errors="coerce") for column in ("经度", "纬度"))
    closed = pd.to_datetime(issues["结案时间"])
    assert (issues["经度"] == "").sum() == count("coordinates missing")
    assert (lat > 90).sum() == count("longitude and latitude swapped")
    assert ((lon == 0) & (lat == 0)).sum() == count("coordinates 0, 0")
    assert (lon.sub(112.62).abs() > 1).sum() - (lat > 90).sum() - (lon == 0).sum() == count(
        "far outside the city"
    )
    assert issues["案件编号"].duplicated().sum() == count(
        "identifier used twice (the row repeated)"
    )
    assert issues["day"].isna().sum() == count("a date that does not exist")
    assert (issues["day"].dt.year == 2066).sum() == count("reported in the year 2066")
    early = closed < issues["day"].where(issues["day"].dt.year < 2066)
    assert early.sum() == count("closed before it was reported")
    unknown = ~issues["状态"].isin(["已结案", "待核查", "处置中"])
    assert unknown.sum() == count("unknown status value")
    assert issues["问题描述"].str.contains(r"[<$`\\={]").sum() == count("hostile text")


def test_dirty_toilets_are_counted(toilets, dirt):
    def count(what):
        return dirt["toilets.csv", what]

    lon, lat = (pd.to_numeric(toilets[column], errors="coerce") for column in ("经度", "纬度"))
    assert (toilets["经度"] == "").sum() == count("coordinates missing")
    assert (lat > 90).sum() == count("longitude and latitude swapped")
    assert ((lon == 0) & (lat == 0)).sum() == count("coordinates 0, 0")
    assert toilets["编号"].duplicated().sum() == count("identifier used twice (the row repeated)")
    assert (~toilets["厕位数"].str.isdigit()).sum() == count("text in a number column")
    unknown = ~toilets["状态"].isin(["开放", "停用", "在建", "不详"])
    assert unknown.sum() == count("unknown status value")
    assert toilets["公厕名称"].str.contains(r"[<$`\\=]").sum() == count("hostile text in a name")
    assert 150 <= (toilets["状态"] == "开放").sum() <= 200


def test_hostile_payloads_only_set_a_flag(toilets, issues):
    names = pd.concat([toilets["公厕名称"], issues["问题描述"]])
    running = names[names.str.contains("onerror|<script|\\$\\{")]
    assert len(running) >= 4
    assert running.str.contains("window.__hostile=1", regex=False).all()


def test_the_readme_names_every_truth_and_every_kind_of_dirt(truths, dirt):
    text = (DEMO / "README.md").read_text(encoding="utf-8")
    for truth in truths.values():
        assert f"`{truth['id']}`" in text
        assert str(truth.get("unit", "")) in text
        assert "lon" not in truth or f"{truth['lon']}, {truth['lat']}" in text
        assert truth.get("community_id", "") in text
    for (file, what), count in dirt.items():
        assert f"| `{file}` | {what} | {count} |" in text
