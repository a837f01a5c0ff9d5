"""The bulletin of monitoring: what was found of one indicator, where, and against which limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.papers.model import Paper, Paragraph
from exports.papers.parts import numbered
from exports.papers.worded import worded_table
from wording.monitoring import series_name, station_names
from wording.survey import with_area_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from exports.papers.model import Block
    from layers.city import City
    from wording.speaker import Speaker

MOST_ROWS = 80
"""Rows of a table, the lowest shares and the stations that exceeded most first."""
AREAS = (
    "level", "community", "parent", "stations", "n", "met", "exceeded", "not_judged", "pass_share",
    "low_share", "high_share", "reason",
)  # fmt: skip
STATIONS = ("name", "n", "met", "exceeded", "not_judged", "last_day", "last_reading", "last_state")


def monitoring_bulletin(
    city: City,
    series: tuple[str, str],
    said: Sequence[str],
    rows: pd.DataFrame,
    stations: pd.DataFrame,
    *,
    translate: Speaker,
) -> Paper:
    """Compose the bulletin of an indicator of its latest period; `said` are its sentences."""
    name = series_name(city, *series, translate)
    known = station_names(city, series[0], translate.language)
    areas = with_area_names(rows.head(MOST_ROWS), city, translate.language)
    named = stations.head(MOST_ROWS)
    named = named.assign(name=named["station"].map(known))
    results = worded_table(areas, "monitoring", AREAS, translate, caption=name)
    places = worded_table(named, "monitoring_stations", STATIONS, translate, caption=name)
    sections: list[tuple[str, list[Block]]] = [
        (translate("monitoring.whole"), [Paragraph(each) for each in said]),
        (translate("monitoring.areas_heading"), [results]),
        (translate("monitoring.stations_heading"), [places]),
        (translate("paper.method"), [Paragraph(translate("monitoring.method"), quiet=True)]),
    ]
    return Paper(
        name="monitoring_bulletin",
        language=translate.language,
        title=translate("monitoring.bulletin", name=name),
        subtitle=translate(
            "round.as_of", city=translate.of(city.name), day=f"{city.as_of:%Y-%m-%d}"
        ),
        blocks=numbered(translate, sections),
        day=city.as_of,
    )
