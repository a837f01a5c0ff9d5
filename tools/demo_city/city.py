"""Writes the demo city: raw layers as publishers would, a recipe, the truths and a README."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from tools.demo_city.background import green, main_streets, place_names
from tools.demo_city.campaigns import campaign_entries
from tools.demo_city.clauses import CLAUSE_TITLES, FILE, TRUTH, clause_values
from tools.demo_city.dirt import (
    ISSUE_COUNTS,
    bow_tie,
    dirty_fitness,
    dirty_issues,
    dirty_markets,
    dirty_residents,
    dirty_toilets,
)
from tools.demo_city.earlier import earlier_toilets
from tools.demo_city.facilities import make_fitness, make_markets, make_toilets
from tools.demo_city.files import (
    write_csv,
    write_csv_gz,
    write_geojson,
    write_geoparquet,
    write_gpkg,
    write_parquet,
    write_text,
    write_xlsx,
)
from tools.demo_city.frontages import dirty_frontages, frontage_truth, make_frontages
from tools.demo_city.ground import make_ground
from tools.demo_city.issues import (
    ISSUES,
    make_issues,
    make_station,
    numbered,
    quiet_community,
)
from tools.demo_city.land import built_up_area, residential_land, zones
from tools.demo_city.monitoring import (
    MONITORING_FILE,
    MONITORING_TITLES,
    dirty_monitoring,
    make_monitoring,
    monitoring_truths,
)
from tools.demo_city.papers import readme, truths_toml
from tools.demo_city.recipe import (
    COMMUNITY_TITLES,
    DEGREES,
    FITNESS_TITLES,
    FRONTAGE_TITLES,
    ISSUE_TITLES,
    MARKET_TITLES,
    METRIC,
    RESIDENT_TITLES,
    STREET_TITLES,
    TOILET_TITLES,
    recipe,
)
from tools.demo_city.register import keep_register
from tools.demo_city.streets import make_streets
from tools.demo_city.survey import (
    ANSWER_FILE,
    ANSWER_TITLES,
    COUNT_FILE,
    COUNT_TITLES,
    answers,
    counts,
    survey_truths,
)
from tools.demo_city.truths import find_truths
from tools.demo_city.words import RIVER

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tools.demo_city.dirt import Dirt
    from tools.demo_city.ground import CommunityLand
    from tools.demo_city.truths import Truth

    Floats = NDArray[np.float64]

SEED = 20260630
MIDDLE = (655_200.0, 3_399_900.0)
"""Easting and northing of the middle of the city in `METRIC`, metres."""
TO_DEGREES = Transformer.from_crs(METRIC, DEGREES, always_xy=True)


@dataclass(frozen=True)
class Demo:
    """The clean city in metres from its middle."""

    ground: CommunityLand
    streets: pd.DataFrame
    toilets: pd.DataFrame
    markets: pd.DataFrame
    fitness: pd.DataFrame
    issues: pd.DataFrame


def _rng(part: int) -> np.random.Generator:
    """Own source for each part, so that a change in one leaves the others as they are."""
    return np.random.default_rng([SEED, part])


def make_demo() -> Demo:
    """Make the demo city."""
    ground = make_ground(np.random.default_rng(SEED))
    streets = make_streets(ground, _rng(1))
    return Demo(
        ground=ground,
        streets=streets,
        toilets=make_toilets(ground, streets, _rng(2)),
        markets=make_markets(ground, streets, _rng(3)),
        fitness=make_fitness(ground, streets, _rng(4)),
        issues=_make_register(ground),
    )


def _make_register(ground: CommunityLand) -> pd.DataFrame:
    """Make the reports; those of the station stand last until all is drawn, so none moves."""
    issues = make_issues(ground, ISSUES - sum(ISSUE_COUNTS.values()), _rng(5))
    every = pd.concat([issues, make_station(ground, _rng(11))], ignore_index=True)
    return numbered(keep_register(every, _rng(10)))


def to_degrees(points: Floats) -> Floats:
    """Longitude and latitude of points in metres from the middle of the city."""
    east, north = points[:, 0] + MIDDLE[0], points[:, 1] + MIDDLE[1]
    return np.column_stack(TO_DEGREES.transform(east, north))


def _with_degrees(table: pd.DataFrame) -> pd.DataFrame:
    degrees = to_degrees(table[["x", "y"]].to_numpy())
    return table.assign(
        lon=[f"{value:.6f}" for value in degrees[:, 0]],
        lat=[f"{value:.6f}" for value in degrees[:, 1]],
    )


def _in_degrees(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    moved: NDArray[np.object_] = shapely.transform(
        shapes, lambda points: np.round(to_degrees(points), 6)
    )
    return moved


def _write_communities(demo: Demo, folder: Path) -> list[Dirt]:
    ground = demo.ground
    polygons, dirt = bow_tie(_in_degrees(ground.polygons), ground.communities.index)
    people = ground.residents.groupby("home")["population"].sum()
    properties = pd.DataFrame(
        {
            "id": ground.communities.index,
            "name": ground.communities["name"].to_numpy(),
            "name_en": ground.communities["name_en"].to_numpy(),
            "parent": ground.communities["parent"].to_numpy(),
            "parent_en": ground.communities["parent_en"].to_numpy(),
            "parent_2": ground.communities["parent_2"].to_numpy(),
            "parent_2_en": ground.communities["parent_2_en"].to_numpy(),
            "population": people.reindex(range(len(polygons)), fill_value=0).to_numpy(),
        }
    ).rename(columns=COMMUNITY_TITLES)
    write_geojson(folder / "communities.geojson", properties, polygons)
    river = pd.DataFrame({"name": [RIVER[0]], "name_en": [RIVER[1]]})
    write_geojson(folder / "river.geojson", river, _in_degrees(np.array([ground.river])))
    return dirt


def _write_land(demo: Demo, folder: Path) -> None:
    properties, blocks = residential_land(demo.ground, _rng(10))
    write_geojson(folder / "residential.geojson", properties, _in_degrees(blocks))
    properties, parts = built_up_area(demo.ground, blocks)
    write_geojson(folder / "built_up.geojson", properties, _in_degrees(parts))
    properties, shapes = zones()
    write_geojson(folder / "zones.geojson", properties, _in_degrees(shapes))


def _write_background(demo: Demo, folder: Path) -> None:
    for name, (properties, shapes) in {
        "green": green(demo.ground),
        "main_streets": main_streets(demo.streets),
        "place_names": place_names(demo.streets),
    }.items():
        write_geojson(folder / f"{name}.geojson", properties, _in_degrees(shapes))


def _write_residents(demo: Demo, folder: Path) -> list[Dirt]:
    people = demo.ground.residents
    cells = pd.DataFrame(
        {
            "id": [f"R{number:05d}" for number in range(1, len(people) + 1)],
            "x": people["x"] + MIDDLE[0],
            "y": people["y"] + MIDDLE[1],
            "population": people["population"].astype(float),
        }
    )
    cells, dirt = dirty_residents(cells)
    write_parquet(folder / "residents.parquet", cells.rename(columns=RESIDENT_TITLES))
    return dirt


def _write_surveys(demo: Demo, folder: Path) -> tuple[list[Dirt], list[Truth]]:
    """Write counts by community, and single answers by sub-district."""
    table, dirt = counts(demo.ground)
    write_csv(folder / COUNT_FILE, table.rename(columns=COUNT_TITLES))
    single, more = answers(demo.ground, _rng(30))
    write_csv(folder / ANSWER_FILE, single.rename(columns=ANSWER_TITLES))
    return dirt + more, survey_truths(demo.ground, table)


def _write_facilities(demo: Demo, folder: Path) -> tuple[list[Dirt], Truth]:
    toilets, dirt = dirty_toilets(_with_degrees(demo.toilets), _rng(6))
    earlier, truth = earlier_toilets(demo.ground, demo.toilets, toilets, _rng(20), to_degrees)
    for name, table in (("toilets.csv", toilets), ("toilets_2024.csv", earlier)):
        write_csv(folder / name, table[list(TOILET_TITLES)].rename(columns=TOILET_TITLES))
    markets, more = dirty_markets(_with_degrees(demo.markets), _rng(7))
    numbers = {
        column: [float(text) if _is_number(text) else text for text in markets[column]]
        for column in ("lon", "lat", "stalls")
    }
    sheet = markets.assign(**numbers)[list(MARKET_TITLES)].rename(columns=MARKET_TITLES)
    write_xlsx(folder / "markets.xlsx", sheet, sheet="农贸市场")
    fitness, in_fitness = dirty_fitness(_with_degrees(demo.fitness), _rng(8))
    points = shapely.points(fitness[["x", "y"]].to_numpy().round(1) + MIDDLE)
    points[(fitness["lon"] == "").to_numpy()] = None
    columns = ["id", "name", "name_en", "parent", "address", "status", "equipment", "area_m2"]
    sites = fitness[columns].rename(columns=FITNESS_TITLES).assign(geometry=points)
    write_gpkg(folder / "fitness.gpkg", sites, layer="fitness", crs=METRIC)
    return dirt + more + in_fitness, truth


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _write_streets(demo: Demo, folder: Path) -> None:
    columns = ["id", "from_node", "to_node", "walkable", "road_class", "name", "name_en"]
    lines = _in_degrees(demo.streets["geometry"].to_numpy())
    streets = demo.streets[columns].rename(columns=STREET_TITLES).assign(geometry=lines)
    write_geoparquet(folder / "streets.parquet", streets, crs=DEGREES)


def _write_frontages(frontages: pd.DataFrame, folder: Path) -> list[Dirt]:
    table, dirt = dirty_frontages(frontages)
    properties = table[list(FRONTAGE_TITLES)].rename(columns=FRONTAGE_TITLES)
    write_geojson(
        folder / "frontages.geojson", properties, _in_degrees(table["geometry"].to_numpy())
    )
    return dirt


def _write_monitoring(results: pd.DataFrame, folder: Path) -> list[Dirt]:
    table, dirt = dirty_monitoring(_with_degrees(results))
    titles = MONITORING_TITLES
    write_csv(folder / MONITORING_FILE, table[list(titles)].rename(columns=titles))
    return dirt


def _write_issues(demo: Demo, folder: Path) -> list[Dirt]:
    issues = _with_degrees(demo.issues)
    issues["quiet"] = issues["home"] == quiet_community(demo.ground)
    for column in ("reported_at", "due_at", "closed_at", "verified_at", "handled_at"):
        issues[column] = issues[column].dt.strftime("%Y-%m-%d %H:%M").fillna("")
    issues, dirt = dirty_issues(issues, _rng(9))
    table = issues[list(ISSUE_TITLES)].rename(columns=ISSUE_TITLES)
    write_csv_gz(folder / "issues.csv.gz", table)
    return dirt


def _write_clause_values(folder: Path) -> list[Dirt]:
    table, dirt = clause_values()
    write_csv(folder / FILE, table.rename(columns=CLAUSE_TITLES))
    return dirt


def write_demo(folder: Path) -> None:
    """Write the demo city into a folder, the same bytes every time."""
    folder.mkdir(parents=True, exist_ok=True)
    demo = make_demo()
    facility_dirt, change = _write_facilities(demo, folder)
    dirt = [
        *_write_communities(demo, folder),
        *_write_residents(demo, folder),
        *facility_dirt,
        *_write_issues(demo, folder),
        *_write_clause_values(folder),
    ]
    asked_dirt, asked = _write_surveys(demo, folder)
    dirt += asked_dirt
    _write_streets(demo, folder)
    _write_land(demo, folder)
    _write_background(demo, folder)
    frontages = make_frontages(demo.streets, _rng(12))
    dirt += _write_frontages(frontages, folder)
    results = make_monitoring(demo.ground, _rng(13))
    dirt += _write_monitoring(results, folder)
    truths = [
        *find_truths(demo.ground, demo.toilets, demo.issues, to_degrees),
        change,
        TRUTH,
        *asked,
        frontage_truth(frontages),
        *monitoring_truths(demo.ground, results),
    ]
    counts = {
        "communities": len(demo.ground.polygons),
        "people": int(demo.ground.residents["population"].sum()),
        "issues": len(demo.issues) + sum(ISSUE_COUNTS.values()),
        "area_km2": round(float(shapely.area(demo.ground.polygons).sum()) / 1e6, 1),
    }
    write_text(folder / "city.toml", recipe() + campaign_entries(demo.ground))
    write_text(folder / "truths.toml", truths_toml(truths, dirt))
    write_text(folder / "README.md", readme(counts, truths, dirt))
