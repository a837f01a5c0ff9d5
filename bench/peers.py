"""
Coverage of the M city against the best peers, in CPU seconds of one run.

Run: python -m bench.peers [--communities N] [--radius METRES] [--postgis DSN] [--without-plain]

Peers: the plain GeoPandas recipe (buffer, union_all, overlay), GeoPandas as a skilled user
tunes it (sjoin, dissolve), and one SQL query in SedonaDB, DuckDB and PostGIS. Packages of
`requirements-bench.txt`; PostGIS where a server is named, its CPU seconds being those of
the server's own process. What is not there is said to be left out. Reading the data in, and
building PostGIS's index, is not counted; our preparation is, and is shown by itself.
"""

from __future__ import annotations

import argparse
import tempfile
from importlib.util import find_spec
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import psutil
import shapely

from bench.big_city import SIZES
from bench.coverage import ERROR_GOAL, errors, make_city, measure, plain_recipe, ratios
from bench.figures import Clock, Figure, cpu_seconds, report

QUAD_SEGS = 16
"""Of a quarter circle: what GeoPandas takes when nobody says."""
REACHED = """
  SELECT c.id AS id, c.geom AS geom, {union}(ST_Buffer(f.geom, {radius}{segments})) AS reach
  FROM communities c JOIN facilities f ON {near} GROUP BY {group}
"""
SHARES = "SELECT id, ST_Area(ST_Intersection(geom, reach)) / ST_Area(geom) AS share FROM ({})"
GAPS = (
    "SELECT id, ST_Area(ST_Intersection(geom, reach)) / ST_Area(geom) AS share,"
    " ST_AsBinary(ST_Difference(geom, reach)) AS gap FROM ({})"
)


def tuned(communities, facilities, radius, *, gaps):
    """Unite the discs community by community: no polygon of the whole city."""
    discs = facilities[["geometry"]].set_geometry(facilities.buffer(radius, quad_segs=QUAD_SEGS))
    pairs = gpd.sjoin(communities[["geometry"]], discs, predicate="intersects")
    reached = discs.loc[pairs["facility_id"]].set_axis(pairs.index)
    reach = reached.dissolve(by=reached.index).geometry.reindex(communities.index)
    covered = communities.intersection(reach).area.fillna(0.0) / communities.area
    if gaps:
        communities.difference(reach)
    return covered


def query(dialect, radius, *, gaps):
    """Say the query of a database; only the names of functions differ."""
    near = "ST_DWithin(c.geom, f.geom, {radius})"
    words = {
        "sedonadb": {"union": "ST_Union_Agg", "segments": f", 'quad_segs={QUAD_SEGS}'"},
        "duckdb": {"union": "ST_Union_Agg", "segments": f", {QUAD_SEGS}"},
        "postgis": {"union": "ST_Union", "segments": f", 'quad_segs={QUAD_SEGS}'"},
    }[dialect]
    group = "c.id" if dialect == "postgis" else "c.id, c.geom"
    inner = REACHED.format(radius=radius, near=near.format(radius=radius), group=group, **words)
    return (GAPS if gaps else SHARES).format(inner) + " AS reached"


def in_duckdb(folder, radius):
    import duckdb  # noqa: PLC0415 - left out where it is not installed
    import duckdb_extension_spatial  # noqa: PLC0415

    place = Path(duckdb_extension_spatial.__file__).parent / "extensions"
    extension = next(place.glob(f"v{duckdb.__version__}/spatial.duckdb_extension"))
    base = duckdb.connect(config={"allow_unsigned_extensions": "true", "threads": 2})
    base.execute(f"LOAD '{extension}'")
    for name in ("communities", "facilities"):
        base.execute(
            f"CREATE TABLE {name} AS SELECT id, ST_GeomFromWKB(wkb) AS geom"
            f" FROM '{folder}/{name}.parquet'"
        )
    for gaps in (False, True):
        sql = query("duckdb", radius, gaps=gaps)
        yield cpu_seconds(lambda sql=sql: base.execute(sql).to_arrow_table().to_pandas())


def in_sedonadb(folder, radius):
    import sedonadb  # noqa: PLC0415 - left out where it is not installed

    base = sedonadb.connect()
    for name in ("communities", "facilities"):
        base.read_parquet(f"{folder}/{name}.parquet").to_view(f"{name}_bytes")
        base.sql(f"SELECT id, ST_GeomFromWKB(wkb) AS geom FROM {name}_bytes").to_memtable().to_view(
            name
        )
    for gaps in (False, True):
        sql = query("sedonadb", radius, gaps=gaps)
        yield cpu_seconds(lambda sql=sql: base.sql(sql).to_pandas())


