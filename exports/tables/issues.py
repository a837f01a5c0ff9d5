"""Results and reports arranged as the tables that `data/dictionary.toml` describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

from analysis.geometry.locate import OUTSIDE, community_of
from analysis.hotspots.cells import FEW
from analysis.hotspots.clusters import cluster_outlines
from analysis.model.taxonomy import LEVELS
from exports.tables.coordinates import with_degrees
from exports.tables.names import SEPARATOR

if TYPE_CHECKING:
    from analysis.handling.followup import FollowUp
    from analysis.hotspots.clusters import Clusters
    from analysis.hotspots.grid import Grid
    from analysis.hotspots.grid_choices import GridChoices
    from analysis.hotspots.recipe import HotSpotResult
    from analysis.hotspots.scan import Scan
    from layers.city import City


def cell_table(hotspot_result: HotSpotResult, city: City) -> gpd.GeoDataFrame:
    """List the cells with their outlines."""
    return outlined_cells(hotspot_result.hot_spots.cells, hotspot_result.hot_spots.grid, city)


def outlined_cells(cells: pd.DataFrame, grid: Grid, city: City) -> gpd.GeoDataFrame:
    """Give cells of a grid their outlines."""
    table = with_degrees(cells.reset_index(), city)
    outlines = grid.lattice.outlines(table["x"], table["y"])
    return gpd.GeoDataFrame(table, geometry=outlines, crs=city.crs)


def place_table(
    hotspot_result: HotSpotResult, grid_choices: GridChoices, city: City
) -> gpd.GeoDataFrame:
    """List the hottest places as points, then where many cases lie and few people live."""
    kinds = {"hot": hotspot_result.places.join(grid_choices.places), FEW: hotspot_result.few_people}
    rows = pd.concat(
        [frame.reset_index().assign(level=kind) for kind, frame in kinds.items()],
        ignore_index=True,
    )
    whole = rows.astype(dict.fromkeys(grid_choices.places.columns, "Int64"))
    places = with_degrees(whole, city)
    points = shapely.points(places["x"].to_numpy(float), places["y"].to_numpy(float))
    return gpd.GeoDataFrame(places, geometry=points, crs=city.crs)


def cluster_table(clusters: Clusters, city: City) -> gpd.GeoDataFrame:
    """List the density clusters with the squares that hold their cases."""
    table = with_degrees(clusters.table.reset_index(), city)
    outlines = cluster_outlines(clusters).to_numpy()
    return gpd.GeoDataFrame(table, geometry=outlines, crs=city.crs)


def scan_table(scan: Scan, city: City) -> gpd.GeoDataFrame:
    """List the clusters of the scan as circles, with the community that their centre lies in."""
    table = with_degrees(scan.clusters.rename_axis("centre_id").reset_index(), city)
    communities = city.communities
    position = community_of(table["x"], table["y"], communities)
    # Behind the last community stands one without a name, for centres outside all.
    home = communities.reset_index()[["community_id", "name", "parent"]]
    found = home.reindex([len(home) if at == OUTSIDE else at for at in position])
    found = found.rename(columns={"name": "community"}).set_axis(table.index)
    return gpd.GeoDataFrame(table.join(found), geometry=scan.circles(), crs=city.crs)


def case_table(cases: pd.DataFrame, city: City) -> pd.DataFrame:
    """List single cases with their places in degrees."""
    return with_degrees(cases.reset_index(), city)


def matrix_table(matrix: pd.DataFrame) -> pd.DataFrame:
    """Leave out of the matrix what only says that there is nothing."""
    return matrix[(matrix["level"] == LEVELS[0]) | (matrix["cases"] > 0)]


def repeat_table(follow_up: FollowUp, city: City) -> pd.DataFrame:
    """List the repeat points."""
    table = with_degrees(follow_up.repeats.reset_index(), city)
    return table.assign(case_ids=[SEPARATOR.join(ids) for ids in table["case_ids"]])
