"""
Mann and Kendall's test on 40,000 cells × 24 months against the reference, patterns on 160,000.

Run: python -m bench.change
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pymannkendall

from analysis.hotspots.grid import Grid
from analysis.hotspots.lattice import SQUARE, Lattice
from analysis.trends.emerging import emerging_hot_spots
from analysis.trends.mann_kendall import mann_kendall
from analysis.trends.space_time_cube import Cube
from bench.figures import Figure, cpu_seconds, report
from bench.hotspots import city

CELLS, STEPS, SIDE = 40_000, 24, 400
TENTH = 10
"""The reference does every tenth series; its seconds are multiplied."""
GOAL = 100
"""Least ratio of CPU seconds, reference to ours."""


def reference(series):
    found = [pymannkendall.original_test(values) for values in series.T[::TENTH]]
    return [np.array([getattr(each, name) for each in found]) for name in ("s", "var_s", "p")]


def noise(rng):
    counts = rng.poisson(1, (STEPS, SIDE * SIDE))
    grid = Grid(Lattice(SQUARE, 100.0), 0, 0, np.ones((SIDE, SIDE), dtype=bool))
    columns = ["cell", "step", "category", "community_id", "x", "y"]
    months = pd.period_range("2024-07", periods=STEPS, freq="M").astype(str)
    empty = pd.DataFrame(columns=columns).astype({"cell": int, "step": int, "x": float, "y": float})
    return Cube(tuple(months), (), grid, counts, empty, 0, 0, 0, 18.0)


def main():
    rng = np.random.default_rng(1)
    series = rng.poisson(3, (STEPS, CELLS)).astype(float)
    ours, found = cpu_seconds(lambda: mann_kendall(series), repeat=5)
    theirs, expected = cpu_seconds(lambda: reference(series), repeat=1)
    theirs *= TENTH
    mine = [figures[::TENTH] for figures in (found.s, found.variance, found.p)]
    pairs = zip(mine, expected, strict=True)
    difference = max(float(np.abs(one - other).max()) for one, other in pairs)
    _, communities = city(rng)
    cube = noise(rng)
    begun = time.process_time()
    patterns = emerging_hot_spots(cube, communities).cells["pattern"]
    seconds, share = time.process_time() - begun, (patterns != "none").mean()
    figures = [
        Figure(f"Mann-Kendall, {CELLS:,} x {STEPS}: ours", ours, "s CPU"),
        Figure("the same: pymannkendall", theirs, "s CPU"),
        Figure("pymannkendall / ours", theirs / ours, "x", GOAL, at_least=True),
        Figure("greatest difference in S, variance, p", difference, "", 1e-9),
        Figure(f"patterns of {SIDE * SIDE:,} cells x {STEPS} months of noise", seconds, "s CPU"),
        Figure("share of those cells with a pattern", share, "", 0.01),
    ]
    return report(figures)


if __name__ == "__main__":
    raise SystemExit(main())
