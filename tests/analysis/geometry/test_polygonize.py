"""Lines that follow one another become polygons; those that do not are left out."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.geometry.polygonize import Lines, closed

HERE = np.array([500_000.0, 3_500_000.0])


def lines(polygons, *, cuts=3, seed=0):
    """Cut the rings of polygons into lines and shuffle them, a community each polygon."""
    rng = np.random.default_rng(seed)
    pieces, places = [], 0
    for community, polygon in enumerate(polygons):
        parts = shapely.get_parts(shapely.orient_polygons(polygon))
        for ring in shapely.get_rings(parts):
            points = shapely.get_coordinates(ring)[:-1]
            at = np.sort(rng.choice(len(points), min(cuts, len(points)), replace=False))
            for n, first in enumerate(at):
                last = at[(n + 1) % len(at)]
                length = (last - first - 1) % len(points) + 1
                run = points[(first + np.arange(length + 1)) % len(points)]
                pieces.append((run, community, places + n, places + (n + 1) % len(at)))
            places += len(at)
    rng.shuffle(pieces)
    return Lines(
        points=np.concatenate([run for run, *_ in pieces]),
        line=np.repeat(np.arange(len(pieces)), [len(run) for run, *_ in pieces]),
        community=np.array([community for _, community, *_ in pieces]),
        start=np.array([start for *_, start, _ in pieces]),
        end=np.array([end for *_, end in pieces]),
    )


def drawn(given_lines, count):
    polygons, of = closed((given_lines,), origin=HERE)
    moved = shapely.transform(polygons, lambda xy: xy - HERE)
    return [shapely.union_all(moved[of == community]) for community in range(count)]


SQUARE = shapely.box(0, 0, 100, 100)
FRAME = SQUARE.difference(shapely.box(10, 10, 90, 90))
ISLAND = FRAME.union(shapely.box(20, 20, 80, 80)).difference(shapely.box(40, 40, 60, 60))
APART = shapely.MultiPolygon([shapely.box(0, 0, 9, 9), shapely.box(20, 0, 30, 9)])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([SQUARE, FRAME, ISLAND, APART]), min_size=1, max_size=6),
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
)
def test_cut_rings_come_back_whole(polygons, cuts, seed):
    for was, now in zip(
        polygons, drawn(lines(polygons, cuts=cuts, seed=seed), len(polygons)), strict=True
    ):
        assert shapely.is_valid(now)
        assert shapely.equals(was, now)


def test_an_island_in_a_hole_is_a_polygon_of_its_own():
    polygons, of = closed((lines([ISLAND]),), origin=HERE)
    assert sorted(shapely.get_num_interior_rings(polygons)) == [1, 1]
    assert of.tolist() == [0, 0]


def test_a_community_that_does_not_close_is_left_out():
    both = lines([SQUARE, FRAME], cuts=2)
    lost = np.flatnonzero(both.community == 0)[0]
    end = both.end.copy()
    end[lost] = 99
    broken = Lines(both.points, both.line, both.community, both.start, end)
    first, second = drawn(broken, 2)
    assert first.is_empty
    assert second.equals(FRAME)


def test_a_hole_without_a_shell_is_left_out():
    inner = shapely.get_coordinates(shapely.orient_polygons(FRAME).interiors[0])
    one, zero = np.ones(1, dtype=int), np.zeros(1, dtype=int)
    ring = Lines(inner, np.zeros(len(inner), dtype=int), zero, one, one)
    assert closed((ring,), origin=HERE)[0].size == 0


def test_no_lines_make_no_polygons():
    none = np.empty(0, dtype=np.int64)
    polygons, of = closed((Lines(np.empty((0, 2)), none, none, none, none),), origin=HERE)
    assert len(polygons) == len(of) == 0
