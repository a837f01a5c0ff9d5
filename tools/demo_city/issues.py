"""Issues of the demo city: a background that follows the residents, and the planted places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from tools.demo_city.words import CATEGORIES, SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tools.demo_city.ground import CommunityLand

    Floats = NDArray[np.float64]

ISSUES = 20_000
FIRST_DAY = np.datetime64("2024-07-01")
LAST_DAY = np.datetime64("2026-06-30")
END = np.datetime64("2026-06-30T23:59")
QUIET_PLACE = (-2050.0, 730.0)
SILENT_RADIUS = 350.0
BLOCK = 500.0
CLEAR = 5.0
"""Metres that reports keep from the quiet community, so that rounding moves none into it."""
SHARE_NEVER_CLOSED = 0.012


@dataclass(frozen=True)
class HotSpot:
    """A planted place: what is reported there, how often in each month, and how closely."""

    id: str
    title: Mapping[str, str]
    centre: tuple[float, float]
    spread: float
    categories: Mapping[str, float]
    months: Mapping[str, int] = field(default_factory=dict)
    text: str = ""
    spots: int = 0
    closed_by: str = ""


def _every_month(first: str, last: str, count: int) -> dict[str, int]:
    months = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    return dict.fromkeys(map(str, months), count)


STANDING = HotSpot(
    "standing",
    {"zh": "长期热点:老城菜市场周边", "en": "Standing hot spot: around the old-town market"},
    (-250.0, 1180.0), 55.0, {"暴露垃圾": 0.7, "垃圾箱满溢": 0.3},
    _every_month("2024-07", "2026-06", 45), "菜市场北门附近",
)  # fmt: skip
EMERGING = HotSpot(
    "emerging",
    {"zh": "新增热点:新开夜市一条街", "en": "Emerging hot spot: a new night-market street"},
    (2260.0, -1950.0), 55.0, {"店外经营": 1.0},
    {"2026-03": 40, "2026-04": 60, "2026-05": 80, "2026-06": 100}, "夜市街东段",
)  # fmt: skip
RETURNED = HotSpot(
    "returned",
    {"zh": "复发热点:小餐饮后巷", "en": "Hot spot that came back: lane behind small eateries"},
    (-2760.0, -1500.0), 60.0, {"乱倒污水": 1.0},
    _every_month("2024-09", "2025-05", 25) | _every_month("2025-11", "2026-06", 25),
    "后巷", spots=8, closed_by="2025-06-25",
)  # fmt: skip
HOT_SPOTS = (STANDING, EMERGING, RETURNED)
STATION = HotSpot(
    "station",
    {"zh": "无人居住的站前广场:案件多,居民无", "en": "Station square where nobody lives"},
    (1577.0, 1692.0), 40.0, {"非机动车乱停放": 0.4, "无照经营游商": 0.35, "暴露垃圾": 0.25},
    _every_month("2024-07", "2026-06", 12), "火车站广场",
)  # fmt: skip
"""Neither hot by rate, as nobody could report at home, nor to be lost."""
STATION_HALF = 80.0
"""Half the side of the square, in metres."""


def _times(days: NDArray[np.datetime64], rng: np.random.Generator) -> NDArray[np.datetime64]:
    """A minute of each day, mostly in the morning and the afternoon."""
    hour = np.where(
        rng.random(len(days)) < 0.55,
        rng.normal(9.5, 1.4, len(days)),
        rng.normal(16, 1.9, len(days)),
    )
    minute = np.rint(np.clip(hour, 5.5, 22.5) * 60).astype("timedelta64[m]")
    times: NDArray[np.datetime64] = days.astype("datetime64[m]") + minute
    return times


def _shares() -> dict[str, float]:
    total = sum(row[1] for row in CATEGORIES)
    return {row[0]: row[1] / total for row in CATEGORIES}


def _even_cells(people: pd.DataFrame, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """
    Rows of cells, as many in every part of the city as its residents ask for.

    Every n-th resident is taken, walking block by block: much less clumped than free draws,
    so that the background has no hot spot of its own.
    """
    block = (people[["x", "y"]].to_numpy() // BLOCK).astype(np.int64)
    order = np.lexsort((rng.random(len(people)), block[:, 0], block[:, 1]))
    reached = np.cumsum(people["population"].to_numpy()[order])
    wanted = (np.arange(count) + rng.random()) * reached[-1] / count
    rows: NDArray[np.int64] = order[np.searchsorted(reached, wanted)]
    return rng.permutation(rows)


def _background(
    ground: CommunityLand, count: int, quiet: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Reports where people live, none in the quiet community, evenly over the two years."""
    places = shapely.points(ground.residents[["x", "y"]].to_numpy())
    people = ground.residents[shapely.distance(ground.polygons[quiet], places) > CLEAR]
    counts = {name: int(share * count) for name, share in _shares().items()}
    counts[CATEGORIES[0][0]] += count - sum(counts.values())
    cell = np.concatenate([_even_cells(people, each, rng) for each in counts.values()])
    centre = people[["x", "y"]].to_numpy()[cell]
    at = centre + rng.uniform(-50, 50, centre.shape)
    strayed = np.isin(ground.home_of(at), [quiet, -1])
    at[strayed] = centre[strayed]
    days = np.arange(FIRST_DAY, LAST_DAY + 1)
    busy = np.where((days.astype(int) + 3) % 7 < 5, 1.0, 0.75)
    category = np.repeat(np.array(list(counts), dtype=object), list(counts.values()))
    frame = pd.DataFrame({"x": at[:, 0], "y": at[:, 1], "category": category})
    frame["reported_at"] = _times(rng.choice(days, count, p=busy / busy.sum()), rng)
    for spot in HOT_SPOTS[1:]:
        near = np.hypot(*(at - spot.centre).T) < SILENT_RADIUS
        same = near & frame["category"].isin(list(spot.categories)).to_numpy()
        others = [name for name in counts if name not in spot.categories]
        frame.loc[same, "category"] = rng.choice(others, int(same.sum()))
    return frame.assign(place="", planted="")


