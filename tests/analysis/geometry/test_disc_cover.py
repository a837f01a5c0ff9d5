"""Exact coverage by area: sums by hand, laws, and agreement with overlay of polygons."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.geometry import disc_cover as reach_module
from analysis.geometry.arcs import JITTER, jitter
from analysis.geometry.buffers import covered_share_by_polygons
from analysis.geometry.disc_cover import covered_share, prepare_disc_cover
from analysis.model.crs import local_crs
from analysis.model.errors import CrsError

EAST, NORTH = 500_000, 3_500_000
CRS = "EPSG:32651"


def communities(*polygons, east=EAST, north=NORTH):
    moved = shapely.transform(
        np.array(polygons, dtype=object), lambda xy: xy + np.array([east, north])
    )
    index = pd.Index([f"c{n}" for n in range(len(polygons))], name="community_id")
    return gpd.GeoDataFrame({"name": index, "parent": "p"}, geometry=moved, crs=CRS, index=index)


def facilities(*points, east=EAST, north=NORTH):
    places = np.array(points, dtype=float).reshape(-1, 2) + np.array([east, north])
    index = pd.Index([f"f{n}" for n in range(len(places))], name="facility_id")
    columns = {"kind": "k", "name": index, "status": "open"}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(places), crs=CRS, index=index)


@pytest.fixture
def no_fallback(monkeypatch):
    def refuse(polygons, *_args, **_kwargs):
        pytest.fail(f"{len(polygons)} communities went to the fallback")

    monkeypatch.setattr(reach_module, "covered_area_by_polygons", refuse)


SQUARE = shapely.box(0, 0, 1000, 1000)
HOLED = SQUARE.difference(shapely.box(400, 400, 600, 600))
TWO_PARTS = shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(900, 0, 1000, 100)])
LENS = 2 * 300**2 * np.arccos(0.5) - 300 * np.sqrt(300**2 - 150**2)
RING = [(1200 * np.cos(a), 1200 * np.sin(a)) for a in np.arange(6) * np.pi / 3]


@pytest.mark.usefixtures("no_fallback")
@pytest.mark.parametrize(
    ("community", "places", "radius", "area"),
    [
        pytest.param(SQUARE, [(0, 0)], 500, np.pi * 500**2 / 4, id="quarter-disc-in-corner"),
        pytest.param(SQUARE, [(500, 0)], 300, np.pi * 300**2 / 2, id="half-disc-on-border"),
        pytest.param(SQUARE, [(500, 500)], 300, np.pi * 300**2, id="disc-inside"),
        pytest.param(SQUARE, [(500, 500)], 500, np.pi * 500**2, id="disc-touching-all-borders"),
        pytest.param(SQUARE, [(500, 500)], 708, 1e6, id="disc-around-it"),
        pytest.param(SQUARE, [(-300, 500)], 300, 0, id="touched-from-outside"),
        pytest.param(SQUARE, [(-9e4, 500)], 9.2e4, 1e6, id="radius-wider-than-the-city"),
        pytest.param(SQUARE, [(500, 500)], 1, np.pi, id="one-metre"),
        pytest.param(
            SQUARE, [(350, 500), (650, 500)], 300, 2 * np.pi * 300**2 - LENS, id="two-discs"
        ),
        pytest.param(SQUARE, [(250, 500), (750, 500)], 250, 2 * np.pi * 250**2, id="tangent-discs"),
        pytest.param(
            SQUARE,
            [(0, 0), (0, 1000), (1000, 0), (1000, 1000)],
            500,
            np.pi * 500**2,
            id="four-tangent-quarters",
        ),
        pytest.param(HOLED, [(500, 500)], 100, 0, id="disc-in-the-hole"),
        pytest.param(HOLED, [(500, 500)], 300, np.pi * 300**2 - 200**2, id="disc-over-the-hole"),
        pytest.param(HOLED, [(500, 500)], 708, 1e6 - 200**2, id="disc-around-the-hole"),
        pytest.param(TWO_PARTS, [(50, 50)], 80, 1e4, id="one-of-two-parts"),
        pytest.param(shapely.box(0, 0, 1000, 0.01), [(0, 0)], 500, 5, id="sliver"),
    ],
)
def test_sums_by_hand(community, places, radius, area):
    prepared = prepare_disc_cover(communities(community), facilities(*places))
    assert prepared.covered_area(radius).iloc[0] == pytest.approx(area, rel=1e-6, abs=0.05)


@pytest.mark.usefixtures("no_fallback")
def test_a_disc_whose_circle_others_cover_still_counts():
    """Six discs cover the whole circle of the seventh, but not its middle."""
    middle = communities(shapely.box(-100, -100, 100, 100))
    around = covered_share(middle, facilities(*RING), service_radius=1000)
    with_middle = covered_share(middle, facilities((0, 0), *RING), service_radius=1000)
    assert around.iloc[0] == 0
    assert with_middle.iloc[0] == pytest.approx(1)


@pytest.mark.usefixtures("no_fallback")
def test_a_pinhole_between_discs_stays_open():
    """Four discs around a point 500.5 m from each leave a star of a few tenths of a m²."""
    square = communities(shapely.box(-100, -100, 100, 100))
    discs = facilities((500.5, 0), (-500.5, 0), (0, 500.5), (0, -500.5))
    share = covered_share(square, discs, service_radius=500).iloc[0]
    exact = covered_share_by_polygons(square, discs, service_radius=500, quad_segs=4096).iloc[0]
    assert 0 < share < 1
    assert share == pytest.approx(exact, abs=1e-6)


@pytest.mark.usefixtures("no_fallback")
def test_a_lattice_of_tangent_discs_covers_pi_quarters():
    """Every circle touches four others and the borders between communities."""
    tiles = [shapely.box(x, y, x + 100, y + 100) for x in range(0, 800, 100) for y in (0, 100)]
    places = [(x, y) for x in range(-100, 1000, 100) for y in range(-100, 400, 100)]
    share = covered_share(communities(*tiles), facilities(*places), service_radius=50)
    np.testing.assert_allclose(share, np.pi / 4, atol=1e-6)


@pytest.mark.usefixtures("no_fallback")
def test_five_thousand_facilities_in_one_place_are_as_good_as_one():
    spread = np.random.default_rng(5).normal(0, 1e-3, (5000, 2))
    near = covered_share(communities(SQUARE), facilities(*(spread + 500)), service_radius=300)
    assert near.iloc[0] == pytest.approx(np.pi * 0.09, abs=2e-5)


def test_no_facility_covers_nothing():
    share = covered_share(communities(SQUARE, HOLED), facilities(), service_radius=500)
    pd.testing.assert_series_equal(
        share,
        pd.Series(0.0, index=pd.Index(["c0", "c1"], name="community_id"), name="covered_share"),
    )


def test_frames_are_left_as_they_were():
    left, right = communities(SQUARE, HOLED), facilities((0, 0), (0, 0), (700, 20))
    before = left.copy(deep=True), right.copy(deep=True)
    covered_share(left, right, service_radius=300)
    pd.testing.assert_frame_equal(left, before[0])
    pd.testing.assert_frame_equal(right, before[1])


# --- laws -------------------------------------------------------------------------------

lattice = st.integers(-2, 10).map(lambda n: n * 125.0)
anywhere = st.floats(-300, 1300)
places = st.one_of(
    st.lists(st.tuples(lattice, lattice), min_size=1, max_size=12),
    st.lists(st.tuples(anywhere, anywhere), min_size=1, max_size=12),
)
radii = st.one_of(st.sampled_from([125.0, 250.0, 125 * 2**0.5, 375.0]), st.floats(5, 900))
SHAPES = (
    SQUARE,
    HOLED,
    TWO_PARTS,
    shapely.box(250, 250, 750, 500),
    shapely.box(1000, 0, 1250, 1e3),
)


@settings(max_examples=60, deadline=None)
@given(points=places, radius=radii, more=st.floats(0, 500))
def test_share_is_a_share_and_never_falls_as_the_radius_grows(points, radius, more):
    prepared = prepare_disc_cover(communities(*SHAPES), facilities(*points))
    near = prepared.covered_area(radius) / prepared.area
    far = prepared.covered_area(radius + more) / prepared.area
    assert near.between(0, 1).all()
    assert (far >= near - 1e-7).all()


@settings(max_examples=60, deadline=None)
@given(points=places, extra=places, radius=radii)
def test_share_never_falls_with_more_facilities(points, extra, radius):
    few = covered_share(communities(*SHAPES), facilities(*points), service_radius=radius)
    many = covered_share(communities(*SHAPES), facilities(*points, *extra), service_radius=radius)
    assert (many >= few - 1e-7).all()


@settings(max_examples=30, deadline=None)
@given(points=places, radius=radii)
def test_order_and_duplicates_of_facilities_do_not_matter(points, radius):
    shapes = communities(*SHAPES)
    once = covered_share(shapes, facilities(*points), service_radius=radius)
    again = covered_share(shapes, facilities(*points[::-1], *points), service_radius=radius)
    pd.testing.assert_series_equal(once, again, check_exact=True)


@settings(max_examples=30, deadline=None)
@given(points=places, radius=radii)
def test_order_of_communities_does_not_matter(points, radius):
    shapes = communities(*SHAPES)
    forth = covered_share(shapes, facilities(*points), service_radius=radius)
    back = covered_share(shapes[::-1], facilities(*points), service_radius=radius)
    pd.testing.assert_series_equal(forth, back[::-1], check_exact=False, rtol=0, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(points=places, radius=radii, east=st.integers(-9, 9), north=st.integers(-9, 9))
def test_moving_everything_changes_nothing(points, radius, east, north):
    here = covered_share(communities(*SHAPES), facilities(*points), service_radius=radius)
    move = {"east": EAST + east * 9999, "north": NORTH + north * 9999}
    there = covered_share(
        communities(*SHAPES, **move), facilities(*points, **move), service_radius=radius
    )
    np.testing.assert_allclose(here, there, atol=2e-6)


@settings(max_examples=40, deadline=None)
@given(points=places, radius=radii, cut=st.floats(1, 999))
def test_parts_of_a_community_sum_to_the_whole(points, radius, cut):
    left, right = shapely.box(0, 0, cut, 1000), shapely.box(cut, 0, 1000, 1000)
    shapes = communities(SQUARE, left, right)
    area = prepare_disc_cover(shapes, facilities(*points)).covered_area(radius)
    assert area["c0"] == pytest.approx(area["c1"] + area["c2"], abs=1e-3)


# --- agreement with overlay of polygons ----------------------------------------------------


def random_polygon(rng, *, on_lattice):
    if on_lattice:
        shape = shapely.MultiPoint(rng.integers(0, 11, (rng.integers(3, 9), 2))).convex_hull
        west, south = rng.integers(0, 9, 2)
        other = shapely.box(west, south, west + 2, south + 1)
    else:
        turn = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(4, 12)))
        arm = rng.uniform(1, 6, (len(turn), 1))
        shape = shapely.Polygon(5 + arm * np.column_stack([np.cos(turn), np.sin(turn)]))
        other = shapely.Point(rng.uniform(2, 8, 2)).buffer(rng.uniform(0.2, 2), quad_segs=3)
        shape = shape.buffer(0)
    joined = rng.choice([shape, shape.difference(other), shape.union(other)])
    whole = joined.geom_type in ("Polygon", "MultiPolygon") and joined.area > 1
    return joined if whole else random_polygon(rng, on_lattice=on_lattice)


def random_city(seed, *, on_lattice, count):
    rng = np.random.default_rng(seed)
    shapes = [random_polygon(rng, on_lattice=on_lattice) for _ in range(count)]
    shapes = shapely.transform(np.array(shapes, dtype=object), lambda xy: xy * 100)
    many = rng.integers(1, 40)
    if on_lattice:
        points = rng.integers(-2, 13, (many, 2)) * 100
        radius = float(rng.choice([50, 100, 100 * 2**0.5, 200, 300, 500]))
    else:
        points = rng.uniform(-200, 1200, (many, 2))
        radius = rng.uniform(10, 600)
    return communities(*shapes), facilities(*points), radius


@pytest.mark.usefixtures("no_fallback")
@pytest.mark.parametrize("on_lattice", [True, False], ids=["lattice", "anywhere"])
@pytest.mark.parametrize("seed", range(50))
def test_agrees_with_overlay_of_polygons(seed, on_lattice):
    """10,000 communities in all; polygons lie inside their circles, so they are never above."""
    shapes, points, radius = random_city(seed, on_lattice=on_lattice, count=100)
    exact = covered_share(shapes, points, service_radius=radius)
    drawn = covered_share_by_polygons(shapes, points, service_radius=radius, quad_segs=32)
    assert (exact - drawn).min() > -1e-6
    assert (exact - drawn).max() < 3.2e-4 * radius * (shapes.length / shapes.area).max()


@pytest.mark.parametrize("on_lattice", [True, False], ids=["lattice", "anywhere"])
def test_agrees_with_fine_polygons_as_their_segments_grow(on_lattice):
    shapes, points, _ = random_city(99, on_lattice=on_lattice, count=40)
    radius = 100.0
    exact = covered_share(shapes, points, service_radius=radius)
    errors = [
        (
            exact - covered_share_by_polygons(shapes, points, service_radius=radius, quad_segs=q)
        ).max()
        for q in (8, 64, 512)
    ]
    assert errors[0] > 10 * errors[1] > 100 * errors[2]
    assert errors[2] < 1e-5


def test_a_second_metric_crs_gives_the_same_shares():
    shapes, points, radius = random_city(7, on_lattice=False, count=40)
    second = local_crs(shapes.to_crs(4326).total_bounds)
    here = covered_share(shapes, points, service_radius=radius)
    there = covered_share(shapes.to_crs(second), points.to_crs(second), service_radius=radius)
    np.testing.assert_allclose(here, there, atol=1e-3)


# --- the guard, threads and refusals --------------------------------------------------------


@pytest.mark.parametrize("how", ["doubtful", "out-of-range"])
def test_what_does_not_add_up_is_measured_by_polygons(monkeypatch, how):
    shapes, points, radius = random_city(3, on_lattice=False, count=20)
    exact = covered_share(shapes, points, service_radius=radius)
    meet, enclosed_area = reach_module.meet, reach_module.enclosed_area
    if how == "doubtful":
        monkeypatch.setattr(
            reach_module,
            "meet",
            lambda *args, **options: replace(
                (met := meet(*args, **options)), doubtful=np.ones_like(met.doubtful)
            ),
        )
        monkeypatch.setattr(reach_module, "enclosed_area", lambda *args: enclosed_area(*args) * 0.5)
    else:
        monkeypatch.setattr(reach_module, "enclosed_area", lambda *args: enclosed_area(*args) - 1e9)
    mended = covered_share(shapes, points, service_radius=radius)
    np.testing.assert_allclose(mended, exact, atol=5e-5)


def test_threads_may_share_what_was_prepared():
    shapes, points, _ = random_city(11, on_lattice=False, count=100)
    prepared = prepare_disc_cover(shapes, points)
    wanted = [float(radius) for radius in range(20, 420, 20)]
    alone = [prepare_disc_cover(shapes, points).covered_area(radius) for radius in wanted]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(prepared.covered_area, wanted))
    for one, other in zip(alone, together, strict=True):
        pd.testing.assert_series_equal(one, other, check_exact=True)


@given(st.lists(st.tuples(st.floats(-1e7, 1e7), st.floats(-1e7, 1e7)), min_size=1))
def test_jitter_is_small_and_depends_on_the_point_alone(points):
    points = np.array(points)
    moved = jitter(points)
    assert np.abs(moved).max() <= JITTER
    np.testing.assert_array_equal(moved[::-1], jitter(points[::-1]))


@pytest.mark.parametrize("radius", [0, -1, float("nan"), float("inf")])
@pytest.mark.parametrize("measure", [covered_share, covered_share_by_polygons])
def test_refuses_a_radius_that_is_none(measure, radius):
    with pytest.raises(ValueError, match="positive metres"):
        measure(communities(SQUARE), facilities((0, 0)), service_radius=radius)


@pytest.mark.parametrize("crs", [4326, 3857, 2263])
@pytest.mark.parametrize("measure", [covered_share, covered_share_by_polygons])
def test_refuses_false_metres(measure, crs):
    shapes, points = communities(SQUARE), facilities((0, 0))
    with pytest.raises(CrsError, match="not true metres"):
        measure(shapes.to_crs(crs), points.to_crs(crs), service_radius=500)


def test_refuses_frames_in_two_systems():
    with pytest.raises(CrsError, match="communities in"):
        covered_share(communities(SQUARE), facilities((0, 0)).to_crs(32650), service_radius=500)
