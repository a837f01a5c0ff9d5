"""The legend of density clusters: classes from the least that was asked for upwards."""

from __future__ import annotations

import pytest

from analysis.hotspots.clusters import find_clusters
from maps.canvas import Canvas
from maps.clusters import cluster_map
from maps.store import GeoStore
from tests.frames import issues_of
from wording.catalogue import load_words
from wording.speaker import Speaker


@pytest.mark.parametrize("least", [10, 200, 250])
def test_classes_of_clusters_begin_at_the_least_and_are_all_different(city, least):
    found = find_clusters(issues_of(city), distance=200, least=least)
    assert len(found.table)
    canvas = Canvas(city, Speaker(load_words(), "zh"), GeoStore(), areas="areas")
    lows = [int(row.label.removeprefix("≥ ")) for row in cluster_map(canvas, found).legend.rows]
    assert lows == sorted(set(lows), reverse=True)
    assert lows[-1] == least
