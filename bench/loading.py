"""
Loading size M, and a register of 2 million issues from CSV and from Parquet: at first, and again.

Run: python -m bench.loading

Each load has a process of its own; CPU seconds are those of the load alone. The second of each
takes what the first has kept (`CITY_CACHE`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from bench.big_city import CRS, make_frames
from bench.figures import Figure, report

MEASURED = """
import json, resource, sys, time
from pathlib import Path
from layers.load import load_city
begun = time.process_time()
city = load_city(Path(sys.argv[1]))
print(json.dumps({
    "cpu": time.process_time() - begun,
    "gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    "rows": [0 if each is None else len(each) for each in (city.residents, city.issues)],
}))
"""
HEAD = f'time_zone = "Asia/Shanghai"\ncrs = "{CRS}"\nas_of = "2026-06-30"\n'
TIMES = ("reported_at", "due_at", "closed_at", "verified_at")
ISSUES = ("x", "y", "category", *TIMES, "status", "unit", "source", "text")


def layer(kind, file, columns):
    """One entry of a recipe."""
    pairs = ", ".join(f'"{theirs}" = "{ours}"' for theirs, ours in columns.items())
    head = f'[[layers]]\nkind = "{kind}"\nfile = "{file}"\ncrs = "{CRS}"\n'
    return f"{head}columns = {{ {pairs} }}\n"


def write_cities(folder):
    """Three cities: M without issues, and the register beside its communities in two formats."""
    frames = make_frames("M")
    communities = frames["communities"].reset_index()
    border = layer(
        "communities",
        "communities.parquet",
        {"community_id": "id", "name": "name", "parent": "parent"},
    )
    recipes = dict.fromkeys(("m", "csv", "parquet"), HEAD + border)
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
    for name in ("csv", "parquet"):
        columns = {"issue_id": "id", **{each: each for each in ISSUES}}
        recipes[name] += layer("issues", f"issues.{name}", columns)
    for name, text in recipes.items():
        (folder / name / "city.toml").write_text(text, "utf-8")


def loaded(city, cache):
    """Load a city in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, city],
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
        for city, what in (
            ("m", "M"),
            ("csv", "2 M issues, CSV"),
            ("parquet", "2 M issues, Parquet"),
        ):
            first, again = (loaded(folder / city, folder / "cache") for _ in range(2))
            print(city, first, again)
            made += [
                Figure(f"{what}: first load", first["cpu"], "CPU s"),
                Figure(f"{what}: greatest memory", first["gib"], "GiB"),
                Figure(f"{what}: second start", again["cpu"], "CPU s", 2 if city == "m" else 3),
                Figure(f"{what}: greatest memory then", again["gib"], "GiB"),
                Figure(f"{what}: rows differ", float(first["rows"] != again["rows"]), "", 0),
            ]
    return made


def main():
    return report(figures())


if __name__ == "__main__":
    raise SystemExit(main())
