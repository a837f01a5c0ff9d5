"""The map of unchecked and overdue reports: how many lie in each community."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from views.maps.colours import DIGITS, SURFACE
from views.maps.frame import city_map, names
from views.maps.spec import Legend, MapSpec, Polygons, Style, Tiles, legend_rows
from views.numbers import count

if TYPE_CHECKING:
    from analysis.oversight import Oversight
    from layers.city import City
    from views.maps.store import GeoStore
    from views.screen import Speaker

STEPS = (1, 5, 20, 50, 100, 200)
"""From so many reports on, the next class of the map."""
STYLES = (
    Style(fill="#f4f6f8", opacity=0.9, line="#9aa5b1", width=0.6),
    *(Style(fill=colour, opacity=0.85, width=0.6) for colour in SURFACE),
)


def units_map(
    city: City,
    oversight: Oversight,
    show: str,
    *,
    say: Speaker,
    store: GeoStore,
    areas: str,
    tiles: Tiles | None = None,
) -> MapSpec:
    """
    Specify the map of reports that wait.

    Parameters
    ----------
    city
        The city on the map.
    oversight
        From `analysis.oversight.oversee`.
    show
        Column of `Oversight.places`: `unchecked` or `overdue`.
    say
        Speaks the reader's language.
    store
        Where the contents go.
    areas
        URL in the store of `views.maps.coverage.areas_content`.
    tiles
        Optional background.

    Returns
    -------
    spec
        It holds counts by community, and no single case.
    """
    places = oversight.places
    waiting = places[show].to_numpy(dtype=int)
    lines = [
        [*named, f"{say(f'units.show_{show}')}: {count(number)} / {count(total)}"]
        for named, number, total in zip(names(city, say), waiting, places["total"], strict=True)
    ]
    classes = np.searchsorted(STEPS, waiting, side="right")
    return city_map(
        city,
        "units",
        f"units {show} {int(waiting.sum())} {len(oversight.checks.unchecked)}",
        say=say,
        areas=Polygons(
            url=areas,
            styles=STYLES,
            classes="".join(DIGITS[place] for place in classes),
            text=store.put(lines),
        ),
        legend=_legend(show, say),
        tiles=tiles,
    )


def _legend(show: str, say: Speaker) -> Legend:
    ends = (*(step - 1 for step in STEPS[1:]), 0)
    labels = ["0"] + [
        f"{low}–{high}" if high else f"≥ {low}" for low, high in zip(STEPS, ends, strict=True)
    ]
    title = say("units.legend", what=say(f"units.show_{show}"))
    return Legend(title, legend_rows(STYLES[::-1], labels[::-1]))