def in_postgis(folder, radius, dsn):
    import psycopg  # noqa: PLC0415 - left out where it is not installed

    with psycopg.connect(dsn) as base:
        base.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        base.execute("SET max_parallel_workers_per_gather = 0")
        for name in ("communities", "facilities"):
            rows = pd.read_parquet(f"{folder}/{name}.parquet")
            base.execute(f"CREATE TEMP TABLE {name} (id text PRIMARY KEY, geom geometry)")
            with base.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                for key, wkb in rows.itertuples(index=False):
                    copy.write_row((key, wkb.hex()))
            base.execute(f"CREATE INDEX ON {name} USING gist (geom)")
            base.execute(f"ANALYZE {name}")
        server = psutil.Process(base.info.backend_pid)
        for gaps in (False, True):
            begun = sum(server.cpu_times()[:2])
            cursor = base.execute(query("postgis", radius, gaps=gaps))
            names = [column.name for column in cursor.description]
            rows = pd.DataFrame(cursor.fetchall(), columns=names)
            yield sum(server.cpu_times()[:2]) - begun, rows


def databases(communities, facilities, radius, dsn):
    """Ask every database there is; give its name, shares and CPU seconds without and with gaps."""
    there = {
        "sedonadb": (find_spec("sedonadb"), in_sedonadb, ()),
        "duckdb": (find_spec("duckdb_extension_spatial"), in_duckdb, ()),
        "postgis": (find_spec("psycopg") and dsn, in_postgis, (dsn,)),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, frame in (("communities", communities), ("facilities", facilities)):
            wkb = shapely.to_wkb(frame.geometry.to_numpy())
            rows = pd.DataFrame({"id": frame.index.astype(str), "wkb": wkb})
            rows.to_parquet(f"{folder}/{name}.parquet")
        for name, (known, ask, more) in there.items():
            if not known:
                print(f"--- {name} left out: not installed, or no server named")
                continue
            (bare, rows), (with_gaps, _) = ask(folder, radius, *more)
            shares = rows.set_index("id")["share"].reindex(communities.index).fillna(0.0)
            yield name, shares, bare, with_gaps


def peers(communities, facilities, radius, *, plain, dsn):
    """Run every peer."""
    seconds, bare = cpu_seconds(lambda: tuned(communities, facilities, radius, gaps=False))
    with_gaps, _ = cpu_seconds(lambda: tuned(communities, facilities, radius, gaps=True))
    yield "tuned GeoPandas", bare, seconds, with_gaps
    yield from databases(communities, facilities, radius, dsn)
    if plain:
        seconds, (shares, _) = cpu_seconds(lambda: plain_recipe(communities, facilities, radius))
        yield "plain GeoPandas", shares, np.nan, seconds


def figures(communities, facilities, radius, *, plain, dsn):
    """Measure ours and all peers; the goals are those of ratios."""
    clock = Clock()
    shares, _ = measure(communities, facilities, radius, clock)
    spent, wrong = clock.spent, {"ours": shares}
    found = [
        Figure("ours: preparation", spent["prepare"], "s"),
        Figure("ours: shares, first radius", spent["shares"], "s"),
        Figure("ours: shares, one more radius", spent["one more radius"], "s"),
        Figure("ours: gaps", spent["gaps"], "s"),
    ]
    best = {"shares": np.inf, "gaps": np.inf}
    for name, share, bare, both in peers(communities, facilities, radius, plain=plain, dsn=dsn):
        wrong[name] = share
        if not np.isnan(bare):
            found.append(Figure(f"{name}: shares", bare, "s"))
        found.append(Figure(f"{name}: shares + gaps", both, "s"))
        if name == "plain GeoPandas":
            found += ratios({**spent, "plain recipe": both})
        else:
            best = {"shares": min(best["shares"], bare), "gaps": min(best["gaps"], both)}
    found += [
        Figure(
            f"{name}: largest error of a share", error, "", ERROR_GOAL if name == "ours" else None
        )
        for name, error in errors(communities, facilities, radius, wrong).items()
    ]
    return [*found, *against_best(best, spent)]


def against_best(best, spent):
    prepared, more = spent["prepare"] + spent["shares"], spent["one more radius"]
    return [
        ratio("best peer / one more radius, shares", best["shares"] / more, 8),
        ratio("best peer / shares, prepared", best["shares"] / prepared, None),
        ratio("best peer / one more radius, + gaps", best["gaps"] / (more + spent["gaps"]), 1),
        ratio("best peer / shares + gaps, prepared", best["gaps"] / (prepared + spent["gaps"]), 1),
    ]


def ratio(name, measured, goal):
    return Figure(name, measured, "x", goal, at_least=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--communities", type=int, default=SIZES["M"].communities)
    parser.add_argument("--radius", type=float, default=300.0)
    parser.add_argument("--postgis", metavar="DSN", default="", help="such as 'host=/tmp dbname=x'")
    parser.add_argument("--without-plain", action="store_true", help="leave out minutes of waiting")
    given = parser.parse_args()
    communities, facilities, _ = make_city(given.communities)
    print(f"{len(communities):,} communities, {len(facilities):,} facilities, {given.radius:g} m")
    measured = figures(
        communities,
        facilities,
        given.radius,
        plain=not given.without_plain,
        dsn=given.postgis,
    )
    raise SystemExit(report(measured))


if __name__ == "__main__":
    main()