def _planted(spot: HotSpot, rng: np.random.Generator) -> pd.DataFrame:
    days = []
    for month, count in spot.months.items():
        all_days = np.arange(np.datetime64(month, "D"), np.datetime64(month, "M") + 1)
        days.append(rng.choice(all_days, count))
    day = np.concatenate(days)
    limit = STATION_HALF if spot is STATION else 130
    offsets = np.clip(rng.normal(0, spot.spread, (len(day), 2)), -limit, limit)
    if spot.spots:
        corners = np.clip(rng.normal(0, spot.spread, (spot.spots, 2)), -120, 120)
        offsets = corners[rng.integers(spot.spots, size=len(day))] + rng.normal(0, 4, (len(day), 2))
    at = np.array(spot.centre) + offsets
    names = np.array(list(spot.categories), dtype=object)
    return pd.DataFrame(
        {
            "x": at[:, 0],
            "y": at[:, 1],
            "category": names[rng.choice(len(names), len(day), p=list(spot.categories.values()))],
            "reported_at": _times(day, rng),
            "place": spot.text,
            "planted": spot.id,
        }
    )


def _quiet(ground: CommunityLand, quiet: int) -> pd.DataFrame:
    """The only report of the quiet community."""
    at = ground.communities.iloc[quiet]
    return pd.DataFrame(
        {"x": [at["x"]], "y": [at["y"]], "category": "道路不洁",
         "reported_at": np.array(["2025-03-12T09:20"], dtype="datetime64[m]"),
         "place": "", "planted": ""}
    )  # fmt: skip


