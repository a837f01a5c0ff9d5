"""Pairs within walking distance: the nearest of them is the nearest there is, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.access.street_network import prepare_network, street_access, walking_distance
from analysis.access.walking_pairs import walking_pairs
from tests.analysis.access.test_street_network import homes_, quick, shops_, streets, towns


def joined(network, places):
    return street_access(network, *np.array(places, dtype=float).reshape(-1, 2).T)


@quick
@given(lines=towns(), homes=homes_, shops=shops_, radius=st.sampled_from([60.0, 100.0, 250, 900]))
def test_each_pair_is_at_the_distance_of_its_site_alone(lines, homes, shops, radius):
    network = prepare_network(streets(lines))
    places, sites = joined(network, homes), joined(network, shops)
    pairs = walking_pairs(network, places, sites, service_radius=radius)
    found = np.full((len(shops), len(homes)), np.inf)
    found[pairs.site, pairs.place] = pairs.distance_m
    assert len(pairs.site) == np.isfinite(found).sum()  # each once
    for number, shop in enumerate(shops):
        alone = walking_distance(network, places, joined(network, [shop]))
        assert found[number].tolist() == np.where(alone <= radius, alone, np.inf).tolist()


def test_a_path_by_hand_and_one_at_exactly_the_radius():
    network = prepare_network(streets([[(0, 0), (100, 0)], [(100, 0), (100, 100)]]))
    homes, shops = [(50, 10), (100, 60)], [(20, 0), (90, 50)]
    pairs = walking_pairs(
        network, joined(network, homes), joined(network, shops), service_radius=40
    )
    # 30 along and 10 to the door; 10 to the street, 10 along it
    assert dict(zip(zip(pairs.site, pairs.place, strict=True), pairs.distance_m, strict=True)) == {
        (0, 0): 40,
        (1, 1): 20,
    }


def test_radius_is_positive():
    network = prepare_network(streets([[(0, 0), (100, 0)]]))
    with pytest.raises(ValueError, match="radius"):
        walking_pairs(network, joined(network, []), joined(network, []), service_radius=0)
