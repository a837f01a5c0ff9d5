"""Facilities of the demo city: placed where uncovered people live, except in the planted gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array

from tools.demo_city.ground import WORKS_CENTRE, WORKS_RADIUS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tools.demo_city.ground import CommunityLand

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

GAPS = {"gap-south": (-1750.0, -2900.0), "gap-north": (0.0, 3350.0)}
GAP_RADIUS = 900.0
NUMERALS = "一二三四五六七八九十"
FACILITY_COLUMNS = ["id", "name", "name_en", "parent", "address", "x", "y", "status"]


def _sites(streets: pd.DataFrame, rng: np.random.Generator) -> Floats:
    """Places some 20 m beside the middle of every walkable street."""
    walkable = streets[streets["walkable"] & (streets["road_class"] != "桥梁")]
    middle = shapely.get_coordinates(
        shapely.line_interpolate_point(walkable["geometry"].to_numpy(), 0.5, normalized=True)
    )
    return middle + rng.choice([-1, 1], middle.shape) * rng.uniform(10, 22, middle.shape)


def _place(
    ground: CommunityLand, sites: Floats, count: int, *, radius: float, rng: np.random.Generator
) -> Integers:
    """Take sites one by one, each where many people have none within `radius` so far."""
    people = ground.residents[["x", "y"]].to_numpy()
    site, cell = shapely.STRtree(shapely.points(people)).query(
        shapely.points(sites), predicate="dwithin", distance=radius
    )
    reach = csr_array((np.ones(len(site)), (site, cell)), shape=(len(sites), len(people)))
    wanting = ground.residents["population"].to_numpy(dtype=float)
    taste = rng.lognormal(0, 0.35, len(sites))
    chosen = []
    for _ in range(count):
        best = int((reach @ wanting * taste).argmax())
        chosen.append(best)
        taste[best] = 0
        wanting[reach.indices[reach.indptr[best] : reach.indptr[best + 1]]] *= 0.04
    return np.array(chosen)


def _base(ground: CommunityLand, at: Floats, *, prefix: str, what: tuple[str, str]) -> pd.DataFrame:
    """Identifiers, names by community and number, addresses and coordinates."""
    home = ground.home_of(at)
    at, home = at[home >= 0], home[home >= 0]
    community = ground.communities.iloc[home]
    number = pd.Series(home).groupby(home).cumcount().to_numpy()
    places = list(zip(community["name"], community["name_en"], number, strict=True))
    return pd.DataFrame(
        {
            "id": [f"{prefix}{place:04d}" for place in range(1, len(at) + 1)],
            "name": [f"{zh}{NUMERALS[turn % 10]}号{what[0]}" for zh, _, turn in places],
            "name_en": [
                f"{en.removesuffix(' Community')} {what[1]} {turn + 1}" for _, en, turn in places
            ],
            "parent": community["parent"].to_numpy(),
            "address": community["parent"].to_numpy() + community["name"].to_numpy(),
            "x": at[:, 0],
            "y": at[:, 1],
            "status": "开放",
        }
    )


def _outside_gaps(sites: Floats) -> NDArray[np.bool_]:
    far = [np.hypot(*(sites - centre).T) > GAP_RADIUS + 20 for centre in GAPS.values()]
    outside: NDArray[np.bool_] = np.logical_and.reduce(far)
    return outside


def _hours(rng: np.random.Generator, always: NDArray[np.bool_]) -> list[str]:
    """Opening hours as clerks type them: mostly one way, sometimes another."""
    usual = ["06:00-22:00", "05:30-22:30", "06:00-23:00", "07:00-21:00"]
    odd = ["6:00—22:00", "06：00-22：00", "6点到22点", "夏季05:30-22:30 冬季06:00-21:30", ""]
    odd_always = ["全天", "24小时"]
    return [
        (str(rng.choice(odd_always)) if rng.random() < 0.2 else "00:00-24:00")
        if day
        else str(rng.choice(odd if rng.random() < 0.1 else usual))
        for day in always
    ]


def _toilet_columns(count: int, rng: np.random.Generator) -> dict[str, object]:
    grade = rng.choice(3, count, p=[0.15, 0.5, 0.35])
    male = rng.integers(np.array([5, 3, 1])[grade], np.array([11, 7, 5])[grade])
    female = np.rint(male * rng.choice([1.0, 1.5, 2.0], count, p=[0.4, 0.45, 0.15])).astype(int)
    always = rng.random(count) < np.array([0.5, 0.25, 0.1])[grade]
    return {
        "class": np.array(["一类", "二类", "三类"])[grade],
        "stalls": (male + female).astype(str),
        "female_stalls": female.astype(str),
        "male_stalls": male.astype(str),
        "accessible": np.where(rng.random(count) < np.array([1, 0.75, 0.3])[grade], "有", "无"),
        "open_24h": np.where(always, "是", "否"),
        "opening_hours": _hours(rng, always),
    }


def make_toilets(
    ground: CommunityLand, streets: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """
    Place public toilets, none in use within `GAP_RADIUS` of the centre of a gap.

    A closed one stands in the southern gap, a planned one in the northern.
    """
    sites = _sites(streets, rng)
    sites = sites[_outside_gaps(sites)]
    village = ground.communities[["x", "y"]].to_numpy()[ground.village]
    beside = village + np.array([[-90.0, 40.0], [100.0, -60.0]])
    wanted = sites[_place(ground, sites, 180, radius=300, rng=rng)]
    in_gaps = np.array(list(GAPS.values())) + np.array([[60.0, -80.0], [-70.0, 50.0]])
    idle = sites[rng.choice(len(sites), 12, replace=False)]
    at = np.concatenate([beside, wanted, in_gaps, idle])
    toilets = _base(ground, at, prefix="GC", what=("公厕", "Public Toilet"))
    toilets = toilets.assign(**_toilet_columns(len(toilets), rng))
    toilets.loc[len(toilets) - 14 :, "status"] = ["停用", "在建", *["停用"] * 8, *["在建"] * 4]
    toilets.loc[rng.choice(np.arange(10, 170), 4, replace=False), "status"] = "不详"
    return toilets


def make_markets(
    ground: CommunityLand, streets: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Place markets."""
    sites = _sites(streets, rng)
    at = sites[_place(ground, sites, 40, radius=600, rng=rng)]
    markets = _base(ground, at, prefix="SC", what=("农贸市场", "Market"))
    markets["name"] = markets["name"].str.replace("一号", "", regex=False)
    markets["name_en"] = markets["name_en"].str.removesuffix(" 1")
    grade = rng.choice(3, len(markets), p=[0.25, 0.5, 0.25])
    markets.loc[rng.choice(len(markets), 3, replace=False), "status"] = "停用"
    return markets.assign(
        **{
            "class": np.array(["标准化市场", "普通市场", "临时市场"])[grade],
            "standardised": np.where(grade == 0, "是", "否"),
            "stalls": rng.integers(30, 180, len(markets)).astype(str),
            "opening_hours": rng.choice(
                ["05:00-19:00", "05:30-18:30", "06:00-20:00"], len(markets)
            ),
        }
    )


def make_fitness(
    ground: CommunityLand, streets: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Place fitness sites; the works area has few."""
    sites = _sites(streets, rng)
    sites = sites[np.hypot(*(sites - WORKS_CENTRE).T) > WORKS_RADIUS]
    at = sites[_place(ground, sites, 178, radius=320, rng=rng)]
    fitness = _base(ground, at, prefix="JS", what=("健身点", "Fitness Corner"))
    equipment = rng.integers(4, 21, len(fitness))
    fitness.loc[rng.choice(len(fitness), 5, replace=False), "status"] = "停用"
    return fitness.assign(
        equipment=equipment,
        area_m2=(equipment * rng.uniform(9, 16, len(fitness))).round().astype(int),
    )
