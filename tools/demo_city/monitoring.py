"""Monitoring of the demo city: tap water, air without a pause, food samples; limits are made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from tools.demo_city.dirt import Dirt
from tools.demo_city.survey import asked_communities

if TYPE_CHECKING:
    from tools.demo_city.ground import CommunityLand
    from tools.demo_city.truths import Truth

MONITORING_FILE = "monitoring.csv"
MONITORING_TITLES = {
    "id": "编号", "station": "站点编码", "name": "站点名称", "name_en": "英文名称",
    "network": "监测网络", "indicator": "监测项目", "sampled_at": "监测日期", "value": "结果",
    "value_unit": "单位", "limit": "限值", "result": "结论", "lon": "经度", "lat": "纬度",
}  # fmt: skip
TAP, AIR, FOOD = "饮用水", "环境空气", "食品抽检"
TURBIDITY, COLIFORMS, CHLORINE, PM25, OZONE = "浑浊度", "总大肠菌群", "游离余氯", "PM2.5", "臭氧"
OVER, FEW, UNDECIDED = 4, 9, 2
"""Places in the list of tap stations: over the limit, seldom sampled, often not detected."""
FEW_SAMPLES, NOT_DETECTED, FAULTS, FAILED = 3, 2, 5, 3
MONTHS = pd.date_range("2026-01-01", "2026-06-01", freq="MS")
SAMPLED_ON = (3, 10, 17, 24)
"""Days of the month on which tap water is sampled."""
LAST = MONTHS[3]
"""First day of the last quarter."""
AIR_DAYS = pd.date_range(LAST, "2026-06-30", freq="D")
AIR_AT = {"中心站": "Centre", "城北站": "North", "城南站": "South"}
SHOPS = 40
NONE = "未检出"
FAULT = "仪器故障"


def make_monitoring(ground: CommunityLand, rng: np.random.Generator) -> pd.DataFrame:
    """Make every result, with its place in metres from the middle of the city."""
    parts = [*_tap(ground, rng), _air(rng), _food(ground, rng)]
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "id", [f"JC{number:04d}" for number in range(1, len(table) + 1)])
    return table.fillna({"value": "", "value_unit": "", "limit": "", "result": ""})


def _tap_stations(ground: CommunityLand) -> pd.DataFrame:
    """Place a tap in each community that was asked."""
    asked = asked_communities(ground)
    rows = ground.communities.index.get_indexer(asked.index)
    spots = shapely.get_coordinates(shapely.point_on_surface(ground.polygons[rows]))
    return pd.DataFrame(
        {
            "station": [f"YS{at:02d}" for at in range(1, len(asked) + 1)],
            "name": asked["name"].to_numpy() + "末梢水点",
            "name_en": asked["name_en"].to_numpy() + " tap",
            "community_id": asked.index,
            "x": spots[:, 0].round(1),
            "y": spots[:, 1].round(1),
        }
    )


def _tap(ground: CommunityLand, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Sample taps four times a month; coliforms must not be detected, chlorine keeps a range."""
    stations = _tap_stations(ground).drop(columns="community_id")
    days = [month.replace(day=day) for month in MONTHS for day in SAMPLED_ON]
    table = stations.merge(pd.DataFrame({"day": days}), how="cross")
    place, late = table["station"].str[2:].astype(int) - 1, table["day"] >= LAST
    turn = table.groupby([place, late]).cumcount()
    table = table.assign(network=TAP, sampled_at=table["day"].dt.strftime("%Y-%m-%d"))
    value = pd.Series(0.3 + 0.5 * rng.random(len(table)), index=table.index).round(2)
    over = late & place.eq(OVER)
    text = value.where(~over, (value + 1.5).round(2)).map("{:.2f}".format)
    text = text.mask(late & place.eq(UNDECIDED) & (turn < NOT_DETECTED), NONE)
    turbid = table.assign(indicator=TURBIDITY, value=text, value_unit="NTU", limit="≤1.5")
    turbid = turbid[~(late & place.eq(FEW) & (turn >= FEW_SAMPLES))]
    monthly = table[table["day"].dt.day.eq(SAMPLED_ON[0])]
    clean = monthly.assign(
        indicator=COLIFORMS, value=NONE, value_unit="MPN/100mL", limit="不得检出"
    )
    level = (0.2 + 0.3 * rng.random(len(monthly))).round(2).astype(str)
    treated = monthly.assign(indicator=CHLORINE, value=level, value_unit="mg/L", limit="0.1-1.0")
    return [each.drop(columns="day") for each in (turbid, clean, treated)]


