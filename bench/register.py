"""
A register of 2 million issues in a city of 7,014 communities: load, bin, test, describe.

Run: python -m bench.register

Figures are CPU seconds of one run, with the reference libraries in the same run. The 999
permutations are measured on a smaller grid and grow at least as fast as the number of cells.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import esda
import geopandas as gpd
import numpy as np
import pandas as pd
from libpysal.weights import fill_diagonal, lat2W
from scipy.special import ndtr
from sklearn.neighbors import KernelDensity

from analysis.hotspots.density import density_surface
from analysis.hotspots.getis_ord import gi_star
from analysis.hotspots.grid import cell_of_points, study_grid
from analysis.hotspots.recipe import find_hot_spots
from analysis.issues.issue_set import issue_set
from analysis.issues.location import locate_cases
from analysis.model.multiple_testing import adjusted
from bench.big_city import CRS, make_frames
from bench.figures import Figure, cpu_seconds, greatest_memory, report
from exports.recipes.prepare import register_bytes
from layers.load import load_city

CELL = 250
SIDE, SMALL = 400, 100
"""Cells along each side for Gi*, and for its permutations."""
RECIPE = """
time_zone = "Asia/Shanghai"
crs = "{crs}"
[[layers]]
kind = "communities"
file = "communities.parquet"
columns = {{ community_id = "id", name = "name", parent = "parent" }}
[[layers]]
kind = "issues"
"""
PLAIN = 'file = "few.parquet"\ncrs = "{crs}"\ncolumns = {{ issue_id = "id", x = "x", y = "y" }}\n'
PREPARED = 'file = "issues.parquet"\nformat = "prepared"\n'


def write_city(folder):
    """The city of size M, its issues as a prepared register."""
    frames = make_frames("M")
    issues = frames["issues"]
    texts = issues.select_dtypes("category").columns
    times = issues.select_dtypes("datetimetz").columns
    issues = issues.astype(
        dict.fromkeys(texts, "str") | dict.fromkeys(times, "datetime64[us, Asia/Shanghai]")
    )
    frames["communities"].reset_index().to_parquet(folder / "communities.parquet")
    pd.DataFrame(issues[["x", "y"]].head(10)).reset_index().to_parquet(folder / "few.parquet")
    (folder / "city.toml").write_text((RECIPE + PLAIN).format(crs=CRS), "utf-8")
    city = load_city(folder)
    reports = [
        replace(report, rows_in=len(issues), loaded=len(issues), notes=())
        for report in city.reports
        if report.kind == "issues"
    ]
    whole = replace(city, issues=issues, reports=tuple(reports))
    (folder / "issues.parquet").write_bytes(register_bytes(whole, issues))
    (folder / "city.toml").write_text((RECIPE + PREPARED).format(crs=CRS), "utf-8")


def binned(issues, communities):
    """Cases of each cell, our way, and by a fishnet with a spatial join."""
    grid = study_grid(communities, cell_size=CELL)
    xy = issues[["x", "y"]].to_numpy()

    def count():
        cell = cell_of_points(grid, xy)
        return np.bincount(cell[cell >= 0], minlength=grid.size)

    ours, found = cpu_seconds(count)
    cells = grid.cells()
    net = gpd.GeoDataFrame(geometry=grid.lattice.outlines(cells["x"], cells["y"]), crs=CRS)

    def join():
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=CRS)
        joined = gpd.sjoin(points, net, predicate="within")
        return np.bincount(joined["index_right"], minlength=len(net))

    theirs, expected = cpu_seconds(join)
    moved = int(np.abs(found - expected).sum())
    print(f"binning {len(xy):,}: ours {ours:.3f}, fishnet and sjoin {theirs:.2f} CPU s;")
    print(f"{moved:,} of the fringe counted in the next cell by ours")
    return theirs / ours


def tested():
    """Gi* with correction against the reference, analytic and by permutations."""
    rng = np.random.default_rng(1)
    counts, inside = rng.poisson(5, (SIDE, SIDE)), np.ones((SIDE, SIDE), dtype=bool)

    def ours():
        z = gi_star(counts, inside)[inside]
        return z, adjusted(2 * ndtr(-np.abs(z)))

    seconds, (z, _) = cpu_seconds(ours, repeat=5)
    weights = fill_diagonal(lat2W(SIDE, SIDE, rook=False), 1)

    def theirs(values, graph, permutations):
        return esda.G_Local(values, graph, transform="B", star=True, permutations=permutations)

    analytic, found = cpu_seconds(lambda: theirs(counts.ravel(), weights, 0))
    difference = float(np.abs(found.Zs - z).max())
    small = fill_diagonal(lat2W(SMALL, SMALL, rook=False), 1)
    part, _ = cpu_seconds(lambda: theirs(counts[:SMALL, :SMALL].ravel(), small, 999))
    permuted = part * (SIDE / SMALL) ** 2
    print(f"Gi* {SIDE * SIDE:,} cells: ours {seconds:.4f}, esda {analytic:.2f} CPU s; 999")
    print(f"permutations {part:.2f} on {SMALL * SMALL:,} cells, {permuted:.1f} extrapolated")
    return analytic / seconds, permuted / seconds, difference


def surface_error(issues, communities):
    """Greatest error of the surface on a sample of pixels, relative to its peak."""
    part = issues.sample(100_000, random_state=1)
    found = density_surface(part, communities, bandwidth=500, pixel=100)
    per_km2 = found.values  # noqa: PD011
    rng = np.random.default_rng(2)
    row, col = (rng.integers(0, size, 400) for size in per_km2.shape)
    at = np.column_stack([found.x0, found.y0]) + (np.column_stack([col, row]) + 0.5) * found.pixel
    inside = part.loc[locate_cases(part, communities).notna(), ["x", "y"]].to_numpy()
    kernel = KernelDensity(bandwidth=500, rtol=1e-9).fit(inside)
    exact = np.exp(kernel.score_samples(at)) * len(inside) * 1e6
    return float(np.abs(per_km2[row, col] - exact).max() / per_km2.max())


def figures():
    """Measure all of it."""
    with tempfile.TemporaryDirectory() as folder:
        write_city(Path(folder))
        load, city = cpu_seconds(lambda: load_city(Path(folder)))
    issues, communities = city.issues, city.communities
    locate, located = cpu_seconds(lambda: issue_set(issues, communities, as_of=city.as_of))
    recipe, found = cpu_seconds(lambda: find_hot_spots(located))
    memory = greatest_memory()
    fishnet = binned(issues, communities)
    analytic, permuted, difference = tested()
    error = surface_error(issues, communities)
    print(f"{len(found.hot_spots.cells):,} cells, {len(found.places):,} places")
    return [
        Figure("2 M issues: load with 7,014 communities", load, "s", 5),
        Figure("community of each", locate, "s"),
        Figure("hot-spot recipe, communities of cases included", locate + recipe, "s", 10),
        Figure("greatest memory so far", memory, "GiB", 3),
        Figure("fishnet with sjoin / binning", fishnet, "x", 50, at_least=True),
        Figure("esda / Gi* with correction, 160,000 cells", analytic, "x", 50, at_least=True),
        Figure("999 permutations, extrapolated / the same", permuted, "x", 300, at_least=True),
        Figure("greatest difference of z", difference, "", 1e-9),
        Figure("density surface: error relative to its peak", error, "", 0.01),
    ]


def main():
    return report(figures())


if __name__ == "__main__":
    raise SystemExit(main())
