"""Plus codes mean what their makers say: test data of google/open-location-code."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.model.errors import SourceError
from layers.load import load_city
from layers.places.plus_codes import read_codes
from tests.layers.toy import HEAD, NOWHERE, write_communities

PUBLISHED = [
    ("7FG49QCJ+2V", 20.3700625, 2.7821875),
    ("7FG49QCJ+2VX", 20.3701125, 2.782234375),
    ("7FG49QCJ+2VXGJ", 20.3701135, 2.78223535156),
    ("8FVC2222+22", 47.0000625, 8.0000625),
    ("4VCPPQGP+Q9", -41.2730625, 174.7859375),
    ("62G20000+", np.nan, np.nan),
]
"""Code, latitude and longitude of the middle of its cell; the last is as wide as a country."""


@pytest.mark.parametrize(("code", "lat", "lon"), PUBLISHED)
def test_published_codes(code, lat, lon):
    read = read_codes(pd.Series([code, code.lower()]), near=(0.0, 0.0))
    assert read.lat == pytest.approx([lat, lat], abs=1e-8, nan_ok=True)
    assert read.lon == pytest.approx([lon, lon], abs=1e-8, nan_ok=True)
    assert not read.short.any()


def test_a_short_code_is_the_nearest_to_the_city():
    """9C3W9QCJ+2VX shortened by four characters at 51.3708675,-1.217765625 (shortCodeTests)."""
    text = pd.Series(["9QCJ+2VX", "Basingstoke 9QCJ+2VX", "no code", ""])
    read = read_codes(text, near=(-1.217765625, 51.3708675))
    assert read.lat[:2] == pytest.approx([51.3701125, 51.3701125])
    assert read.lon[:2] == pytest.approx([-1.217765625, -1.217765625])
    assert np.isnan(read.lat[2:]).all()
    assert list(read.short) == [True, True, False, False]


LAYER = '\n[[layers]]\nkind = "toilet"\nfile = "t.csv"\ncolumns = { code = "position" }\n'


def city_of(folder, *positions):
    write_communities(folder)
    (folder / "city.toml").write_text(HEAD + LAYER, "utf-8")
    (folder / "t.csv").write_text("\n".join(["code", *positions, ""]), "utf-8")
    return load_city(folder, city_data=NOWHERE)


def test_a_layer_of_codes_is_read_and_what_is_none_is_told_as_it_stands(tmp_path):
    city = city_of(tmp_path, "8PFRW9X2+222", "W9X2+222 Beijing", "East gate")
    report = city.reports[-1]
    assert (report.loaded, report.quarantined) == (2, 1)
    assert {note.rule: note.count for note in report.notes} == {
        "place_codes": 1,
        "place_codes_short": 1,
        "place_shared": 2,
        "coordinates_unreadable": 1,
    }
    assert list(city.quarantine["detail"]) == ["East gate"]
    places = city.facilities.geometry.to_crs(4326)
    assert [*places.x, *places.y] == pytest.approx([116.3500156] * 2 + [39.9475125] * 2, abs=1e-6)


def test_words_alone_are_refused_with_the_key_that_takes_them_apart(tmp_path):
    with pytest.raises(SourceError, match=r"East gate.*nor a Plus code") as caught:
        city_of(tmp_path, "East gate")
    assert "position_pattern" in caught.value.hint
