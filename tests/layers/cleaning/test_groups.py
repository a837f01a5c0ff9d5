"""Groups of residents: read as numbers, and unknown where they are none."""

from __future__ import annotations

import numpy as np

from layers.load import load_city
from tests.whole_town import rows_of_town, write_whole_town


def test_people_of_a_group_and_incomes_are_read(tmp_path):
    rows = rows_of_town()
    for n, row in enumerate(rows["residents"]):
        row |= {"old": ("7", "many", "", "0")[n % 4], "pay": 1000 + n}
    folder = write_whole_town(tmp_path / "town", rows)
    recipe = (folder / "city.toml").read_text("utf-8")
    stated = 'lat = "lat", population = "population" }'
    assert recipe.count(stated) == 1
    with_groups = 'lat = "lat", population = "population", old = "elderly", pay = "income" }'
    (folder / "city.toml").write_text(recipe.replace(stated, with_groups), encoding="utf-8")
    city = load_city(folder)
    expected = [7.0, np.nan, np.nan, 0.0]
    np.testing.assert_array_equal(city.residents["elderly"].iloc[:4], expected)
    assert city.residents["income"].iloc[:2].tolist() == [1000, 1001]
    (report,) = [each for each in city.reports if each.kind == "residents"]
    (note,) = [each for each in report.notes if each.rule == "value_unreadable"]
    assert (note.count, note.facts["column"], note.facts["found"]) == (10, "elderly", "many")
