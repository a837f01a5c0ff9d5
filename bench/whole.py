"""
The whole operation on the M city: three kinds, three radii, every figure and every gap.

Run: python -m bench.whole [--communities N]

For each kind: residents' nearest distance and borders once; then for each radius the covered
area and people, facilities inside and in reach, and the gap polygons with their residents.
CPU seconds of this process; memory is its greatest, the city itself included.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from analysis.access.proximity import facilities_in_reach, facilities_inside, nearest_distance
from analysis.access.residents import covered_population, locate_residents
from analysis.coverage.gaps import gap_polygons
from analysis.geometry.disc_cover import prepare_disc_cover
from analysis.geometry.edges import prepare_borders
from bench.big_city import KINDS, SIZES, benchmark_size, make_frames, open_ones
from bench.figures import Clock, Figure, greatest_memory, report

RADII = (300.0, 500.0, 1000.0)
SECONDS, GIB = 20.0, 1.0


def measure(frames, clock):
    """Time the steps, all kinds and radii together."""
    communities, residents = frames["communities"], frames["residents"]
    demand = clock.timed("people located", locate_residents, residents, communities)
    borders = clock.timed("preparation", prepare_borders, communities.geometry.to_numpy())
    for kind in KINDS:
        supply = open_ones(frames["facilities"], kind)
        measure_kind(clock, communities, supply, residents, demand=demand, borders=borders)


def measure_kind(clock, communities, supply, residents, *, demand, borders):
    places = residents["x"], residents["y"]
    cover = clock.timed("preparation", prepare_disc_cover, communities, supply, borders=borders)
    distance = clock.timed("preparation", nearest_distance, *places, supply)
    clock.timed("counts", facilities_inside, communities, supply)
    for radius in RADII:
        clock.timed("shares", cover.covered_area, radius)
        clock.timed("people", covered_population, demand, distance, service_radius=radius)
        clock.timed("counts", facilities_in_reach, communities, supply, service_radius=radius)
        clock.timed(
            "gaps",
            gap_polygons,
            communities,
            supply,
            service_radius=radius,
            demand=demand,
            cover=cover,
            distance=distance,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--communities", type=int, default=SIZES["M"].communities)
    given = parser.parse_args()
    clock = Clock()
    measure(make_frames(replace(benchmark_size(given.communities), issues=1_000)), clock)
    figures = [Figure(name, seconds, "s") for name, seconds in clock.spent.items()]
    figures.append(Figure("whole operation", sum(clock.spent.values()), "s", SECONDS))
    figures.append(Figure("greatest memory", greatest_memory(), "GiB", GIB))
    raise SystemExit(report(figures))


if __name__ == "__main__":
    main()
