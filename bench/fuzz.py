"""
Damaged and hostile files of every format: each loads or is refused in a sentence, in time.

Run: python -m bench.fuzz [--mutants 100000] [--typed 20000] [--seed N] [--formats arcs,two-rows]

A mutant is a sound file with bytes changed, cut out, doubled, moved or filled up; a typed one is a
sound file with values that break programs in its cells. Cases run in processes of 500, so that one
that kills its process is found. The seed is fresh unless stated; a case is repeated by
`--only FORMAT:SEED`; `--formats` runs those whose names hold a word.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import random
import secrets
import shutil
import signal
import struct
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from pathlib import Path

import layers  # noqa: F401  GDAL is held back before it is loaded

# isort: split
import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import shapely
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

from analysis.model.errors import PlanningError
from bench.figures import Figure, report
from layers.load import load_city

SLOW_S, WAITS_S = 5, 60
"""Seconds of computing, and seconds of waiting, after which a case hangs."""
BATCH = 500
PLACES = [[116.40, 39.90], [116.41, 39.91], [116.42, 39.92]]
ROWS = {"id": ["a", "b", "c"], "name": ["东门", "Café", "Gate"], "stalls": [5, 6, 7]}
SQUARE = shapely.box(116.30, 39.85, 116.50, 39.95)
COMMUNITIES = json.dumps(
    {
        "type": "Feature",
        "properties": {"id": "A"},
        "geometry": json.loads(shapely.to_geojson(SQUARE)),
    }
)
ZONES = ("Asia/Shanghai", "America/New_York", "Pacific/Auckland", "UTC")
"""Of the city, one a case: what is a time in one is none in another."""
HEAD = """time_zone = "{zone}"
[[layers]]
kind = "communities"
file = "communities.geojson"
columns = {{ id = "id" }}
[[layers]]
"""
HOSTILE = (
    *("", " ", "nan", "NaT", "inf", "-inf", "1e400", "1e-400", "-0", "٣", "２０２４", "½"),
    *("1_000", "0x10", "116.4,39.9", "1,5", "1.234", "1.234.567", "1,234,5", "null", "None", "NA"),
    *("9999-12-31", "9999-12-31T23:59:59+14:00", "0001-01-01", "10000-01-01", "2024-02-30"),
    *("9999-12-31 23:59:59", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"),
    *("2024-03-05 14:30+08", "2024-W10-2", "1710496800", "99999999999999999999", "24:00"),
    *("113/3/5", "now", "true", "<b>", "../x", "8PFRW92X+XX", "116°24′E", "-" * 5000),
    *("\x0b", "\u2028", "\u202e", "\ufeff", "😀" * 70, "x" * 131_073, "=1+1", "'", '"', "%s"),
    *("{0}", "[(", "\\", "\t", "\r\n", "SELECT 1; DROP TABLE t", "0101", "{}", "[]"),
    *("POINT EMPTY", "POINT (nan nan)", "POLYGON ((0 0))", "SRID=999999;POINT (1 2)"),
)  # fmt: skip


# ------------------------------------------------- sound files


def frame():
    return gpd.GeoDataFrame(ROWS, geometry=shapely.points(PLACES), crs=4326)


def plain():
    shapes = frame()
    return pd.DataFrame(shapes.drop(columns="geometry")).assign(
        lon=shapes.geometry.x, lat=shapes.geometry.y
    )


def packed(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def of_driver(folder, name, driver, **more):
    path = folder / name
    frame().to_file(path, driver=driver, **more)
    if path.is_dir():
        return packed({f"{name}/{part.name}": part.read_bytes() for part in path.iterdir()})
    parts = sorted(folder.glob(f"{path.stem}.*"))
    if len(parts) > 1 and driver in {"ESRI Shapefile", "MapInfo File"}:
        return packed({part.name: part.read_bytes() for part in parts})
    return path.read_bytes()


def half_disc(x, y, radius=0.001):
    """Well-known binary of an area with an arc over the top and a straight line back."""
    arc = ((x - radius, y), (x, y + radius), (x + radius, y))
    curve = struct.pack("<BII6d", 1, 8, 3, *np.ravel(arc))
    back = struct.pack("<BII4d", 1, 2, 2, *arc[2], *arc[0])
    return struct.pack("<BII", 1, 10, 1) + struct.pack("<BII", 1, 9, 2) + curve + back


def with_arcs(rows, name, driver):
    """Write areas with arcs, as shapely cannot hold them."""
    shapes = np.array([half_disc(*PLACES[n % 3]) for n in range(len(rows))], dtype=object)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        pyogrio.raw.write(
            path, shapes, [rows[each].to_numpy(dtype=object) for each in rows],
            fields=list(rows), geometry_type="Unknown", crs="EPSG:4326", driver=driver,
        )  # fmt: skip
        return path.read_bytes()


def gml_with_arcs(rows):
    """Write GML as a server of features gives it: GDAL writes arcs of its own as lines."""
    members = []
    for number, row in enumerate(rows.to_dict("records")):
        x, y = PLACES[number % 3]
        left, top, right = (
            f"{x + dx:.4f} {y + dy:.4f}" for dx, dy in ((-0.001, 0), (0, 0.001), (0.001, 0))
        )
        values = "".join(f"<a:{name}>{_xml(str(value))}</a:{name}>" for name, value in row.items())
        members.append(
            f'<wfs:member><a:c gml:id="x{number}">{values}<a:geom><gml:Surface gml:id="s{number}"'
            ' srsName="EPSG:4326"><gml:patches><gml:PolygonPatch><gml:exterior><gml:Ring>'
            f'<gml:curveMember><gml:Curve gml:id="k{number}"><gml:segments><gml:Arc><gml:posList>'
            f"{left} {top} {right}</gml:posList></gml:Arc><gml:LineStringSegment><gml:posList>"
            f"{right} {left}</gml:posList></gml:LineStringSegment></gml:segments></gml:Curve>"
            "</gml:curveMember></gml:Ring></gml:exterior></gml:PolygonPatch></gml:patches>"
            "</gml:Surface></a:geom></a:c></wfs:member>"
        )
    spaces = (
        'xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:a="http://a"'
        ' xmlns:gml="http://www.opengis.net/gml/3.2"'
    )
    tag = "wfs:FeatureCollection"
    return f'<?xml version="1.0"?>\n<{tag} {spaces}>{"".join(members)}</{tag}>'.encode()


def two_rows(rows):
    """Headings in two rows, as merged cells leave them: the last two share one above."""
    names = list(rows)
    return [[*names[:-2], "place", ""], [*([""] * (len(names) - 2)), *names[-2:]]]


def csv_of_two_rows(rows):
    heads = "".join(",".join(each) + "\n" for each in two_rows(rows))
    return heads.encode() + rows.to_csv(index=False, header=False).encode()


def xlsx(rows, heads=None):
    book = openpyxl.Workbook()
    for head in heads or [list(rows)]:
        book.active.append(head)
    for row in rows.itertuples(index=False):
        book.active.append([_cell(value) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(value):
    text = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", str(value))[:32_767]
    return text if isinstance(value, str) else value


def ods(rows, heads=None):
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    lines = []
    for row in [*(heads or [rows.columns]), *rows.astype(str).itertuples(index=False)]:
        texts = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{_xml(value)}</text:p>'
            "</table:table-cell>"
            for value in map(str, row)
        )
        lines.append(f"<table:table-row>{texts}</table:table-row>")
    names = "".join(f' xmlns:{name}="{space}{name}:1.0"' for name in ("office", "table", "text"))
    sheet = f'<table:table table:name="t">{"".join(lines)}</table:table>'
    body = f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body>"
    tag = "office:document-content"
    return packed({"content.xml": f"<{tag}{names}>{body}</{tag}>"})


def _xml(text):
    kept = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", text).replace("\ufffe", "")
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def geojson(rows):
    features = [
        {
            "type": "Feature",
            "properties": row,
            "geometry": {"type": "Point", "coordinates": PLACES[number % 3]},
        }
        for number, row in enumerate(rows.astype(object).to_dict("records"))
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, default=str).encode()


def topojson(rows):
    shapes = [
        {"type": "Point", "coordinates": PLACES[number % 3], "properties": row}
        for number, row in enumerate(rows.astype(object).to_dict("records"))
    ]
    objects = {"t": {"type": "GeometryCollection", "geometries": shapes}}
    return json.dumps({"type": "Topology", "arcs": [], "objects": objects}, default=str).encode()


def esri(rows):
    features = [
        {"attributes": row, "geometry": dict(zip("xy", PLACES[number % 3], strict=True))}
        for number, row in enumerate(rows.astype(object).to_dict("records"))
    ]
    content = {"spatialReference": {"wkid": 4326}, "features": features}
    return json.dumps(content, default=str).encode()


def kml(rows):
    marks = []
    for number, row in enumerate(rows.to_dict("records")):
        pairs = [
            f'<Data name="{name}"><value>{_xml(str(value))}</value></Data>'
            for name, value in row.items()
        ]
        place = ",".join(map(str, PLACES[number % 3]))
        shape = f"<Point><coordinates>{place}</coordinates></Point>"
        data = f"<ExtendedData>{''.join(pairs)}</ExtendedData>"
        marks.append(f"<Placemark>{data}{shape}</Placemark>")
    return f'<kml xmlns="http://www.opengis.net/kml/2.2">{"".join(marks)}</kml>'.encode()


def gpx(rows):
    points = "".join(
        f'<wpt lon="{PLACES[number % 3][0]}" lat="{PLACES[number % 3][1]}">'
        + "".join(f"<{name}>{_xml(str(value))}</{name}>" for name, value in row.items())
        + "</wpt>"
        for number, row in enumerate(rows.to_dict("records"))
    )
    return f"<gpx>{points}</gpx>".encode()


def records_xml(rows):
    lines = "".join(
        "<request>"
        + "".join(f"<{name}>{_xml(str(value))}</{name}>" for name, value in row.items())
        + "</request>"
        for row in rows.to_dict("records")
    )
    return f"<service_requests>{lines}</service_requests>".encode()


def overpass(rows):
    elements = [
        {"type": "node", "id": number, "lon": PLACES[number % 3][0], "lat": PLACES[number % 3][1],
         "tags": {name: str(value) for name, value in row.items()}}
        for number, row in enumerate(rows.to_dict("records"))
    ]  # fmt: skip
    elements.append({"type": "way", "id": 1, "nodes": [0, 1, 2, 0], "tags": {"name": "Park"}})
    members = [{"type": "way", "ref": 1, "role": "outer"}]
    elements.append({"type": "relation", "id": 1, "members": members, "tags": {"name": "All"}})
    return json.dumps({"elements": elements}).encode()


def parquet(rows, **more):
    stream = io.BytesIO()
    shapes = gpd.GeoDataFrame(
        rows, geometry=shapely.points([PLACES[n % 3] for n in range(len(rows))]), crs=4326
    )
    shapes.to_parquet(stream, **more)
    return stream.getvalue()


def geotiff():
    values = np.arange(400, dtype="float32").reshape(20, 20)
    profile = {
        "driver": "GTiff", "count": 1, "height": 20, "width": 20, "dtype": "float32", "nodata": 7,
        "crs": "EPSG:4326", "transform": from_origin(116.39, 39.93, 0.002, 0.002),
        "compress": "deflate", "tiled": True, "blockxsize": 16, "blockysize": 16,
    }  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(values, 1)
        return memory.read()


TABULAR = {
    "csv": lambda rows: rows.to_csv(index=False).encode(),
    "csv.gb18030": lambda rows: rows.to_csv(index=False).encode("gb18030", errors="replace"),
    "csv.utf-16": lambda rows: rows.to_csv(index=False).encode("utf-16", errors="replace"),
    "json": lambda rows: json.dumps(rows.astype(object).to_dict("records"), default=str).encode(),
    "xlsx": xlsx,
    "ods": ods,
    "xml": records_xml,
    "csv.two-rows": csv_of_two_rows,
    "two-rows.xlsx": lambda rows: xlsx(rows, two_rows(rows)),
    "two-rows.ods": lambda rows: ods(rows, two_rows(rows)),
}
SHAPED = {
    "geojson": geojson,
    "topojson": topojson,
    "esri.json": esri,
    "kml": kml,
    "gpx": gpx,
    "overpass": overpass,
    "parquet": parquet,
    "native.parquet": lambda rows: parquet(rows, geometry_encoding="geoarrow"),
    "arcs.gml": gml_with_arcs,
    "arcs.gpkg": lambda rows: with_arcs(rows, "t.gpkg", "GPKG"),
    "arcs.fgb": lambda rows: with_arcs(rows, "t.fgb", "FlatGeobuf"),
}
"""Writers of any rows; the other formats have sound files alone."""


def sound_files():
    """Bytes of a sound file of each format, by name."""
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(name)
        found = {
            "gpkg": of_driver(folder, "t.gpkg", "GPKG"),
            "fgb": of_driver(folder, "f.fgb", "FlatGeobuf"),
            "gml": of_driver(folder, "g.gml", "GML"),
            "gdb.zip": of_driver(folder, "t.gdb", "OpenFileGDB"),
            "shp.zip": of_driver(folder, "s.shp", "ESRI Shapefile"),
            "tab.zip": of_driver(folder, "m.tab", "MapInfo File"),
            "mif.zip": of_driver(folder, "n.mif", "MapInfo File"),
            "tif": geotiff(),
        }
    found |= {name: write(plain()) for name, write in TABULAR.items()}
    shaped = pd.DataFrame(frame().drop(columns="geometry"))
    found |= {name: write(shaped) for name, write in SHAPED.items()}
    found["kmz"] = packed({"doc.kml": found["kml"]})
    return found


# ------------------------------------------------- cases


def mutant(rng, data):
    """Change a few places of a file, mostly where formats keep their structure."""
    content = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4, 16])):
        at = rng.randrange(min(len(content), rng.choice([64, 512, 1 << 30]))) if content else 0
        length = rng.choice([1, 2, 4, 8, 64, 512])
        match rng.randrange(8):
            case 0:
                content[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                content[at : at + 1] = bytes([content[at] ^ (1 << rng.randrange(8))])
            case 2:
                del content[at : at + length]
            case 3:
                content[at:at] = content[at : at + length]
            case 4:
                content[at : at + 4] = rng.choice(
                    [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f"]
                )
            case 5:
                content[at:at] = rng.choice(
                    [b"\0", b'"', b"<", b"{", b"999999999", b"\xef\xbb\xbf"]
                )
            case 6:
                other = rng.randrange(len(content))
                content[at : at + length] = content[other : other + length]
            case _:
                del content[max(at, 1) :]
        if not content:
            return b"\0"
    return bytes(content)


def repacked(rng, data):
    """Change a member of an archive, and pack it soundly."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    chosen = rng.choice([name for name, content in members.items() if content])
    return packed(members | {chosen: mutant(rng, members[chosen])})


