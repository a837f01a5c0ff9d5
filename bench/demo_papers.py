"""Recipe, truths and README of the demo city."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.demo_files import toml_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.demo_dirt import Dirt

    Truth = Mapping[str, object]

RECIPE = """\
# A made-up city. `python -m bench.make_city demo data/demo` writes this folder.
name = { zh = "霁川市(示例)", en = "Jichuan (demo)" }
language = "zh"
time_zone = "Asia/Shanghai"
crs = "auto"
as_of = "2026-06-30"
standard = "cn-life-circle"

[[layers]]
kind = "communities"
file = "communities.geojson"
columns = { code = "id", name = "name", name_en = "name_en", street = "parent", street_en = "parent_en", population = "population" }
source = "霁川市民政局(虚构) · Jichuan Civil Affairs Bureau (made up)"
publication_date = "2026-01-15"
licence = "CC0-1.0"
remark = { zh = "虚构城市,社区边界由程序生成。", en = "A made-up city; borders are generated." }

[[layers]]
kind = "residents"
file = "residents.parquet"
crs = "EPSG:32649"
columns = { id = "id", easting = "x", northing = "y", population = "population" }
source = "霁川市统计局(虚构) · Jichuan Bureau of Statistics (made up)"
publication_date = "2025-12-31"
licence = "CC0-1.0"
remark = { zh = "百米网格常住人口,坐标为格心。", en = "Residents by 100 m cell; coordinates are the middle of the cell." }

[[layers]]
kind = "toilet"
file = "toilets.csv"
crs = "EPSG:4326"
columns = { "编号" = "id", "公厕名称" = "name", "英文名称" = "name_en", "地址" = "address", "经度" = "lon", "纬度" = "lat", "状态" = "status", "等级" = "class", "厕位数" = "stalls", "女厕位" = "female_stalls", "男厕位" = "male_stalls", "无障碍" = "accessible", "全天开放" = "open_24h", "开放时间" = "opening_hours" }
values.status = { "开放" = "open", "停用" = "closed", "在建" = "planned", "不详" = "unknown" }
values.accessible = { "有" = "yes", "无" = "no" }
values.open_24h = { "是" = "yes", "否" = "no" }
source = "霁川市城市管理局(虚构) · Jichuan City Management Bureau (made up)"
publication_date = "2026-06-20"
licence = "CC0-1.0"

[[layers]]
kind = "market"
file = "markets.xlsx"
layer = "农贸市场"
crs = "EPSG:4326"
columns = { "编号" = "id", "市场名称" = "name", "英文名称" = "name_en", "地址" = "address", "经度" = "lon", "纬度" = "lat", "状态" = "status", "类别" = "class", "是否标准化" = "standardised", "摊位数" = "stalls", "营业时间" = "opening_hours" }
values.status = { "开放" = "open", "停用" = "closed" }
values.standardised = { "是" = "yes", "否" = "no" }
source = "霁川市商务局(虚构) · Jichuan Bureau of Commerce (made up)"
publication_date = "2026-05-08"
licence = "CC0-1.0"

[[layers]]
kind = "fitness"
file = "fitness.gpkg"
layer = "fitness"
columns = { site_id = "id", name = "name", name_en = "name_en", address = "address", status = "status", equipment = "equipment", area_m2 = "area_m2" }
values.status = { "开放" = "open", "停用" = "closed" }
source = "霁川市体育局(虚构) · Jichuan Sports Bureau (made up)"
publication_date = "2026-04-30"
licence = "CC0-1.0"

[[layers]]
kind = "streets"
file = "streets.parquet"
columns = { edge_id = "id", from_node = "from_node", to_node = "to_node", walkable = "walkable" }
source = "霁川市自然资源局(虚构) · Jichuan Bureau of Natural Resources (made up)"
publication_date = "2026-02-01"
licence = "CC0-1.0"

[[layers]]
kind = "issues"
file = "issues.csv.gz"
crs = "EPSG:4326"
columns = { "案件编号" = "id", "问题类别" = "category", "上报时间" = "reported_at", "处置时限" = "due_at", "结案时间" = "closed_at", "核查时间" = "verified_at", "状态" = "status", "责任单位" = "unit", "来源" = "source", "问题描述" = "text", "经度" = "lon", "纬度" = "lat" }
values.status = { "已结案" = "closed", "待核查" = "closed", "处置中" = "open" }
times = "%Y-%m-%d %H:%M"
source = "霁川市数字城管中心(虚构) · Jichuan Digital City Management Centre (made up)"
publication_date = "2026-07-01"
licence = "CC0-1.0"
remark = { zh = "2024 年 7 月至 2026 年 6 月的市容环境案件。", en = "City-appearance cases of July 2024 to June 2026." }
"""

HEAD = """\
# 霁川市 · Jichuan: the demo city

