"""
How often chance alone is called hot: cases strewn evenly, and cases dealt to the demo's residents.

Run: python -m bench.chance
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.geometry.locate import OUTSIDE, community_of
from analysis.hotspots.cells import COUNT, RATE, spots_on
from analysis.hotspots.grid import study_grid
from analysis.issues.location import Placed
from bench.figures import Figure, report
from layers.load import load_city

MAPS = 400
SIZES = ((150, 20_000), (300, 5_000), (500, 1_500), (150, 5_000))
"""Sides of cells in metres, with the cases of a map."""
GOAL = 0.05
"""Greatest share of maps of chance that may show anything by rate."""


def placed_at(xy):
    index = pd.RangeIndex(len(xy), name="issue_id")
    frame = pd.DataFrame(xy, columns=["x", "y"], index=index)
    return Placed(xy=frame, rows=np.arange(len(xy)), unlocated=0, outside=0)


def called(grid, xy, basis, over):
    """Hot and cold cells of one map."""
    cells = spots_on(grid, placed_at(xy), basis=basis, over=over).cells
    sure = cells["q"] <= 0.05
    return int((sure & (cells["z"] > 0)).sum()), int((sure & (cells["z"] < 0)).sum())


def measured(city, residents, size, cases, rng):
    """Share of maps with any hot cell, mean hot and cold cells, for each null and basis."""
    grid = study_grid(city.communities, cell_size=size)
    people = residents["population"].to_numpy(dtype=float)
    homes, cells = residents[["x", "y"]].to_numpy(), grid.cells()[["x", "y"]].to_numpy()
    even = residents.iloc[: grid.size].assign(population=1.0)
    even = even.iloc[[0] * grid.size].assign(x=cells[:, 0], y=cells[:, 1])
    found = {}
    for _ in range(MAPS):
        dealt = homes[rng.choice(len(homes), cases, p=people / people.sum())]
        strewn = cells[rng.integers(len(cells), size=cases)]
        for null, xy, over in (("dealt", dealt, residents), ("even", strewn, even)):
            for basis in (RATE, COUNT):
                result = called(grid, xy, basis, over if basis == RATE else None)
                found.setdefault((null, basis), []).append(result)
    return {key: np.array(maps) for key, maps in found.items()}


def main():
    city, rng = load_city(Path("data/demo")), np.random.default_rng(1)
    residents = city.residents
    home = community_of(residents["x"], residents["y"], city.communities)
    residents = residents[home != OUTSIDE]
    figures = []
    for size, cases in SIZES:
        for (null, basis), maps in measured(city, residents, size, cases, rng).items():
            name = f"{size} m, {cases:,} cases {null}, by {basis}"
            limit = GOAL + 2 * np.sqrt(GOAL * (1 - GOAL) / MAPS)
            goal = limit if basis == RATE else None
            any_hot = float((maps[:, 0] > 0).mean())
            figures += [
                Figure(f"{name}: maps with a hot cell", any_hot, "", goal),
                Figure(f"{name}: hot cells", float(maps[:, 0].mean()), ""),
                Figure(f"{name}: cold cells", float(maps[:, 1].mean()), ""),
            ]
    return report(figures)


if __name__ == "__main__":
    raise SystemExit(main())
