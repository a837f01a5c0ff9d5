"""The bulletin of monitoring: what was found of one indicator, where, and against which limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.model.contracts import stated
from exports.papers.model import Paper, Paragraph
from exports.papers.parts import numbered
from exports.papers.worded import worded_table
from wording.monitoring import series_name, station_names
from wording.survey import area_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from exports.papers.model import Block
    from layers.city import City
    from wording.speaker import Speaker

MOST_ROWS = 80
"""Rows of a table, the lowest shares and the stations that exceeded most first."""
AREAS = (
    "community", "stations", "n", "met", "exceeded", "not_judged", "pass_share", "low_share",
    "high_share", "reason",
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
    areas = rows.head(MOST_ROWS)
    areas = areas.assign(community=area_names(areas, city, translate))
    heads = {"community": translate("monitoring.area")}
    named = stations.head(MOST_ROWS)
    named = named.assign(name=named["station"].map(known))
    results = worded_table(
        areas, "monitoring", _filled(areas, AREAS), translate, caption=name, heads=heads
    )
    places = worded_table(
        named, "monitoring_stations", _filled(named, STATIONS), translate, caption=name
    )
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


def _filled(rows: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Leave out columns that say nothing of any row, such as limits of a share without any."""
    return [column for column in columns if rows.empty or bool(stated(rows[column]).any())]
