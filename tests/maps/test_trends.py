"""Maps of change show what the recipe found."""

from __future__ import annotations

import pytest

from analysis.trends.emerging import PATTERNS
from maps.canvas import Canvas
from maps.store import GeoStore
from maps.trends import GREY, month_map, pattern_map, state_map
from wording.catalogue import load_words
from wording.speaker import Speaker


@pytest.fixture
def canvas(city):
    return Canvas(city, Speaker(load_words(), "en"), GeoStore(), areas="areas")


def test_another_month_changes_only_classes_and_text(canvas, demo_trends):
    march, june = (month_map(canvas, demo_trends.emerging, m) for m in ("2026-03", "2026-06"))
    assert march.cells.url == june.cells.url
    assert march.cells.styles == june.cells.styles
    assert march.areas == june.areas
    assert march.id != june.id
    hottest = str(len(june.cells.styles) - 1)
    assert june.cells.classes.count(hottest) == (demo_trends.emerging.classes[-1] == 3).sum()
    assert march.cells.classes.count(hottest) == (demo_trends.emerging.classes[-4] == 3).sum()


def test_only_cells_with_a_pattern_are_drawn_and_every_pattern_has_its_look(canvas, demo_trends):
    spec = pattern_map(canvas, demo_trends.emerging)
    cells = demo_trends.emerging.cells
    shown = cells.loc[cells["pattern"] != "none", "pattern"]
    assert [PATTERNS[int(each)] for each in spec.cells.classes] == shown.tolist()
    assert len({style.fill for style in spec.cells.styles}) == len(PATTERNS)
    assert [mark.label for mark in spec.marks] == ["1", "2", "3"]


def test_only_communities_judged_to_have_changed_are_coloured(canvas, demo_trends):
    periods = demo_trends.periods.set_index("community_id")
    rows = periods[periods["basis"] == "previous"]
    kinds = ("more", "fewer", "not_sure", "no_cases")
    spec = state_map(canvas, rows["change"], kinds=kinds, lines=[[]] * len(rows), title="t")
    assert [kinds[int(each)] for each in spec.areas.classes] == rows["change"].tolist()
    assert spec.areas.styles[2].fill == GREY
    assert {row.label for row in spec.legend.rows} == {"more", "cannot be told", "no cases"}
