"""Cities made for benches keep the contracts and are the same for the same seed."""

import pytest
import shapely

from analysis.model.contracts import (
    check_communities,
    check_facilities,
    check_issues,
    check_residents,
)
from bench.big_city import make_frames, make_tiles, size_of


def test_benchmark_frames_keep_the_contracts():
    frames = make_frames("S", seed=3)
    check_communities(frames["communities"])
    check_facilities(frames["facilities"])
    check_residents(frames["residents"])
    check_issues(frames["issues"])
    assert len(frames["communities"]) == 202
    assert list(frames["facilities"]["kind"].value_counts()) == [1_000, 800, 200]
    assert len(frames["issues"]) == 20_000
    assert shapely.coverage_is_valid(frames["communities"].geometry.to_numpy())


def test_benchmark_frames_are_the_same_for_the_same_seed_only():
    first, again, other = (make_frames(60, seed=seed) for seed in (1, 1, 2))
    for role, frame in first.items():
        assert frame.equals(again[role])
    assert not first["issues"].equals(other["issues"])


def test_a_size_has_the_communities_asked_for():
    assert size_of(2_000).communities == 2_000
    assert len(make_frames(60)["communities"]) == 60


def test_tiles_are_numbered_apart():
    (only,) = make_tiles("S")
    assert only["communities"].index[0] == "C00-0000001"
    with pytest.raises(ValueError, match="tile must be 0 to 0"):
        make_frames("S", tile=1)
