"""
What a browser is told to fetch ahead, so that nothing waits for a chain of requests.

A `Link` header is a hint: what it names is asked for later in any case, or not at all.
"""

from __future__ import annotations

import re
from pathlib import Path

import folium
import streamlit as st

from views.maps import offline  # noqa: F401  the map's files are our own

PARTS = ("ComponentInstance", "DataFrame", "Selectbox", "Slider")
"""Parts of Streamlit's page that it loads when the first of them is drawn."""
LARGE = 20_000
"""Bytes of a script that is worth a hint: proxies take headers of a few thousand bytes."""


def page_links() -> bytes:
    """
    Name the scripts of Streamlit that a map page loads late: the map's own, and large ones.

    Returns
    -------
    link
        Value of the page's `Link` header; empty if this version of Streamlit names its
        scripts otherwise.
    """
    folder = Path(st.__file__).parent / "static"
    page = (folder / "index.html").read_text(encoding="utf-8")
    names = set()
    for file in (each for part in PARTS for each in folder.glob(f"static/js/{part}.*.js")):
        needed = re.findall(r'from"\./([^"]+)"', file.read_text(encoding="utf-8"))
        small = file.name.startswith(PARTS[0])
        names |= {
            name
            for name in [file.name, *needed]
            if name not in page and (small or file.with_name(name).stat().st_size > LARGE)
        }
    links = [f"<./static/js/{name}>; rel=modulepreload; crossorigin" for name in sorted(names)]
    return ", ".join(links).encode()


def frame_links(areas: str) -> bytes:
    """
    Name the map's own files and the communities, which every map draws.

    Parameters
    ----------
    areas
        URL of the communities.

    Returns
    -------
    link
        Value of the `Link` header of the map's frame.
    """
    files = [(url, "script") for _, url in folium.Map.default_js]
    files += [(url, "style") for _, url in folium.Map.default_css]
    links = [f"<{url}>; rel=preload; as={kind}" for url, kind in files]
    return ", ".join([*links, f"<{areas}>; rel=preload; as=fetch; crossorigin"]).encode()
