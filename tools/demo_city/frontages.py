"""Frontage duty of the demo city: frontages along main streets, and shops of unknown length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from tools.demo_city.dirt import Dirt

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tools.demo_city.truths import Truth

FRONTAGES = 24
"""On each street, those nearest to the middle of the city."""
ASIDE_M = 9.0
"""Metres between the middle of the street and the doors."""
POOR, NEVER, SHOPS = "书院街", "建设街", "钟楼街"
"""The street that fails most checks, the one never checked, the one whose shops are points."""
STREETS = {
    "人民路": "江北城管中队",
    "解放路": "江北城管中队",
    POOR: "江北城管中队",
    NEVER: "江南城管中队",
    SHOPS: "江南城管中队",
    "文化路": "江南城管中队",
}
"""Streets with frontages, and the unit that sees to each."""
POOR_PASSED, POOR_FAILED = 6, 14
USUAL_PASSED, UNCHECKED = 0.85, 0.1
DAYS = pd.date_range("2026-03-02", "2026-06-26", freq="B")


def make_frontages(streets: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Lay frontages along the named streets; lines, but for shops that are points."""
    parts = [_of_street(streets, name, unit, rng) for name, unit in STREETS.items()]
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "id", [f"MQ{number:04d}" for number in range(1, len(table) + 1)])
    return table


def _of_street(
    streets: pd.DataFrame, name: str, unit: str, rng: np.random.Generator
) -> pd.DataFrame:
    lines = streets.loc[streets["name"] == name, "geometry"].to_numpy()
    middle = shapely.get_coordinates(shapely.centroid(lines))
    fronts = _beside(lines[np.argsort(np.hypot(*middle.T), kind="stable")[:FRONTAGES]])
    shops = shapely.line_interpolate_point(fronts, 0.5, normalized=True)
    count = len(fronts)
    result = _results(name, count, rng)
    days = DAYS[rng.integers(len(DAYS), size=count)].strftime("%Y-%m-%d").to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "name": [f"{name}{number}号" for number in range(1, count + 1)],
            "street": name,
            "unit": unit,
            "signed": rng.choice(["已签", "未签", ""], size=count, p=[0.8, 0.15, 0.05]),
            "result": result,
            "checked_at": np.where(result == "", "", days),
            "geometry": shops if name == SHOPS else fronts,
        }
    )


def _beside(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Move the middle four fifths of each line aside."""
    parts = np.array([substring(line, 0.1, 0.9, normalized=True) for line in lines], dtype=object)
    fronts: NDArray[np.object_] = shapely.offset_curve(parts, ASIDE_M)
    return fronts


def _results(name: str, count: int, rng: np.random.Generator) -> NDArray[np.object_]:
    """Say how each was checked."""
    result = np.full(count, "", dtype=object)
    if name == NEVER:
        return result
    if name == POOR:
        result[: POOR_PASSED + POOR_FAILED] = ["合格"] * POOR_PASSED + ["不合格"] * POOR_FAILED
        return rng.permutation(result)
    drawn = np.where(rng.random(count) < USUAL_PASSED, "合格", "不合格").astype(object)
    return np.where(rng.random(count) < UNCHECKED, result, drawn)


def dirty_frontages(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Dirt]]:
    """Append a row that stands twice, and one whose result is none."""
    twice, unknown = table.iloc[[3]].copy(), table.iloc[[5]].copy()
    unknown["id"], unknown["result"] = "MQ9001", "整改中"
    file = "frontages.geojson"
    dirt = [
        Dirt(file, "identifier twice", 1, tuple(twice["id"])),
        Dirt(file, "result of the check is none", 1, tuple(unknown["id"])),
    ]
    return pd.concat([table, twice, unknown], ignore_index=True), dirt


def frontage_truth(table: pd.DataFrame) -> Truth:
    """State what is planted."""
    counts = table["street"].value_counts()
    return {
        "id": "frontage",
        "type": "frontage",
        "title": {"zh": "门前三包最差的路", "en": "The street that fails most checks"},
        "street": POOR,
        "passed": POOR_PASSED,
        "failed": POOR_FAILED,
        "never_checked": int(counts[POOR]) - POOR_PASSED - POOR_FAILED,
        "never_street": NEVER,
        "never_street_frontages": int(counts[NEVER]),
        "shops_street": SHOPS,
        "shops": int(counts[SHOPS]),
    }
