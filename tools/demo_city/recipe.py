"""Recipe of the demo city, and the headings that its files bear."""

from __future__ import annotations

from tools.demo_city.clauses import CLAUSE_TITLES, FILE, TITLE
from tools.demo_city.earlier import EDITION
from tools.demo_city.files import toml_table
from tools.demo_city.monitoring import MONITORING_FILE, MONITORING_TITLES
from tools.demo_city.survey import ANSWER_FILE, ANSWER_TITLES, COUNT_FILE, COUNT_TITLES

METRIC = "EPSG:32649"
DEGREES = "EPSG:4326"

# Our names to the publishers' headings, in the order of the columns.
TOILET_TITLES = {
    "id": "编号",
    "name": "公厕名称",
    "name_en": "英文名称",
    "parent": "所属街道",
    "address": "地址",
    "lon": "经度",
    "lat": "纬度",
    "status": "状态",
    "class": "等级",
    "stalls": "厕位数",
    "female_stalls": "女厕位",
    "male_stalls": "男厕位",
    "accessible": "无障碍",
    "open_24h": "全天开放",
    "opening_hours": "开放时间",
}
MARKET_TITLES = {
    "id": "编号",
    "name": "市场名称",
    "name_en": "英文名称",
    "parent": "所属街道",
    "address": "地址",
    "lon": "经度",
    "lat": "纬度",
    "status": "状态",
    "class": "类别",
    "standardised": "是否标准化",
    "stalls": "摊位数",
    "opening_hours": "营业时间",
}
ISSUE_TITLES = {
    "id": "案件编号",
    "category": "问题类别",
    "reported_at": "上报时间",
    "due_at": "处置时限",
    "handled_at": "处置时间",
    "closed_at": "结案时间",
    "verified_at": "核查时间",
    "status": "状态",
    "unit": "责任单位",
    "leader": "分管领导",
    "source": "来源",
    "inspection": "检查轮次",
    "text": "问题描述",
    "lon": "经度",
    "lat": "纬度",
}
FRONTAGE_TITLES = {
    "id": "编号",
    "name": "名称",
    "street": "所在道路",
    "unit": "责任单位",
    "signed": "签约情况",
    "result": "检查结果",
    "checked_at": "检查日期",
}
COMMUNITY_TITLES = {
    "id": "code",
    "name": "name",
    "name_en": "name_en",
    "parent": "street",
    "parent_en": "street_en",
    "parent_2": "district",
    "parent_2_en": "district_en",
    "population": "population",
}
RESIDENT_TITLES = {"id": "id", "x": "easting", "y": "northing", "population": "population"}
FITNESS_TITLES = {
    "id": "site_id",
    "name": "name",
    "name_en": "name_en",
    "address": "address",
    "status": "status",
    "equipment": "equipment",
    "area_m2": "area_m2",
}
STREET_TITLES = {
    "id": "edge_id",
    "name": "name",
    "name_en": "name_en",
    "from_node": "from_node",
    "to_node": "to_node",
    "walkable": "walkable",
}

PLACE_TITLES = {"name": "name", "name_en": "name_en", "size_m": "size_m"}
ROAD_TITLES = {"name": "name", "name_en": "name_en"}
LAND_TITLES = {"id": "code"}
ZONE_TITLES = {"id": "code", "name": "name", "name_en": "name_en"}
NAMED_TITLES = {"name": "name"}

SITE_STATUS = {"开放": "open", "停用": "closed"}
YES_NO = {"是": "yes", "否": "no"}

TOILET_VALUES = {
    "status": SITE_STATUS | {"在建": "planned", "不详": "unknown"},
    "accessible": {"有": "yes", "无": "no"},
    "open_24h": YES_NO,
}

HEAD = """\
# A made-up city. `python -m bench.make_city demo data/demo` writes this folder.
name = { zh = "霁川市(示例)", en = "Jichuan (demo)" }
language = "zh"
time_zone = "Asia/Shanghai"
crs = "auto"
as_of = "2026-06-30"
standard = "cn-life-circle"
calendar = "calendar-cn"
deadlines = "deadlines-cn-example"
actions = "actions"
levels = [{ zh = "街道", en = "Sub-district" }, { zh = "区", en = "District" }]
"""
HEAD += toml_table({"title": TITLE}) + "\n"

