"""Recipe, truths and README of the demo city."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.demo_city.files import toml_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tools.demo_city.dirt import Dirt

    Truth = Mapping[str, object]

HEAD = """\
# 霁川市 · Jichuan: the demo city

A made-up city: {communities} communities in 8 sub-districts, {area_km2} km², {people:,} residents,
one river with two bridges, {issues:,} issues reported from 2024-07-01 to 2026-06-30. Its position
on the globe (WGS 84, UTM zone 49 north) is only plausible. Names, offices and events are invented;
any likeness is chance. Licence: CC0-1.0.

Everything in this folder, this page included, is written by
`python -m bench.make_city demo data/demo`, the same bytes every time. A test writes it anew and
compares. Do not edit by hand.

| file | what | on purpose |
|---|---|---|
| `communities.geojson` | communities, names zh and en, residents | borders shared exactly |
| `residents.parquet` | residents by 100 m cell | plain columns, EPSG:32649 metres |
| `toilets.csv` | public toilets | byte order mark, Chinese headings, hours as typed |
| `toilets_2024.csv` | public toilets two years earlier | the same dirt; what changed is planted |
| `markets.xlsx` | markets | workbook, numbers as numbers |
| `fitness.gpkg` | fitness sites | EPSG:32649, stated by the file |
| `streets.parquet` | streets from node to node | GeoParquet; an expressway is not walkable |
| `issues.csv.gz` | issues: times, unit, leader, source, round | Asia/Shanghai, not stated |
| `survey_satisfaction.csv` | satisfied people by community, 2025 and 2026 | two a sub-district |
| `survey_awareness.csv` | single answers on awareness, by sub-district | weights |
| `frontages.geojson` | frontage duty along six streets | lines; shops of unknown length |
| `monitoring.csv` | tap water, air, food samples of 2026 | limits made up; values as typed |
| `river.geojson` | the river 霁江, layer `water` | taken out of every area |
| `residential.geojson` | residential blocks between streets | cross the borders of communities |
| `built_up.geojson` | the built-up area | without hill, river and open land |
| `zones.geojson` | old town 沿江老城, fringe 城乡接合部 | served less well than the city |
| `clause_values.csv` | values entered for clauses of the title | some too old, some not there |
| `truths.toml` | the truths and the dirt below, for programs | |

The river is a border: no community lies on both banks. Nobody lives in it or on 望云山 (Wangyun
Hill). Without 文昌大桥 and 东渡大桥 the walkable network falls into two. Two communities in
different sub-districts are both called 幸福 (Xingfu).

## Planted truths
Coordinates are longitude, latitude in degrees (WGS 84). Away from these places issues follow the
residents, so no other place is a hot spot when all categories are taken together. Public toilets
count as supply if they are 开放 (open) or 不详 (unknown).
"""


def readme(counts: Mapping[str, float], truths: Sequence[Truth], dirt: Iterable[Dirt]) -> str:
    """Write the page that says what is planted and what is dirty."""
    parts = [HEAD.format(**counts)]
    parts += [_section(truth) for truth in truths]
    parts.append(
        "\n## Dirty rows\n\n| file | what is wrong | rows | for example |\n|---|---|---|---|"
    )
    parts += [
        f"| `{row.file}` | {row.what} | {row.count} | {', '.join(row.first)} |" for row in dirt
    ]
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
    if "lon" in truth:
        lines.insert(1, f"* centre: {truth['lon']}, {truth['lat']}")
    return "\n".join(lines) + "\n"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return " · ".join(map(str, value.values()))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def truths_toml(truths: Iterable[Truth], dirt: Iterable[Dirt]) -> str:
    """Write the truths and the dirt for programs."""
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
