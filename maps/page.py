"""A map in one file that opens from a disk, without a network and without this application."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from maps.spec_json import map_options, script_safe, sources, spec_json
from maps.store import ASSETS, PNG_TYPE, SCRIPTS, STYLES, compact_json
from wording.escape import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maps.spec import MapSpec
    from maps.store import GeoStore

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{styles}
</head>
<body class="atlas-page">
<header><h1>{title}</h1>{summary}</header>
<main id="map"></main>
{footer}
<script type="application/json" id="atlas-data">{data}</script>
{scripts}
</body>
</html>
"""


def standalone_html(
    spec: MapSpec,
    *,
    store: GeoStore,
    bounds: Sequence[float],
    title: str,
    summary: str = "",
    notes: Sequence[str] = (),
) -> str:
    """Write a map with everything that it needs into one HTML text."""
    options, drawing = script_safe(compact_json(map_options(bounds))), _without_tiles(spec)
    start = f'window.map=Atlas.create("map",{options});Atlas.show(window.map,{drawing});'
    scripts = [*((ASSETS / file).read_text("utf-8") for file in SCRIPTS), start]
    return _PAGE.format(
        language=escape(spec.language),
        policy=_policy(scripts),
        title=escape(title),
        summary=f"<p>{escape(summary)}</p>" if summary else "",
        footer=_footer(notes),
        styles="\n".join(f"<style>{_style(file)}</style>" for file in STYLES),
        data=script_safe(_data(spec, store)),
        scripts="\n".join(f"<script>{script}</script>" for script in scripts),
    )


def _without_tiles(spec: MapSpec) -> str:
    return spec_json(replace(spec, tiles=None))


def _style(file: str) -> str:
    """A style sheet without the pictures that only Leaflet's own markers would use."""
    return re.sub(r"url\([^)]*\)", "none", (ASSETS / file).read_text("utf-8"))


def _policy(scripts: Sequence[str]) -> str:
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    rest = "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; script-src {allowed}; {rest}"


def _footer(notes: Sequence[str]) -> str:
    lines = "".join(f"<p>{escape(note)}</p>" for note in notes)
    return f"<footer>{lines}</footer>" if notes else ""


def _data(spec: MapSpec, store: GeoStore) -> str:
    """Every payload by its URL, as one JSON text; pictures as data URLs."""
    entries = (f"{compact_json(url)}:{_payload(url, store)}" for url in sources(spec))
    return "{" + ",".join(entries) + "}"


def _payload(url: str, store: GeoStore) -> str:
    stored = store.get(url)
    if stored is None:
        msg = f"the store holds nothing under {url}."
        raise LookupError(msg)
    if stored.media_type == PNG_TYPE:
        picture = base64.b64encode(stored.content).decode()
        return compact_json(f"data:{PNG_TYPE};base64,{picture}")
    return stored.content.decode()