def typed(rng, name):
    """A file of this format with hostile values in some cells."""
    rows = (plain() if name in TABULAR else pd.DataFrame(frame().drop(columns="geometry"))).astype(
        object
    )
    rows = pd.concat([rows] * rng.choice([1, 1, 4]), ignore_index=True)
    for _ in range(rng.choice([1, 3, 12])):
        column = rng.choice(list(rows))
        if rng.random() < 0.2:
            rows[column] = pd.Series([rng.choice(HOSTILE)] * len(rows), dtype=object)
        else:
            rows.loc[rng.randrange(len(rows)), column] = rng.choice(HOSTILE)
    return (TABULAR | SHAPED)[name](rows.astype(str))


def lay_out(folder, name, data, zone=ZONES[0]):
    """Make a city of one community and this file."""
    folder.mkdir()
    (folder / "communities.geojson").write_text(COMMUNITIES)
    file = {"overpass": "t.json"}.get(
        name, f"t.{name.split('.')[0] if name.startswith('csv') else name}"
    )
    (folder / file).write_bytes(data)
    columns = {"id": "id", "name": "name"}
    kind, more = "toilet", ""
    if name == "tif":
        kind, columns = "residents", {"band1": "population"}
    elif name in TABULAR:
        columns |= {"lon": "lon", "lat": "lat", "stalls": "stalls"}
    elif name == "overpass":
        more = 'format = "overpass"\n'
    pairs = ", ".join(f'{theirs} = "{ours}"' for theirs, ours in columns.items())
    entry = f'kind = "{kind}"\nfile = "{file}"\n{more}columns = {{ {pairs} }}\n'
    (folder / "city.toml").write_text(HEAD.format(zone=zone) + entry)