A made-up city: {communities} communities in 8 sub-districts, {area_km2} km², {people:,} residents, one river with
two bridges, 20,000 issues reported from 2024-07-01 to 2026-06-30. Its position on the globe (WGS 84, UTM zone 49 north)
is only plausible. Names, offices and events are invented; any likeness is chance. Licence: CC0-1.0.

Everything in this folder, this page included, is written by `python -m bench.make_city demo data/demo`,
the same bytes every time. A test writes it anew and compares. Do not edit by hand.

| file | what | on purpose |
|---|---|---|
| `communities.geojson` | communities, names in Chinese and English, residents | neighbours share their borders exactly; the river is a border; two communities are both called 幸福 |
| `residents.parquet` | residents by 100 m cell; nobody lives in the river, on 望云山 or outside | plain columns, EPSG:32649 metres |
| `toilets.csv` | public toilets | UTF-8 with byte order mark, Chinese headings, opening hours as clerks type them |
| `markets.xlsx` | markets | workbook, numbers as numbers |
| `fitness.gpkg` | fitness sites | EPSG:32649, stated by the file |
| `streets.parquet` | streets, from node to node; an expressway is not walkable | GeoParquet; without 文昌大桥 and 东渡大桥 the walkable network falls into two |
| `issues.csv.gz` | issues with deadline, closing, check, unit and source | times without zone (Asia/Shanghai) |
| `river.geojson` | the river 霁江 | no layer of the recipe |
| `truths.toml` | the truths and the dirt below, for programs | |

## Planted truths
Coordinates are longitude, latitude in degrees (WGS 84). Away from these places issues follow the residents, so no other
place is a hot spot when all categories are taken together. Public toilets count as supply if they are 开放 (open) or 不详 (unknown).
"""


def readme(
    counts: Mapping[str, float], truths: Sequence[Truth], dirt: Iterable[Dirt]
) -> str:
    """
    Write the page that says what is planted and what is dirty.

    Parameters
    ----------
    counts
        `communities`, `people`, `area_km2`.
    truths, dirt
        As found and made.

    Returns
    -------
    text
        Markdown.
    """
    parts = [HEAD.format(**counts)]
    parts += [_section(truth) for truth in truths]
    parts.append("\n## Dirty rows\n\n| file | what is wrong | rows | for example |\n|---|---|---|---|")
    parts += [f"| `{row.file}` | {row.what} | {row.count} | {', '.join(row.first)} |" for row in dirt]
    parts.append(
        "\nHostile texts are harmless: whoever runs one sets `window.__hostile`, nothing else.\n"
        "Opening hours such as `6点到22点` or `06：00-22：00` are no fault, only hard to read.\n"
    )
    return "\n".join(parts)


def _section(truth: Truth) -> str:
    """One heading and its facts, texts of both languages side by side."""
    lines = [f"### {_shown(truth['title'])} (`{truth['id']}`)"]
    lines += [
        f"* {key.replace('_', ' ')}: {_shown(value)}"
        for key, value in truth.items()
        if key not in ("id", "title", "lon", "lat")
    ]
    lines.insert(1, f"* centre: {truth['lon']}, {truth['lat']}")
    return "\n".join(lines) + "\n"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return " · ".join(map(str, value.values()))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def truths_toml(truths: Iterable[Truth], dirt: Iterable[Dirt]) -> str:
    """
    Write the truths and the dirt for programs.

    Parameters
    ----------
    truths, dirt
        As found and made.

    Returns
    -------
    text
        TOML: one `[[truth]]` and one `[[dirt]]` table each.
    """
    parts = ["# What is planted in this city, and which rows are dirty: see README.md."]
    parts += [f"[[truth]]\n{toml_table(truth)}" for truth in truths]
    parts += [
        "[[dirt]]\n"
        + toml_table(
            {"file": row.file, "what": row.what, "count": row.count, "first": list(row.first)}
        )
        for row in dirt
    ]
    return "\n\n".join(parts) + "\n"
