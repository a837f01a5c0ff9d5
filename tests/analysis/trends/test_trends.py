"""Files and maps of change: what the recipe found stands in them."""

import io

import numpy as np
import pandas as pd
import pytest

from analysis.trends.emerging import EDITION, PATTERNS
from analysis.trends.recipe import find_trends
from exports.bundle import change_files
from exports.tables.trends import CHANGE_FILES, change_record, change_tables, emerging_table
from layers.knowledge.dictionary import load_dictionary
from layers.load import load_city
from maps.canvas import Canvas
from maps.store import GeoStore
from maps.trends import GREY, month_map, pattern_map, state_map
from tests.conftest import ROOT
from wording.catalogue import load_words
from wording.speaker import Speaker


@pytest.fixture(scope="module")
def city():
    return load_city(ROOT / "data" / "demo")


@pytest.fixture(scope="module")
def found(city):
    return find_trends(
        city.issues,
        city.communities,
        as_of=city.as_of,
        residents=city.residents,
        facilities=city.facilities,
    )


def test_files_of_change_hold_what_the_recipe_found(city, found):
    cells = emerging_table(found, city)
    assert (cells.area.to_numpy() == found.emerging.cube.grid.cell_size**2).all()
    made = change_files(change_tables(city, found, cells))
    assert tuple(made) == CHANGE_FILES
    frames = {
        "emerging": found.emerging.cells.reset_index(),
        "emerging_places": found.emerging.places,
        "periods": found.periods,
        "alerts": found.alerts,
        "silence": found.under_reporting.table.reset_index(),
        "prediction": found.prediction,
    }
    tables = load_dictionary().tables
    for name, frame in frames.items():
        rows = pd.read_csv(io.BytesIO(made[f"{name}.csv"]), dtype=str, encoding="utf-8-sig")
        assert rows.columns.tolist() == [column.id for column in tables[name].columns]
        assert len(rows) == len(frame)
        for column in tables[name].columns:
            if column.id in {"lon", "lat"}:
                continue
            shown, kept = rows[column.id], frame[column.id].reset_index(drop=True)
            if pd.api.types.is_numeric_dtype(kept):
                expected = kept.astype(float).replace(np.inf, np.nan)
                np.testing.assert_allclose(shown.astype(float), expected, rtol=1e-5, atol=0.06)
            else:
                plain = shown.fillna("").str.removeprefix("'")
                assert plain.tolist() == kept.fillna("").astype(str).tolist(), column.id
    record = change_record(found)
    assert record["definitions"] == EDITION
    assert record["steps"][-1] == "2026-06"
    assert record["earlier_steps"] == 1
    assert record["refused"] == {}


@pytest.fixture
def canvas(city):
    return Canvas(city, Speaker(load_words(), "en"), GeoStore(), areas="areas")


def test_another_month_changes_only_classes_and_text(canvas, found):
    march, june = (month_map(canvas, found.emerging, m) for m in ("2026-03", "2026-06"))
    assert march.cells.url == june.cells.url
    assert march.cells.styles == june.cells.styles
    assert march.areas == june.areas
    assert march.id != june.id
    hottest = str(len(june.cells.styles) - 1)
    assert june.cells.classes.count(hottest) == (found.emerging.classes[-1] == 3).sum()
    assert march.cells.classes.count(hottest) == (found.emerging.classes[-4] == 3).sum()


def test_only_cells_with_a_pattern_are_drawn_and_every_pattern_has_its_look(canvas, found):
    spec = pattern_map(canvas, found.emerging)
    cells = found.emerging.cells
    shown = cells.loc[cells["pattern"] != "none", "pattern"]
    assert [PATTERNS[int(each)] for each in spec.cells.classes] == shown.tolist()
    assert len({style.fill for style in spec.cells.styles}) == len(PATTERNS)
    assert [mark.label for mark in spec.marks] == ["1", "2", "3"]


def test_only_communities_judged_to_have_changed_are_coloured(canvas, found):
    rows = found.periods[found.periods["basis"] == "previous"]
    kinds = ("more", "fewer", "not_sure", "no_cases")
    spec = state_map(canvas, rows["change"], kinds=kinds, lines=[[]] * len(rows), title="t")
    assert [kinds[int(each)] for each in spec.areas.classes] == rows["change"].tolist()
    assert spec.areas.styles[2].fill == GREY
    assert {row.label for row in spec.legend.rows} == {"more", "cannot be told", "no cases"}
