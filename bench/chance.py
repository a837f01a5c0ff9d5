"""
How often chance alone is called hot: cases strewn evenly, and cases dealt to the demo's residents.

Then the same where the rates of cells differ for many small reasons, by Gi* and by the scan.

Run: python -m bench.chance
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.geometry.locate import OUTSIDE, community_of
from analysis.hotspots.cells import COUNT, RATE, spots_on
from analysis.hotspots.grid import cell_of_points, study_grid
from analysis.hotspots.scan import scan
from analysis.issues.location import Placed
from bench.figures import Figure, report
from layers.load import load_city

MAPS = 400
SIZES = ((150, 20_000), (300, 5_000), (500, 1_500), (150, 5_000))
"""Sides of cells in metres, with the cases of a map."""
VARIED, VARIED_MAPS, REPLICAS = (300, 5_000), 100, 99
"""Maps whose rates vary: side and cases, their number, and those that the scan compares with."""
TOLD = ("maps with a hot cell", "hot cells", "maps with a place of the scan")
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


def rates(law, variance, size, rng):
    """Rates of mean 1 that differ from cell to cell."""
    if law == "gamma":
        return rng.gamma(1 / variance, variance, size)
    spread = np.log(1 + variance)
    return np.exp(rng.normal(-spread / 2, np.sqrt(spread), size))


def varied(city, residents, law, variance, rng):
    """Share of maps with a hot cell, mean hot cells, and share of maps with a place of the scan."""
    size, cases = VARIED
    grid = study_grid(city.communities, cell_size=size)
    homes = residents[["x", "y"]].to_numpy()
    cell = cell_of_points(grid, homes)
    people = np.where(cell >= 0, residents["population"].to_numpy(dtype=float), 0)
    maps = []
    for _ in range(VARIED_MAPS):
        weight = people * rates(law, variance, grid.size, rng)[cell]
        xy = homes[rng.choice(len(homes), cases, p=weight / weight.sum())]
        found = spots_on(grid, placed_at(xy), basis=RATE, over=residents).cells
        judged = found[found["expected"] >= 1]
        places = scan(judged["count"], judged["expected"], judged[["x", "y"]], replicas=REPLICAS)
        maps.append((((found["q"] <= 0.05) & (found["z"] > 0)).sum(), len(places.clusters)))
    hot, scanned = np.array(maps).T
    return float((hot > 0).mean()), float(hot.mean()), float((scanned > 0).mean())


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
    for law, variance in product(("gamma", "lognormal"), (0.05, 0.2)):
        told = zip(TOLD, varied(city, residents, law, variance, rng), strict=True)
        name = f"rates vary by {law}, {variance}"
        figures += [Figure(f"{name}: {what}", value, "") for what, value in told]
    return report(figures)


if __name__ == "__main__":
    raise SystemExit(main())
