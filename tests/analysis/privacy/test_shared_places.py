"""Every place that is told is shared by enough, whatever the points."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.privacy.shared_places import shared_places

metres = st.floats(-5e5, 5e5, allow_nan=False) | st.sampled_from([0.0, 250.0, 1e5])
points = st.lists(st.tuples(metres, metres), max_size=60)


@given(points, st.integers(1, 12))
@settings(max_examples=40)
def test_every_place_is_shared_and_holds_its_points(points, minimum):
    frame = pd.DataFrame(points, columns=["x", "y"], dtype=float)
    places = shared_places(frame["x"], frame["y"], minimum=minimum, finest=50.0)
    assert places.index.equals(frame.index)
    if len(frame) < minimum:
        assert places.isna().all(axis=None)
        return
    assert places.groupby(["x", "y"]).size().min() >= minimum
    assert (places["side"] >= 50.0).all()
    for axis in ("x", "y"):
        assert ((places[axis] - frame[axis]).abs() <= places["side"] / 2 * (1 + 1e-9)).all()


def test_dense_points_are_told_more_precisely_than_sparse_ones():
    random = np.random.default_rng(1)
    dense = random.uniform(0, 400, (400, 2))
    sparse = random.uniform(3000, 6400, (40, 2))
    frame = pd.DataFrame([*dense, *sparse], columns=["x", "y"])
    places = shared_places(frame["x"], frame["y"], minimum=11, finest=50.0)
    assert places["side"][:400].median() < places["side"][400:].median() / 2


def test_what_has_no_place_gets_none():
    x = pd.Series([1.0, 2.0, np.nan], index=list("abc"))
    places = shared_places(x, x, minimum=2, finest=10.0)
    assert list(places["x"].notna()) == [True, True, False]


@pytest.mark.parametrize(("minimum", "finest"), [(0, 1.0), (1, 0.0), (1, np.nan)])
def test_senseless_limits_are_refused(minimum, finest):
    x = pd.Series([1.0])
    with pytest.raises(ValueError, match="finest"):
        shared_places(x, x, minimum=minimum, finest=finest)
