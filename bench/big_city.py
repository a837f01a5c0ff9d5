"""Benchmark cities in metres: S, M, L, or any number of communities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy.spatial import cKDTree

from tools.demo_city.shapes import wavy_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CRS = "EPSG:32649"
CELL = 100.0
SUB_CENTRES = 12
CENTRE_SHARE, SUB_SHARE = 0.15, 0.35
HOT_SHARE = 0.4
HOT_SPREAD = 80.0
KINDS = ("toilet", "market", "fitness")
CATEGORIES = (
    "暴露垃圾", "道路不洁", "非法小广告", "机动车乱停放", "非机动车乱停放", "店外经营",
    "垃圾箱满溢", "乱堆物堆料", "无照经营游商", "积存垃圾渣土", "乱倒污水", "绿地脏乱",
)  # fmt: skip
SOURCES = ("公众举报", "社区自查", "街道巡查", "市级督查", "省级暗访")


@dataclass(frozen=True)
class Size:
    """
    How large one tile of a benchmark city is.

    Attributes
    ----------
    side
        Metres of its square.
    communities, people, issues
        Numbers of each.
    facilities
        Numbers by kind, in the order of `KINDS`.
    tiles
        Such squares side by side, each with other draws.
    """

    side: float
    communities: int
    facilities: tuple[int, int, int]
    people: int
    issues: int
    tiles: int = 1


SIZES = {
    "S": Size(8_000, 202, (800, 200, 1_000), 605_000, 20_000),
    "M": Size(100_000, 7_014, (20_000, 2_000, 20_000), 21_000_000, 2_000_000),
    "L": Size(100_000, 7_014, (20_000, 2_000, 20_000), 21_000_000, 3_000_000, tiles=17),
}


def benchmark_size(communities: int) -> Size:
    """Give the size M by its own number of communities, else a scaled one."""
    return SIZES["M"] if communities == SIZES["M"].communities else size_of(communities)


def open_ones(facilities: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    """Give the open facilities of one kind."""
    return facilities[(facilities["kind"] == kind) & (facilities["status"] == "open")]


def size_of(communities: int) -> Size:
    """Scale a city to 20 communities or more, with cells as in S and facilities as in M."""
    side = np.ceil(np.sqrt(communities * 0.317e6) / CELL) * CELL
    each = (round(2.85 * communities), round(0.285 * communities), round(2.85 * communities))
    return Size(float(side), communities, each, 3_000 * communities, 50 * communities)


def make_frames(size: str | int | Size, *, seed: int = 1, tile: int = 0) -> dict[str, pd.DataFrame]:
    """
    Make one tile of a benchmark city, as `analysis.model.contracts` asks for, without streets.

    Tiles lie 110 km apart, four in a row; cities S and M are tile 0 alone.
    """
    if isinstance(size, str):
        size = SIZES[size]
    if isinstance(size, int):
        size = size_of(size)
    if not 0 <= tile < size.tiles:
        msg = f"tile must be 0 to {size.tiles - 1}, got {tile}."
        raise ValueError(msg)
    rng = np.random.default_rng([seed, tile])
    centres, spreads = _centres(size, rng)
    corner = _corner(size, tile)
    frames = {
        "communities": _communities(size, centres, spreads, rng),
        "facilities": _facilities(size, centres, spreads, rng),
        "residents": _residents(size, centres, spreads, rng),
        "issues": _issues(size, centres, spreads, rng),
    }
    return {role: _settled(frame, corner, tile) for role, frame in frames.items()}


def make_tiles(size: str, *, seed: int = 1) -> Iterator[dict[str, pd.DataFrame]]:
    """Make a benchmark city tile by tile, one in memory at a time."""
    for tile in range(SIZES[size].tiles):
        yield make_frames(size, seed=seed, tile=tile)


def _corner(size: Size, tile: int) -> Floats:
    """South-west corner of a tile; all tiles lie within 280 km of the zone's middle."""
    across = min(size.tiles, 4)
    west = 500_000 - (across * 110_000 - 10_000 if size.tiles > 1 else size.side) / 2
    west = np.floor(west / CELL) * CELL
    return np.array([west + 110_000 * (tile % 4), 3_200_000.0 + 110_000 * (tile // 4)])


def _settled(frame: pd.DataFrame, corner: Floats, tile: int) -> pd.DataFrame:
    """Move a frame to its tile and number its rows."""
    role = frame.index.name
    letter = role[0].upper()
    frame.index = pd.Index(_numbered(f"{letter}{tile:02d}-", len(frame)), name=role)
    if isinstance(frame, gpd.GeoDataFrame):
        return frame.set_geometry(frame.translate(*corner).set_crs(CRS))
    frame["x"] += corner[0]
    frame["y"] += corner[1]
    return frame


def _numbered(prefix: str, count: int) -> pd.Series:
    """Texts such as `I00-0000001`, without a Python object a row."""
    number = pc.utf8_lpad(pc.cast(pa.array(np.arange(1, count + 1)), pa.string()), 7, "0")
    text = pc.binary_join_element_wise(pa.scalar(prefix), number, "")
    return pd.Series(text.to_pandas(types_mapper=None)).astype("str")


def _centres(size: Size, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Middle of the city and its sub-centres, and how far each spreads."""
    subs = rng.uniform(0.1, 0.9, (SUB_CENTRES, 2)) * size.side
    centres = np.concatenate([[[size.side / 2, size.side / 2]], subs])
    return centres, np.array([0.13, *[0.07] * SUB_CENTRES]) * size.side


def _draw(
    size: Size, centres: Floats, spreads: Floats, count: int, rng: np.random.Generator
) -> Floats:
    """Points of the mixture centre + sub-centres + uniform, within the tile."""
    shares = [CENTRE_SHARE, *[SUB_SHARE / SUB_CENTRES] * SUB_CENTRES]
    points = np.empty((0, 2))
    while len(points) < count:
        which = rng.choice(len(centres) + 1, count, p=[*shares, 1 - sum(shares)])
        some = rng.uniform(0, size.side, (count, 2))
        near = which < len(centres)
        own = which[near]
        some[near] = centres[own] + rng.standard_normal((len(own), 2)) * spreads[own, None]
        inside = ((some > 0) & (some < size.side)).all(axis=1)
        points = np.concatenate([points, some[inside]])
    return points[:count]


def _communities(
    size: Size, centres: Floats, spreads: Floats, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Wavy cells; seeds mirrored outside the tile bound the outermost ones."""
    seeds = _draw(size, centres, spreads, size.communities, rng)
    mirrored = [
        np.column_stack([x, y])
        for x in (seeds[:, 0], -seeds[:, 0], 2 * size.side - seeds[:, 0])
        for y in (seeds[:, 1], -seeds[:, 1], 2 * size.side - seeds[:, 1])
    ]
    margin = 0.3 * size.side
    around = np.concatenate(mirrored[1:])
    around = around[((around > -margin) & (around < size.side + margin)).all(axis=1)]
    points = np.concatenate([seeds, around])
    inner = np.arange(len(points)) < len(seeds)
    spacing = cKDTree(points).query(points, k=7)[0][:, 1:].mean(axis=1)
    step = np.sqrt(spacing * np.median(spacing[inner])) / 25.7
    cells = wavy_cells(points, inner, rng, step=step, roughness=0.35)
    parent = cKDTree(centres).query(seeds)[1]
    return gpd.GeoDataFrame(
        {
            "name": [f"社区{number}" for number in range(1, len(seeds) + 1)],
            "parent": [f"街道{number + 1}" for number in parent],
        },
        geometry=cells.polygons,
        crs=CRS,
    ).rename_axis("community_id")


def _facilities(
    size: Size, centres: Floats, spreads: Floats, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    points = _draw(size, centres, spreads, sum(size.facilities), rng)
    kind = np.repeat(KINDS, size.facilities)
    status = rng.choice(["open", "closed", "unknown"], len(points), p=[0.96, 0.03, 0.01])
    return gpd.GeoDataFrame(
        {
            "kind": kind,
            "name": [f"设施{number}" for number in range(len(points))],
            "status": status,
        },
        geometry=gpd.points_from_xy(points[:, 0], points[:, 1]),
        crs=CRS,
    ).rename_axis("facility_id")


def _residents(
    size: Size, centres: Floats, spreads: Floats, rng: np.random.Generator
) -> pd.DataFrame:
    """People of every 100 m cell that has any."""
    axis = np.arange(CELL / 2, size.side, CELL)
    density = np.full((len(axis), len(axis)), 1 - CENTRE_SHARE - SUB_SHARE) / size.side**2
    shares = [CENTRE_SHARE, *[SUB_SHARE / SUB_CENTRES] * SUB_CENTRES]
    for centre, spread, share in zip(centres, spreads, shares, strict=True):
        bell = np.exp(-0.5 * ((axis[:, None] - centre) / spread) ** 2)
        density += share / (2 * np.pi * spread**2) * bell[:, 1][:, None] * bell[:, 0]
    density *= rng.lognormal(0, 0.5, density.shape)
    people = rng.poisson(density * (size.people / density.sum()))
    row, column = np.nonzero(people)
    return pd.DataFrame(
        {"x": axis[column], "y": axis[row], "population": people[row, column].astype(float)}
    ).rename_axis("resident_id")


def _issue_points(size: Size, centres: Floats, spreads: Floats, rng: np.random.Generator) -> Floats:
    hot = int(HOT_SHARE * size.issues)
    spots = _draw(size, centres, spreads, max(20, size.issues // 4_000), rng)
    weight = rng.pareto(1.2, len(spots)) + 1
    own = rng.choice(len(spots), hot, p=weight / weight.sum())
    near = spots[own] + rng.standard_normal((hot, 2)) * HOT_SPREAD
    return np.concatenate([near, _draw(size, centres, spreads, size.issues - hot, rng)])


def _codes(names: tuple[str, ...], count: int, rng: np.random.Generator) -> pd.Categorical:
    share = 1 / np.arange(1.5, len(names) + 1)
    code = rng.choice(len(names), count, p=share / share.sum())
    return pd.Categorical.from_codes(code, categories=list(names))


def _issues(size: Size, centres: Floats, spreads: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """Reports of 24 months; some stay open."""
    at = _issue_points(size, centres, spreads, rng)
    minutes = rng.integers(0, 730 * 24 * 60, len(at)).astype("timedelta64[m]")
    reported = np.datetime64("2024-07-01T00:00") + minutes
    hours = rng.choice([24, 48, 72, 96], len(at))
    closed = reported + (hours * 60 * rng.lognormal(-0.5, 0.7, len(at))).astype("timedelta64[m]")
    closed[(rng.random(len(at)) < 0.02) | (closed > np.datetime64("2026-06-30T23:59"))] = "NaT"
    frame = pd.DataFrame({"x": at[:, 0], "y": at[:, 1]})
    frame["category"] = _codes(CATEGORIES, len(at), rng)
    times = {
        "reported_at": reported,
        "due_at": reported + hours.astype("timedelta64[h]"),
        "closed_at": closed,
        "verified_at": closed + np.timedelta64(24, "h"),
    }
    for column, value in times.items():
        frame[column] = pd.Series(value.astype("datetime64[s]")).dt.tz_localize("Asia/Shanghai")
    frame["status"] = pd.Categorical.from_codes(
        np.isnat(closed).astype(int), categories=["closed", "open"]
    )
    frame["unit"] = _codes(("环卫所", "城管中队", "社区居委会"), len(at), rng)
    frame["source"] = _codes(SOURCES, len(at), rng)
    frame["text"] = pd.Series("", index=frame.index, dtype="str")
    return frame.rename_axis("issue_id")