def outcome(folder):
    """Load the city; name what became of it."""
    try:
        city = load_city(folder, city_data=folder / "nowhere")
    except PlanningError as error:
        return "refused" if error.hint and "\n" not in str(error) else f"NO ADVICE {error.problem}"
    for each in city.reports:
        if each.rows_in != each.not_selected + each.loaded + each.quarantined:
            return "ROWS LOST"
    return "loaded"


def case(name, seed, sound, *, hostile):
    """Make the bytes of one case."""
    rng = random.Random(f"{name}:{seed}")
    if hostile:
        return typed(rng, name)
    if sound[name].startswith(b"PK") and rng.random() < 0.7:
        return repacked(rng, sound[name])
    return mutant(rng, sound[name])


class TooSlowError(BaseException):
    """A case went on for too long."""


def _stop(*_):
    raise TooSlowError


def batch(work):
    """Run cases; give counts, and what must not be."""
    sound, cases, hostile = work
    counts, bad, times = Counter(), [], []
    asked = []
    sys.addaudithook(lambda event, _: asked.append(event) if event == "socket.connect" else None)
    signal.signal(signal.SIGPROF, _stop)
    signal.signal(signal.SIGALRM, _stop)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        for number, (name, seed) in enumerate(cases):
            folder = Path(place, str(number))
            data = case(name, seed, sound, hostile=hostile)
            lay_out(folder, name, data, ZONES[seed % len(ZONES)])
            begun = time.process_time()
            signal.setitimer(signal.ITIMER_PROF, SLOW_S)
            signal.alarm(WAITS_S)
            try:
                what = outcome(folder)
            except TooSlowError:
                what = "HANGS"
            except Exception as error:  # noqa: BLE001  whatever it is, it is what is looked for
                what = f"UNHANDLED {type(error).__name__}: {str(error)[:100]}"
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.alarm(0)
            times.append(time.process_time() - begun)
            what = "NETWORK" if asked else what
            counts[name, what.split(":")[0]] += 1
            if what not in {"loaded", "refused"}:
                bad.append(f"{name}:{seed} {what}")
            shutil.rmtree(folder)
    return counts, bad, max(times)


