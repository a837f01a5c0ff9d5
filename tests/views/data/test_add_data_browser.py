"""In a real Chromium: files are uploaded, corrected, saved, replaced; hostile ones do nothing."""

from __future__ import annotations

import json
import re

import pytest
import shapely

from exports.formats.city_folder import city_identifier
from layers.load import load_city
from tests.browser_watch import IDLE
from tests.conftest import start_server
from tests.layers.toy import write_communities
from tests.views.towns import write_town
from wording.catalogue import load_words

pytestmark = pytest.mark.browser
WAIT = 40_000
WORDS = load_words()
ROWS = "Name,Longitude,Latitude,Status\nA,116.35,39.9,Open\nB,116.36,39.9,Closed\n"
HOSTILE = '<img src=x onerror="document.title=1">'
NAMES = [HOSTILE, "West", "South", "North"]


@pytest.fixture(scope="module")
def uploads(tmp_path_factory):
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def address(uploads, tmp_path_factory):
    town = write_town(tmp_path_factory.mktemp("town") / "usual", "id,lon,lat\nt1,121.005,31.005\n")
    with (tmp_path_factory.mktemp("server") / "log.txt").open("w") as log:
        process, address = start_server(town, log, CITY_UPLOADS=str(uploads), CITY_UPLOAD_MB="2")
        yield address
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def files(tmp_path):
    home = tmp_path / "office"
    home.mkdir()
    squares = [shapely.box(116.30 + 0.05 * n, 39.85, 116.35 + 0.05 * n, 39.95) for n in range(4)]
    write_communities(home, shapes=squares, id=list("1234"), name=NAMES)
    (home / "list.csv").write_text(ROWS, encoding="utf-8")
    return home


class Office:
    """A reader at the page Add data."""

    def __init__(self, page, address):
        self.page = page
        page.goto(f"{address}/?page=add&language=en")
        self.idle()

    def idle(self):
        self.page.wait_for_timeout(300)
        self.page.locator(IDLE).wait_for(timeout=WAIT)

    def bring(self, *files):
        self.page.locator("input[type=file]").set_input_files([str(file) for file in files])
        self.page.get_by_text("Quality of the data").wait_for(timeout=WAIT)
        self.idle()

    def bring_unsound(self, *files):
        self.page.locator("input[type=file]").set_input_files([str(file) for file in files])
        self.page.get_by_text("There are no communities").wait_for(timeout=WAIT)
        self.idle()

    def correct(self, file, kind):
        box = self.page.locator("[data-testid=stExpander]", has_text=file)
        if box.locator("details[open]").count() == 0:
            box.locator("summary").click()
        option = self.page.get_by_role("option", name=kind)
        for _ in range(10):  # a list that was opened while the map arrived is closed again
            box.get_by_role("combobox").first.click()
            self.page.wait_for_timeout(700)
            if option.count():
                break
        option.first.click()
        self.page.wait_for_timeout(300)
        box.get_by_role("button", name="Apply").click()
        self.page.get_by_text(f"{file} → {kind}").wait_for(timeout=WAIT)
        self.idle()

    def save(self, name, button):
        field = self.page.get_by_label("Name of the city")
        field.fill(name)
        field.press("Enter")
        self.idle()
        self.page.get_by_role("button", name=button).click()
        self.page.get_by_text("is saved").wait_for(timeout=WAIT)
        self.idle()

    def text(self):
        return self.page.locator("[data-testid=stMain]").inner_text()


def test_files_are_uploaded_corrected_saved_and_replaced(chromium, address, uploads, files):
    office = Office(chromium.new_page(viewport={"width": 1366, "height": 768}), address)
    office.bring(files / "communities.geojson", files / "list.csv")
    assert "Nothing tells which kind of layer this is" in office.text()
    office.correct("list.csv", "Public toilets")
    office.save("Old Town", "Save as the city")
    folder = uploads / "cities" / "old-town"
    assert load_city(folder).facilities["status"].tolist() == ["open", "closed"]
    assert "city=old-town" in office.page.url
    assert list((uploads / "sessions").glob("*/*")) == []

    (files / "list.csv").write_text(ROWS + "C,116.37,39.9,Open\n", encoding="utf-8")
    office.bring(files / "communities.geojson", files / "list.csv")
    office.correct("list.csv", "Public toilets")
    office.save("Old Town", "Replace the city")
    assert len(load_city(folder).facilities) == 3
    assert sorted(each.name for each in (uploads / "cities").iterdir()) == ["old-town"]
    office.page.close()