def _air(rng: np.random.Generator) -> pd.DataFrame:
    """Record air every day: fine particles with a limit, ozone without one."""
    spots = [(0.0, 600.0), (300.0, 2400.0), (-400.0, -2300.0)]
    stations = pd.DataFrame(
        {
            "station": [f"KQ{at}" for at in range(1, len(AIR_AT) + 1)],
            "name": list(AIR_AT),
            "name_en": list(AIR_AT.values()),
            "x": [x for x, _ in spots],
            "y": [y for _, y in spots],
        }
    )
    table = stations.merge(pd.DataFrame({"day": AIR_DAYS}), how="cross")
    table = table.assign(
        network=AIR, sampled_at=table["day"].dt.strftime("%Y-%m-%d"), value_unit="μg/m³"
    ).drop(columns="day")
    fine = rng.integers(12, 55, len(table)).astype(str)
    fine[:FAULTS] = FAULT
    ozone = rng.integers(60, 150, len(table)).astype(str)
    return pd.concat(
        [
            table.assign(indicator=PM25, value=fine, limit="≤60"),
            table.assign(indicator=OZONE, value=ozone)[::7],
        ]
    )


def _food(ground: CommunityLand, rng: np.random.Generator) -> pd.DataFrame:
    """Sample shops once each; only the result is told."""
    homes = rng.choice(len(ground.polygons), SHOPS, replace=False)
    spots = shapely.get_coordinates(shapely.point_on_surface(ground.polygons[homes]))
    days = AIR_DAYS[rng.integers(0, len(AIR_DAYS), SHOPS)]
    result = np.where(np.arange(SHOPS) < FAILED, "不合格", "合格")
    return pd.DataFrame(
        {
            "station": "",
            "name": [f"食品店{at}号" for at in range(1, SHOPS + 1)],
            "name_en": [f"Food shop {at}" for at in range(1, SHOPS + 1)],
            "x": spots[:, 0].round(1),
            "y": spots[:, 1].round(1),
            "network": FOOD,
            "indicator": "蔬菜农药残留",
            "sampled_at": days.strftime("%Y-%m-%d"),
            "result": rng.permutation(result),
        }
    )


def dirty_monitoring(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Dirt]]:
    """Append a row that stands twice, one without a place, and one of a day that never was."""
    twice, nowhere, never = (table.iloc[[at]].copy() for at in (0, 1, 2))
    nowhere[["id", "lon", "lat"]] = ["JC9001", "", ""]
    never[["id", "sampled_at"]] = ["JC9002", "2026-06-31"]
    dirt = [
        Dirt(MONITORING_FILE, "identifier twice", 1, tuple(twice["id"])),
        Dirt(MONITORING_FILE, "no coordinates", 1, tuple(nowhere["id"])),
        Dirt(MONITORING_FILE, "a day that never was", 1, tuple(never["id"])),
    ]
    return pd.concat([table, twice, nowhere, never], ignore_index=True), dirt


def monitoring_truths(ground: CommunityLand, table: pd.DataFrame) -> list[Truth]:
    """State what is planted, and nothing else exceeds a limit or cannot be judged."""
    stations = _tap_stations(ground)
    over, few, undecided = (stations.iloc[at] for at in (OVER, FEW, UNDECIDED))
    last = table["sampled_at"] >= f"{LAST:%Y-%m-%d}"
    exceeded = last & table["station"].eq(over["station"]) & table["indicator"].eq(TURBIDITY)
    ozone = last & table["indicator"].eq(OZONE)
    return [
        {
            "id": "monitoring",
            "type": "monitoring",
            "title": {"zh": "浑浊度超标的末梢水点", "en": "The tap whose turbidity is too high"},
            "station": over["station"],
            "exceeded": int(exceeded.sum()),
            "few_community_id": str(few["community_id"]),
            "few_results": FEW_SAMPLES,
            "undecided_station": undecided["station"],
            "undecided": NOT_DETECTED,
        },
        {
            "id": "monitoring-air",
            "type": "monitoring",
            "title": {"zh": "无法判断的空气读数", "en": "Readings of air that cannot be judged"},
            "unreadable": FAULTS,
            "no_limit": int(ozone.sum()),
        },
        {
            "id": "monitoring-food",
            "type": "monitoring",
            "title": {"zh": "食品抽检不合格", "en": "Food samples that failed"},
            "samples": SHOPS,
            "failed": FAILED,
        },
    ]
