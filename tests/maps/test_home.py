"""The map of Home names the marks that it has, and no others."""

from __future__ import annotations

import pandas as pd
import pytest

from maps.canvas import Canvas
from maps.home import home_map
from maps.store import GeoStore
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()


def hot_places(city, count):
    rows = city.communities.head(count)
    at = rows.geometry.representative_point()
    return pd.DataFrame(
        {
            "rank": range(1, count + 1),
            "x": at.x.to_numpy(),
            "y": at.y.to_numpy(),
            "community_id": rows.index,
            "community": rows["name"].to_numpy(),
            "parent": rows["parent"].to_numpy(),
            "street": "",
            "cases": 9,
        }
    )


@pytest.mark.parametrize(
    ("first", "places", "note"),
    [
        (3, 3, "1–3: act first; A–C: where issues concentrate most"),
        (2, 7, "1–2: act first; A–E: where issues concentrate most"),
        (0, 1, "A: where issues concentrate most"),
        (1, 0, "1: act first"),
        (0, 0, ""),
    ],
)
def test_the_legend_names_the_marks_on_the_map(city, first, places, note):
    canvas = Canvas(city, Speaker(WORDS, "en"), GeoStore(), areas="areas")
    shown = city.communities.index[-first:].tolist() if first else []
    spec = home_map(canvas, None, first=shown, places=hot_places(city, places))
    assert spec.legend.note == note
    assert len({mark.label for mark in spec.marks}) == first + min(places, 5)