def run(cases, sound, *, hostile):
    """Run all cases in processes of their own, and find those that kill one."""
    counts, bad, slowest = Counter(), [], 0.0
    for start in range(0, len(cases), BATCH):
        part = cases[start : start + BATCH]
        receive, send = multiprocessing.Pipe(duplex=False)
        child = multiprocessing.get_context("fork").Process(
            target=lambda send=send, part=part: send.send(batch((sound, part, hostile)))
        )
        child.start()
        send.close()
        try:
            found, wrong, longest = receive.recv()
        except EOFError:
            found, wrong, longest = Counter(), [f"{part[0]} … {part[-1]} KILLED THE PROCESS"], 0.0
        child.join()
        counts += found
        bad += wrong
        slowest = max(slowest, longest)
    return counts, bad, slowest


def main():
    """Run mutants and typed values; 1 if anything happens that must not."""
    options = argparse.ArgumentParser()
    options.add_argument("--mutants", type=int, default=5_000)
    options.add_argument("--typed", type=int, default=1_000)
    options.add_argument("--seed", type=int, default=secrets.randbelow(1 << 30))
    options.add_argument("--only", default="")
    options.add_argument("--formats", default="", help="such as arcs,two-rows")
    chosen = options.parse_args()
    sound = sound_files()
    print(f"seed {chosen.seed}")
    seeds = range(chosen.seed, chosen.seed + 1_000_000)
    figures, all_bad = [], []
    words = chosen.formats.split(",")
    for what, number, formats in (
        ("mutants", chosen.mutants, list(sound)),
        ("typed values", chosen.typed, [*TABULAR, *SHAPED]),
    ):
        names = [name for name in formats if any(word in name for word in words)]
        cases = [(names[i % len(names)], seeds[i]) for i in range(number)]
        if chosen.only:
            name, _, seed = chosen.only.partition(":")
            cases = [(name, int(seed))] if name in names else []
        begun = time.perf_counter()
        counts, bad, slowest = run(cases, sound, hostile=what != "mutants")
        all_bad += bad
        for (name, outcome_), count in sorted(counts.items()):
            print(f"{what:13} {name:15} {outcome_:30} {count:7,}")
        print(f"{what}: {len(cases):,} in {time.perf_counter() - begun:.0f} s")
        figures.append(Figure(f"{what}, not handled", len(bad), "", 0))
        figures.append(Figure(f"{what}, slowest", slowest, "CPU s", SLOW_S))
    print("\n".join(all_bad))
    return report(figures)


if __name__ == "__main__":
    sys.exit(main())
