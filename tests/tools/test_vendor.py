"""Files of others are those pinned."""

from __future__ import annotations

from maps.store import ASSETS
from tests.conftest import ROOT
from tools import vendor


def test_vendored_files_are_those_pinned():
    for place in vendor.PLACES:
        assert vendor.differences(place, place=place) == []


def test_a_changed_missing_or_foreign_file_is_told(tmp_path):
    for file in ("leaflet.js", "leaflet.css", "LICENSE"):
        path = tmp_path / "leaflet" / file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((ASSETS / "leaflet" / file).read_bytes())
    (tmp_path / "leaflet" / "leaflet.js").write_text("changed")
    (tmp_path / "leaflet" / "more.js").write_text("more")
    found = "\n".join(vendor.differences(tmp_path))
    assert "leaflet.js is not what" in found
    assert "layers.png is missing" in found
    assert "more.js is not in" in found
    assert "leaflet.css" not in found


def test_third_party_names_every_package():
    text = (ROOT / "THIRD_PARTY.md").read_text("utf-8")
    for place in vendor.PLACES:
        for name, package in vendor.read_manifest(place).items():
            assert f"{place.relative_to(ROOT).as_posix()}/{name}/" in text
            assert f"| {package['version']} |" in text
            assert package["licence"] in text
