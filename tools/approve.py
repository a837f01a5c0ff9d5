"""
Write the approved tables anew: figures that may change only with a line in the changelog.

Run `python -m tools.approve` after a change that moves a figure on purpose, read the
difference, and say why under "Changes to numbers" in CHANGELOG.md.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

from analysis.hotspots.recipe import find_hot_spots
from analysis.issues.issue_set import issue_set
from analysis.model.question import Question
from commands.issues import hotspots
from exports.formats.csv import csv_bytes
from exports.recipes.coverage import assessed
from exports.recipes.facility_answers import FacilityAnswers
from layers.knowledge.dictionary import load_dictionary
from layers.load import load_city

ROOT = Path(__file__).resolve().parent.parent
APPROVED = ROOT / "tests" / "approved"
CITIES = {
    "demo": ("cn-life-circle", "cn-toilet-density"),
    "nyc": ("intl-400m",),
    "taipei": ("intl-400m",),
    "zurich": (),
}
HEAD = 10
"""Rows of each table of issues that are approved; of all, how many there are."""
RANKED = {
    f"{table}.csv"
    for table in (
        *("clusters", "emerging_places", "kpis", "places", "prediction", "priority", "silence"),
        *("closing", "units"),
    )
}
"""Tables whose first rows tell something, and nothing of a single case."""
PLACES = ("rank", "community_id", "cases", "open", "overdue", "top_category", "cells")


def tables(name: str) -> dict[str, bytes]:
    """Compute the tables of one city."""
    city = load_city(ROOT / "data" / name)
    counts = [
        f"{report.id},{report.rows_in},{report.not_selected},{report.loaded},{report.repaired},"
        f"{report.quarantined}"
        for report in city.reports
    ]
    head = "layer,rows_in,not_selected,loaded,repaired,quarantined"
    found = {f"{name}-rows.csv": "\n".join([head, *counts, ""]).encode()}
    answers = FacilityAnswers(city)
    columns = load_dictionary().tables["summary"].columns
    for standard in CITIES[name]:
        summary = assessed(answers, Question(standard=standard)).summary
        found[f"{name}-{standard}.csv"] = csv_bytes(summary, columns)
    if city.issues is not None and city.issues["x"].notna().any():
        located = issue_set(city.issues, city.communities, as_of=city.as_of)
        result = find_hot_spots(located, residents=city.residents)
        places = result.places.reset_index()[list(PLACES)]
        found[f"{name}-places.csv"] = places.to_csv(index=False, lineterminator="\n").encode()
        found[f"{name}-issues.txt"] = written(name).encode()
    return found


def written(name: str) -> str:
    """Count the rows of every table that the command line writes of a city's issues."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        out = Path(folder) / "files"
        hotspots(ROOT / "data" / name, out)
        found = {path.name: path.read_text("utf-8-sig") for path in sorted(out.glob("*.csv"))}
    text = []
    for file, content in found.items():
        lines = content.splitlines()
        text.append(f"# {file}: {len(lines) - 1} rows")
        text += lines[: HEAD + 1] if file in RANKED else lines[:1]
    return "\n".join([*text, ""])


def main() -> None:
    """Write every approved table."""
    APPROVED.mkdir(exist_ok=True)
    for city in CITIES:
        for file, content in tables(city).items():
            (APPROVED / file).write_bytes(content)


if __name__ == "__main__":
    main()
