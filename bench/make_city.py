"""
Make the demo city or a benchmark city.

::

    python -m bench.make_city demo data/demo          the committed demo city
    python -m bench.make_city S|M|L FOLDER            a benchmark city
    python -m bench.make_city --communities 2000 FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bench.big_city import CRS, KINDS, SIZES, make_frames, make_tiles
from tools.demo_city.city import write_demo

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

RECIPE = """\
name = {{ zh = "基准城市 {title}", en = "Benchmark city {title}" }}
language = "zh"
time_zone = "Asia/Shanghai"
crs = "{crs}"
as_of = "2026-06-30"
standard = "cn-life-circle"
"""
LAYER = """
[[layers]]
kind = "{kind}"
file = "{kind}-*.parquet"
crs = "{crs}"
columns = {{ {columns} }}
source = "bench.make_city"
publication_date = "2026-07-01"
licence = "CC0-1.0"
"""
COLUMNS = {
    "communities": ("id", "name", "parent"),
    "residents": ("id", "x", "y", "population"),
    "issues": (
        "id", "x", "y", "category", "reported_at", "due_at", "closed_at", "verified_at", "status",
        "unit", "source", "text",
    ),
    **dict.fromkeys(KINDS, ("id", "name", "status", "x", "y")),
}  # fmt: skip


def write_city(folder: Path, tiles: Iterable[dict[str, pd.DataFrame]], *, title: str) -> None:
    """Write a benchmark city: Parquet files, one of each layer a tile, and a recipe."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, frames in enumerate(tiles):
        for kind, table in _tables(frames).items():
            table.rename_axis("id").reset_index().to_parquet(
                folder / f"{kind}-{number:02d}.parquet", index=False
            )
    layers = [
        LAYER.format(kind=kind, crs=CRS, columns=", ".join(f'{name} = "{name}"' for name in names))
        for kind, names in COLUMNS.items()
    ]
    recipe = RECIPE.format(title=title, crs=CRS) + "".join(layers)
    (folder / "city.toml").write_bytes(recipe.encode())


def _tables(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Layers as files have them: facilities by kind with plain coordinates."""
    facilities = frames["facilities"]
    plain = facilities.drop(columns="geometry").assign(
        x=facilities.geometry.x, y=facilities.geometry.y
    )
    tables = {role: frames[role] for role in ("communities", "residents", "issues")}
    for kind in KINDS:
        tables[kind] = plain[plain["kind"] == kind].drop(columns="kind")
    return tables


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and write the city it asks for."""
    parser = argparse.ArgumentParser(description="Make the demo city or a benchmark city.")
    parser.add_argument("size", nargs="?", choices=["demo", *SIZES], help="which city")
    parser.add_argument("folder", type=Path, help="where to write it")
    parser.add_argument("--communities", type=int, help="a city of this many communities")
    parser.add_argument("--seed", type=int, default=1, help="of a benchmark city")
    given = parser.parse_args(arguments)
    if (given.size is None) == (given.communities is None):
        parser.error("give a size or --communities, and a folder")
    if given.communities is not None and given.communities < 20:
        parser.error("--communities must be at least 20")
    if given.size == "demo":
        write_demo(given.folder)
    elif given.size:
        write_city(given.folder, make_tiles(given.size, seed=given.seed), title=given.size)
    else:
        frames = make_frames(given.communities, seed=given.seed)
        write_city(given.folder, [frames], title=f"{given.communities:,}")


if __name__ == "__main__":
    main()
