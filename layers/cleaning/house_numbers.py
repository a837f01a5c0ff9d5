"""Learns from a city's own layers where its addresses, streets and named things are."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layers.cleaning.coordinates import place_rows
from layers.cleaning.facilities import clean_facilities
from layers.cleaning.identifiers import identify
from layers.cleaning.merge import Cleaner
from layers.cleaning.streets import clean_streets
from layers.places.gazetteer import Gazetteer
from layers.recipe.schema import ADDRESSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.model.standards import Kind
    from layers.cleaning.layer import Layer
    from layers.cleaning.study_area import StudyArea


def clean_addresses(layer: Layer, *, area: StudyArea) -> pd.DataFrame:
    """Make the house numbers of one layer."""
    identify(layer, keep_twice=True)
    x, y = place_rows(layer, area=area)
    texts = layer.texts("street", "number", "address", "name")
    frame = pd.DataFrame({**texts, "x": x, "y": y}, index=layer.ours.index)
    return frame.loc[layer.account.alive & np.isfinite(x)]


def with_gazetteer(
    area: StudyArea, layers: Sequence[Layer], kinds: Mapping[str, Kind]
) -> StudyArea:
    """Let rows with an address and no coordinates be found among the city's own places."""
    if not any("address" in layer.ours for layer in layers):
        return area

    @cache
    def learn() -> Gazetteer:
        known = Gazetteer()
        again = [layer.afresh() for layer in layers]
        streets = Cleaner(partial(clean_streets, area=area), may_be_empty=True)
        named = [each for each in again if each.recipe.kind == "streets" and "name" in each.ours]
        if named:
            known.add_streets(streets.merged(named))
        for layer in again:
            if layer.recipe.kind == ADDRESSES:
                known.add_houses(clean_addresses(layer, area=area))
            if layer.recipe.kind in kinds and layer.has_places():
                found = clean_facilities(layer, kinds=kinds, area=area)
                known.add_names(found["name"], found.geometry.x, found.geometry.y)
        return known

    return replace(area, gazetteer=learn)