def _handled(
    issues: pd.DataFrame, parents: Sequence[str], rng: np.random.Generator
) -> pd.DataFrame:
    """Deadlines, closing, checking and status; what lies after the end has not happened."""
    hours = issues["category"].map({row[0]: row[2] for row in CATEGORIES}).to_numpy()
    count, reported = len(issues), issues["reported_at"].to_numpy()
    pace = dict(zip(parents, np.linspace(0.4, 0.75, len(parents)), strict=True))
    delay = hours * issues["parent"].map(pace).to_numpy() * rng.lognormal(0, 0.7, count)
    closed = reported + np.rint(delay * 60 + 15).astype("timedelta64[m]")
    checked = closed + rng.integers(180, 4300, count).astype("timedelta64[m]")
    checked[rng.random(count) < 0.25] = np.datetime64("NaT")
    never = rng.random(count) < SHARE_NEVER_CLOSED
    early = (
        (issues["planted"] == RETURNED.id) & (reported < np.datetime64("2025-07-01"))
    ).to_numpy()
    latest = np.datetime64(RETURNED.closed_by) + np.timedelta64(17, "h")
    closed[early] = np.minimum(closed[early], latest)
    never[early] = False
    closed[never | (closed > END)] = np.datetime64("NaT")
    checked[np.isnat(closed) | (checked > END)] = np.datetime64("NaT")
    checked[early] = np.maximum(checked[early], closed[early])
    status = np.where(np.isnat(checked), "待核查", "已结案")
    status = np.where(np.isnat(closed), "处置中", status)
    due = reported + hours.astype("timedelta64[h]")
    return issues.assign(due_at=due, closed_at=closed, verified_at=checked, status=status)


def _words(issues: pd.DataFrame, ground: CommunityLand, rng: np.random.Generator) -> pd.DataFrame:
    """Responsible unit, source level and a sentence."""
    community = ground.communities["name"].to_numpy()[issues["home"]]
    unit = issues["category"].map({row[0]: row[3] for row in CATEGORIES}).to_numpy(dtype=object)
    sentences = {row[0]: row[4] for row in CATEGORIES}
    turn = rng.integers(3, size=len(issues))
    said = [sentences[name][at] for name, at in zip(issues["category"], turn, strict=True)]
    levels = np.array([row[0] for row in SOURCES], dtype=object)
    return issues.assign(
        unit=np.where(unit == "社区居委会", community + "居委会", issues["parent"] + unit),
        source=rng.choice(levels, len(issues), p=[row[1] for row in SOURCES]),
        text=community + issues["place"].to_numpy() + pd.Series(said).to_numpy(),
    )


def make_issues(ground: CommunityLand, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """
    Report issues over 24 months.

    `planted` names the hot spot, `home` the row of the community. Outside the planted places
    reports follow the residents.
    """
    quiet = quiet_community(ground)
    planted = [_planted(spot, rng) for spot in HOT_SPOTS] + [_quiet(ground, quiet)]
    rest = count - sum(map(len, planted))
    issues = pd.concat([_background(ground, rest, quiet, rng), *planted], ignore_index=True)
    return _followed(issues, ground, rng)


def make_station(ground: CommunityLand, rng: np.random.Generator) -> pd.DataFrame:
    """Report the issues of the station square, as `make_issues` does the others."""
    return _followed(_planted(STATION, rng), ground, rng)


def _followed(
    issues: pd.DataFrame, ground: CommunityLand, rng: np.random.Generator
) -> pd.DataFrame:
    """Put reports in their order, say where they lie and what became of them."""
    issues = issues.sort_values("reported_at", kind="stable", ignore_index=True)
    issues["home"] = ground.home_of(issues[["x", "y"]].to_numpy())
    issues["parent"] = ground.communities["parent"].to_numpy()[issues["home"]]
    parents = sorted(ground.communities["parent"].unique())
    return _words(_handled(issues, parents, rng), ground, rng)


def numbered(issues: pd.DataFrame) -> pd.DataFrame:
    """Number reports in their order."""
    issues = issues.sort_values("reported_at", kind="stable", ignore_index=True)
    month = issues["reported_at"].dt.strftime("%y%m")
    return issues.assign(id="JC" + month + [f"{at:05d}" for at in range(1, len(issues) + 1)])


def quiet_community(ground: CommunityLand) -> int:
    """Row of the community that reports almost nothing."""
    return int(ground.home_of(np.array([QUIET_PLACE]))[0])
