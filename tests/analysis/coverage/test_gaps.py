"""Coverage gaps: sums by hand, the balance of areas, and agreement with overlay."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.access.residents import locate_residents
from analysis.coverage.gaps import gap_polygons
from analysis.geometry import disc_cover, gap_outlines
from analysis.geometry.buffers import union_of_discs, unique_points
from analysis.geometry.disc_cover import prepare_disc_cover
from analysis.model.errors import CrsError

EAST, NORTH = 500_000, 3_500_000
CRS = "EPSG:32651"
SQUARE = shapely.box(0, 0, 1000, 1000)
NEXT = shapely.box(1000, 0, 2000, 1000)
HOLED = SQUARE.difference(shapely.box(400, 400, 600, 600))
TWO_PARTS = shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(900, 0, 1000, 100)])
RING = [(1200 * np.cos(a), 1200 * np.sin(a)) for a in np.arange(6) * np.pi / 3]


def communities(*polygons):
    moved = shapely.transform(
        np.array(polygons, dtype=object), lambda xy: xy + np.array([EAST, NORTH])
    )
    index = pd.Index([f"c{n}" for n in range(len(polygons))], name="community_id")
    names = {"name": [f"Place {n}" for n in range(len(polygons))], "parent": "District"}
    return gpd.GeoDataFrame(names, geometry=moved, crs=CRS, index=index)


def facilities(*points):
    places = np.array(points, dtype=float).reshape(-1, 2) + np.array([EAST, NORTH])
    index = pd.Index([f"f{n}" for n in range(len(places))], name="facility_id")
    columns = {"kind": "k", "name": index, "status": "open"}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(places), crs=CRS, index=index)


def residents(*rows):
    table = np.array(rows, dtype=float)
    index = pd.RangeIndex(len(rows), name="resident_id")
    columns = {"x": table[:, 0] + EAST, "y": table[:, 1] + NORTH, "population": table[:, 2]}
    return pd.DataFrame(columns, index=index)


def test_a_gap_has_its_names_area_people_and_distance():
    shapes = communities(SQUARE, NEXT)
    people = residents((10, 10, 1), (900, 900, 2), (1000, 500, 4), (5000, 0, 8), (500, 0, 16))
    demand = locate_residents(people, shapes)
    gaps = gap_polygons(shapes, facilities((0, 0)), service_radius=500, demand=demand)
    frame = gaps.frame
    assert frame.index.tolist() == ["c0-1", "c1-1"]
    assert frame.index.name == "gap_id"
    assert frame["community_id"].tolist() == ["c0", "c1"]
    assert frame["community"].tolist() == ["Place 0", "Place 1"]
    assert frame["parent"].tolist() == ["District", "District"]
    np.testing.assert_allclose(frame["area_m2"], [1e6 - np.pi * 500**2 / 4, 1e6], rtol=1e-7)
    assert frame["population"].tolist() == [6, 0]  # the border point is the first's
    inner = shapely.point_on_surface(frame.geometry.to_numpy())
    centre = shapely.Point(EAST, NORTH)
    np.testing.assert_allclose(frame["nearest_distance_m"], shapely.distance(inner, centre))
    assert (gaps.slivers, gaps.sliver_area_m2) == (0, 0)
    assert frame.crs == CRS


def test_without_residents_there_is_no_column_of_people():
    gaps = gap_polygons(communities(SQUARE), facilities((0, 0)), service_radius=500)
    assert "population" not in gaps.frame


def test_gaps_of_one_community_are_numbered_by_area():
    """A strip of discs cuts the square in two, the northern part the larger."""
    strip = [(x, 300) for x in range(-100, 1200, 10)]
    gaps = gap_polygons(communities(SQUARE), facilities(*strip), service_radius=100)
    assert gaps.frame.index.tolist() == ["c0-1", "c0-2"]
    np.testing.assert_allclose(gaps.frame["area_m2"], [6e5, 2e5], rtol=1e-3)


def test_slivers_are_left_out_and_counted():
    """A disc that crosses every border of its square leaves four equal corners."""
    middle = communities(SQUARE), facilities((500, 500))
    corner = (1e6 - prepare_disc_cover(*middle).covered_area(510).iloc[0]) / 4
    kept = gap_polygons(*middle, service_radius=510, min_area=corner - 1)
    dropped = gap_polygons(*middle, service_radius=510, min_area=corner + 1)
    assert len(kept.frame) == 4
    assert kept.slivers == 0
    assert dropped.frame.empty
    assert dropped.slivers == 4
    assert dropped.sliver_area_m2 == pytest.approx(4 * corner, rel=1e-6)


def test_an_untouched_community_is_its_own_gap_and_a_covered_one_has_none():
    shapes = communities(SQUARE, HOLED)
    far = gap_polygons(shapes, facilities((9000, 0)), service_radius=500)
    assert far.frame.geometry.tolist() == shapes.geometry.tolist()
    demand = locate_residents(residents((1, 1, 1)), shapes)
    none = gap_polygons(shapes, facilities((500, 500)), service_radius=708, demand=demand)
    assert none.frame.empty
    assert none.frame["population"].sum() == 0


def test_without_facilities_every_community_is_a_gap():
    shapes = communities(SQUARE, HOLED)
    gaps = gap_polygons(shapes, facilities(), service_radius=500)
    assert gaps.frame.geometry.tolist() == shapes.geometry.tolist()
    assert np.isinf(gaps.frame["nearest_distance_m"]).all()


def test_of_two_parts_the_covered_one_is_no_gap():
    gaps = gap_polygons(communities(TWO_PARTS), facilities((50, 50)), service_radius=80)
    assert gaps.frame["area_m2"].tolist() == pytest.approx([1e4])
    assert gaps.frame.total_bounds[0] == pytest.approx(EAST + 900)


def test_a_disc_inside_leaves_a_gap_with_a_hole():
    gaps = gap_polygons(communities(SQUARE), facilities((500, 500)), service_radius=300)
    (gap,) = gaps.frame.geometry
    assert len(gap.interiors) == 1
    assert gap.area == pytest.approx(1e6 - np.pi * 300**2, rel=1e-9)


def test_the_pinhole_in_a_ring_of_discs_is_a_gap():
    """Six discs cover the whole circle of the seventh, but not its middle."""
    middle = communities(shapely.box(-300, -300, 300, 300))
    around = gap_polygons(middle, facilities(*RING), service_radius=1000)
    filled = gap_polygons(middle, facilities((0, 0), *RING), service_radius=1000)
    points = unique_points(facilities(*RING))
    drawn = union_of_discs(middle.geometry.to_numpy(), points, service_radius=1000, quad_segs=512)
    rest = shapely.area(shapely.difference(middle.geometry.to_numpy(), drawn))
    assert around.frame["area_m2"].tolist() == pytest.approx(rest.tolist(), rel=1e-4)
    assert filled.frame.empty


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


@settings(max_examples=80, deadline=None)
@given(points=places, radius=radii)
def test_covered_and_gaps_and_slivers_are_the_whole(points, radius):
    shapes = communities(*SHAPES)
    cover = prepare_disc_cover(shapes, facilities(*points))
    gaps = gap_polygons(shapes, facilities(*points), service_radius=radius, cover=cover)
    assert gaps.frame.is_valid.all()
    assert (gaps.frame.geom_type == "Polygon").all()
    assert (gaps.frame["area_m2"] >= 100).all()
    assert gaps.frame.index.is_unique
    total = cover.covered_area(radius).sum() + gaps.frame["area_m2"].sum() + gaps.sliver_area_m2
    assert total == pytest.approx(cover.area.sum(), rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(points=places, radius=radii)
def test_gaps_lie_where_overlay_puts_them(points, radius):
    shapes = communities(*SHAPES)
    polygons = shapes.geometry.to_numpy()
    cover = prepare_disc_cover(shapes, facilities(*points))
    parts, of = gap_outlines.uncovered_parts(polygons, cover, service_radius=radius)
    gaps = np.array([shapely.union_all(parts[of == n]) for n in range(len(polygons))])
    discs = union_of_discs(polygons, unique_points(facilities(*points)), service_radius=radius)
    apart = shapely.area(shapely.symmetric_difference(shapely.difference(polygons, discs), gaps))
    chords = 2 * np.pi * radius * len(points) * radius * 1.3e-4
    assert (apart <= chords + 1e-3 * shapes.length.max()).all()


def test_what_cannot_be_drawn_is_overlaid(monkeypatch):
    shapes, points = communities(*SHAPES), facilities((500, 500), (30, 20), (700, 410))
    right = gap_polygons(shapes, points, service_radius=200).frame
    meet = disc_cover.meet
    monkeypatch.setattr(
        disc_cover,
        "meet",
        lambda *args, **options: replace(
            (met := meet(*args, **options)), doubtful=np.ones_like(met.doubtful)
        ),
    )
    mended = gap_polygons(shapes, points, service_radius=200).frame
    assert mended.index.tolist() == right.index.tolist()
    of = mended["community_id"].map(shapes.area).to_numpy()
    away = np.abs(mended["area_m2"] - right["area_m2"]).groupby(mended["community_id"]).sum()
    assert (away.max() / of.min()) < 1e-6  # of the community, as is claimed


def test_people_in_gaps_are_those_beyond_reach():
    rng = np.random.default_rng(8)
    shapes = communities(*[shapely.box(x, 0, x + 250, 1000) for x in range(0, 1000, 250)])
    points = facilities(*rng.uniform(0, 1000, (12, 2)))
    people = residents(
        *np.column_stack([rng.uniform(0, 1000, (4000, 2)), rng.integers(1, 9, 4000)])
    )
    gaps = gap_polygons(
        shapes, points, service_radius=120, demand=locate_residents(people, shapes), min_area=0
    ).frame
    places = shapely.points(people["x"], people["y"])
    distance = shapely.distance(places[:, None], points.geometry.to_numpy()).min(axis=1)
    assert gaps["population"].sum() == people["population"][distance > 120].sum()


@pytest.mark.parametrize("radius", [60, 120, 300])
def test_where_people_live_tells_their_gap_too(radius):
    rng = np.random.default_rng(9)
    shapes = communities(*[shapely.box(x, 0, x + 250, 1000) for x in range(0, 1000, 250)])
    points = facilities(*rng.uniform(0, 1000, (12, 2)))
    people = residents(
        *np.column_stack([rng.uniform(-99, 1000, (4000, 2)), rng.integers(1, 9, 4000)])
    )
    demand = locate_residents(people, shapes)
    gaps = gap_polygons(shapes, points, service_radius=radius, demand=demand).frame
    places = shapely.points(people["x"], people["y"])
    inside = shapely.contains(gaps.geometry.to_numpy()[:, None], places)
    expected = (inside * people["population"].to_numpy()).sum(axis=1)
    assert expected.sum() > 0
    assert gaps["population"].tolist() == expected.tolist()


def test_people_stay_in_their_gaps_where_a_community_is_left_out():
    shapes = communities(SQUARE, NEXT, shapely.box(2000, 0, 3000, 1000))
    people = residents((500, 500, 1), (1500, 500, 2), (2500, 500, 4))
    demand = locate_residents(people, shapes)
    gaps = gap_polygons(shapes.iloc[1:], facilities(), service_radius=100, demand=demand)
    assert gaps.frame["population"].to_dict() == {"c1-1": 2, "c2-1": 4}


def test_no_communities_have_no_gaps():
    shapes = communities(SQUARE)
    people = residents((500, 500, 1))
    gaps = gap_polygons(
        shapes.iloc[:0],
        facilities((0, 0)),
        service_radius=100,
        demand=locate_residents(people, shapes),
    )
    assert (len(gaps.frame), gaps.slivers, gaps.sliver_area_m2) == (0, 0, 0)
    assert "population" in gaps.frame


def test_refuses_no_radius_and_false_metres():
    with pytest.raises(ValueError, match="positive metres"):
        gap_polygons(communities(SQUARE), facilities((0, 0)), service_radius=0)
    with pytest.raises(CrsError, match="not true metres"):
        gap_polygons(
            communities(SQUARE).to_crs(4326), facilities((0, 0)).to_crs(4326), service_radius=9
        )


def test_people_on_water_or_in_a_sliver_count_for_the_nearest_gap():
    """Four corners are gaps; water takes the tip of one, and a sliver is left out of another."""
    whole = communities(SQUARE)
    dry = communities(SQUARE.difference(shapely.box(0, 0, 60, 60)))
    people = [(10, 10, 7), (70, 70, 5), (990, 990, 3), (500, 500, 100)]
    demand = locate_residents(residents(*people), whole)
    frame = gap_polygons(dry, facilities((500, 500)), service_radius=510, demand=demand).frame
    assert len(frame) == 4
    assert frame["population"].sum() == 15
    tip = shapely.Point(EAST + 70, NORTH + 70)
    assert frame.loc[frame.geometry.distance(tip).idxmin(), "population"] == 12
