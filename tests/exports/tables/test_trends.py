"""Files of change hold what the recipe found."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

from analysis.trends.emerging import EDITION
from exports.recipes.hotspots import csv_files
from exports.tables.trends import CHANGE_FILES, change_record, change_tables, emerging_table
from layers.knowledge.dictionary import load_dictionary


def test_files_of_change_hold_what_the_recipe_found(cities, demo_trends):
    city = cities("demo")
    cells = emerging_table(demo_trends, city)
    assert (cells.area.to_numpy() == demo_trends.emerging.cube.grid.cell_size**2).all()
    made = csv_files(change_tables(city, demo_trends, cells))
    assert tuple(made) == CHANGE_FILES
    frames = {
        "emerging": demo_trends.emerging.cells.reset_index(),
        "emerging_places": demo_trends.emerging.places,
        "periods": demo_trends.periods,
        "alerts": demo_trends.alerts,
        "silence": demo_trends.under_reporting.table.reset_index(),
        "prediction": demo_trends.prediction,
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
    record = change_record(demo_trends)
    assert record["definitions"] == EDITION
    assert record["steps"][-1] == "2026-06"
    assert record["earlier_steps"] == 1
    assert record["refused"] == {}
