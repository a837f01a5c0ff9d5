"""The dashboard in a real Chromium: offline, quick to redraw, deaf to hostile names."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import urllib.request
from itertools import count, cycle
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from analysis.coverage.assessment import assess
from analysis.model.question import BY_RULE
from layers.knowledge.standards import load_kinds, load_standards
from layers.languages import LANGUAGES, written_as
from tests.browser_watch import IDLE
from tests.conftest import start_server
from tools.house import floors
from views.controls.choice import AREAS, PAGES, area_of
from wording.catalogue import load_words
from wording.names import with_names
from wording.speaker import Speaker

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo"
WORDS = load_words()
MAP = "iframe[title='streamlit_folium.st_folium']"
OTHERS = [("zh-HK", "zh-Hant"), ("zh-CN", "zh"), ("en-GB", "en"), ("fr-FR", "zh")]
"""Locales of browsers, and what a Chinese city says to them."""
WAIT = 20_000
"""Longest wait for anything, in milliseconds."""
LIMIT = 50_000
"""Most bytes that one update may send to the page."""


class Visit:
    """A page that remembers its messages, and whether it wanted formulas set."""

    def __init__(self, page, address):
        self.page, self.address = page, address
        self.formulas, self.sent, self.received = [], [], []
        page.on("request", self._request)
        page.on("websocket", self._socket)

    def _request(self, request):
        if "KaTeX" in request.url:
            self.formulas.append(request.url)

    def _socket(self, socket):
        socket.on("framesent", lambda data: self.sent.append(len(data)))
        socket.on("framereceived", lambda data: self.received.append(len(data)))

    def open(self, **query):
        self.page.goto(f"{self.address}/?{urlencode(query)}")
        self.idle()
        return self

    def idle(self):
        self.page.locator(IDLE).wait_for(timeout=WAIT)

    def frame(self):
        """The map's own document, when everything is drawn."""
        self.drawn()
        return self.page.locator(MAP).last.element_handle().content_frame()

    def drawn(self, mark=""):
        """
        Wait until the map says it has drawn what its specification calls `mark`.

        The last map: one of the page before stands above it until the page is whole.
        """
        shown = f"[data-atlas*='{mark}']" if mark else "[data-atlas]"
        root = self.page.locator(MAP).last.content_frame.locator(f"html{shown}")
        root.wait_for(state="attached", timeout=WAIT)
        return root.get_attribute("data-atlas")

    def query(self):
        return {name: values[0] for name, values in parse_qs(urlsplit(self.page.url).query).items()}

    def wait_for_query(self, **wanted):
        pairs = [f"{name}={value}" for name, value in wanted.items()]
        self.page.wait_for_url(lambda url: all(pair in url for pair in pairs), wait_until="commit")

    def text(self):
        return self.page.locator("[data-testid=stMain]").inner_text()

    def press(self, label):
        self.page.get_by_role("radio", name=label, exact=True).click()

    def pick(self, label, option):
        box = self.page.get_by_role("combobox", name=label, exact=True)
        box.click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def point_of(self, community, city):
        """Where a community's inner point is on the screen."""
        place = city.communities.loc[[community]].representative_point().to_crs(4326).iloc[0]
        x, y = self.frame().evaluate(
            "([lat, lon]) => { const p = window.map.latLngToContainerPoint([lat, lon]);"
            " return [p.x, p.y]; }",
            [place.y, place.x],
        )
        box = self.page.locator(MAP).bounding_box()
        return box["x"] + x, box["y"] + y

    def check(self):
        assert self.formulas == []


