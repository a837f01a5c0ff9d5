"""The map in a real Chromium: drawn, offline, legible, and deaf to hostile names."""

from __future__ import annotations

import re
import socket
import threading
import time
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from maps.background import Name, names_payload
from maps.colours import GAP, HOT_COLD, SHARE, class_codes, hot_cold_codes, share_labels
from maps.geometry import grid_json, lonlat_bounds, points_columns, polygons_json
from maps.legend import legend_rows
from maps.page import standalone_html
from maps.palette import GAP_STYLE, OUTLINE_STYLE, STREET_STYLE, WATER_STYLE, class_styles
from maps.raster import density_picture
from maps.spec import (
    Legend,
    LegendRow,
    Look,
    MapSpec,
    Mark,
    Names,
    Points,
    Polygons,
    Style,
    Surface,
    Symbol,
    View,
    corners,
)
from maps.store import PNG_TYPE, SCRIPTS, STYLES, GeoStore
from views.map_widget.assets import asset_url
from views.map_widget.base import base_map, dynamic
from views.server.map_routes import map_routes

pytestmark = pytest.mark.browser

CRS = pyproj.CRS("EPSG:32651")
DARK = "#0e141d"
HOSTILE = (
    "<img src=x onerror=window.pwned=1>",
    "</script><script>window.pwned=1</script>",
    "${window.pwned=1}`+(window.pwned=1)+`",
    "{{ 7*7 }}{% for x in y %}{#",
    "\\`${window.pwned=1}//\u2028'\"--><!--",
)
TIP_READS = "text => document.querySelector('.atlas-tip strong')?.textContent === text"
WORDS = {
    "map": "Map",
    "home": "Whole city",
    "wheel": "Click to zoom",
    "zoom_in": "Closer",
    "zoom_out": "Further",
    "failed": "Parts of the map could not be loaded.",
    "metre": "meters",
    "kilometre": "kilometers",
}
STATUSES = tuple(
    Look(label, look)
    for label, look in [
        ("开放", "full"),
        ("关闭", "hollow"),
        ("规划", "dashed"),
        ("不明", "dotted"),
    ]
)


@pytest.fixture
def watched(chromium):
    """A page that remembers its requests."""
    pages = []

    def open_page(url, *, width=1280, height=800):
        page = chromium.new_page(viewport={"width": width, "height": height})
        page.requests = []
        page.on("request", lambda request: page.requests.append(request.url))
        pages.append(page)
        page.goto(url)
        return page

    yield open_page
    for page in pages:
        page.close()


def drawn(page, name):
    page.wait_for_function("name => document.documentElement.dataset.atlas === name", arg=name)
    return page


@pytest.fixture(scope="module")
def communities():
    """Forty communities cut from a city of 8 km by 6 km."""
    rng = np.random.default_rng(7)
    seeds = rng.uniform((500_000, 3_400_000), (508_000, 3_406_000), (40, 2))
    outline = (
        shapely.Point(504_000, 3_403_000)
        .buffer(3600)
        .intersection(shapely.box(500_000, 3_400_000, 508_000, 3_406_000))
    )
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=outline)
    )
    cut = shapely.intersection(cells, outline)
    cut = cut[~shapely.is_empty(cut)]
    names = [f"锦绣社区{row}" for row in range(len(cut))]
    large = np.argsort(-shapely.area(cut))
    for row, hostile in zip(large, HOSTILE, strict=False):
        names[row] = hostile
    return gpd.GeoDataFrame({"name": names}, geometry=cut, crs=CRS)


@pytest.fixture(scope="module")
def facilities(communities):
    rng = np.random.default_rng(3)
    points = communities.sample_points(3, rng=rng).explode(index_parts=False)
    count = len(points)
    status = np.array(["open", "open", "open", "closed", "planned", "unknown"])
    return gpd.GeoDataFrame(
        {
            "kind": np.where(np.arange(count) % 3, "toilet", "market"),
            "name": [HOSTILE[0], *(f"公厕 {row}" for row in range(count - 1))],
            "status": status[np.arange(count) % 6],
        },
        geometry=points.to_numpy(),
        crs=CRS,
    )


@pytest.fixture(scope="module")
def store():
    return GeoStore()


