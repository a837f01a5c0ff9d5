"""Benjamini and Hochberg's adjustment against an oracle."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from analysis.model.multiple_testing import adjusted

tied = st.sampled_from([0.0, 1e-9, 0.01, 0.05, 0.5, 1.0])


@given(p=st.lists(st.floats(0, 1) | tied, min_size=1, max_size=60))
def test_agrees_with_the_oracle(p):
    q = adjusted(p)
    np.testing.assert_allclose(q, multipletests(p, method="fdr_bh")[1], rtol=1e-12, atol=1e-300)
    assert (q >= np.asarray(p)).all()


def test_no_test_no_adjustment():
    assert adjusted([]).shape == (0,)
