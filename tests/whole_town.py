"""A small town with every optional layer and column, of which a test takes one away."""

from __future__ import annotations

import datetime as dt
import json
from itertools import pairwise

import numpy as np
import shapely

HEAD = """
name = {{ zh = "小城", en = "Small Town" }}
language = "en"
time_zone = "Asia/Shanghai"
as_of = "2026-06-30"
standard = "{standard}"
"""
COLUMNS = {
    "communities": ("id", "name", "parent", "population"),
    "toilet": (
        *("id", "lon", "lat", "name", "status", "stalls", "female_stalls", "male_stalls"),
        *("accessible", "class", "opening_hours"),
    ),
    "residents": ("id", "lon", "lat", "population"),
    "issues": (
        *("id", "lon", "lat", "category", "reported_at", "due_at", "closed_at", "verified_at"),
        *("status", "unit"),
    ),
    "streets": ("from_height_m", "to_height_m"),
    "water": ("id",),
    "residential": ("id",),
    "built_up": ("id",),
}
NEEDED = {"id", "lon", "lat", "reported_at"}
OPTIONAL = [
    (kind, column)
    for kind, columns in COLUMNS.items()
    for column in columns
    if column not in NEEDED
    and (kind, column) not in {("communities", "name"), ("residents", "population")}
]
OPTIONAL += [(kind, None) for kind in COLUMNS if kind not in {"communities", "toilet"}]
"""Columns, and whole layers, that a city may lack."""
WEST, SOUTH, SIDE = 121.0, 31.0, 0.01
HOURS = ("24/7", "08:00-18:00", "06:00-22:00", "20:00-22:00", "Mo-Fr 08:00-18:00")


def rows_of_town():
    """Rows by kind, as they stand in its files; two squares by two, the first with a hot spot."""
    random = np.random.default_rng(3)
    corners = [(WEST + SIDE * (n % 2), SOUTH + SIDE * (n // 2)) for n in range(4)]

    def land(name, west, south, east, north):
        return [
            {"id": f"{name}{n}", "geometry": shapely.box(x + west, y + south, x + east, y + north)}
            for n, (x, y) in enumerate(corners)
        ]

    squares = land("c", 0, 0, SIDE, SIDE)
    people = (1000, 1500, 1900, 2600)
    for n, square in enumerate(squares):
        square |= {"name": f"Square {n}", "parent": "NNSS"[n], "population": people[n]}
    return {
        "communities": squares,
        "toilet": [_toilet(n) for n in range(5)],
        "residents": [
            {
                "id": f"r{n}",
                "lon": WEST + 0.019 * random.random(),
                "lat": SOUTH + 0.019 * random.random(),
                "population": int(random.integers(20, 100)),
            }
            for n in range(40)
        ],
        "issues": [_issue(n, random) for n in range(240)],
        "streets": _streets(),
        "water": [{"id": "w", "geometry": shapely.box(121.008, 31.002, 121.012, 31.006)}],
        "residential": land("q", 0.001, 0.001, 0.006, 0.007),
        "built_up": land("b", 0.0005, 0.0005, 0.008, 0.009),
    }


def _toilet(n):
    return {
        "id": f"t{n}",
        "name": f"T{n}",
        "lon": WEST + 0.003 + 0.0035 * n,
        "lat": SOUTH + 0.004 + 0.003 * (n % 3),
        "status": ("open", "open", "closed", "unknown", "open")[n],
        "stalls": 4 + n,
        "female_stalls": 2 + n,
        "male_stalls": 2 + n % 2,
        "accessible": ("yes", "yes", "no", "no", "no")[n],
        "class": ("一类", "二类", "三类", "二类", "三类")[n],
        "opening_hours": HOURS[n],
    }


def _issue(n, random):
    hot = n % 3 == 0
    place = 0.004 + 0.0005 * random.standard_normal(2) if hot else 0.001 + 0.018 * random.random(2)
    reported = dt.datetime(2025, 7, 5) + dt.timedelta(days=350 * random.random())  # noqa: DTZ001
    closed = random.random() < 0.7
    days = 12 * random.random()
    return {
        "id": f"i{n}",
        "lon": WEST + place[0],
        "lat": SOUTH + place[1],
        "category": "AB"[n % 2],
        "reported_at": _time(reported),
        "due_at": _time(reported, 5 + 10 * random.random()),
        "closed_at": _time(reported, days) if closed else "",
        "verified_at": _time(reported, 1) if random.random() < 0.6 else "",
        "status": "closed" if closed else "open",
        "unit": "u1" if random.random() < 0.6 else "u2",
    }


def _time(start, days=0.0):
    return (start + dt.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S+08:00")


def _streets():
    steps = [0.002 * step for step in range(11)]
    lines = [((at, a), (at, b)) for at in steps for a, b in pairwise(steps)]
    lines += [((a, at), (b, at)) for at in steps for a, b in pairwise(steps)]
    return [
        {
            "id": f"s{n}",
            "from_height_m": (20 * n + 75) % 61,
            "to_height_m": (11 * n * n + 35) % 37,
            "geometry": shapely.LineString([(WEST + x, SOUTH + y) for x, y in ends]),
        }
        for n, ends in enumerate(lines)
    ]


def varied(kind, column):
    """The town with other content in a column, or in a layer: what differs depends on it."""
    rows = rows_of_town()
    if column is None:
        kept = rows[kind][: max(1, len(rows[kind]) // 2)]
        rows[kind] = (
            [row | {"geometry": _half(row["geometry"])} for row in kept]
            if (kind == "water")
            else kept
        )
        return rows
    values = [row[column] for row in rows[kind]]
    for row, value in zip(rows[kind], values[1:] + values[:1], strict=True):
        row[column] = value
    return rows


def _half(polygon):
    west, south, east, north = polygon.bounds
    return shapely.box(west, south, east, (south + north) / 2)


def write_whole_town(folder, rows=None, *, without=(None, None), standard="cn-life-circle"):
    """Write the town into files; a column or a whole layer may be left out of its recipe."""
    folder.mkdir(parents=True)
    rows = rows_of_town() if rows is None else rows
    recipe = HEAD.format(standard=standard)
    for kind, columns in COLUMNS.items():
        if without == (kind, None):
            continue
        drawn = "geometry" in rows[kind][0]
        name = f"{kind}.geojson" if drawn else f"{kind}.csv"
        (folder / name).write_text((_geojson if drawn else _csv)(rows[kind]), encoding="utf-8")
        taken = {each: each for each in columns if without != (kind, each)}
        stated = ", ".join(f'{theirs} = "{ours}"' for theirs, ours in taken.items())
        recipe += f'\n[[layers]]\nkind = "{kind}"\nfile = "{name}"\nsource = "a test"\n'
        recipe += f"columns = {{ {stated} }}\n" + ("" if drawn else 'crs = "EPSG:4326"\n')
    (folder / "city.toml").write_text(recipe, encoding="utf-8")
    return folder


def _geojson(rows):
    features = [
        {
            "type": "Feature",
            "properties": {name: value for name, value in row.items() if name != "geometry"},
            "geometry": json.loads(shapely.to_geojson(row["geometry"])),
        }
        for row in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def _csv(rows):
    lines = [",".join(rows[0])]
    lines += [",".join(str(value) for value in row.values()) for row in rows]
    return "\n".join(lines) + "\n"
