"""
Write the approved tables anew: figures that may change only with a line in the changelog.

Run `python -m tools.approve` after a change that moves a figure on purpose, read the
difference, and say why under "Changes to numbers" in CHANGELOG.md.
"""

from __future__ import annotations

from pathlib import Path

from analysis.assessment import assess, prepare
from analysis.survey import survey_issues
from exports.tables import csv_bytes
from layers.dictionary import load_dictionary
from layers.knowledge import load_standards
from layers.load import load_city

ROOT = Path(__file__).resolve().parent.parent
APPROVED = ROOT / "tests" / "approved"
CITIES = {
    "demo": ("cn-life-circle", "cn-toilet-density"),
    "nyc": ("intl-400m",),
    "taipei": ("intl-400m",),
}
PLACES = ("rank", "community_id", "cases", "open", "overdue", "top_category", "cells")


def tables(name: str) -> dict[str, bytes]:
    """
    Compute the tables of one city.

    Parameters
    ----------
    name
        A folder of `data/`.

    Returns
    -------
    tables
        CSV by file name: rows of every layer, the summary by each standard, and the
        hot places where the city has located issues.
    """
    city = load_city(ROOT / "data" / name)
    counts = [
        f"{report.id},{report.rows_in},{report.not_selected},{report.loaded},{report.repaired},"
        f"{report.quarantined}"
        for report in city.reports
    ]
    head = "layer,rows_in,not_selected,loaded,repaired,quarantined"
    found = {f"{name}-rows.csv": "\n".join([head, *counts, ""]).encode()}
    ready = prepare(
        city.communities, city.facilities, city.residents, kinds=city.kinds, land=city.land
    )
    columns = load_dictionary().tables["summary"].columns
    for standard in CITIES[name]:
        summary = assess(ready, load_standards()[standard]).summary
        found[f"{name}-{standard}.csv"] = csv_bytes(summary, columns)
    if city.issues is not None and city.issues["x"].notna().any():
        survey = survey_issues(city.issues, city.communities, as_of=city.as_of)
        places = survey.places.reset_index()[list(PLACES)]
        found[f"{name}-places.csv"] = places.to_csv(index=False, lineterminator="\n").encode()
    return found


def main() -> None:
    """Write every approved table."""
    APPROVED.mkdir(exist_ok=True)
    for city in CITIES:
        for file, content in tables(city).items():
            (APPROVED / file).write_bytes(content)


if __name__ == "__main__":
    main()
