"""
The whole operation on the M city: three kinds, three radii, every figure and every gap.

Run: python -m bench.whole [--communities N]

For each kind: residents' nearest distance and borders once; then for each radius the covered
area and people, facilities inside and in reach, and the gap polygons with their residents.
CPU seconds of this process; memory is its greatest, the city itself included.
"""

from __future__ import annotations

import argparse
import resource
from dataclasses import replace

from analysis.access.proximity import facilities_in_reach, facilities_inside, nearest_distance
from analysis.access.residents import covered_population, locate_residents
from analysis.coverage.gaps import gap_polygons
from analysis.geometry.disc_cover import prepare_reach
from analysis.geometry.edges import prepare_borders
from bench.big_city import KINDS, SIZES, make_frames, size_of
from bench.figures import Figure, cpu_seconds, table

RADII = (300.0, 500.0, 1000.0)
SECONDS, GIB = 20.0, 1.0


def measure(frames):
    """Give CPU seconds by step, all kinds and radii together."""
    spent = dict.fromkeys(
        ("people located", "preparation", "shares", "people", "counts", "gaps"), 0.0
    )
    communities, residents = frames["communities"], frames["residents"]

    def timed(step, work):
        seconds, result = cpu_seconds(work)
        spent[step] += seconds
        return result

    demand = timed("people located", lambda: locate_residents(residents, communities))
    borders = timed("preparation", lambda: prepare_borders(communities.geometry.to_numpy()))
    for kind in KINDS:
        all_kinds = frames["facilities"]
        supply = all_kinds[(all_kinds["kind"] == kind) & (all_kinds["status"] == "open")]
        reach = timed(
            "preparation",
            lambda supply=supply: prepare_reach(communities, supply, borders=borders),
        )
        distance = timed(
            "preparation",
            lambda supply=supply: nearest_distance(residents["x"], residents["y"], supply),
        )
        timed("counts", lambda supply=supply: facilities_inside(communities, supply))
        for radius in RADII:
            timed("shares", lambda reach=reach, radius=radius: reach.covered_area(radius))
            timed(
                "people",
                lambda distance=distance, radius=radius: covered_population(
                    demand, distance, service_radius=radius
                ),
            )
            timed(
                "counts",
                lambda supply=supply, radius=radius: facilities_in_reach(
                    communities, supply, service_radius=radius
                ),
            )
            timed(
                "gaps",
                lambda supply=supply, radius=radius, reach=reach, distance=distance: gap_polygons(
                    communities,
                    supply,
                    service_radius=radius,
                    demand=demand,
                    reach=reach,
                    distance=distance,
                ),
            )
    return spent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--communities", type=int, default=SIZES["M"].communities)
    given = parser.parse_args()
    size = SIZES["M"] if given.communities == SIZES["M"].communities else size_of(given.communities)
    spent = measure(make_frames(replace(size, issues=1_000)))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    figures = [Figure(name, seconds, "s") for name, seconds in spent.items()]
    figures.append(Figure("whole operation", sum(spent.values()), "s", SECONDS))
    figures.append(Figure("greatest memory", memory, "GiB", GIB))
    print(table(figures))
    raise SystemExit(not all(figure.met for figure in figures))


if __name__ == "__main__":
    main()