@pytest.fixture(scope="module")
def coverage(communities, facilities, store):
    """The specification of a coverage map with every kind of layer but cells and surface."""
    shares = np.linspace(0, 1, len(communities))
    shares[[9, 20]] = np.nan
    styles = class_styles(SHARE.colours)
    gaps = communities.iloc[[3, 17, 22]].geometry.buffer(-120)
    text = [[name, "覆盖居民 43.2 %", "最近 412 m"] for name in communities["name"]]
    labels = [*share_labels(SHARE), "无法判断：没有居民数据"]
    rows = legend_rows(styles, labels)
    place = communities.geometry.iloc[[5]].centroid.to_crs(4326).iloc[0]
    return MapSpec(
        id="coverage",
        language="zh",
        words=WORDS,
        areas=Polygons(
            url=store.put(polygons_json(communities)),
            styles=styles,
            classes=class_codes(shares, SHARE),
            text=store.put(text),
            selected=12,
        ),
        gaps=Polygons(url=store.put(polygons_json(gaps, tolerance=0)), styles=(GAP_STYLE,)),
        points=Points(
            url=store.put(points_columns(facilities, kinds=("toilet", "market"))),
            kinds=(
                Symbol("公共厕所", "#1f5fa8", "diamond"),
                Symbol(HOSTILE[0], "#8a4b08", "triangle"),
            ),
            statuses=STATUSES,
        ),
        marks=(Mark(place.y, place.x, "1", HOSTILE[2]),),
        legend=Legend(
            title="公共厕所覆盖",
            units="步行直线 500 m 内的居民占比",
            rows=(
                *rows,
                LegendRow("服务空白（有居民）", fill=GAP, opacity=0.38, line=GAP, width=1.6),
                LegendRow("设施", heading=True),
                LegendRow("公共厕所", fill="#1f5fa8", shape="diamond", look="full"),
                LegendRow("公共厕所，已关闭", fill="#1f5fa8", shape="diamond", look="hollow"),
                LegendRow(HOSTILE[1]),
            ),
            note="数据：2026-06-30",
        ),
        fit=View(corners(lonlat_bounds(communities)), "all"),
    )


@pytest.fixture(scope="module")
def heat(communities, store):
    """The specification of a hot-spot map: cells, surface, outlines."""
    column, row = np.meshgrid(np.arange(20), np.arange(15))
    level = np.clip(np.rint(4 - np.hypot(column - 6, row - 8) / 1.3), -3, 3)
    x, y = 500_200 + 400 * column, 3_400_200 + 400 * row
    density = np.exp(-((column - 14) ** 2 + (row - 5) ** 2) / 8)
    picture = density_picture(density, left=500_000, bottom=3_400_000, cell=400, crs=CRS)
    return MapSpec(
        id="heat",
        language="en",
        words=WORDS,
        areas=Polygons(url=store.put(polygons_json(communities)), styles=(OUTLINE_STYLE,)),
        cells=Polygons(
            url=store.put(grid_json(x.ravel(), y.ravel(), cell=400, crs=CRS)),
            styles=tuple(Style(fill=colour, opacity=0.7, width=0.4) for colour in HOT_COLD),
            classes=hot_cold_codes(level.ravel()),
        ),
        surface=Surface(store.put(picture.png, media_type=PNG_TYPE), corners(picture.bounds)),
        legend=Legend("Hot spots", (LegendRow("hot, 99 %", fill=HOT_COLD[6]),), units="Gi*"),
        fit=View(corners(lonlat_bounds(communities)), "all"),
    )


@pytest.fixture
def saved(tmp_path, store, communities):
    """Writes a self-contained map and gives its address."""

    def save(spec, *, title="服务覆盖"):
        html = standalone_html(
            spec,
            store=store,
            bounds=lonlat_bounds(communities),
            title=title,
            summary="40 个社区中有 27 个达标；38,200 位居民在服务范围之外。",
            notes=("数据来源：示例市城市管理局，2026-06-30。", HOSTILE[1]),
        )
        path = tmp_path / "map.html"
        path.write_text(html, encoding="utf-8", newline="")
        return path.as_uri()

    return save


