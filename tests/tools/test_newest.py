"""Ranges of the newest versions stay within the major version of each pin."""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT
from tools.newest import FILES, moved, ranges


@pytest.mark.parametrize("file", FILES)
def test_a_range_begins_at_the_pin_and_ends_before_the_next_major_version(file):
    pins = (ROOT / file).read_text("utf-8")
    pinned = [Requirement(line) for line in pins.splitlines() if "==" in line]
    allowed = [Requirement(line) for line in ranges(pins).splitlines()]
    assert [each.name for each in allowed] == [each.name for each in pinned]
    assert len(allowed) > 10
    for each, pin in zip(allowed, pinned, strict=True):
        (version,) = (one.version for one in pin.specifier)
        major, minor = (int(part) for part in version.split(".")[:2])
        assert each.specifier.contains(version, prereleases=True)
        assert each.specifier.contains(f"{major}.{minor + 40}.1")
        assert not each.specifier.contains(f"{major + 1}.0")


def test_what_has_moved_is_told():
    pins = "# comment\nnumpy==2.4.6\npsycopg[binary]==3.3.9\n-r other.txt\n"
    assert ranges(pins) == "numpy~=2.4\npsycopg[binary]~=3.3\n"
    assert moved(pins, {"numpy": "2.5.0", "psycopg": "3.3.9"}) == ["numpy 2.4.6 -> 2.5.0"]
