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
from analysis.geometry.disc_cover import prepare_reach
from bench.big_city import SIZES, make_frames, size_of
from bench.figures import Figure, cpu_seconds, table

KIND = "toilet"
GOALS = {"shares, prepared": 60, "one more radius": 300, "shares + gaps": 60}
"""Least ratio of CPU seconds, plain recipe to ours."""
ERROR_GOAL = 1e-6
SAMPLE = 150
REFERENCE_QUAD_SEGS = 1024
"""Of a quarter circle: short of 4e-7 of a disc's area."""


def make_city(communities):
    size = SIZES["M"] if communities == SIZES["M"].communities else size_of(communities)
    frames = make_frames(replace(size, issues=1_000))
    facilities = frames["facilities"]
    supply = facilities[(facilities["kind"] == KIND) & (facilities["status"] == "open")]
    return frames["communities"], supply, frames["residents"]


def plain_recipe(communities, facilities, radius):
    reach = facilities.buffer(radius).union_all()
    reach = reach_frame(reach, communities)
    covered = communities[["geometry"]].reset_index().overlay(reach, how="intersection")
    gaps = communities[["geometry"]].reset_index().overlay(reach, how="difference")
    area = covered.set_index("community_id").area
    return (area / communities.area).reindex(communities.index).fillna(0.0), gaps


def reach_frame(reach, communities):
    return communities.iloc[:1][["geometry"]].set_geometry([reach]).reset_index(drop=True)


def timed(results, name, work):
    results[name], result = cpu_seconds(work)
    return result


def measure(communities, facilities, radius, seconds):
    """Time each of our steps; the radius compared is the first and, after another, one more."""
    reach = timed(seconds, "prepare", lambda: prepare_reach(communities, facilities))
    area = timed(seconds, "shares", lambda: reach.covered_area(radius))
    reach.covered_area(1.5 * radius)
    timed(seconds, "one more radius", lambda: reach.covered_area(radius))
    gaps = timed(
        seconds,
        "gaps",
        lambda: gap_polygons(communities, facilities, service_radius=radius, reach=reach),
    )
    return area / reach.area, gaps


def measure_people(communities, facilities, residents, radius, seconds):
    demand = timed(seconds, "locate people", lambda: locate_residents(residents, communities))
    distance = timed(
        seconds,
        "nearest of people",
        lambda: nearest_distance(residents["x"], residents["y"], facilities),
    )
    timed(
        seconds,
        "people covered",
        lambda: covered_population(demand, distance, service_radius=radius),
    )


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
    seconds = {}
    share, gaps = measure(communities, facilities, given.radius, seconds)
    measure_people(communities, facilities, residents, given.radius, seconds)
    plain_share, _ = timed(
        seconds, "plain recipe", lambda: plain_recipe(communities, facilities, given.radius)
    )
    figures = [Figure(name, cpu, "s CPU") for name, cpu in seconds.items()]
    figures += ratios(seconds)
    wrong = errors(communities, facilities, given.radius, {"ours": share, "plain": plain_share})
    figures.append(Figure("largest error of a share, ours", wrong["ours"], "", ERROR_GOAL))
    figures.append(Figure("largest error of a share, plain", wrong["plain"]))
    print(table(figures))
    whole = (share * communities.area).sum() + gaps.frame["area_m2"].sum() + gaps.sliver_area_m2
    print(f"covered + gaps + slivers of the whole: 1 {whole / communities.area.sum() - 1:+.1e}")
    missed = not all(figure.met for figure in figures)
    raise SystemExit(missed and given.communities >= SIZES["M"].communities)


if __name__ == "__main__":
    main()
