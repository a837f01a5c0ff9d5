"""The map's machinery without a browser: geometry, specification, store, offline, one file."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import jinja2
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pyproj import CRS
from starlette.applications import Starlette

from analysis.access.supply_filter import SupplyFilter
from maps import colours
from maps.colours import Ramp, class_codes, round_breaks
from maps.geometry import GRID, grid_json, lonlat_bounds, points_columns, polygons_json
from maps.page import standalone_html
from maps.palette import DAY, NIGHT, NIGHT_BORDER, light_at
from maps.raster import density_picture
from maps.spec import (
    GAP_STYLE,
    WORDS,
    Legend,
    LegendRow,
    MapSpec,
    Polygons,
    Tiles,
    View,
    class_styles,
    corners,
    script_safe,
    sources,
    spec_json,
)
from maps.store import ASSETS, PNG_TYPE, SCRIPTS, STYLES, GeoStore, compact_json
from tools import vendor
from views.map_widget.assets import asset_url
from views.map_widget.base import base_map, dynamic
from views.server.map_routes import map_routes

ROOT = Path(__file__).resolve().parents[2]
UTM = CRS("EPSG:32651")
BOUNDS = (121.4, 31.1, 121.6, 31.3)
texts = st.text() | st.text(alphabet="<>&{}%#`$\\/scriptu0\u2028\"'!-")


def make_spec(**parts):
    return MapSpec(id="toy", language="en", words=dict.fromkeys(WORDS, "word"), **parts)


@pytest.fixture
def squares():
    """A row of three squares of 1 km with wiggly common borders."""
    y = np.linspace(0, 1000, 201)
    walls = [np.column_stack([x + 3 * np.sin(y / 9 + x), y]) for x in (0, 1000, 2000, 3000)]
    rings = [np.vstack([left, right[::-1]]) for left, right in pairwise(walls)]
    return gpd.GeoSeries(shapely.polygons(rings), crs=UTM).translate(350_000, 3_450_000)


def read(content):
    """Polygons in degrees, as the map would draw them; outer and inner rings alike."""

    def place(steps):
        x, y = (np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / GRID - 0.5).T * 2 * np.pi
        return shapely.Polygon(np.degrees(np.column_stack([x, np.arcsin(np.tanh(-y))])))

    rows = json.loads(content)
    return np.array([reduce(shapely.symmetric_difference, map(place, row)) for row in rows])


# ---------------------------------------------------------------- geometry


def test_neighbours_keep_one_border_and_lose_detail(squares):
    drawn = read(polygons_json(squares, tolerance=20))
    assert shapely.get_num_coordinates(drawn).sum() < 150
    assert shapely.get_num_coordinates(squares.to_numpy()).sum() > 1200
    assert shapely.coverage_is_valid(drawn)
    back = gpd.GeoSeries(drawn, crs=4326).to_crs(UTM)
    assert np.allclose(back.area, squares.area, rtol=0.01)


def test_without_tolerance_only_the_decimals_are_lost(squares):
    back = gpd.GeoSeries(read(polygons_json(squares, tolerance=0)), crs=4326).to_crs(UTM)
    assert (back.hausdorff_distance(squares) < 1).all()


def test_holes_and_parts_are_rings_of_one_row(squares):
    yard = squares.iloc[0].difference(squares.iloc[0].centroid.buffer(200))
    both = gpd.GeoSeries([shapely.union_all([yard, squares.iloc[2]]), squares.iloc[1]], crs=UTM)
    content = polygons_json(both, tolerance=0)
    assert [len(row) for row in json.loads(content)] == [3, 1]
    back = gpd.GeoSeries(read(content), crs=4326).to_crs(UTM)
    assert np.allclose(back.area, both.area, rtol=0.005)


def test_no_polygons_make_no_rows(squares):
    assert json.loads(polygons_json(squares.iloc[:0])) == []


def test_cells_are_squares_around_their_centres():
    cells = read(grid_json([350_100, 350_300], [3_450_100, 3_450_100], cell=200, crs=UTM))
    back = gpd.GeoSeries(cells, crs=4326).to_crs(UTM)
    assert np.allclose(back.area, 40_000, rtol=0.02)
    assert np.allclose(back.iloc[1].centroid.coords[0], (350_300, 3_450_100), atol=1)


def test_points_stand_in_columns(squares):
    facilities = gpd.GeoDataFrame(
        {"kind": ["market", "toilet"], "name": [None, "A<b>"], "status": ["open", "closed"]},
        geometry=squares.iloc[:2].centroid,
        crs=UTM,
    )
    columns = points_columns(facilities, kinds=("toilet", "market"), details=[["24 h"], []])
    assert columns["kind"] == [1, 0]
    assert columns["status"] == [0, 1]
    assert columns["name"] == ["", "A<b>"]
    assert columns["details"] == [["24 h"], []]
    west, south, east, north = lonlat_bounds(squares)
    assert west < columns["lon"][0] < columns["lon"][1] < east
    assert south < columns["lat"][0] < north


@pytest.mark.parametrize("apart", [50, 400])
def test_the_map_is_told_how_close_points_mostly_lie(apart):
    x, y = (axis.ravel() * apart for axis in np.meshgrid(range(20), range(20)))
    lonely = [350_000 + 90_000, 350_000 + 99_000]  # a few far away change nothing
    facilities = gpd.GeoDataFrame(
        {"kind": "toilet", "name": "", "status": "open"},
        geometry=gpd.points_from_xy(
            [*(350_000 + x), *lonely], [*(3_450_000 + y), *[3_450_000] * 2]
        ),
        index=range(len(x) + 2),
        crs=UTM,
    )
    spacing = points_columns(facilities, kinds=("toilet",))["spacing"]
    assert spacing == pytest.approx(apart, rel=0.2)


def test_no_facilities_make_empty_columns():
    nothing = gpd.GeoDataFrame({"kind": [], "name": [], "status": []}, geometry=[], crs=UTM)
    columns = points_columns(nothing, kinds=())
    assert columns.pop("spacing") is None
    assert set(map(len, columns.values())) == {0}


# ---------------------------------------------------------------- colours


@given(
    st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=30),
)
def test_every_value_has_the_class_it_lies_in(values):
    breaks = (-np.inf, *colours.SHARE.breaks, np.inf)
    for value, code in zip(values, class_codes(values, colours.SHARE), strict=True):
        place = colours.DIGITS.index(code)
        if np.isnan(value):
            assert place == len(colours.SHARE.colours)
        else:
            assert breaks[place] <= value < breaks[place + 1]


@pytest.mark.parametrize(
    "ramp", [colours.SHARE.colours, colours.SURFACE, colours.NIGHT_SHARE.colours[::-1]]
)
def test_ramps_darken_steadily_also_without_colour_vision(ramp):
    for matrix in (np.eye(3), DEUTAN, PROTAN):
        steps = np.diff([luminance(matrix @ linear(colour)) for colour in ramp])
        assert (steps < -0.015).all()


@pytest.mark.parametrize(
    ("at", "light"),
    [(None, DAY), ((2, 1199), DAY), ((2, 1200), NIGHT), ((2, 359), NIGHT), ((2, 360), DAY)],
)
def test_the_map_is_dark_from_eight_in_the_evening_to_six(at, light):
    assert light_at(SupplyFilter(at=at)) is light


def test_at_night_all_that_is_drawn_stands_out_from_the_ground():
    community_land = luminance(linear(NIGHT_BORDER))
    hatches = [style.hatch for style in (NIGHT.gap, NIGHT.unjudged)]
    lines = [style.line for style in (NIGHT.gap, NIGHT.reach, NIGHT.zone)]
    fills = [style.fill for style in (*NIGHT.shares[1:-1], *NIGHT.verdicts[:-1])]
    for colour in (*hatches, *lines, *fills):
        assert (luminance(linear(colour)) + 0.05) / (community_land + 0.05) >= 2.5


def test_hot_and_cold_part_from_the_middle_without_colour_vision():
    for matrix in (np.eye(3), DEUTAN, PROTAN):
        light = [luminance(matrix @ linear(colour)) for colour in colours.HOT_COLD]
        assert (np.diff(light[:4]) > 0.015).all()
        assert (np.diff(light[3:]) < -0.015).all()
        cold, hot = (matrix @ linear(colours.HOT_COLD[place]) for place in (0, 6))
        assert cold[2] - hot[2] > 0.15


def linear(colour):
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def luminance(rgb):
    return float(np.dot([0.2126, 0.7152, 0.0722], np.clip(rgb, 0, 1)))


# Machado, Oliveira, Fernandes (2009), severity 1.0, for linear RGB.
DEUTAN = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
PROTAN = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)


@given(st.floats(1e-6, 1e9), st.integers(2, 9))
def test_round_breaks_cut_the_whole_range(highest, count):
    breaks = round_breaks(highest, count=count)
    step = breaks[0]
    assert len(breaks) < count
    assert np.allclose(np.diff(breaks), step, rtol=1e-4)
    assert breaks[-1] < highest <= breaks[-1] + step * 1.001
    assert f"{step:e}"[:3].rstrip("0") in ("1.", "2.", "2.5", "5.")


@pytest.mark.parametrize("breaks", [(0.5, 0.2), (0.2,), (0.2, 0.2)])
def test_a_ramp_refuses_breaks_that_do_not_rise_or_fit(breaks):
    with pytest.raises(ValueError, match="break"):
        Ramp(breaks, ("#000000", "#111111", "#222222"))


# ---------------------------------------------------------------- surface


def test_surface_is_darkest_where_it_is_densest():
    density = np.zeros((20, 30))
    density[4, 25] = 8.0
    picture = density_picture(density, left=350_000, bottom=3_450_000, cell=100, crs=UTM)
    pixels = np.asarray(Image.open(io.BytesIO(picture.png)))
    weight = pixels[..., 3] / pixels[..., 3].sum(dtype=float)
    row, column = (np.sum(weight * place) for place in np.indices(weight.shape))
    assert picture.highest == 8
    assert (pixels[..., 3] == 0).mean() > 0.9
    west, south, east, north = picture.bounds
    lon = west + (column + 0.5) / pixels.shape[1] * (east - west)
    lat = north - (row + 0.5) / pixels.shape[0] * (north - south)
    found = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326).to_crs(UTM).iloc[0]
    assert found.distance(shapely.Point(352_550, 3_450_450)) < 5


def test_surface_of_nothing_is_refused():
    with pytest.raises(ValueError, match="positive"):
        density_picture(np.zeros((2, 2)), left=0, bottom=0, cell=1, crs=UTM)


# ---------------------------------------------------------------- specification


@given(texts)
def test_any_text_survives_and_cannot_act(text):
    spec = make_spec(legend=Legend(text, (LegendRow(text),), note=text))
    written = spec_json(spec)
    assert json.loads(written)["legend"]["title"] == text if text else True
    assert not set("<>&\u2028\u2029") & set(written)
    assert jinja2.Template(written, keep_trailing_newline=True).render() == written


@given(st.recursive(texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner)))
def test_script_safe_json_says_the_same(content):
    assert json.loads(script_safe(compact_json(content))) == content


def test_a_specification_needs_every_word():
    with pytest.raises(ValueError, match="zoom_in"):
        MapSpec(id="toy", language="en", words=dict.fromkeys(set(WORDS) - {"zoom_in"}, "word"))


def test_a_map_of_7000_communities_changes_by_a_small_message():
    areas = Polygons("../../geo/x.json", class_styles(colours.SHARE.colours), classes="3" * 7000)
    assert len(spec_json(make_spec(areas=areas))) < 10_000


def test_nan_is_refused_before_a_browser_meets_it():
    with pytest.raises(ValueError, match="JSON"):
        compact_json([float("nan")])


# ---------------------------------------------------------------- store


def test_the_same_content_has_one_address():
    store = GeoStore()
    assert store.put({"a": 1}) == store.put(b'{"a":1}') != store.put({"a": 2})
    assert store.get(store.put({"a": 1})).content == b'{"a":1}'


def test_the_store_lets_go_of_what_was_asked_for_longest_ago():
    contents = [np.random.default_rng(seed).bytes(400) for seed in range(4)]
    store = GeoStore(limit=1300)
    first, second, third = (store.put(each, media_type=PNG_TYPE) for each in contents[:3])
    assert store.get(first)
    fourth = store.put(contents[3], media_type=PNG_TYPE)
    assert store.get(second) is None
    assert all(store.get(url) for url in (first, third, fourth))


def test_many_threads_may_use_the_store():
    store, failures = GeoStore(limit=4000), []

    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(150):
            content = bytes([int(rng.integers(40))]) * 300
            url = store.put(content, media_type=PNG_TYPE)
            stored = store.get(url)
            if stored and stored.content != content:
                failures.append(url)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store._size == sum(len(stored.body) for stored in store._entries.values()) <= 4000


def ask(store, path, **headers):
    """Send one request to the store's routes; give status, headers and body."""
    sent = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": path.partition("?")[0],
        "query_string": path.partition("?")[2].encode(),
        "root_path": "",
        "asgi": {"spec_version": "2.4"},
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    call = Starlette(routes=map_routes(store))(scope, receive, send)
    with ThreadPoolExecutor() as own_loop:
        own_loop.submit(asyncio.run, call).result()
    body = b"".join(message.get("body", b"") for message in sent)
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, body


