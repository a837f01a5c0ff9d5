"""The dashboard starts whatever the data are: it shows the city, or says what is wrong with it."""

from __future__ import annotations

import random

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import CITY_DATA, ROOT
from tests.views.towns import RECIPE, write_town

CASES = CITY_DATA.parent / "cases"
VALUES = ('""', "-1", "1e309", "true", "[]", "{}", '"\\u0000"', "2024-01-01", '"EPSG:0"', '"../x"')
"""What a key may be set to by mistake."""


def opened(folder, monkeypatch):
    monkeypatch.setenv("CITY", str(folder))
    page = AppTest.from_file(str(ROOT / "views" / "server" / "script.py"), default_timeout=120)
    page.query_params["language"] = "en"
    page.run()
    return page


def check_started(page):
    """Either the page is there, or one error that says something; never a fault of the program."""
    assert not page.exception, [each.message for each in page.exception]
    assert page.metric or [error.value for error in page.error if len(error.value) > 20]


def without_recipe(town, chance):
    (town / "city.toml").unlink()


def bytes_lost(town, chance):
    file = chance.choice(sorted(path for path in town.iterdir() if path.is_file()))
    data = file.read_bytes()
    at = chance.randrange(len(data))
    file.write_bytes(data[:at] + data[at + chance.randrange(1, 40) :])


def bytes_changed(town, chance):
    file = chance.choice(sorted(path for path in town.iterdir() if path.is_file()))
    data = bytearray(file.read_bytes())
    for _ in range(chance.randrange(1, 8)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    file.write_bytes(bytes(data))


def value_changed(town, chance):
    lines = (town / "city.toml").read_text("utf-8").splitlines()
    keyed = [number for number, line in enumerate(lines) if " = " in line]
    number = chance.choice(keyed)
    lines[number] = f"{lines[number].split(' = ')[0]} = {chance.choice(VALUES)}"
    (town / "city.toml").write_text("\n".join(lines), "utf-8")


def line_lost(town, chance):
    file = chance.choice(["city.toml", *(path.name for path in sorted(town.glob("*.csv")))])
    lines = (town / file).read_text("utf-8").splitlines()
    del lines[chance.randrange(len(lines))]
    (town / file).write_text("\n".join(lines), "utf-8")


def file_empty(town, chance):
    chance.choice(sorted(path for path in town.iterdir() if path.is_file())).write_bytes(b"")


def folder_instead(town, chance):
    file = chance.choice(sorted(path for path in town.iterdir() if path.is_file()))
    file.unlink()
    file.mkdir()


DAMAGES = (
    without_recipe,
    bytes_lost,
    bytes_changed,
    value_changed,
    line_lost,
    file_empty,
    folder_instead,
)


def damaged(folder, damage, seed):
    town = write_town(folder, "id,lon,lat\nt1,121.005,31.005\nt2,121.015,31.005\n")
    (town / "city.toml").write_text(RECIPE, encoding="utf-8")
    damage(town, random.Random(seed))
    return town


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_city_is_shown_or_said_to_be_wrong(tmp_path, damage, monkeypatch):
    check_started(opened(damaged(tmp_path / "town", damage, 1), monkeypatch))


@pytest.mark.full
@pytest.mark.parametrize("seed", range(2, 32))
@pytest.mark.parametrize("damage", DAMAGES[1:])
def test_many_damages(tmp_path, damage, seed, monkeypatch):
    check_started(opened(damaged(tmp_path / "town", damage, seed), monkeypatch))


@pytest.mark.full
@pytest.mark.skipif(not CASES.is_dir(), reason=f"no folder {CASES} (it lies beside CITY_DATA)")
@pytest.mark.parametrize("case", sorted(path.parent.name for path in CASES.glob("*/city.toml")))
def test_every_case_of_an_office_starts(case, monkeypatch):
    check_started(opened(CASES / case, monkeypatch))