# (keys, their heading by ours, their values to ours by our column)
LAYERS: tuple[tuple[dict[str, object], dict[str, str], dict[str, dict[str, str]]], ...] = (
    (
        {
            "kind": "communities",
            "file": "communities.geojson",
            "source": "霁川市民政局(虚构) · Jichuan Civil Affairs Bureau (made up)",
            "publication_date": "2026-01-15",
            "remark": {
                "zh": "虚构城市,社区边界由程序生成。",
                "en": "A made-up city; borders are generated.",
            },
        },
        COMMUNITY_TITLES,
        {},
    ),
    (
        {
            "kind": "residents",
            "file": "residents.parquet",
            "crs": METRIC,
            "source": "霁川市统计局(虚构) · Jichuan Bureau of Statistics (made up)",
            "publication_date": "2025-12-31",
            "remark": {
                "zh": "百米网格常住人口,坐标为格心。",
                "en": "Residents by 100 m cell; coordinates are the middle of the cell.",
            },
        },
        RESIDENT_TITLES,
        {},
    ),
    (
        {
            "kind": "toilet",
            "file": "toilets.csv",
            "crs": DEGREES,
            "source": "霁川市城市管理局(虚构) · Jichuan City Management Bureau (made up)",
            "publication_date": "2026-06-20",
        },
        TOILET_TITLES,
        TOILET_VALUES,
    ),
    (
        {
            "kind": "toilet",
            "edition": EDITION,
            "file": "toilets_2024.csv",
            "crs": DEGREES,
            "source": "霁川市城市管理局(虚构) · Jichuan City Management Bureau (made up)",
            "publication_date": "2024-07-05",
        },
        TOILET_TITLES,
        TOILET_VALUES,
    ),
    (
        {
            "kind": "market",
            "file": "markets.xlsx",
            "layer": "农贸市场",
            "crs": DEGREES,
            "source": "霁川市商务局(虚构) · Jichuan Bureau of Commerce (made up)",
            "publication_date": "2026-05-08",
        },
        MARKET_TITLES,
        {"status": SITE_STATUS, "standardised": YES_NO},
    ),
    (
        {
            "kind": "fitness",
            "file": "fitness.gpkg",
            "layer": "fitness",
            "source": "霁川市体育局(虚构) · Jichuan Sports Bureau (made up)",
            "publication_date": "2026-04-30",
        },
        FITNESS_TITLES,
        {"status": SITE_STATUS},
    ),
    (
        {
            "kind": "streets",
            "file": "streets.parquet",
            "source": "霁川市自然资源局(虚构) · Jichuan Bureau of Natural Resources (made up)",
            "publication_date": "2026-02-01",
        },
        STREET_TITLES,
        {},
    ),
    (
        {
            "kind": "water",
            "file": "river.geojson",
            "source": "霁川市水务局(虚构) · Jichuan Water Authority (made up)",
            "publication_date": "2026-01-15",
        },
        NAMED_TITLES,
        {},
    ),
    (
        {
            "kind": "residential",
            "file": "residential.geojson",
            "source": "霁川市自然资源局(虚构) · Jichuan Bureau of Natural Resources (made up)",
            "publication_date": "2026-02-01",
        },
        LAND_TITLES,
        {},
    ),
    (
        {
            "kind": "built_up",
            "file": "built_up.geojson",
            "source": "霁川市自然资源局(虚构) · Jichuan Bureau of Natural Resources (made up)",
            "publication_date": "2026-02-01",
        },
        NAMED_TITLES,
        {},
    ),
    (
        {
            "kind": "zone",
            "file": "zones.geojson",
            "source": "霁川市城市管理局(虚构) · Jichuan City Management Bureau (made up)",
            "publication_date": "2026-03-01",
        },
        ZONE_TITLES,
        {},
    ),
    *(
        (
            {
                "kind": kind,
                "file": f"{kind}.geojson",
                "source": "霁川市自然资源局(虚构) · Jichuan Bureau of Natural Resources (made up)",
                "publication_date": "2026-02-01",
                "remark": {"zh": "只供地图辨认方位。", "en": "For finding one's way alone."},
            },
            titles,
            dict[str, dict[str, str]](),
        )
        for kind, titles in (
            ("green", ROAD_TITLES),
            ("main_streets", ROAD_TITLES),
            ("place_names", PLACE_TITLES),
        )
    ),
    (
        {
            "kind": "clause_values",
            "file": FILE,
            "source": "霁川市爱卫办(虚构) · Jichuan Patriotic Health Office (made up)",
            "publication_date": "2026-07-20",
            "remark": {
                "zh": "各单位填报的迎检数值，均为虚构。",
                "en": "Values that units entered for the review; all made up.",
            },
        },
        CLAUSE_TITLES,
        {},
    ),
    (
        {
            "kind": "frontage",
            "file": "frontages.geojson",
            "source": "霁川市城市管理局(虚构) · Jichuan City Management Bureau (made up)",
            "publication_date": "2026-06-30",
            "remark": {
                "zh": "主要道路的门前三包责任段;一条路的商户只有点位。",
                "en": "Frontages along main streets; of one street the shops are points.",
            },
        },
        FRONTAGE_TITLES,
        {
            "signed": {"已签": "yes", "未签": "no"},
            "result": {"合格": "pass", "不合格": "fail"},
        },
    ),
    (
        {
            "kind": "monitoring",
            "file": MONITORING_FILE,
            "crs": DEGREES,
            "source": "霁川市生态环境局、疾控中心(虚构) · Jichuan Ecology Bureau and CDC (made up)",
            "publication_date": "2026-07-10",
            "remark": {
                "zh": "饮用水、空气、食品抽检;限值均为虚构,不是任何标准。",
                "en": "Tap water, air, food samples; all limits are made up and of no standard.",
            },
        },
        MONITORING_TITLES,
        {"result": {"合格": "pass", "不合格": "fail"}},
    ),
    (
        {
            "kind": "issues",
            "file": "issues.csv.gz",
            "crs": DEGREES,
            "times": "%Y-%m-%d %H:%M",
            "source": "霁川市数字城管中心(虚构) · Jichuan Digital City Management Centre (made up)",
            "publication_date": "2026-07-01",
            "remark": {
                "zh": "2024 年 7 月至 2026 年 6 月的市容环境案件。",
                "en": "City-appearance cases of July 2024 to June 2026.",
            },
        },
        ISSUE_TITLES,
        {
            "status": {"已结案": "closed", "待核查": "closed", "处置中": "open"},
            "stage": {"已结案": "closed", "待核查": "handled", "处置中": "dispatched"},
            "source_level": {
                "公众举报": "public",
                "社区自查": "self",
                "街道巡查": "self",
                "市级督查": "city",
                "省级暗访": "province",
            },
        },
    ),
    (
        {
            "kind": "survey",
            "file": COUNT_FILE,
            "source": "霁川市统计局(虚构) · Jichuan Bureau of Statistics (made up)",
            "publication_date": "2026-06-10",
            "remark": {
                "zh": "每个街道抽两个社区入户调查,只给出人数。",
                "en": "Two communities of every sub-district, at home; numbers of people alone.",
            },
        },
        COUNT_TITLES,
        {},
    ),
    (
        {
            "kind": "survey",
            "file": ANSWER_FILE,
            "source": "霁川市统计局(虚构) · Jichuan Bureau of Statistics (made up)",
            "publication_date": "2026-06-10",
            "remark": {
                "zh": "各街道电话调查,按年龄加权。",
                "en": "By telephone in every sub-district, weighted by age.",
            },
        },
        ANSWER_TITLES,
        {"answer": {"知道": "yes", "不知道": "no"}},
    ),
)
TWICE = {"issues": {"status": "stage", "source": "source_level"}}
"""Columns of ours that are read from the same column of theirs as another."""
NO_COLUMN = {"toilet": ("parent",), "market": ("parent",)}
"""Columns of a file that the recipe leaves aside: facilities lie where their points are."""


def recipe() -> str:
    """Write the recipe."""
    parts = [HEAD]
    for keys, titles, values in LAYERS:
        skipped = NO_COLUMN.get(str(keys["kind"]), ())
        again = TWICE.get(str(keys["kind"]), {})
        columns = {
            theirs: [ours, again[ours]] if ours in again else ours
            for ours, theirs in titles.items()
            if ours not in skipped
        }
        parts.append("[[layers]]\n" + toml_table({**keys, "licence": "CC0-1.0"}))
        parts += [toml_table({f"values.{column}": mapping}) for column, mapping in values.items()]
        parts.append(f"[layers.columns]\n{toml_table(columns)}\n")
    return "\n".join(parts)
