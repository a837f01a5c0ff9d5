"""Land of the demo city: residential blocks and the built-up area, drawn from where people live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from tools.demo_city.ground import HALF_HEIGHT, HALF_WIDTH, WORKS_CENTRE, WORKS_RADIUS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tools.demo_city.ground import CommunityLand

    Shapes = NDArray[np.object_]

BLOCK = 300.0
FEWEST_PEOPLE = 150
"""People of a block from which on its land is residential."""
BANK = 25.0
"""Metres of green along the river."""
FRINGE = 70.0
"""Metres around residential blocks that are built up too: schools, shops, works, streets."""
DETAIL = 12.0
OLD_TOWN_CENTRE, OLD_TOWN_AXES = (0.0, 400.0), (700.0, 350.0)
"""Old streets along the north bank, between the toilets and far from the markets."""
CORE = 0.75
"""Share of the way from the middle to the outline where the urban-rural fringe begins."""


def residential_land(
    ground: CommunityLand, rng: np.random.Generator
) -> tuple[pd.DataFrame, Shapes]:
    """Draw the residential blocks between streets."""
    people = ground.residents
    block = np.floor(people[["x", "y"]].to_numpy() / BLOCK).astype(np.int64)
    places = pd.DataFrame(block, columns=["i", "j"]).assign(people=people["population"].to_numpy())
    sums = places.groupby(["i", "j"])["people"].sum()
    corner = np.array(sums[sums >= FEWEST_PEOPLE].index.to_list()) * BLOCK
    margin = rng.uniform(8, 24, (len(corner), 4))
    low, high = corner + margin[:, :2], corner + BLOCK - margin[:, 2:]
    shapes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    city = shapely.union_all(ground.polygons)
    shapes = shapely.difference(shapely.intersection(shapes, city), ground.river.buffer(BANK))
    shapes = shapes[shapely.area(shapes) > BLOCK]
    names = [f"JZ{number:04d}" for number in range(1, len(shapes) + 1)]
    return pd.DataFrame({"code": names}), shapes


def built_up_area(ground: CommunityLand, blocks: Shapes) -> tuple[pd.DataFrame, Shapes]:
    """Draw the built-up area: around the residential blocks, and the works; no hill, no river."""
    works = shapely.Point(WORKS_CENTRE).buffer(WORKS_RADIUS)
    around = shapely.union_all([*shapely.buffer(blocks, FRINGE, join_style="mitre"), works])
    city = shapely.union_all(ground.polygons)
    area = around.intersection(city).difference(ground.river).simplify(DETAIL)
    shapes = shapely.get_parts(area)
    shapes = shapes[shapely.area(shapes) > BLOCK**2]
    return pd.DataFrame({"name": ["建成区"] * len(shapes)}), shapes


def zones() -> tuple[pd.DataFrame, Shapes]:
    """Draw two zones that are served less well than the city."""
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    old_town = shapely.Polygon(circle * OLD_TOWN_AXES + OLD_TOWN_CENTRE)
    outline = 1 + 0.07 * np.sin(3 * angle + 1) + 0.05 * np.sin(5 * angle)
    edge = circle * outline[:, None] * (HALF_WIDTH, HALF_HEIGHT)
    fringe = shapely.Polygon(1.12 * edge).difference(shapely.Polygon(CORE * edge))
    names = {
        "code": ["old-town", "fringe"],
        "name": ["沿江老城", "城乡接合部"],
        "name_en": ["Old town by the river", "Urban-rural fringe"],
    }
    return pd.DataFrame(names), np.array([old_town, fringe], dtype=object)
