"""Files of change: what the recipe found stands in them, column by column."""

import io

import numpy as np
import pandas as pd

from analysis.change import find_change
from analysis.emerging import EDITION
from exports.changes import CHANGE_FILES, change_files, change_record, emerging_table
from layers.dictionary import load_dictionary
from layers.load import load_city
from tests.conftest import ROOT


def test_files_of_change_hold_what_the_recipe_found():
    city = load_city(ROOT / "data" / "demo")
    found = find_change(
        city.issues,
        city.communities,
        as_of=city.as_of,
        residents=city.residents,
        facilities=city.facilities,
    )
    cells = emerging_table(found, city)
    assert (cells.area.to_numpy() == found.emerging.cube.grid.cell_size**2).all()
    made = change_files(city, found, cells)
    assert tuple(made) == CHANGE_FILES
    frames = {
        "emerging": found.emerging.cells.reset_index(),
        "emerging_places": found.emerging.places,
        "periods": found.periods,
        "alerts": found.alerts,
        "silence": found.silence.table.reset_index(),
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