def test_geometry_is_served_packed_and_for_good():
    store = GeoStore()
    url = store.put({"a": [1] * 500}).replace("../../", "/")
    status, headers, body = ask(store, url, **{"accept-encoding": "gzip, br"})
    assert status == 200
    assert len(body) < 100
    assert json.loads(gzip.decompress(body)) == {"a": [1] * 500}
    assert headers["content-encoding"] == "gzip"
    assert headers["content-type"] == "application/json"
    assert "immutable" in headers["cache-control"]
    assert headers["x-content-type-options"] == "nosniff"
    _, plain, unpacked = ask(store, url)
    assert "content-encoding" not in plain
    assert unpacked == gzip.decompress(body)


@pytest.mark.parametrize("name", ["x.json", "../store.py", "a/b.json"])
def test_what_the_store_does_not_hold_is_not_found(name):
    status, headers, _ = ask(GeoStore(), f"/geo/{name}")
    assert status == 404
    assert "immutable" not in headers.get("cache-control", "")


def test_assets_are_served_for_good_only_under_their_hash():
    _, headers, body = ask(GeoStore(), asset_url("atlas.js").replace("../../", "/"))
    assert body == (ASSETS / "atlas.js").read_bytes()
    assert "immutable" in headers["cache-control"]
    assert headers["x-content-type-options"] == "nosniff"
    assert ask(GeoStore(), "/vendor/atlas.js")[1]["cache-control"] == "no-cache"


