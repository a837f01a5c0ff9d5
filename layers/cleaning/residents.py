"""Makes the frame of residents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.model.contracts import GROUPS, INCOME, check_residents
from layers.cleaning.amounts import known_numbers, people
from layers.cleaning.coordinates import place_rows
from layers.cleaning.identifiers import identify

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.cleaning.layer import Layer
    from layers.cleaning.study_area import StudyArea


def clean_residents(layer: Layer, *, area: StudyArea) -> pd.DataFrame:
    """Make the residents of one layer."""
    account = layer.account
    identifiers = (
        identify(layer, keep_twice=True)
        if "id" in layer.ours
        else pd.RangeIndex(1, len(layer.ours) + 1)
    )
    text = layer.texts("population")["population"]
    population = people(layer) if "population" in layer.ours else np.full(len(text), np.nan)
    account.quarantine(np.isnan(population), "population_wrong", detail=text.to_numpy(dtype=object))
    x, y = place_rows(layer, area=area)
    columns = {"x": x, "y": y, "population": population, **_groups(layer)}
    frame = pd.DataFrame(columns, index=identifiers)
    return frame[account.alive].rename_axis("resident_id")


def _groups(layer: Layer) -> dict[str, NDArray[np.float64]]:
    """Read the people of each group and their income; what is no number is not known."""
    told = [name for name in (*GROUPS, INCOME) if name in layer.ours]
    return {column: known_numbers(layer, column, least=0) for column in told}


def numbered_residents(residents: pd.DataFrame) -> pd.DataFrame:
    """Number the residents of layers that use the same identifiers, and check them."""
    if not residents.index.is_unique:
        residents = residents.set_axis(pd.RangeIndex(1, len(residents) + 1, name="resident_id"))
    check_residents(residents)
    return residents
