"""The tables of trends: patterns, periods, alerts, under-reporting, what a map foretells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from analysis.hotspots.scan import REPLICAS, SCAN_P, SEED
from analysis.trends.alert_scan import MAX_COMMUNITIES, MAX_WEEKS
from analysis.trends.emerging import EDITION
from analysis.trends.space_time_cube import EARLIER, RINGS
from exports.tables.coordinates import with_degrees
from exports.tables.issues import outlined_cells
from layers.knowledge.dictionary import load_dictionary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.trends.recipe import Trends
    from layers.city import City

CHANGE_SHEETS = ("emerging", "emerging_places", "periods", "alerts", "alert_scan", "silence")
"""Tables of change that are sheets too."""
CHANGE_FILES = (
    "emerging.csv",
    "emerging_places.csv",
    "periods.csv",
    "alerts.csv",
    "alert_scan.csv",
    "silence.csv",
    "prediction.csv",
)


def emerging_table(trends: Trends, city: City) -> gpd.GeoDataFrame:
    """List the cells and their history with their squares."""
    if trends.emerging is None:
        return empty_layer("emerging", city)
    cells = trends.emerging.cells
    return outlined_cells(cells, trends.emerging.cube.grid, city)


def empty_layer(name: str, city: City) -> gpd.GeoDataFrame:
    """Make a map layer of the dictionary without rows."""
    return gpd.GeoDataFrame(_empty(name), geometry=[], crs=city.crs)


def change_tables(city: City, trends: Trends, cells: gpd.GeoDataFrame) -> dict[str, pd.DataFrame]:
    """Arrange every answer about change as a table of the dictionary."""
    found = trends.emerging
    under_reporting = (
        None if trends.under_reporting is None else trends.under_reporting.table.reset_index()
    )
    frames = {
        "emerging": cells,
        "emerging_places": None if found is None else with_degrees(found.places, city),
        "periods": trends.periods,
        "alerts": trends.alerts,
        "alert_scan": None if trends.alert_scan is None else trends.alert_scan.clusters,
        "silence": under_reporting,
        "prediction": trends.prediction,
    }
    return {name: _empty(name) if frame is None else frame for name, frame in frames.items()}


def change_sheets(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Choose what of change a workbook shows."""
    cells = tables["emerging"]
    return {
        **{name: tables[name] for name in CHANGE_SHEETS},
        "emerging": cells[cells["pattern"] != "none"],
    }


def _empty(name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=[column.id for column in load_dictionary().tables[name].columns])


def change_record(trends: Trends) -> dict[str, object]:
    """Tell how change was judged, or why it was not."""
    record: dict[str, object] = {
        "definitions": EDITION,
        "refused": {name: error.problem for name, error in trends.refused.items()},
    }
    if trends.emerging is not None:
        cube = trends.emerging.cube
        record |= {
            "steps": list(cube.steps),
            "steps_unseen": list(cube.unseen),
            "cell_size_m": cube.grid.cell_size,
            "rings": RINGS,
            "earlier_steps": EARLIER,
            "reference": "all cells of the step and of the earlier steps in its neighbourhood",
            "cases": len(cube.cases),
            "unlocated": cube.unlocated,
            "outside": cube.outside,
            "off_grid": cube.off_grid,
            "neighbourhood_cases": round(cube.neighbourhood_cases, 3),
        }
    if trends.alert_scan is not None:
        record["alert_scan"] = {
            "week": trends.alert_scan.week,
            "cases": trends.alert_scan.cases,
            "rate_variance": round(trends.alert_scan.extra, 4),
            "max_weeks": MAX_WEEKS,
            "max_communities": MAX_COMMUNITIES,
            "replicas": REPLICAS,
            "seed": SEED,
            "greatest_p": SCAN_P,
        }
    if trends.under_reporting is not None:
        record["silence"] = {
            "spread": round(trends.under_reporting.spread, 6),
            "effects": {
                name: round(power, 6) for name, power in trends.under_reporting.effects.items()
            },
        }
    return record
