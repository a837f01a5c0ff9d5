"""The map of monitoring: stations by what they found against their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.casework.frontage import NEVER
from analysis.casework.monitoring import EXCEEDED, MET, NOT_JUDGED
from analysis.model.contracts import FAIL, PASS
from maps.geometry import DECIMALS
from maps.rectification.frontage import DUTY_COLOURS
from maps.rectification.tasks import MOST_POINTS
from maps.spec import Legend, LegendRow, Look, MapSpec, Points, Symbol
from wording.monitoring import series_name, station_names
from wording.names import full_name, with_names
from wording.numbers import NOTHING

if TYPE_CHECKING:
    import pandas as pd

    from maps.canvas import Canvas

STATION_COLOURS = {
    EXCEEDED: DUTY_COLOURS[FAIL],
    MET: DUTY_COLOURS[PASS],
    NOT_JUDGED: DUTY_COLOURS[NEVER],
}


def monitoring_map(canvas: Canvas, stations: pd.DataFrame, series: tuple[str, str]) -> MapSpec:
    """
    Specify the map of the stations that measure an indicator, those that exceeded first.

    The first `MOST_POINTS` are drawn; communities are outlines, as no value is theirs.
    """
    translate, drawn = canvas.translate, stations.head(MOST_POINTS)
    there = [state for state in STATION_COLOURS if drawn["state"].eq(state).any()]
    names = {state: translate(f"monitoring.state_{state}") for state in there}
    counted = " ".join(f"{state}:{int(drawn['state'].eq(state).sum())}" for state in there)
    title = series_name(canvas.city, *series, translate)
    return canvas.map(
        f"monitoring {title} {stations['period'].max()} {counted}",
        title=title,
        areas=canvas.outlines(),
        points=_points(canvas, drawn, series[0], names) if len(drawn) else None,
        legend=Legend(
            translate("monitoring.map_legend"),
            tuple(
                LegendRow(name, fill=STATION_COLOURS[state], shape="circle", look="full")
                for state, name in names.items()
            ),
        ),
    )


def _points(canvas: Canvas, rows: pd.DataFrame, network: str, names: dict[str, str]) -> Points:
    states = list(names)
    known = station_names(canvas.city, network, canvas.translate.language)
    columns = {
        "lon": rows["lon"].round(DECIMALS).tolist(),
        "lat": rows["lat"].round(DECIMALS).tolist(),
        "kind": [states.index(state) for state in rows["state"]],
        "status": [0] * len(rows),
        "name": [known[station] for station in rows["station"]],
        "details": _details(canvas, rows),
    }
    kinds = tuple(Symbol(names[state], STATION_COLOURS[state], "circle") for state in states)
    single = (Look(canvas.translate("monitoring.station"), "full"),)
    return Points(url=canvas.store.put(columns), kinds=kinds, statuses=single)


def _details(canvas: Canvas, rows: pd.DataFrame) -> list[list[str]]:
    """Say what each station found, what it found last, and where it stands."""
    translate, texts = canvas.translate, []
    named = with_names(rows, canvas.city.communities, translate.language)
    for row in named.to_dict("records"):
        counts = {name: translate.count(row[name]) for name in ("n", "exceeded", "not_judged")}
        state = translate(f"monitoring.state_{row['last_state']}")
        texts.append(
            [
                translate("monitoring.told", period=row["period"], **counts),
                translate(
                    "monitoring.told_last",
                    day=f"{row['last_day']:%Y-%m-%d}",
                    reading=row["last_reading"] or NOTHING,
                    state=state,
                ),
                full_name(row["community"], row["parent"]) or translate("finding.nowhere"),
            ]
        )
    return texts
