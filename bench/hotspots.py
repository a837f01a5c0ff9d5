"""
Gi* on 200 × 200 cells, against the reference library, in one run.

Run: python -m bench.hotspots
"""

from __future__ import annotations

import esda
import geopandas as gpd
import numpy as np
import pandas as pd
from libpysal.weights import fill_diagonal, lat2W
from scipy.special import ndtr
from shapely.geometry import box

from analysis.hotspots.cells import hot_spots
from analysis.hotspots.density import density_surface
from analysis.hotspots.getis_ord import gi_star
from analysis.hotspots.places import hottest_places
from analysis.issues.issue_set import issue_set
from analysis.model.contracts import ISSUE_COLUMNS, TIME_COLUMNS
from analysis.model.crs import local_crs
from bench.figures import Figure, cpu_seconds, report

SIDE, CELL, CASES = 200, 100, 200_000
GOAL = 50
"""Least ratio of CPU seconds, reference without its weights to ours."""


def z_and_p(counts, inside):
    z = gi_star(counts, inside)
    return z.ravel(), 2 * ndtr(-np.abs(z.ravel()))


def reference_z_and_p(counts, weights):
    found = esda.G_Local(counts.ravel(), weights, transform="B", star=True, permutations=0)
    return found.Zs, 2 * found.p_norm


def city(rng):
    edge = SIDE * CELL
    strips = [box(west, 0, west + edge / 10, edge) for west in np.arange(0, edge, edge / 10)]
    index = pd.Index([f"c{n}" for n in range(10)], name="community_id", dtype="str")
    communities = gpd.GeoDataFrame(
        {"name": index, "parent": "Town"},
        geometry=strips,
        index=index,
        crs=local_crs((120.9, 30.9, 121.1, 31.1)),
    )
    spots = rng.normal(rng.uniform(0, edge, (40, 2)).repeat(CASES // 100, axis=0), 80)
    xy = np.vstack([rng.uniform(0, edge, (CASES - len(spots), 2)), spots])
    names = pd.Index([f"i{n}" for n in range(CASES)], name="issue_id", dtype="str")
    issues = pd.DataFrame(index=names, columns=list(ISSUE_COLUMNS))
    issues = issues.astype(dict.fromkeys(TIME_COLUMNS, "datetime64[us, Asia/Shanghai]"))
    issues[["x", "y"]] = xy
    return issues.assign(status="open", category="litter"), communities


def main():
    rng = np.random.default_rng(1)
    counts, inside = rng.poisson(5, (SIDE, SIDE)), np.ones((SIDE, SIDE), dtype=bool)
    ours, (z, p) = cpu_seconds(lambda: z_and_p(counts, inside), repeat=9)
    building, weights = cpu_seconds(
        lambda: fill_diagonal(lat2W(SIDE, SIDE, rook=False), 1), repeat=1
    )
    theirs, (reference_z, reference_p) = cpu_seconds(
        lambda: reference_z_and_p(counts, weights), repeat=3
    )
    difference = max(np.abs(z - reference_z).max(), np.abs(p - reference_p).max())
    issues, communities = city(rng)
    whole, result = cpu_seconds(lambda: hot_spots(issues, communities, cell_size=CELL), repeat=3)
    located = issue_set(issues, communities, as_of=pd.Timestamp("2026-06-30"))
    joined, places = cpu_seconds(lambda: hottest_places(result, located), repeat=3)
    smooth, surface = cpu_seconds(
        lambda: density_surface(issues, communities, bandwidth=500, pixel=50), repeat=3
    )
    figures = [
        Figure(f"Gi* with p, {SIDE * SIDE:,} cells: ours", ours, "s CPU"),
        Figure("the same: esda", theirs, "s CPU"),
        Figure("its weights", building, "s CPU"),
        Figure("esda / ours", theirs / ours, "x", GOAL, at_least=True),
        Figure("greatest difference of z and p", difference, "", 1e-9),
        Figure(f"hot spots of {CASES:,} cases", whole, "s CPU"),
        Figure(f"{len(places)} places", joined, "s CPU"),
        Figure(f"density of {surface.values.size:,} pixels", smooth, "s CPU"),  # noqa: PD011
    ]
    return report(figures)


if __name__ == "__main__":
    raise SystemExit(main())