def pixels(page, colour, *, reach=10):
    """Number of pixels of the map's canvas near a colour."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return page.evaluate(
        """([wanted, reach]) => {
            const canvas = document.querySelector(".leaflet-overlay-pane canvas");
            const pen = canvas.getContext("2d");
            const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
            let count = 0;
            for (let i = 0; i < data.length; i += 4)
                if (wanted.every((part, k) => Math.abs(part - data[i + k]) <= reach)) count++;
            return count;
        }""",
        [wanted, reach],
    )


def test_opens_from_disk_with_one_request(watched, saved, coverage):
    page = drawn(watched(saved(coverage)), "coverage")
    assert len(page.requests) == 1
    assert page.locator(".atlas-failed").count() == 0


def test_the_scale_bar_writes_the_unit_in_the_reader_s_language(watched, saved, coverage):
    page = watched(saved(coverage))
    assert re.fullmatch(r"\d+ (meters|kilometers)", page.inner_text(".leaflet-control-scale-line"))


def test_the_ground_is_drawn_and_names_are_plain_text_with_room_between(
    watched, saved, coverage, communities, store
):
    places = communities.centroid.to_crs(4326)
    names = [
        Name(text, place.x, place.y, district=row < 3, size_m=9000 if row < 30 else 1)
        for row, (text, place) in enumerate(zip(communities["name"], places, strict=True))
    ]
    water = communities.iloc[[5]].geometry
    spec = replace(
        coverage,
        areas=None,
        gaps=None,
        water=Polygons(store.put(polygons_json(water)), (WATER_STYLE,)),
        streets=Polygons(store.put([]), (STREET_STYLE,)),
        names=Names(store.put(names_payload((*names, names[0])))),
    )
    page = drawn(watched(saved(spec)), "coverage")
    assert page.locator(".atlas-failed").count() == 0  # a city without named streets
    assert pixels(page, WATER_STYLE.fill) > 500
    written = page.locator(".atlas-names span")
    texts = written.all_text_contents()
    assert len(texts) == len(set(texts)) > 5  # each name once
    assert set(texts) <= set(communities["name"][:30])  # a place too small has none
    boxes = [*written.all(), page.locator(".atlas-mark span")]
    boxes = [shapely.box(b["x"], b["y"], b["x"] + b["width"], b["y"] + b["height"])
             for b in (each.bounding_box() for each in boxes)]  # fmt: skip
    crossing = [a.intersects(b) for n, a in enumerate(boxes) for b in boxes[:n]]
    assert not any(crossing)
    before = len(texts)
    page.evaluate("void map.setZoom(map.getZoom() + 1, {animate: false})")
    assert written.count() != before
    assert page.evaluate("window.pwned") is None


def test_a_night_map_is_dark_and_so_is_what_is_closed(watched, saved, coverage):
    by_day = drawn(watched(saved(replace(coverage, areas=None, gaps=None, marks=()))), "coverage")
    at_night = replace(coverage, areas=None, gaps=None, marks=(), night=True)
    page = drawn(watched(saved(at_night)), "coverage")
    community_land = "node => getComputedStyle(node).backgroundColor"
    for selector in ("#map", ".atlas-legend"):
        assert max(channels(page.locator(selector).evaluate(community_land))) < 64
        assert min(channels(by_day.locator(selector).evaluate(community_land))) > 200
    assert pixels(page, DARK) > 50 > pixels(by_day, DARK)


def test_gaps_grow_fainter_from_afar(watched, saved, coverage):
    page = drawn(watched(saved(coverage)), "coverage")
    weight = "window.map.atlas.slots.gaps.shapes[0].options.weight"
    near = page.evaluate(weight)
    page.evaluate("() => void window.map.setZoom(9, { animate: false })")
    assert 0 < page.evaluate(weight) < 0.5 * near


def channels(colour):
    return [int(part) for part in re.findall(r"\d+", colour)]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_are_shown_and_do_not_run(watched, saved, coverage, hostile):
    legend = replace(coverage.legend, title=hostile, units=hostile, note=hostile)
    words = dict.fromkeys(WORDS, hostile)
    spec = replace(coverage, legend=legend, words=words, language=hostile)
    page = drawn(watched(saved(spec, title=hostile)), "coverage")
    assert page.locator(".atlas-legend summary").text_content() == hostile
    assert page.locator(".atlas-note").text_content() == hostile
    assert page.locator("h1").text_content() == hostile
    assert page.evaluate("window.pwned") is None


def test_names_under_the_pointer_are_plain_text(watched, saved, coverage, communities):
    page = drawn(watched(saved(replace(coverage, points=None, gaps=None, marks=()))), "coverage")
    for hostile in HOSTILE:
        named = communities[communities["name"] == hostile]
        place = named.representative_point().to_crs(4326).iloc[0]
        hover(page, place.y, place.x)
        page.wait_for_function(TIP_READS, arg=hostile)
    assert page.evaluate("window.pwned") is None


def hover(page, lat, lon):
    x, y = page.evaluate(
        """([lat, lon]) => {
            const box = window.map.getContainer().getBoundingClientRect();
            const point = window.map.latLngToContainerPoint([lat, lon]);
            return [box.x + point.x, box.y + point.y];
        }""",
        [lat, lon],
    )
    page.mouse.move(x - 3, y)
    page.wait_for_timeout(80)
    page.mouse.move(x, y)


def test_no_answer_is_hatched_and_a_gap_is_saturated(watched, saved, coverage):
    page = drawn(watched(saved(replace(coverage, points=None, marks=()))), "coverage")
    hatched, community_land = (pixels(page, colour) for colour in ("#8a94a3", "#e1e5ea"))
    assert min(hatched, community_land) > 1000
    assert pixels(page, GAP) > 100
    sure = replace(coverage.areas, classes="0" * len(coverage.areas.classes))
    page = drawn(watched(saved(replace(coverage, areas=sure, points=None))), "coverage")
    assert pixels(page, "#8a94a3") < hatched / 20


def test_legend_is_readable_in_dark_mode_and_folds_on_a_phone(watched, saved, coverage):
    page = drawn(watched(saved(coverage)), "coverage")
    page.add_style_tag(content="body { color: white; background: black; }")
    look = page.locator(".atlas-legend").evaluate(
        "node => [getComputedStyle(node).color, getComputedStyle(node).backgroundColor]"
    )
    assert look == ["rgb(27, 36, 48)", "rgb(255, 255, 255)"]
    assert page.locator(".atlas-row").count() == 11
    phone = drawn(watched(saved(coverage), width=390), "coverage")
    assert not phone.locator(".atlas-row").first.is_visible()
    phone.locator(".atlas-legend summary").click()
    assert phone.locator(".atlas-row").first.is_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_hot_spots_lie_true_on_the_map(watched, saved, heat):
    page = drawn(watched(saved(heat)), "heat")
    assert pixels(page, HOT_COLD[6], reach=40) > 500
    picture = page.locator("img.leaflet-image-layer")
    assert picture.evaluate("node => node.complete && node.naturalWidth > 0")


# ---------------------------------------------------------------- inside the dashboard's frame


@pytest.fixture(scope="module")
def frame(store, communities):
    """A loopback server with the map's frame as the dashboard's component has it."""
    component = pytest.importorskip("streamlit_folium")
    base = base_map(lonlat_bounds(communities))
    base.get_root().render()
    script = component._get_map_string(base)
    links = "".join(f'<link rel="stylesheet" href="{asset_url(file)}">' for file in STYLES)
    loads = "".join(f'<script src="{asset_url(file)}"></script>' for file in SCRIPTS)
    html = (
        f'<!doctype html><html><head><link rel="icon" href="data:,">{links}</head><body>'
        f'<div id="map_div" style="height:600px"></div>{loads}'
        f"<script>{script}; window.map = map_div;</script></body></html>"
    )

    async def index(request):
        return HTMLResponse(html)

    address = "/component/streamlit_folium.st_folium/index.html"
    app = Starlette(routes=[Route(address, index), *map_routes(store)])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{address}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def send(communities):
    """Brings a specification to the frame in the words of the component."""
    component = pytest.importorskip("streamlit_folium")

    def send(page, spec):
        base = base_map(lonlat_bounds(communities))
        base.get_root().render()
        message = component._get_feature_group_string(dynamic(spec), map=base)
        page.evaluate("message => { eval(message); }", message)
        drawn(page, spec.id)
        return message

    return send


def test_a_region_is_a_polygon_to_whoever_asks_it(watched, saved, coverage):
    page = drawn(watched(saved(coverage)), "coverage")
    told = page.evaluate(
        """() => window.map.atlas.slots.areas.shapes.map((region) => {
            const plain = L.polygon(region.getLatLngs()).addTo(window.map);
            const ask = (shape) => JSON.stringify([
                shape.toGeoJSON(), shape.getBounds().toBBoxString(), shape.getCenter(),
                shape.isEmpty(), shape.getLatLngs(),
            ]);
            const pair = [ask(region), ask(plain)];
            plain.remove();
            return pair;
        })"""
    )
    assert len(told) == len(coverage.areas.classes)
    assert [region for region, plain in told if region != plain] == []


def test_a_new_style_neither_fetches_nor_moves(watched, frame, send, coverage):
    page = watched(frame)
    send(page, replace(coverage, points=None, gaps=None))
    page.wait_for_load_state("networkidle")  # the texts come after the drawing
    before = len(page.requests), page.evaluate("String(map.getBounds().toBBoxString())")
    dark = replace(coverage.areas, classes="5" * len(coverage.areas.classes), selected=None)
    assert pixels(page, "#fdeec1", reach=20) > 1000
    message = send(page, replace(coverage, id="next", areas=dark, points=None, gaps=None))
    assert pixels(page, "#fdeec1", reach=20) == 0
    assert before == (
        len(page.requests),
        page.evaluate("String(map.getBounds().toBBoxString())"),
    )
    assert len(message) < 5000


def test_only_a_new_nonce_moves_the_map(watched, frame, send, coverage):
    page = watched(frame)
    send(page, coverage)
    page.evaluate("void map.setZoom(16, {animate: false})")
    send(page, replace(coverage, id="still"))
    assert page.evaluate("map.getZoom()") == 16
    send(page, replace(coverage, id="moved", fit=replace(coverage.fit, nonce="again")))
    page.wait_for_function("map.getZoom() < 16")


def test_a_mark_waits_until_there_is_room_beside_those_of_better_rank(
    watched, frame, send, coverage
):
    page = watched(frame)
    first = coverage.marks[0]
    near = replace(first, lat=first.lat + 0.0004, label="2")
    far = replace(first, lon=first.lon + 0.02, label="3")
    send(page, replace(coverage, id="marks", marks=(first, near, far)))
    shown = page.locator(".atlas-mark:visible span")
    page.evaluate("void map.setZoom(13, {animate: false})")
    assert shown.all_text_contents() == ["1+1", "3"]
    page.evaluate("void map.setZoom(18, {animate: false})")
    assert shown.all_text_contents() == ["1", "2", "3"]


def test_hostile_names_in_the_frame_do_not_run(watched, frame, send, coverage, store):
    page = watched(frame)
    for row, hostile in enumerate(HOSTILE):
        legend = Legend(title=hostile, rows=(LegendRow(hostile),), note=hostile)
        mark = replace(coverage.marks[0], title=hostile)
        send(page, replace(coverage, id=f"hostile {row}", legend=legend, marks=(mark,)))
        assert page.locator(".atlas-note").text_content() == hostile
        assert page.locator(".leaflet-marker-icon").count() == 1
    assert page.evaluate("window.pwned") is None


@pytest.mark.expects_faults("lost.json", reason="a file that is lost is what it tests")
def test_what_cannot_be_loaded_is_said(watched, frame, send, coverage):
    page = watched(frame)
    lost = replace(coverage.gaps, url="../../geo/lost.json")
    send(page, replace(coverage, id="lost", gaps=lost))
    assert WORDS["failed"] in page.locator(".atlas-failed").text_content()
    assert pixels(page, "#fdeec1", reach=20) > 1000
    send(page, replace(coverage, id="found"))
    assert page.locator(".atlas-failed").count() == 0


def test_layers_that_are_no_longer_named_go(watched, frame, send, coverage, heat):
    page = watched(frame)
    send(page, heat)
    send(page, replace(coverage, marks=()))
    assert page.locator("img.leaflet-image-layer").count() == 0
    assert page.locator(".leaflet-marker-icon").count() == 0
    assert pixels(page, HOT_COLD[6], reach=4) == 0
    assert page.locator(".atlas-legend").count() == 1


def test_a_click_on_a_polygon_reaches_the_map(watched, frame, send, coverage):
    page = watched(frame)
    send(page, coverage)
    page.evaluate("void map.on('click', event => { window.clicked = event.latlng; })")
    page.mouse.click(600, 300)
    assert page.evaluate("window.clicked && window.clicked.lat") is not None


def test_the_frame_asks_for_nothing_else(watched, frame, send, coverage, heat):
    page = watched(frame)
    send(page, coverage)
    send(page, heat)
    origin = frame.split("/component")[0]
    assert all(url.startswith((origin, "data:")) for url in page.requests)


def test_the_map_keeps_to_its_aim_until_the_reader_moves_it(watched, frame, send, coverage):
    page = watched(frame)
    page.evaluate("document.getElementById('map_div').style.width = '90px'")
    send(page, coverage)
    narrow = page.evaluate("map.getZoom()")
    page.evaluate("document.getElementById('map_div').style.width = '700px'")
    page.wait_for_function("zoom => map.getZoom() > zoom + 1", arg=narrow)
    page.mouse.click(300, 300)
    wide = page.evaluate("map.getZoom()")
    page.evaluate("document.getElementById('map_div').style.width = '200px'")
    page.wait_for_function("map.getSize().x === 200")
    assert page.evaluate("map.getZoom()") == wide


SHOWN_MARKS = """[...document.querySelectorAll('.atlas-mark')]
    .filter((n) => n.style.display !== 'none').map((n) => [n.firstChild.firstChild.textContent,
                 Number(n.querySelector('.atlas-more')?.textContent ?? 0)])"""


def test_a_mark_that_covers_others_says_how_many_and_which(watched, saved, coverage):
    lat, lon = coverage.marks[0].lat, coverage.marks[0].lon
    marks = tuple(Mark(lat + 2e-4 * k, lon, str(k + 1), f"place {k + 1}") for k in range(5))
    page = drawn(watched(saved(replace(coverage, marks=marks, points=None))), "coverage")
    shown = page.evaluate(SHOWN_MARKS)
    assert [label for label, _ in shown] == ["1"]
    assert sum(1 + more for _, more in shown) == len(marks)
    page.locator(".atlas-mark").first.hover()
    page.locator(".atlas-tip").wait_for()
    assert all(f"place {k}" in page.locator(".atlas-tip").inner_text() for k in range(1, 6))
    page.evaluate(
        "([lat, lon]) => window.map.setView([lat, lon], 18, {animate: false})", [lat, lon]
    )
    shown = page.evaluate(SHOWN_MARKS)
    assert shown == [[str(k), 0] for k in range(1, 6)]


def test_layers_are_switched_off_and_on_and_some_come_when_asked_for(
    watched, saved, coverage, communities, store
):
    whole = gpd.GeoSeries([communities.union_all()], crs=CRS)
    line = "#0b7285"
    districts = Polygons(url=store.put(polygons_json(whole)), styles=(Style(line=line, width=4),))
    named = {"title": "Layers", "gaps": HOSTILE[0], "points": "Places", "districts": "Districts"}
    page = drawn(watched(saved(replace(coverage, districts=districts, layers=named))), "coverage")
    assert pixels(page, line) == 0
    page.locator(".atlas-layers summary").click()
    assert page.locator(".atlas-layers label").all_inner_texts() == [
        HOSTILE[0],
        "Places",
        "Districts",
    ]
    gaps = "window.map.atlas.slots.gaps.layer !== null"
    assert page.evaluate(gaps)
    for name, there in (("gaps", gaps), ("points", gaps.replace("gaps", "points"))):
        page.locator(f".atlas-layers input[name={name}]").click()
        page.wait_for_function(f"!({there})")
    page.locator(".atlas-layers input[name=districts]").click()
    page.wait_for_function("window.map.atlas.slots.districts.layer !== null")
    page.wait_for_timeout(200)
    assert pixels(page, line) > 500
    page.locator(".atlas-layers input[name=gaps]").click()
    page.wait_for_function(gaps)
    assert not page.evaluate(gaps.replace("gaps", "points"))
    assert page.locator(".atlas-failed").count() == 0


def test_where_no_layer_has_a_name_there_is_no_switch(watched, saved, coverage):
    page = drawn(watched(saved(coverage)), "coverage")
    assert not page.locator(".atlas-layers").is_visible()
