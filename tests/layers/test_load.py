"""A city as a whole: every kind of layer that a recipe may name becomes a frame."""

from __future__ import annotations

from layers import background, load
from layers.recipe.schema import (
    ADDRESSES,
    BACKGROUND_KINDS,
    COLUMNS,
    GUESSED_KINDS,
    RESULTS_KIND,
)


def test_every_kind_of_layer_is_cleaned():
    cleaned = {"communities", *load._cleaners(area=None, zone="UTC", rules=None, names=None)}
    assert cleaned == {*GUESSED_KINDS, RESULTS_KIND, ADDRESSES}
    assert {*background._CLEAN} == {*BACKGROUND_KINDS}
    assert cleaned | {*BACKGROUND_KINDS} == {*COLUMNS}