@pytest.mark.full
def test_hostile_files_do_nothing(chromium, address, uploads, files):
    before = sorted(each.name for each in (uploads / "cities").glob("*"))
    (files / "evil.geojson").write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>",
        encoding="utf-8",
    )
    (files / "run.csv").write_bytes(b"\x7fELF\x00\x01")
    (files / f"{HOSTILE.replace('/', '')}.csv").write_text(ROWS, encoding="utf-8")
    link = {"type": "FeatureCollection", "features": [], "crs": {"type": "link", "properties": {
        "href": "http://127.0.0.1:9/x"}}}  # fmt: skip
    (files / "link.geojson").write_text(json.dumps(link), encoding="utf-8")
    office = Office(chromium.new_page(viewport={"width": 390, "height": 844}), address)
    office.bring(*sorted(files.iterdir()))
    said = office.text()
    assert "passwd" not in said
    assert "root:" not in said
    assert office.page.title() != "1"
    assert "onerror" in said
    assert office.page.locator("img[src=x]").count() == 0
    office.correct("communities.geojson", "Communities")
    office.save(HOSTILE, "Save as the city")
    (name,) = {each.name for each in (uploads / "cities").iterdir()} - set(before)
    assert name == city_identifier(HOSTILE)
    assert NAMES[0] in load_city(uploads / "cities" / name).communities["name"].tolist()
    for page in ("home", "sources", "coverage"):
        office.page.goto(f"{address}/?page={page}&language=en&city={name}")
        office.idle()
        assert office.page.title() != "1"
        assert office.page.locator("img[src=x]").count() == 0
    kept = sorted(each.name for each in (uploads / "cities" / name).iterdir())
    (files / "communities.geojson").write_text('{"type": "FeatureColl', encoding="utf-8")
    office = Office(office.page, address)
    office.bring_unsound(files / "communities.geojson")  # a broken file replaces nothing
    assert office.page.get_by_role("button", name="Replace the city").count() == 0
    assert sorted(each.name for each in (uploads / "cities" / name).iterdir()) == kept
    (files / "huge.csv").write_bytes(b"a,b\n" * 700_000)
    office.page.locator("input[type=file]").set_input_files(str(files / "huge.csv"))
    office.page.wait_for_timeout(3000)
    office.idle()
    assert not list((uploads / "sessions").glob("*/huge.csv"))
    office.page.get_by_role("button", name="Take all away").click()
    office.idle()
    assert list((uploads / "sessions").glob("*/*.csv")) == []
    assert sorted(each.name for each in (uploads / "cities").glob("*")) == sorted([*before, name])
    office.page.close()


@pytest.mark.full
@pytest.mark.parametrize(
    ("language", "button"), [("zh", "选择文件"), ("zh-Hant", "選擇檔案"), ("en", "Choose files")]
)
def test_the_uploader_speaks_the_reader_s_language(chromium, address, files, language, button):
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{address}/?page=add&language={language}")
    zone = page.get_by_test_id("stFileUploaderDropzone")
    zone.get_by_role("button", name=button).wait_for(timeout=WAIT)  # its accessible name as well
    assert not re.search("Upload|per file", zone.inner_text())
    (files / "large.csv").write_bytes(bytes(3_000_000))
    page.locator("input[type=file]").set_input_files(str(files / "large.csv"))
    page.get_by_test_id("stFileChip").wait_for(timeout=WAIT)
    told = "e => getComputedStyle(e, '::after').content"
    assert zone.evaluate(told).strip('"') == WORDS(language, "app.upload_refused")
    (files / "small.csv").write_text("id,lon,lat\n1,121,31\n")
    both = [str(files / name) for name in ("small.csv", "large.csv")]
    page.locator("input[type=file]").set_input_files(both)
    taken = WORDS(language, "add.taken", names="small.csv")  # outlives the mark of the other
    page.get_by_text(taken).wait_for(timeout=WAIT)
    page.close()
