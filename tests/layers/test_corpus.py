"""The corpus of bad and good files: each has the outcome it should, or a page says why not."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import socket
import stat
import tarfile
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from analysis.model.errors import PlanningError
from layers.load import load_city
from tests.conftest import CITY_DATA, ROOT, listening
from wording.catalogue import load_words
from wording.speaker import Speaker

pytestmark = pytest.mark.long

CORPUS = CITY_DATA.parent / "corpus"
PAGE = ROOT / "docs" / "reference" / "bad-files.md"
BAIT = Path(tempfile.gettempdir()) / "corpus-canary"
BAIT_PORT = 18973
"""Where the corpus says that its baits are: a file to read, a server to ask."""
FORMATS = {
    "geojson": "geojson",
    "csv": "csv",
    "gpkg": "gpkg",
    "xlsx": "xlsx",
    "parquet": "parquet",
    "shp.zip": "zip",
}
KINDS = {"facility": "toilet", "issue": "issues", "community": "communities"}
COLUMNS = {
    "facility": {"id": "id", "name": "name", "capacity": "stalls"},
    "issue": {
        "id": "id",
        "type": "category",
        "reported_at": "reported_at",
        "closed_at": "closed_at",
        "text": "text",
    },
    "community": {"id": "id", "name": "name", "population": "population"},
}
LACKING = {"wkt": {"capacity"}, "stac_like.json": {"name", "capacity"}}
"""Columns that these good files do not have."""
WKT = r"^POINT ?\((?P<lon>[-0-9.]+) (?P<lat>[-0-9.]+)\)$"
LEFT_ALONE = {"driver_confusion/virtual_table.gpkg"}
"""Baits that stand beside the table that is read, and are not touched."""
LEAST_EXACT = 274
HANGS_S = 30
WAITS_S = 180


def index():
    path = CORPUS / "index.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.DictReader(lines) if row["format"] in FORMATS]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    if not CORPUS.is_dir():
        message = f"no folder {CORPUS} (it lies beside CITY_DATA)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    folder = tmp_path_factory.mktemp("corpus")
    with tarfile.open(CORPUS / "files.tar.gz") as archive:
        archive.extractall(folder, filter="tar")
    return folder


def wait_for_port():
    """Another run of these tests on this machine may have it."""
    for _ in range(WAITS_S):
        try:
            with socket.create_server(("127.0.0.1", BAIT_PORT)):
                return
        except OSError:
            time.sleep(1)


@pytest.fixture(scope="module")
def requests():
    """Plant the secret that hostile files want, and be the server that they want to ask."""
    wait_for_port()
    BAIT.mkdir(exist_ok=True)
    planted = [BAIT / f"secret.{suffix}" for suffix in ("csv", "geojson", "txt", "vrt")]
    for path in planted:
        path.write_text("id,name\n1,planted-secret\n")
    with listening(BAIT_PORT) as (_, received):
        yield received
    for path in planted:
        path.unlink()
    BAIT.rmdir()


def recipe(row, name):
    """What a person would write in `city.toml` for this file."""
    columns = dict(COLUMNS[row["kind"]])
    for part, absent in LACKING.items():
        if name.startswith(part):
            columns = {key: value for key, value in columns.items() if key not in absent}
    pattern = ""
    if row["format"] in {"csv", "xlsx"} and name.startswith("wkt"):
        columns["wkt"] = "position"
        pattern = f"position_pattern = '{WKT}'\n"
    elif row["format"] in {"csv", "xlsx"}:
        columns |= {"lon": "lon", "lat": "lat"}
    stated = "" if row["category"] == "filesystem" else f'format = "{FORMATS[row["format"]]}"\n'
    pairs = ", ".join(f'{key} = "{value}"' for key, value in columns.items())
    area = '[[layers]]\nkind = "communities"\nfile = "area.geojson"\ncolumns = { id = "id" }\n'
    return (
        'time_zone = "Asia/Shanghai"\nas_of = "2026-01-01"\n'
        f"{'' if row['kind'] == 'community' else area}"
        f'[[layers]]\nkind = "{KINDS[row["kind"]]}"\nfile = {json.dumps(name)}\n{stated}'
        f'columns = {{ {pairs} }}\npublication_date = "2026-01-01"\n{pattern}'
    )


def lay_out(row, files, folder):
    """Make a city of the file, in the study area that the corpus states."""
    path = files / row["file"]
    ring = [[116.2, 39.8], [116.6, 39.8], [116.6, 40.0], [116.2, 40.0], [116.2, 39.8]]
    square = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"id": "A"}, "geometry": square}
    area = {"type": "FeatureCollection", "features": [feature]}
    folder.mkdir()
    (folder / "area.geojson").write_text(json.dumps(area))
    (folder / "city.toml").write_text(recipe(row, path.name), encoding="utf-8")
    if path.is_symlink():
        (folder / path.name).symlink_to(path.readlink())
    elif path.is_dir():
        shutil.copytree(path, folder / path.name)
    elif stat.S_ISFIFO(path.lstat().st_mode):
        os.mkfifo(folder / path.name)
    else:
        shutil.copy(path, folder / path.name)


def outcome(folder):
    """Load it; say what became of it, how many rows came through, and why."""
    try:
        report = load_city(folder, city_data=folder / "nowhere").reports[-1]
    except PlanningError as error:
        said = [
            sentence
            for speaker in (Speaker(load_words(), "zh"), Speaker(load_words(), "en"))
            for sentence in (speaker.error(error), speaker.hint(error))
        ]
        return "reject", 0, " / ".join([str(error), *said])
    assert report.rows_in == report.not_selected + report.loaded + report.quarantined
    noted = {note.outcome for note in report.notes}
    for what, name in (
        ("quarantined", "quarantine"),
        ("repaired", "repair"),
        ("noted", "warn"),
    ):
        if what in noted:
            return name, report.loaded, str(report.notes)
    return "accept", report.loaded, ""


@pytest.fixture(scope="module")
def outcomes(files, requests, tmp_path_factory):
    """Each file with what it should become and what it became; anything not planned is loud."""
    found = {}
    places = tmp_path_factory.mktemp("cities")
    for number, row in enumerate(index()):
        lay_out(row, files, places / str(number))
        signal.alarm(HANGS_S)
        got, rows, why = outcome(places / str(number))
        signal.alarm(0)
        exact = got in row["expected"].split("|") and (
            got == "reject" or rows == int(row["rows_ok"])
        )
        found[row["file"]] = (exact, f"{row['expected']} {row['rows_ok']}: {got} {rows} {why}")
        assert requests == [], row["file"]
        assert "planted-secret" not in why
    return found


def test_the_corpus_is_there_under_ci():
    assert index() or not os.environ.get("CI")


def test_no_file_does_worse_than_its_page_says(outcomes):
    listed = set(re.findall(r"`([^`\n]+/[^`\n]+)`", PAGE.read_text("utf-8")))
    others = {name: why for name, (exact, why) in outcomes.items() if not exact}
    assert {name: why for name, why in others.items() if name not in listed} == {}
    assert listed - set(others) == set()


def test_so_many_outcomes_are_exact(outcomes):
    assert Counter(exact for exact, _ in outcomes.values())[True] >= LEAST_EXACT


def test_hostile_files_are_refused_or_read_without_their_bait(outcomes):
    baits = [row for row in index() if row["canary"] == "1" and row["expected"] == "reject"]
    baits = [row for row in baits if row["file"] not in LEFT_ALONE]
    assert len(baits) > 20
    assert all(outcomes[row["file"]][1].startswith("reject 0: reject") for row in baits)
