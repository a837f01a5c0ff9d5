"""
Where a map's scripts and styles come from: from this application alone.

Folium's own lists name servers of others. They are replaced here, once, when this module
is first imported; every map is built from the class below it.
"""

from __future__ import annotations

import hashlib

import folium

from maps.store import ASSETS, SCRIPTS, STYLES

VENDOR_URL = "../../vendor/"
"""Where the map's frame, `/component/<name>/index.html`, finds the assets."""


def asset_url(file: str) -> str:
    """URL of one of our scripts or styles, with the hash of its content."""
    digest = hashlib.sha256((ASSETS / file).read_bytes()).hexdigest()
    return f"{VENDOR_URL}{file}?v={digest[:12]}"


folium.Map.default_js = [(file, asset_url(file)) for file in SCRIPTS]
folium.Map.default_css = [(file, asset_url(file)) for file in STYLES]