# ---------------------------------------------------------------- offline and vendored


class Links(HTMLParser):
    """Collects what a page would fetch."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, _tag, attrs):
        self.found += [value for name, value in attrs if name in {"src", "href", "action"}]


def links(page):
    parser = Links()
    parser.feed(page)
    return parser.found


def test_a_rendered_map_names_no_other_server():
    base = base_map(BOUNDS)
    dynamic(make_spec()).add_to(base)
    page = base.get_root().render()
    local = {asset_url(file) for file in (*SCRIPTS, *STYLES)}
    assert set(links(page)) == local
    assert not re.search(r"(https?:)?//\w", re.sub(r'(src|href)="[^"]*"', "", page))


def test_our_style_sheets_name_no_other_server():
    for file in STYLES:
        for url in re.findall(r"url\(([^)]*)\)", (ASSETS / file).read_text("utf-8")):
            assert re.match(r"images/|#", url), url


def test_the_base_map_is_one_text_for_all(squares):
    component = pytest.importorskip("streamlit_folium")
    texts = set()
    for _ in range(2):
        base = base_map(BOUNDS)
        base.get_root().render()
        texts.add(component.generate_leaflet_string(base))
    assert len(texts) == 1


def test_maps_do_without_streamlit():
    code = "import maps.page, sys; sys.exit('streamlit' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_command_line_loads_no_statistics_before_it_needs_them():
    unwanted = ["scipy.stats", "scipy.ndimage", "scipy.optimize", "streamlit", "folium"]
    code = f"import cli, sys; sys.exit(', '.join(set({unwanted}) & set(sys.modules)) or 0)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_vendored_files_are_those_pinned():
    assert vendor.differences() == []


def test_a_changed_missing_or_foreign_file_is_told(tmp_path):
    for file in ("leaflet.js", "leaflet.css", "LICENSE"):
        path = tmp_path / "leaflet" / file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((ASSETS / "leaflet" / file).read_bytes())
    (tmp_path / "leaflet" / "leaflet.js").write_text("changed")
    (tmp_path / "leaflet" / "more.js").write_text("more")
    told = "\n".join(vendor.differences(tmp_path))
    assert "leaflet.js is not what" in told
    assert "layers.png is missing" in told
    assert "more.js is not in" in told
    assert "leaflet.css" not in told


def test_third_party_names_every_package():
    text = (ROOT / "THIRD_PARTY.md").read_text("utf-8")
    for name, package in vendor.read_manifest().items():
        assert f"maps/assets/{name}/" in text
        assert f"| {package['version']} |" in text
        assert package["licence"] in text


# ---------------------------------------------------------------- one file


@pytest.fixture
def one_file(squares):
    store = GeoStore()
    picture = density_picture(np.eye(4), left=350_000, bottom=3_450_000, cell=500, crs=UTM)
    store.put(picture.png, media_type=PNG_TYPE)

    def write(text="Toilets", **more):
        areas = Polygons(
            store.put(polygons_json(squares)),
            class_styles(colours.SHARE.colours),
            classes="013",
            text=store.put([[text], [text, text], []]),
        )
        spec = make_spec(
            areas=areas,
            gaps=Polygons(store.put(polygons_json(squares[:1], tolerance=0)), (GAP_STYLE,)),
            legend=Legend(text, (LegendRow(text, fill="#123456"),)),
            fit=View(corners(BOUNDS), "all"),
            tiles=Tiles("https://tiles.example/{z}/{x}/{y}.png", "Example"),
            **more,
        )
        page = standalone_html(
            spec, store=store, bounds=BOUNDS, title=text, summary=text, notes=(text,)
        )
        return spec, page

    return write


def test_one_file_holds_everything_and_fetches_nothing(one_file):
    spec, page = one_file()
    assert links(page) == []
    data = re.search(r'id="atlas-data">(.*?)</script>', page, re.DOTALL).group(1)
    assert set(json.loads(data)) == set(sources(spec))
    assert len(json.loads(data)[spec.areas.url]) == 3
    assert "tiles.example" not in page
    assert "url(images" not in page


def test_one_file_lets_only_its_own_scripts_run(one_file):
    _, page = one_file()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = {base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts}
    assert len(scripts) == 3
    assert set(re.findall(r"'sha256-([^']*)'", policy)) == digests
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]


@given(text=texts)
def test_no_text_breaks_out_of_the_file(text):
    store = GeoStore()
    spec = make_spec(
        areas=Polygons(store.put([]), (GAP_STYLE,), text=store.put([[text]])),
        legend=Legend(text, ()),
    )
    page = standalone_html(spec, store=store, bounds=BOUNDS, title=text, notes=(text,))
    assert page.count("<script") == page.count("</script") == 4
    assert page.count("<!--") == 0
    assert links(page) == []


def test_the_same_map_is_the_same_bytes(one_file):
    assert one_file()[1] == one_file()[1]


def test_what_the_store_lost_is_not_left_out_silently():
    spec = make_spec(areas=Polygons("../../geo/lost.json", (GAP_STYLE,)))
    with pytest.raises(LookupError, match=r"lost\.json"):
        standalone_html(spec, store=GeoStore(), bounds=BOUNDS, title="x")
