"""Walking distance: agreement with networkx, laws, and sums by hand."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.access.street_network import (
    TIE_M,
    prepare_network,
    reached_streets,
    street_access,
    walking_distance,
)
from analysis.model.errors import CrsError
from tests.frames import CRS

SIDE = 100.0
quick = settings(deadline=None, max_examples=60)


def streets(lines, *, walkable=True):
    """Make a streets frame from lists of points; lines meet where their ends are equal."""
    frame = gpd.GeoDataFrame(
        {
            "from_node": [str(line[0]) for line in lines],
            "to_node": [str(line[-1]) for line in lines],
            "length_m": [shapely.LineString(line).length for line in lines],
            "walkable": walkable,
        },
        geometry=[shapely.LineString(line) for line in lines],
        index=[f"e{place}" for place in range(len(lines))],
        crs=CRS,
    )
    return frame.rename_axis("edge")


def walk(lines, homes, shops, *, leg=200.0):
    network = prepare_network(streets(lines) if isinstance(lines, list) else lines)
    from_, to = (
        street_access(network, *np.array(places, dtype=float).reshape(-1, 2).T, max_leg=leg)
        for places in (homes, shops)
    )
    return walking_distance(network, from_, to)


def by_networkx(lines, homes, shops, *, leg=200.0):
    """Join every place to every edge as near as the nearest up to `TIE_M`; search by networkx."""
    edges = [shapely.LineString(line) for line in lines]
    stops = [{0.0: line[0], edge.length: line[-1]} for line, edge in zip(lines, edges, strict=True)]
    graph = nx.DiGraph()  # nobody walks through another's home: ways go out of shops, into homes

    def join(name, place):
        away = [edge.distance(shapely.Point(place)) for edge in edges]
        graph.add_node(name)
        if min(away) > leg:
            return
        for number in np.flatnonzero(np.array(away) <= min(away) + TIE_M):
            along = edges[number].project(shapely.Point(place))
            stop = stops[number].setdefault(along, (int(number), along))
            way = (name, stop) if name[0] == "shop" else (stop, name)
            graph.add_edge(*way, weight=min(away))

    for number, place in enumerate(homes):
        join(("home", number), place)
    for number, place in enumerate(shops):
        join(("shop", number), place)
    for stop in stops:
        ordered = sorted(stop)
        for low, high in pairwise(ordered):
            one, other, length = stop[low], stop[high], high - low
            if length < graph.get_edge_data(one, other, {"weight": np.inf})["weight"]:
                graph.add_edge(one, other, weight=length)
                graph.add_edge(other, one, weight=length)
    sources = {("shop", number) for number in range(len(shops))}
    found = nx.multi_source_dijkstra_path_length(graph, sources) if sources else {}
    return np.array([found.get(("home", number), np.inf) for number in range(len(homes))])


corner = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(
    lambda xy: (xy[0] * SIDE, xy[1] * SIDE)
)
coordinate = st.one_of(
    st.integers(-12, 32).map(lambda number: number * 25.0),  # on and between the streets
    st.floats(-300, 800, allow_nan=False).map(lambda number: round(number, 3)),
)
place = st.tuples(coordinate, coordinate)
homes_ = st.lists(place, min_size=1, max_size=12)
shops_ = st.lists(place, max_size=8)


@st.composite
def towns(draw):
    """Draw a lattice with some streets gone, some doubled by a bend, and any long ones."""
    steps = [
        [(x * SIDE, y * SIDE), ((x + dx) * SIDE, (y + dy) * SIDE)]
        for x in range(5)
        for y in range(5)
        for dx, dy in ((1, 0), (0, 1))
        if x + dx < 5 and y + dy < 5
    ]
    kept = draw(st.integers(0, 2 ** len(steps) - 1))
    lines = [step for bit, step in enumerate(steps) if kept >> bit & 1]
    for one, other in draw(st.lists(st.tuples(corner, corner), max_size=4)):
        line = [one, draw(place), other]
        if line[1] not in {one, other} and shapely.LineString(line).is_simple:  # once through each
            lines.append(line)
    return lines or [[(0.0, 0.0), (SIDE, 0.0)]]


@quick
@given(lines=towns(), homes=homes_, shops=shops_)
def test_agrees_with_networkx(lines, homes, shops):
    np.testing.assert_allclose(
        walk(lines, homes, shops), by_networkx(lines, homes, shops), rtol=0, atol=1e-6
    )


@quick
@given(lines=towns(), homes=homes_, shops=shops_.filter(len))
def test_is_never_shorter_than_the_straight_line(lines, homes, shops):
    homes, shops = np.array(homes), np.array(shops)
    straight = np.hypot(*(homes[:, None] - shops[None]).T).min(axis=0)
    assert (walk(lines, homes, shops) >= straight - 1e-6).all()


@quick
@given(lines=towns(), homes=homes_, shops=shops_, more=shops_)
def test_more_facilities_never_make_a_way_longer(lines, homes, shops, more):
    assert (walk(lines, homes, shops + more) <= walk(lines, homes, shops) + 1e-9).all()


@quick
@given(lines=towns(), homes=homes_, shops=shops_, order=st.randoms(use_true_random=False))
def test_order_and_direction_of_rows_do_not_matter(lines, homes, shops, order):
    expected = walk(lines, homes, shops)
    mixed = [line[:: order.choice([1, -1])] for line in order.sample(lines, len(lines))]
    places = order.sample(range(len(homes)), len(homes))
    found = walk(mixed, [homes[each] for each in places], order.sample(shops, len(shops)))
    np.testing.assert_allclose(found, expected[places], rtol=0, atol=1e-6)


def reached(lines, shops, radius):
    network = prepare_network(streets(lines))
    doors = street_access(network, *np.array(shops, dtype=float).reshape(-1, 2).T)
    return reached_streets(network, doors, service_radius=radius)


@quick
@given(lines=towns(), shops=shops_.filter(len), radius=st.integers(1, 600))
def test_reach_is_where_the_way_is_short_enough(lines, shops, radius):
    found = reached(lines, shops, radius)
    edges = [shapely.LineString(line) for line in lines]
    steps = (np.arange(50) + 0.5) / 50
    points = [edge.interpolate(step, normalized=True) for edge in edges for step in steps]
    ways = walk(lines, [(point.x, point.y) for point in points], shops)
    inside = np.array(points, dtype=object)[ways < radius - 1e-6]
    if len(inside):
        assert shapely.distance(shapely.union_all(found), inside).max() < 1e-6
    # streets that cross without a node keep the other side from being told by distance
    near = (ways <= radius + 1e-6).reshape(len(edges), -1).mean(axis=1)
    assert shapely.length(found).sum() <= sum(
        edge.length * (share + 0.1) for edge, share in zip(edges, near, strict=True)
    )


@quick
@given(lines=towns(), shops=shops_.filter(len), radius=st.integers(1, 600))
def test_reach_is_part_of_the_streets_once_and_grows_with_the_radius(lines, shops, radius):
    found, more = (
        shapely.length(reached(lines, shops, each)).sum() for each in (radius, radius + 9)
    )
    total = sum(shapely.LineString(line).length for line in lines)
    assert 0 <= found <= more + 1e-6 <= total + 1e-5


def test_reach_is_cut_on_the_edge_by_hand():
    town = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(0, 50), (200, 50)]]
    found = reached(town, [(50, 10)], 80)
    # 10 m of leg leave 70 m either way: all of the first edge, 20 m of the second
    assert sorted(shapely.length(found).tolist()) == pytest.approx([20, 100])
    short = reached(town, [(50, 10)], 30)
    assert shapely.to_wkt(short, rounding_precision=6).tolist() == ["LINESTRING (30 0, 70 0)"]
    assert reached(town, [], 80).tolist() == []
    with pytest.raises(ValueError, match="service_radius"):
        reached(town, [(50, 10)], 0)


def test_a_way_by_hand_joins_the_edge_and_not_the_node():
    town = [[(0, 0), (100, 0)], [(100, 0), (100, 100)]]
    assert walk(town, [(30, 10)], [(90, 60)]).tolist() == pytest.approx([10 + 70 + 60 + 10])


def test_a_place_as_near_to_two_edges_takes_the_shorter_way_whatever_rounding_says():
    # both streets pass 5 m off, but by floating point the slanted one is 1e-15 m nearer
    at = 5.4
    slanted, flat = np.array([(-5, 10), (11, -2)]) + at, np.array([(-20, -5), (20, -5)]) + at
    town = [[tuple(point) for point in line] for line in (slanted, flat)]
    assert walk(town, [(at, at)], [town[1][1]]) == pytest.approx([5 + 20])
    assert walk(town, [(at, at)], [town[0][1]]) == pytest.approx([5 + 10])


def test_the_nearest_of_several_facilities_on_the_edge_itself():
    shops = [(10, 0), (40, 0), (60, 5), (60, -50), (90, 0)]
    homes = [(0, 0), (30, 2), (55, 0), (61, 0), (100, 0)]
    assert walk([[(0, 0), (100, 0)]], homes, shops).tolist() == pytest.approx([10, 12, 10, 6, 10])


def test_a_place_joins_the_nearest_edge_however_long_the_edges_are():
    random = np.random.default_rng(3)
    town = streets(random.uniform(0, 3000, (12, 2, 2)).tolist())
    homes = random.uniform(0, 3000, (400, 2))
    found = street_access(prepare_network(town), *homes.T).leg_of_place
    every = np.array([town.distance(shapely.Point(home)).min() for home in homes])
    np.testing.assert_allclose(found, np.where(every <= 200, every, np.inf), rtol=0, atol=1e-9)
    assert 50 < np.isfinite(found).sum() < 350


def test_a_loop_and_parallel_edges_take_the_shorter_side():
    loop = [[(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]]
    assert walk(loop, [(10, 0)], [(0, 20)]).tolist() == pytest.approx([30])
    double = [[(0, 0), (50, 200), (100, 0)], [(0, 0), (100, 0)]]
    assert walk(double, [(0, 0)], [(100, 0)]).tolist() == pytest.approx([100])


def test_beyond_the_max_leg_and_on_another_component_no_way_is_known():
    town = [[(0, 0), (100, 0)], [(0, 500), (100, 500)]]
    homes = [(50, 200), (50, 200.01), (50, 500)]
    assert walk(town, homes, [(50, 0)]).tolist() == [200.0, np.inf, np.inf]
    assert walk(town, homes, [(50, 250)]).tolist() == [np.inf] * 3


def test_one_line_between_other_nodes_is_another_street():
    """Two crossings on one place, one above the other; each has its own way to the shop."""
    straight, bend = [(0, 0), (100, 0)], [(0, 0), (50, 80), (100, 0)]
    doubled = streets([straight, bend, straight, bend, [(100, 0), (300, 0)]])
    doubled["to_node"] = ["below", "below", "above", "above", "end"]
    doubled["from_node"] = [*doubled["from_node"].iloc[:4], "above"]
    assert walk(doubled, [(0, -10)], [(300, 5)]) == pytest.approx([10 + 300 + 5])


def test_a_street_that_stands_twice_counts_once():
    there, bend = [(0, 0), (100, 0)], [(0, 0), (50, 20), (100, 0)]
    town = [there, there[::-1], bend, there, bend[::-1]]
    assert len(prepare_network(streets(town)).lines) == 2
    once = reached([there, bend], [(0, 0)], 60)
    assert shapely.to_wkt(reached(town, [(0, 0)], 60)).tolist() == shapely.to_wkt(once).tolist()


def test_streets_that_cross_without_a_node_do_not_meet():
    bridge = [[(0, 0), (100, 0)], [(50, -50), (50, 50)]]
    assert np.isinf(walk(bridge, [(0, 0)], [(50, 50)])).all()


def test_streets_not_walkable_carry_nobody():
    town = streets([[(0, 0), (100, 0)], [(0, 50), (100, 50)]], walkable=[False, True])
    assert walk(town, [(0, 0)], [(100, 0)]).tolist() == [200.0]
    closed = town.assign(walkable=False)
    assert np.isinf(walk(closed, [(0, 0)], [(100, 0)])).all()


def test_streets_are_not_changed_and_must_be_metric():
    town = streets([[(0, 0), (100, 0)]])
    before = town.copy()
    walk(town, [(0, 0)], [(100, 0)])
    pd.testing.assert_frame_equal(town, before)
    with pytest.raises(CrsError, match="not true metres"):
        prepare_network(town.to_crs(4326))


@pytest.mark.parametrize("leg", [0, -1, float("nan")])
def test_refuses_a_leg_that_is_none(leg):
    with pytest.raises(ValueError, match="max_leg"):
        walk([[(0, 0), (100, 0)]], [(0, 0)], [(1, 1)], leg=leg)
