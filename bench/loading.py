"""
Loading size M, and a register of 2 million issues in three formats: at first, and again.

Run: python -m bench.loading

Each load has a process of its own; CPU seconds are those of the load alone. The second of each
takes what the first has kept (`CITY_CACHE`). A city without the issues says what of a load is the
communities' alone. Beside each first load stands what the libraries take that only read the same
file, as columns of Arrow, in the same run: pyarrow for CSV and Parquet, pyogrio for a GeoPackage
(of a tenth of the issues).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import geopandas as gpd
import pandas as pd

from bench.big_city import CRS, make_frames
from bench.figures import Figure, report

USED = """
import json, sys, time
from bench.figures import greatest_memory
def used(task):
    before = greatest_memory()
    begun = time.process_time()
    done = task()
    spent = time.process_time() - begun
    most = greatest_memory()
    return done, {"cpu": spent, "gib": most, "added": (most - before) * 2**30}
"""
MEASURED = (
    USED
    + """
from pathlib import Path
from layers.load import load_city
city, figures = used(lambda: load_city(Path(sys.argv[1])))
frames = [each for each in (city.residents, city.issues) if each is not None]
figures["rows"] = [len(frame) for frame in frames]
figures["frames"] = sum(int(frame.memory_usage(deep=True).sum()) for frame in frames)
print(json.dumps(figures))
"""
)
READ = (
    USED
    + """
import pyarrow.csv, pyarrow.parquet, pyogrio
readers = {
    "csv": pyarrow.csv.read_csv,
    "parquet": pyarrow.parquet.read_table,
    "gpkg": lambda path: pyogrio.read_arrow(path, datetime_as_string=True),
}
table, figures = used(lambda: readers[sys.argv[1].rpartition(".")[2]](sys.argv[1]))
print(json.dumps(figures))
"""
)
HEAD = f'time_zone = "Asia/Shanghai"\ncrs = "{CRS}"\nas_of = "2026-06-30"\n'
TIMES = ("reported_at", "due_at", "closed_at", "verified_at")
FORMATS = {"csv": 1, "parquet": 1, "gpkg": 10}
"""Formats of the register, and of how many issues one is in it."""
ALONE = "communities"
"""The city that has nothing else."""
ISSUES = ("x", "y", "category", *TIMES, "status", "unit", "source", "text")


def layer(kind, file, columns):
    """One entry of a recipe."""
    pairs = ", ".join(f'"{theirs}" = "{ours}"' for theirs, ours in columns.items())
    head = f'[[layers]]\nkind = "{kind}"\nfile = "{file}"\ncrs = "{CRS}"\n'
    return f"{head}columns = {{ {pairs} }}\n"


def write_cities(folder):
    """M without issues; its communities alone, and with the register in each of three formats."""
    frames = make_frames("M")
    communities = frames["communities"].reset_index()
    border = layer(
        "communities",
        "communities.parquet",
        {"community_id": "id", "name": "name", "parent": "parent"},
    )
    recipes = dict.fromkeys(("m", ALONE, *FORMATS), HEAD + border)
    for name in recipes:
        (folder / name).mkdir()
        communities.to_parquet(folder / name / "communities.parquet")
    people = pd.DataFrame(frames["residents"]).reset_index()
    people.to_parquet(folder / "m" / "residents.parquet")
    places = {"x": "x", "y": "y", "population": "population"}
    recipes["m"] += layer("residents", "residents.parquet", places)
    facilities = frames["facilities"].reset_index()
    for kind, rows in facilities.groupby("kind"):
        rows.to_parquet(folder / "m" / f"{kind}.parquet")
        named = {"facility_id": "id", "name": "name", "status": "status"}
        recipes["m"] += layer(kind, f"{kind}.parquet", named)
    issues = frames["issues"].reset_index()
    issues = issues.astype(dict.fromkeys(issues.select_dtypes("category").columns, "str"))
    issues.to_parquet(folder / "parquet" / "issues.parquet")
    issues.to_csv(folder / "csv" / "issues.csv", index=False)
    few = issues.iloc[:: FORMATS["gpkg"]]
    shaped = gpd.GeoDataFrame(few, geometry=gpd.points_from_xy(few["x"], few["y"]), crs=CRS)
    shaped.to_file(folder / "gpkg" / "issues.gpkg")
    for name in FORMATS:
        columns = {"issue_id": "id", **{each: each for each in ISSUES}}
        recipes[name] += layer("issues", f"issues.{name}", columns)
    for name, text in recipes.items():
        (folder / name / "city.toml").write_text(text, "utf-8")


def measured(script, path, cache):
    """Run a script on a file or city in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script, path],
        env={**os.environ, "CITY_CACHE": str(cache)},
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def figures():
    """Measure all of it."""
    made = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_cities(folder)
        alone = measured(MEASURED, folder / ALONE, folder / "cache")
        made.append(Figure("communities alone: first load", alone["cpu"], "CPU s"))
        for city in ("m", *FORMATS):
            what = "M" if city == "m" else f"{2_000_000 // FORMATS[city]:,} issues, {city}"
            first, again = (measured(MEASURED, folder / city, folder / "cache") for _ in range(2))
            print(city, first, again)
            made += [
                Figure(f"{what}: first load", first["cpu"], "CPU s", None if city == "m" else 3),
                Figure(f"{what}: greatest memory", first["gib"], "GiB"),
                Figure(f"{what}: second start", again["cpu"], "CPU s", 2 if city == "m" else 3),
                Figure(f"{what}: rows differ", float(first["rows"] != again["rows"]), "", 0),
            ]
            if city != "m":
                path = folder / city / f"issues.{city}"
                issues = first["cpu"] - alone["cpu"]
                made.append(Figure(f"{what}: the issues alone", issues, "CPU s", 3))
                made += beside_reading(what, path, first, issues, folder / "cache")
    return made


def beside_reading(what, path, first, issues, cache):
    """Hold a load against reading its file alone, and against the bytes of the file."""
    read = measured(READ, path, cache)
    print(path.name, read)
    size = path.stat().st_size
    beyond = (first["added"] - first["frames"]) / size
    taken = {"the file": size, "the frames": first["frames"], "memory added": first["added"]}
    return [
        *(Figure(f"{what}: {name}", each / 1e6, "MB") for name, each in taken.items()),
        Figure(f"{what}: load / reading it alone", first["cpu"] / read["cpu"], "x"),
        Figure(f"{what}: the issues alone / reading it alone", issues / read["cpu"], "x"),
        Figure(f"{what}: memory beyond the frames / its bytes", beyond, "x", 3),
    ]


def main():
    return report(figures())


if __name__ == "__main__":
    raise SystemExit(main())
