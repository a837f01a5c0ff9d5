"""Dirty rows of the demo city: what clerks, exports and the public do to tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from tools.demo_city.words import HOSTILE

if TYPE_CHECKING:
    from numpy.typing import NDArray

FAR_AWAY = ("114.300000", "30.600000")


@dataclass(frozen=True)
class Dirt:
    """Rows of one file that are wrong in one way; `first` names some of them."""

    file: str
    what: str
    count: int
    first: tuple[str, ...]


def _dirt(file: str, what: str, ids: pd.Series | list[str]) -> Dirt:
    return Dirt(file, what, len(ids), tuple(ids)[:3])


def _copies(table: pd.DataFrame, rows: NDArray[np.int64], ids: list[str]) -> pd.DataFrame:
    """Rows repeated under other identifiers, a few metres away."""
    copies = table.iloc[rows].copy()
    copies["id"] = ids
    copies["lon"] = [f"{float(lon) + 1e-5:.6f}" for lon in copies["lon"]]
    return copies


def dirty_places(
    table: pd.DataFrame, rows: NDArray[np.int64], *, file: str, prefix: str, counts: dict[str, int]
) -> tuple[pd.DataFrame, list[Dirt]]:
    """Append rows whose place or identifier is wrong."""
    parts, found, used = [table], [], 0
    for what, count in counts.items():
        taken = rows[used : used + count]
        used += count
        same = list(table["id"].iloc[taken])
        ids = (
            same if what == "duplicate" else [f"{prefix}{what[0].upper()}{n}" for n in range(count)]
        )
        copies = table.iloc[taken].copy() if what == "duplicate" else _copies(table, taken, ids)
        parts.append(_misplaced(copies, what))
        found.append(_dirt(file, PLACE_FAULTS[what], ids))
    return pd.concat(parts, ignore_index=True), found


PLACE_FAULTS = {
    "missing": "coordinates missing",
    "swapped": "longitude and latitude swapped",
    "zero": "coordinates 0, 0",
    "outside": "far outside the city",
    "duplicate": "identifier used twice (the row repeated)",
}


def _misplaced(copies: pd.DataFrame, what: str) -> pd.DataFrame:
    if what == "missing":
        return copies.assign(lon="", lat="")
    if what == "swapped":
        return copies.assign(lon=copies["lat"], lat=copies["lon"])
    if what == "zero":
        return copies.assign(lon="0", lat="0")
    if what == "outside":
        return copies.assign(lon=FAR_AWAY[0], lat=FAR_AWAY[1])
    return copies


def dirty_values(
    table: pd.DataFrame,
    rows: NDArray[np.int64],
    values: dict[str, tuple[str, list[str]]],
    *,
    file: str,
) -> tuple[pd.DataFrame, list[Dirt]]:
    """Overwrite some values."""
    table, found, used = table.copy(), [], 0
    for what, (column, wrong) in values.items():
        taken = table.index[rows[used : used + len(wrong)]]
        used += len(wrong)
        table.loc[taken, column] = wrong
        found.append(_dirt(file, what, list(table.loc[taken, "id"])))
    return table, found


def dirty_toilets(
    toilets: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, list[Dirt]]:
    """Soil the toilets: `toilets` has text columns; see `dirty_places`, `dirty_values`."""
    file = "toilets.csv"
    rows = rng.permutation(np.arange(10, 170))
    values = {
        "text in a number column": ("stalls", ["约12个", "十二", "8+1"]),
        "unknown status value": ("status", ["施工中", "?"]),
        "hostile text in a name": ("name", list(HOSTILE[:5])),
    }
    toilets, changed = dirty_values(toilets, rows, values, file=file)
    counts = {"missing": 3, "swapped": 2, "zero": 1, "outside": 1, "duplicate": 2}
    toilets, added = dirty_places(toilets, rows[20:], file=file, prefix="GC9", counts=counts)
    return toilets, changed + added


def dirty_markets(
    markets: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, list[Dirt]]:
    """Soil the markets, as `dirty_toilets` does."""
    file = "markets.xlsx"
    rows = rng.permutation(len(markets))
    values = {
        "text in a number column": ("stalls", ["约80"]),
        "hostile text in a name": ("name", [HOSTILE[4]]),
    }
    markets, changed = dirty_values(markets, rows, values, file=file)
    counts = {"missing": 1, "outside": 1}
    markets, added = dirty_places(markets, rows[5:], file=file, prefix="SC9", counts=counts)
    return markets, changed + added


def dirty_fitness(
    fitness: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, list[Dirt]]:
    """Soil the fitness sites, as `dirty_toilets` does."""
    file = "fitness.gpkg"
    rows = rng.permutation(len(fitness))
    values = {"hostile text in a name": ("name", [HOSTILE[0], HOSTILE[1]])}
    fitness, changed = dirty_values(fitness, rows, values, file=file)
    counts = {"missing": 1, "duplicate": 1}
    fitness, added = dirty_places(fitness, rows[5:], file=file, prefix="JS9", counts=counts)
    return fitness, changed + added


WITHOUT_DUE = 20
ISSUE_COUNTS = {"missing": 8, "swapped": 4, "zero": 3, "outside": 2, "duplicate": 5}


def dirty_issues(issues: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, list[Dirt]]:
    """Soil issues that are not planted, as `dirty_toilets` does; adds `ISSUE_COUNTS` rows."""
    file = "issues.csv.gz"
    usual = np.flatnonzero(
        (issues["planted"] == "") & (issues["closed_at"] != "") & ~issues["quiet"]
    )
    rows = rng.permutation(usual)
    early = issues["reported_at"].iloc[rows[:6]]
    before = (pd.to_datetime(early) - pd.Timedelta(days=3)).dt.strftime("%Y-%m-%d %H:%M")
    values = {
        "closed before it was reported": ("closed_at", list(before)),
        "reported in the year 2066": ("reported_at", ["2066-03-04 09:15", "2066-11-20 16:40"]),
        "a date that does not exist": ("reported_at", ["2025-02-30 08:00", "2025-13-05 10:20"]),
        "unknown status value": ("status", ["作废", "转办", "???"]),
        "hostile text": ("text", list(HOSTILE)),
        "deadline not filled in": ("due_at", [""] * WITHOUT_DUE),
    }
    issues, changed = dirty_values(issues, rows, values, file=file)
    issues, added = dirty_places(issues, rows[50:], file=file, prefix="JC9", counts=ISSUE_COUNTS)
    return issues, changed + added


def dirty_residents(residents: pd.DataFrame) -> tuple[pd.DataFrame, list[Dirt]]:
    """Add two cells without a number of people and one with a negative number."""
    file = "residents.parquet"
    extra = residents.iloc[[0, 1, 2]].assign(
        id=["R90001", "R90002", "R90003"], population=[np.nan, np.nan, -5.0]
    )
    added = [
        _dirt(file, "number of people missing", ["R90001", "R90002"]),
        _dirt(file, "negative number of people", ["R90003"]),
    ]
    return pd.concat([residents, extra], ignore_index=True), added


def bow_tie(polygons: NDArray[np.object_], ids: pd.Index) -> tuple[NDArray[np.object_], list[Dirt]]:
    """
    Cross two border points of one community on the outer edge of the city.

    Only points that no neighbour shares are moved; repairing it changes its area by less than 1 %.
    """
    corners = shapely.get_coordinates(polygons)
    _, place, uses = np.unique(corners, axis=0, return_inverse=True, return_counts=True)
    owner = np.repeat(np.arange(len(polygons)), shapely.get_num_coordinates(polygons))
    for row in range(len(polygons) // 2, len(polygons)):
        ring = corners[owner == row]
        alone = uses[place[owner == row]] == 1
        for at in range(1, len(ring) - 5):
            if alone[at : at + 5].all():
                crossed = ring.copy()
                crossed[[at + 1, at + 3]] = crossed[[at + 3, at + 1]]
                broken = shapely.Polygon(crossed)
                mended = shapely.make_valid(broken, method="structure", keep_collapsed=False)
                loss = abs(mended.area / polygons[row].area - 1)
                if not broken.is_valid and 1e-4 < loss < 0.01:
                    soiled = polygons.copy()
                    soiled[row] = broken
                    return soiled, [
                        _dirt("communities.geojson", "border crosses itself", [ids[row]])
                    ]
    msg = "No community has a free stretch of border that can be crossed."
    raise ValueError(msg)
