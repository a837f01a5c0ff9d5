"""
Coverage by area against the plain recipe, in CPU seconds of one run.

Run: python -m bench.coverage --communities 7014 --radius 300

The plain recipe is what any GeoPandas user would write: buffer, union_all, overlay. Errors
of a share are against circles of 1,024 segments on a sample of communities.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from analysis.access.proximity import nearest_distance
from analysis.access.residents import covered_population, locate_residents
from analysis.coverage.gaps import gap_polygons
from analysis.geometry.buffers import covered_share_by_polygons
from analysis.geometry.disc_cover import prepare_disc_cover
from bench.big_city import SIZES, benchmark_size, make_frames, open_ones
from bench.figures import Clock, Figure, report

KIND = "toilet"
GOALS = {"shares, prepared": 60, "one more radius": 300, "shares + gaps": 60}
"""Smallest ratio of CPU seconds, plain recipe to ours."""
ERROR_GOAL = 1e-6
SAMPLE = 150
REFERENCE_QUAD_SEGS = 1024
"""Of a quarter circle: short of 4e-7 of a disc's area."""


def make_city(communities):
    frames = make_frames(replace(benchmark_size(communities), issues=1_000))
    return frames["communities"], open_ones(frames["facilities"], KIND), frames["residents"]


def plain_recipe(communities, facilities, radius):
    reach = facilities.buffer(radius).union_all()
    reach = reach_frame(reach, communities)
    covered = communities[["geometry"]].reset_index().overlay(reach, how="intersection")
    gaps = communities[["geometry"]].reset_index().overlay(reach, how="difference")
    area = covered.set_index("community_id").area
    return (area / communities.area).reindex(communities.index).fillna(0.0), gaps


def reach_frame(reach, communities):
    return communities.iloc[:1][["geometry"]].set_geometry([reach]).reset_index(drop=True)


def measure(communities, facilities, radius, clock):
    """Time each of our steps; the radius compared is the first and, after another, one more."""
    cover = clock.timed("prepare", prepare_disc_cover, communities, facilities)
    area = clock.timed("shares", cover.covered_area, radius)
    cover.covered_area(1.5 * radius)
    clock.timed("one more radius", cover.covered_area, radius)
    gaps = clock.timed(
        "gaps", gap_polygons, communities, facilities, service_radius=radius, cover=cover
    )
    return area / cover.area, gaps


def measure_people(communities, facilities, residents, radius, clock):
    demand = clock.timed("locate people", locate_residents, residents, communities)
    places = residents["x"], residents["y"]
    distance = clock.timed("nearest of people", nearest_distance, *places, facilities)
    clock.timed("people covered", covered_population, demand, distance, service_radius=radius)


def errors(communities, facilities, radius, shares):
    """Find the largest error of each column of shares, on a sample."""
    sample = communities.sample(min(SAMPLE, len(communities)), random_state=1)
    exact = covered_share_by_polygons(
        sample, facilities, service_radius=radius, quad_segs=REFERENCE_QUAD_SEGS
    )
    return {
        name: float(np.abs(share[sample.index] - exact).max()) for name, share in shares.items()
    }


def ratios(seconds):
    """How many times the CPU seconds of ours the plain recipe takes."""
    prepared = seconds["prepare"] + seconds["shares"]
    ours = {
        "shares, prepared": prepared,
        "one more radius": seconds["one more radius"],
        "shares + gaps": prepared + seconds["gaps"],
    }
    return [
        Figure(f"plain / {name}", seconds["plain recipe"] / cpu, "x", GOALS[name], at_least=True)
        for name, cpu in ours.items()
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--communities", type=int, default=SIZES["M"].communities)
    parser.add_argument("--radius", type=float, default=300.0)
    given = parser.parse_args()
    communities, facilities, residents = make_city(given.communities)
    print(
        f"{len(communities):,} communities, {communities.count_coordinates().sum():,} vertices,"
        f" {len(facilities):,} facilities, {len(residents):,} places of residents,"
        f" {given.radius:g} m"
    )
    clock = Clock()
    share, gaps = measure(communities, facilities, given.radius, clock)
    measure_people(communities, facilities, residents, given.radius, clock)
    plain_share, _ = clock.timed(
        "plain recipe", plain_recipe, communities, facilities, given.radius
    )
    figures = [Figure(name, cpu, "s CPU") for name, cpu in clock.spent.items()]
    figures += ratios(clock.spent)
    wrong = errors(communities, facilities, given.radius, {"ours": share, "plain": plain_share})
    figures.append(Figure("largest error of a share, ours", wrong["ours"], "", ERROR_GOAL))
    figures.append(Figure("largest error of a share, plain", wrong["plain"]))
    missed = report(figures)
    whole = (share * communities.area).sum() + gaps.frame["area_m2"].sum() + gaps.sliver_area_m2
    print(f"covered + gaps + slivers of the whole: 1 {whole / communities.area.sum() - 1:+.1e}")
    raise SystemExit(missed and given.communities >= SIZES["M"].communities)


if __name__ == "__main__":
    main()