@pytest.fixture(scope="module")
def context(chromium):
    """One browser profile for the module: scripts are fetched once."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(WAIT)
    yield context
    context.close()


@pytest.fixture
def visit(context, demo_server):
    """Open pages of the demo city; whatever they asked for must have been there."""
    visits = []

    def start(**query):
        visits.append(Visit(context.new_page(), demo_server))
        return visits[-1].open(**query)

    yield start
    for each in visits:
        each.page.close()
        each.check()


@pytest.fixture(scope="module")
def coverage(city, preparation):
    return assess(preparation, load_standards()[city.standard], measures=BY_RULE).coverage


def kind_name(kind, language):
    return load_kinds()[kind].name[language]


# --- the first visit


def test_a_first_visit_fetches_nothing_twice(chromium, demo_server):
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    seen, asked = Visit(context.new_page(), demo_server), []
    seen.page.on("requestfinished", lambda request: asked.append(urlsplit(request.url).path))
    seen.open(page="coverage", language="en", standard="cn-life-circle")
    seen.drawn()
    context.close()
    seen.check()
    large = [path for path in asked if path.startswith(("/static/", "/vendor/", "/geo/"))]
    assert len(large) > 50
    assert [path for path in set(large) if large.count(path) > 1] == []


# --- every page, offline


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.full)])
def test_every_page_draws_without_a_network(visit, language):
    seen = visit(page=PAGES[0], language=language)
    for name in PAGES:
        title = WORDS(language, f"page.{name}")
        area = area_of(name)
        if name == AREAS[area][0]:
            seen.press(WORDS(language, f"area.{area}"))
        if len(AREAS[area]) > 1:
            seen.press(title)
            seen.page.get_by_role("radio", name=title, exact=True, checked=True).wait_for()
        seen.wait_for_query(page=name, language=language)
        seen.idle()
        if name in {"home", "coverage", "hotspots"}:
            seen.drawn(f" {language}")
        assert seen.page.get_by_test_id("stAlertContentError").count() == 0
        assert seen.page.get_by_test_id("stException").count() == 0
        if name == "sources":
            seen.page.get_by_test_id("stDataFrame").first.wait_for()


def test_pages_in_two_rows_leave_the_heading_free(chromium, demo_server):
    def late(route):
        route.request.frame.page.wait_for_timeout(1000)
        route.continue_()

    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    context.route("**/ButtonGroup.*.js", late)  # of its own: one with a route keeps no file
    seen = Visit(context.new_page(), demo_server)
    seen.open(page="survey", language="en")  # idle only when the bar has come
    seen.page.add_style_tag(content=".st-key-pages button { min-width: 30vw }")  # wrap in any font
    bar = seen.page.locator(".st-key-pages").bounding_box()
    heading = seen.page.get_by_role("heading", name=WORDS("en", "page.survey")).bounding_box()
    context.close()
    seen.check()
    assert bar["height"] > 60
    assert heading["y"] >= bar["y"] + bar["height"]


def test_headers_guard_every_answer(visit, demo_server):
    seen = visit(page="coverage", language="en")
    seen.drawn()
    urls = seen.page.evaluate("performance.getEntriesByType('resource').map(each => each.name)")
    urls += seen.frame().evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    paths = {urlsplit(url).path for url in urls if url.startswith("http")}
    geo = {path for path in paths if path.startswith("/geo/")}
    vendor = {path for path in paths if path.startswith("/vendor/")}
    component = "/component/streamlit_folium.st_folium/index.html"
    assert len(geo) >= 3
    assert len(vendor) >= 3
    for path in {"/", "/_stcore/health", component, *geo, *vendor}:
        with urllib.request.urlopen(demo_server + path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy, path
            assert "connect-src 'self'" in policy, path
            assert "http" not in policy, path
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert answer.headers["Referrer-Policy"] == "same-origin", path
            assert answer.headers["X-Frame-Options"] == "SAMEORIGIN", path


# --- small messages, no needless runs


def test_panning_and_zooming_runs_nothing(visit):
    seen = visit(page="coverage", language="en")
    frame = seen.frame()
    seen.page.wait_for_timeout(600)
    sent = len(seen.sent)
    before = frame.evaluate("window.map.getCenter().lng")
    box = seen.page.locator(MAP).bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for step in (60, -90, 120):
        seen.page.mouse.move(*middle)
        seen.page.mouse.down()
        seen.page.mouse.move(middle[0] + step, middle[1] + step / 2, steps=4)
        seen.page.mouse.up()
    zoom = frame.evaluate("window.map.getZoom()")
    frame.evaluate("void window.map.setZoom(window.map.getZoom() + 1, {animate: false})")
    frame.locator(".leaflet-control-zoom-in").click()
    frame.wait_for_function("zoom => window.map.getZoom() > zoom + 1", arg=zoom)
    seen.page.wait_for_timeout(600)
    assert frame.evaluate("window.map.getCenter().lng") != before
    assert len(seen.sent) == sent


def test_kind_and_radius_redraw_with_a_small_message(visit):
    seen = visit(page="coverage", language="en")
    frame = seen.frame()
    frame.evaluate("window.stays = true")
    first = seen.drawn("toilet")
    seen.received.clear()
    seen.pick(WORDS("en", "coverage.kind"), kind_name("market", "en"))
    assert seen.drawn("market") != first
    seen.idle()
    assert 0 < sum(seen.received) < LIMIT
    assert seen.query()["kind"] == "market"
    seen.received.clear()
    radius = int(seen.page.get_by_role("slider").get_attribute("value"))
    seen.page.get_by_role("slider").focus()
    seen.page.keyboard.press("ArrowRight")
    seen.wait_for_query(radius=radius + 50)
    seen.drawn(f" {radius + 50}.0 ")
    seen.idle()
    assert 0 < sum(seen.received) < LIMIT
    assert frame.evaluate("window.stays"), "the map was loaded anew"


def test_hot_spots_redraw_by_category_and_layer(visit, city):
    seen = visit(page="hotspots", language="zh")
    first = seen.drawn("levels ")
    seen.received.clear()
    seen.press(WORDS("zh", "hotspots.density"))
    seen.drawn("density ")
    seen.idle()
    assert 0 < sum(seen.received) < LIMIT
    seen.received.clear()
    seen.press(WORDS("zh", "page.clusters"))
    seen.drawn("clusters ")
    seen.idle()
    assert 0 < sum(seen.received) < LIMIT
    seen.pick(WORDS("zh", "hotspots.within"), "100")
    seen.wait_for_query(page="clusters", within=100)
    seen.drawn(" 100 10 ")
    assert WORDS("zh", "hotspots.clusters_meaning") in seen.text()
    seen.press(WORDS("zh", "page.hotspots"))
    seen.drawn("density ")
    seen.press(WORDS("zh", "hotspots.levels"))
    assert seen.drawn("levels ") == first
    seen.idle()
    box = seen.page.get_by_role("combobox", name=WORDS("zh", "hotspots.category"), exact=True)
    box.click()
    seen.page.get_by_role("option").nth(1).click()
    seen.page.wait_for_url("**category=**", wait_until="commit")
    assert seen.query()["category"] == city.issues["category"].value_counts().index[0]


def test_the_month_on_the_map_changes_by_a_small_message(visit):
    seen = visit(page="change", view="month", language="zh")
    first = seen.drawn("month ")
    seen.received.clear()
    seen.page.get_by_role("slider").press("ArrowLeft")
    seen.page.wait_for_url("**month=2026-05**", wait_until="commit")
    assert seen.drawn("2026-05") != first
    seen.idle()
    assert 0 < sum(seen.received) < LIMIT
    seen.pick(WORDS("zh", "change.view"), WORDS("zh", "change.patterns"))
    seen.drawn("patterns ")


# --- one state: map, table, search, address


def test_units_show_what_waits_and_the_bulletin_can_be_fetched(visit):
    seen = visit(page="units", language="en")
    seen.drawn("units unchecked ")
    seen.press(WORDS("en", "units.show_overdue"))
    seen.wait_for_query(show="overdue")
    seen.drawn("units overdue ")
    seen.press(WORDS("en", "units.part_ranking"))
    seen.wait_for_query(part="ranking")
    with seen.page.expect_download() as fetched:
        seen.page.get_by_role("button", name=WORDS("en", "units.print")).click()
    text = Path(fetched.value.path()).read_text("utf-8")
    assert "<table>" in text
    assert "http" not in text


def shown_name(city, community, language):
    return with_names(city.communities, city.communities, language).loc[community, "name"]


def heading(seen, name):
    return seen.page.get_by_test_id("stMain").get_by_role("heading").filter(has_text=name)


def test_a_click_on_the_map_selects_and_the_address_brings_it_back(visit, city):
    chosen = city.communities.area.idxmax()
    name = shown_name(city, chosen, "en")
    seen = visit(page="coverage", language="en", radius="450")
    seen.page.mouse.click(*seen.point_of(chosen, city))
    seen.wait_for_query(community=chosen)
    heading(seen, name).wait_for()
    seen.drawn(f" {chosen} ")
    again = visit(**seen.query())
    heading(again, name).wait_for()
    assert again.drawn(f" {chosen} ") == seen.drawn(f" {chosen} ")
    assert again.text() == seen.text()
    again.page.get_by_role("button", name=WORDS("en", "coverage.clear")).click()
    heading(again, name).wait_for(state="detached")
    assert "community" not in again.query()


def test_a_row_of_the_table_selects(visit, city, coverage):
    seen = visit(page="coverage", language="zh", standard=city.standard, kind="toilet")
    rule = seen.query()["rule"]
    rows = coverage[coverage["rule"] == rule]
    worst = rows.sort_values(["value", "community_id"], na_position="first").iloc[0]
    canvas = seen.page.get_by_test_id("data-grid-canvas").first
    canvas.wait_for()
    box = canvas.bounding_box()
    seen.page.mouse.click(box["x"] + 16, box["y"] + 52)
    seen.wait_for_query(community=worst["community_id"])
    heading(seen, worst["community"]).wait_for()
    seen.drawn(f" {worst['community_id']} ")


def test_weights_reorder_the_priority_list_and_a_row_shows_its_sum(visit, city):
    seen = visit(page="priority", language="en")
    first = seen.drawn("priority ")
    seen.pick(WORDS("en", "priority.reach"), "5")
    seen.wait_for_query(weigh_reach="5")
    seen.idle()
    assert seen.drawn("reach=0.625") != first
    canvas = seen.page.get_by_test_id("data-grid-canvas").first
    box = canvas.bounding_box()
    seen.page.mouse.click(box["x"] + 16, box["y"] + 52)
    seen.wait_for_query(community="99")
    chosen = seen.query()["community"]
    sum_of = WORDS("en", "priority.arithmetic", community=shown_name(city, chosen, "en"))
    seen.page.get_by_role("heading", name=sum_of).wait_for()
    seen.drawn(f" {chosen} ")


def test_a_larger_position_error_redraws_the_robustness_map(visit):
    seen = visit(page="robustness", language="en", kind="toilet")
    seen.drawn("off=10 ")
    seen.pick(WORDS("en", "robustness.off"), Speaker(WORDS, "en").metres(100))
    seen.wait_for_query(off="100")
    seen.drawn("off=100 ")


def test_the_search_selects_and_another_language_keeps_the_state(visit, city):
    chosen = city.communities.index[7]
    seen = visit(page="coverage", language="zh", radius="450", share="area")
    seen.drawn()
    name = shown_name(city, chosen, "zh")
    box = seen.page.get_by_role("textbox", name=WORDS("zh", "search.label"), exact=True)
    box.fill(name)
    box.press("Enter")
    seen.page.get_by_role(
        "button", name=re.compile(f"^{name}.* · {WORDS('zh', 'search.community')}")
    ).click()
    seen.wait_for_query(community=chosen)
    heading(seen, name).wait_for()
    state = {name: value for name, value in seen.query().items() if name != "language"}
    seen.press(WORDS("zh", "language.en"))
    seen.wait_for_query(language="en")
    heading(seen, shown_name(city, chosen, "en")).wait_for()
    seen.drawn(" en")
    assert state.items() <= seen.query().items()
    assert WORDS("en", "app.title") in seen.text()
    assert WORDS("zh", "app.title") not in seen.text()


# --- a phone, a file on disk


def test_home_fits_a_phone(visit):
    seen = visit(page="home", language="zh")
    seen.page.set_viewport_size({"width": 390, "height": 844})
    seen.page.get_by_test_id("stMetricValue").first.wait_for()
    wide = "n => [...n].map(e => e.scrollWidth - e.clientWidth)"
    boxes = seen.page.locator("html, [data-testid=stMain], [data-testid=stMainBlockContainer]")
    assert max(boxes.evaluate_all(wide)) <= 0
    values = seen.page.get_by_test_id("stMetricValue").all()
    assert len(values) == 5
    for value in values:
        value.scroll_into_view_if_needed()
        box = value.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert re.search(r"\d", value.inner_text())


def test_the_exported_map_opens_from_disk(context, tmp_path):
    command = [sys.executable, "cli.py", "coverage", str(DEMO), "--out", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).scheme))
    page.goto((tmp_path / "coverage_map.html").as_uri())
    page.locator("html[data-atlas]").wait_for(state="attached")
    page.close()
    assert set(asked) <= {"file", "data", "blob"}
    assert asked.count("file") == 1


# --- hostile names

HOSTILE = (
    "<img src=x onerror=window.__pwn=1>",
    "${window.__pwn=1}",
    "`;window.__pwn=1;//",
    "\\`${window.__pwn=1}\\",
    "</script><script>window.__pwn=1</script>",
    "[x](javascript:window.__pwn=1)",
    ":material/home: :red[x] $x^2$ **b**",
    "{{ 7*7 }}{% for a in b %}{# c",
    "'\"><svg onload=window.__pwn=1>",
)


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def spoil_city(folder):
    """Put hostile texts into every name, category, description and source of a city."""
    path = folder / "communities.geojson"
    areas, renamed = json.loads(path.read_text(encoding="utf-8")), {}
    for number, feature in enumerate(areas["features"]):
        bad, facts = HOSTILE[number % len(HOSTILE)], feature["properties"]
        renamed |= {facts["name"]: f"{bad} {number}", facts["street"]: f"P{bad}"}
        names = dict.fromkeys(("name", "name_en"), f"{bad} {number}")
        parents = dict.fromkeys(("street", "street_en"), f"P{bad}")
        facts.update(names | parents)
    path.write_text(json.dumps(areas), encoding="utf-8")
    for path in folder.glob("survey_*.csv"):  # it names its areas
        rewrite(path, lambda row: [renamed.get(cell, cell) for cell in row])
    spoil(folder / "frontages.geojson", r'(?<="所在道路":")[^"]*', HOSTILE[0])
    bad_names = cycle(HOSTILE)
    rewrite(
        folder / "monitoring.csv",
        lambda row: [*row[:2], *[next(bad_names)] * 2, row[4], f"{HOSTILE[0]} {row[5]}", *row[6:]],
    )
    rewrite(folder / "toilets.csv", lambda row: [row[0], next(bad_names), *row[2:]])
    recipe = (folder / "city.toml").read_text(encoding="utf-8")
    recipe = re.sub(r'"[^"]*\(虚构\)[^"]*"', lambda _: quoted(HOSTILE[0]), recipe)
    name = f"name = {{ zh = {quoted(HOSTILE[3])}, en = {quoted(HOSTILE[0])} }}"
    recipe = "\n".join([name, *recipe.splitlines()[2:]])
    bad_names = map(quoted, HOSTILE)
    recipe = re.sub(
        r'(?<=^name = \{ zh = )"2025[^"]*"', lambda _: next(bad_names), recipe, flags=re.MULTILINE
    )
    (folder / "city.toml").write_text(recipe, encoding="utf-8")


def rewrite(path, change):
    """Change the rows of a table below its headings."""
    heads, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([heads, *map(change, rows)])


def spoil_knowledge(folder):
    """Put hostile texts into the names of kinds, categories, standards and rules."""
    names = json.dumps([f"{HOSTILE[0]}{HOSTILE[3]}", f"{HOSTILE[4]}{HOSTILE[5]}"])[1:-1].split(", ")
    for path in [folder / "kinds.toml", *(folder / "taxonomy").glob("*.toml")]:
        spoil(path, r"\{ zh = [^{}]* \}", f"{{ zh = {names[0]}, en = {names[1]} }}")
    number_names(folder / "taxonomy" / "monitoring.toml")
    long = quoted(f"{HOSTILE[0]} {HOSTILE[2]} {HOSTILE[6]} {HOSTILE[7]}")
    for path in (folder / "standards").glob("*.toml"):
        spoil(path, r"\{ zh = [^{}]* \}", f"{{ zh = {long}, en = {long} }}")
        spoil(path, r'(?<=^source = )".*"$', long)
        spoil(path, r'(?<=^document = )".*"$', long)


def number_names(path):
    """Tell names apart where one of two networks or of two indicators is refused."""
    numbers = count()
    text = path.read_text(encoding="utf-8")
    text = re.sub(r'(?<=(?:zh|en) = ")', lambda _: f"{next(numbers)} ", text)
    path.write_text(text, encoding="utf-8")


def spoil(path, pattern, text):
    before = path.read_text(encoding="utf-8")
    after = re.sub(pattern, text.replace("\\", "\\\\"), before, flags=re.MULTILINE)
    path.write_text(after, encoding="utf-8")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A copy of the project whose data are hostile, served."""
    root = tmp_path_factory.mktemp("hostile")
    for name in (*floors(), "data", ".streamlit"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "dashboard.py", root)
    spoil_city(root / "data" / "demo")
    spoil_knowledge(root / "data")
    with (root / "log.txt").open("w") as log:
        process, address = start_server(root / "data" / "demo", log, root=root)
        yield address
        process.terminate()
        process.wait(timeout=20)


