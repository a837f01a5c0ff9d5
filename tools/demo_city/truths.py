"""The planted truths of the demo city, measured on the rows that are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

from tools.demo_city.campaigns import campaign_truths
from tools.demo_city.facilities import GAP_RADIUS, GAPS
from tools.demo_city.issues import (
    EMERGING,
    END,
    HOT_SPOTS,
    RETURNED,
    SILENT_RADIUS,
    STATION,
    STATION_HALF,
    quiet_community,
)
from tools.demo_city.register import ROUND, ROUND_KNOWN, ROUND_WITHIN, SLOW_UNIT, SMALL_UNIT

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from tools.demo_city.ground import CommunityLand

    Floats = NDArray[np.float64]
    Truth = dict[str, object]

GAP_TITLES = {
    "gap-south": {"zh": "南片空白区", "en": "Southern gap"},
    "gap-north": {"zh": "北片空白区", "en": "Northern gap"},
}
SLOW_TITLES = {"zh": "结案缓慢的单位", "en": "The unit that closes slowly"}
SMALL_TITLES = {
    "zh": "只因件数太少而看似最差的单位",
    "en": "The unit that looks worst only because it has so few cases",
}
UNEVEN_RADIUS = 300.0
HOT_RADIUS = 190.0
SUPPLY = ("开放", "不详")


def find_truths(
    ground: CommunityLand,
    toilets: pd.DataFrame,
    issues: pd.DataFrame,
    to_degrees: Callable[[Floats], Floats],
) -> list[Truth]:
    """State every planted truth with its place and its figures."""
    supply = toilets[toilets["status"].isin(SUPPLY)][["x", "y"]].to_numpy()
    return [
        *(_gap(ground, supply, name, to_degrees) for name in GAPS),
        *(_hot_spot(ground, issues, at, to_degrees) for at in range(len(HOT_SPOTS))),
        _station(ground, issues, to_degrees),
        _quiet(ground, issues, to_degrees),
        _uneven(ground, supply, to_degrees),
        _unit(issues, SLOW_UNIT, SLOW_TITLES),
        _unit(issues, SMALL_UNIT, SMALL_TITLES),
        _round(issues),
        *campaign_truths(ground, issues),
    ]


def _round(issues: pd.DataFrame) -> Truth:
    """The round of inspection of which it is known what own checks had known before."""
    return {
        "id": "round",
        "type": "round",
        "title": {"zh": "已知先知率的检查轮次", "en": "A round of known agreement"},
        "inspection": ROUND,
        "within_m": ROUND_WITHIN[0],
        "within_days": ROUND_WITHIN[1],
        "findings": int((issues["inspection"] == ROUND).sum()),
        "known": ROUND_KNOWN,
    }


def _unit(issues: pd.DataFrame, unit: str, title: dict[str, str]) -> Truth:
    """Cases of a unit that were due before the last day, and those closed by then."""
    judged = issues[(issues["unit"] == unit) & (issues["due_at"] < END.astype("datetime64[D]"))]
    on_time = judged["closed_at"] <= judged["due_at"]
    return {
        "id": "slow-unit" if unit == SLOW_UNIT else "small-unit",
        "type": "unit",
        "title": dict(title),
        "unit": unit,
        "cases_due": len(judged),
        "closed_on_time": int(on_time.sum()),
    }


def _place(ground: CommunityLand, at: Floats, to_degrees: Callable[[Floats], Floats]) -> Truth:
    row = int(ground.home_of(at[None])[0])
    lon, lat = (round(float(value), 6) for value in to_degrees(at[None])[0])
    community = ground.communities.iloc[row]
    return {
        "community_id": str(ground.communities.index[row]),
        "community": {"zh": community["name"], "en": community["name_en"]},
        "parent": {"zh": community["parent"], "en": community["parent_en"]},
        "lon": lon,
        "lat": lat,
    }


def _gap(
    ground: CommunityLand, supply: Floats, name: str, to_degrees: Callable[[Floats], Floats]
) -> Truth:
    at = np.array(GAPS[name])
    people = ground.residents
    far = np.hypot(*(people[["x", "y"]].to_numpy() - at).T)
    apart = cKDTree(supply).query(people[["x", "y"]].to_numpy())[0]
    beyond = (far < GAP_RADIUS) & (apart > 500)
    return {
        "id": name,
        "type": "gap",
        "title": GAP_TITLES[name],
        **_place(ground, at, to_degrees),
        "kind": "toilet",
        "free_radius_m": GAP_RADIUS,
        "nearest_supply_m": round(float(np.hypot(*(supply - at).T).min())),
        "people_beyond_500_m": int(people["population"][beyond].sum()),
    }


def _hot_spot(
    ground: CommunityLand, issues: pd.DataFrame, number: int, to_degrees: Callable[[Floats], Floats]
) -> Truth:
    spot = HOT_SPOTS[number]
    own = issues[issues["planted"] == spot.id]
    truth = {
        "id": spot.id,
        "type": "hot_spot",
        "title": dict(spot.title),
        **_place(ground, np.array(spot.centre), to_degrees),
        "radius_m": HOT_RADIUS,
        "categories": list(spot.categories),
        "first_month": min(spot.months),
        "last_month": max(spot.months),
        "planted_issues": len(own),
    }
    if spot is EMERGING:
        truth["by_month"] = [spot.months[month] for month in sorted(spot.months)]
    if spot is RETURNED:
        truth |= {
            "spots": spot.spots,
            "all_closed_by": spot.closed_by,
            "quiet_from": "2025-06-01",
            "quiet_until": "2025-10-31",
            "back_since": "2025-11-01",
            "quiet_radius_m": SILENT_RADIUS - 50,
        }
    return truth


def _station(
    ground: CommunityLand, issues: pd.DataFrame, to_degrees: Callable[[Floats], Floats]
) -> Truth:
    own = issues[issues["planted"] == STATION.id]
    people = ground.residents
    off = np.abs(people[["x", "y"]].to_numpy() - np.array(STATION.centre)).max(axis=1)
    return {
        "id": STATION.id,
        "type": "few_people",
        "title": dict(STATION.title),
        **_place(ground, np.array(STATION.centre), to_degrees),
        "radius_m": round(STATION_HALF * np.sqrt(2)),
        "categories": list(STATION.categories),
        "residents": int(people["population"][off <= STATION_HALF].sum()),
        "planted_issues": len(own),
        "issues_a_month": min(STATION.months.values()),
    }


def _quiet(
    ground: CommunityLand, issues: pd.DataFrame, to_degrees: Callable[[Floats], Floats]
) -> Truth:
    row = quiet_community(ground)
    people = int(ground.residents["population"][ground.residents["home"] == row].sum())
    share = people / int(ground.residents["population"].sum())
    return {
        "id": "quiet",
        "type": "quiet_community",
        "title": {"zh": "几乎无上报的社区", "en": "The community that reports almost nothing"},
        **_place(ground, ground.communities[["x", "y"]].to_numpy()[row], to_degrees),
        "population": people,
        "issues": int((issues["home"] == row).sum()),
        "issues_expected_by_population": round(share * len(issues)),
    }


def _uneven(ground: CommunityLand, supply: Floats, to_degrees: Callable[[Floats], Floats]) -> Truth:
    row = ground.village
    people = ground.residents[ground.residents["home"] == row]
    apart = cKDTree(supply).query(people[["x", "y"]].to_numpy())[0]
    reach = shapely.union_all(shapely.buffer(shapely.points(supply), UNEVEN_RADIUS, quad_segs=64))
    polygon = ground.polygons[row]
    covered = int(people["population"][apart <= UNEVEN_RADIUS].sum())
    return {
        "id": "uneven",
        "type": "uneven_coverage",
        "title": {"zh": "人口覆盖与面积覆盖悬殊的社区", "en": "People covered, land not"},
        **_place(ground, ground.communities[["x", "y"]].to_numpy()[row], to_degrees),
        "kind": "toilet",
        "service_radius_m": UNEVEN_RADIUS,
        "population": int(people["population"].sum()),
        "population_covered_share": round(covered / int(people["population"].sum()), 3),
        "area_covered_share": round(polygon.intersection(reach).area / polygon.area, 3),
    }