def unharmed(page):
    assert {frame.evaluate("window.__pwn") for frame in page.frames} == {None}
    assert page.locator("img[src=x], a[href^=javascript], script:has-text('__pwn')").count() == 0


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh-TW", "zh-Hant"), *(pytest.param(*each, marks=pytest.mark.full) for each in OTHERS)],
)
def test_a_first_visit_speaks_as_the_browser_does(chromium, demo_server, locale, language):
    seen = Visit(chromium.new_page(locale=locale), demo_server).open(page="sources")
    seen.wait_for_query(language=language)
    seen.page.get_by_role("heading", name=WORDS(language, "page.sources")).wait_for(timeout=WAIT)
    spoken = {"zh": "zh-CN"}.get(language, language)
    seen.page.locator(f"html[lang={spoken}]").wait_for(state="attached", timeout=WAIT)
    seen.page.close()


@pytest.mark.parametrize(
    "languages",
    [LANGUAGES, *(pytest.param([each], marks=pytest.mark.full) for each in LANGUAGES)],
    ids="-".join,
)
def test_hostile_texts_stay_texts(context, hostile, city, languages):
    seen = Visit(context.new_page(), hostile)
    for name, language in zip(PAGES, cycle(languages), strict=False):
        seen.open(page=name, language=language)
        if name in {"coverage", "hotspots"}:
            seen.drawn(f" {language}")
            hover(seen, city)
        assert seen.page.get_by_test_id("stException").count() == 0
        assert seen.page.get_by_test_id("stAlertContentError").count() == 0
        unharmed(seen.page)
        if name == "home":
            title = HOSTILE[3] if written_as(language) == "zh" else HOSTILE[0]
            assert title in seen.page.get_by_role("heading").first.inner_text()
            assert any(f"P{bad}" in seen.text() for bad in HOSTILE)
    seen.page.close()
    seen.check()


def hover(seen, city):
    """Show the tips of the largest communities; names must stand there letter by letter."""
    tip = seen.frame().locator(".atlas-tip strong")
    texts = set()
    for community in city.communities.area.nlargest(4).index:
        x, y = seen.point_of(community, city)
        for step in range(20):
            seen.page.mouse.move(x + step % 4, y)
            if found := tip.all_inner_texts():
                texts |= set(found)
                break
            seen.page.wait_for_timeout(100)
    assert any(bad in text for text in texts for bad in HOSTILE), texts
    assert seen.frame().locator(".atlas-tip :is(img, svg, script)").count() == 0
