"""Every page draws, in both languages, for every city; the URL is the state; updates are small."""

from __future__ import annotations

import html
import re

import pytest

from layers.load import load_city
from maps.handling import MOST_POINTS
from tests.languages import SPOKEN
from tests.views.shown import bytes_sent, first_sight, query_of, said, single_points, texts, written
from tests.views.towns import RECIPE, write_town
from tests.wording.units import FOREIGN_UNITS
from views.controls.choice import (
    LAYERS,
    PAGES,
    SHOWS,
    WITH_PANEL,
)
from wording.catalogue import load_words

WORDS = load_words()
METHOD_WORDS = re.compile(
    r"Gi\*|Benjamini|Kaplan|DBSCAN|Wilson|\b[pqz] [≤=]|PAI|[Ss]eed\b|[种種]子|[验驗] p|\.csv|data/"
)
"""Names of methods and files, which stand one click away from those who want the answer."""
LONG_DECIMALS = re.compile(r"\D?\d+\.\d{5,}")
"""What a table with a style writes of a number that nobody gave a form: `494.000000`."""


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("town", ["demo", "bare"])
def test_every_page_draws_in_every_language(visit, town, name, language):
    page = visit(town, page=name, language=language)
    assert not page.error
    assert len(page.header) == 1
    assert f"**{WORDS(language, 'app.title')}**" in first_sight(page)
    assert query_of(page)["page"] == name
    cells = [str(cell) for table in page.dataframe for cell in table.value.to_numpy().ravel()]
    assert not [text for text in written(page) if LONG_DECIMALS.fullmatch(text)]
    shown = [*texts(page), *cells, *(each.label for each in page.selectbox)]
    assert not [text for text in shown if FOREIGN_UNITS[language].search(text)]
    assert not [text for text in first_sight(page) if METHOD_WORDS.search(text)]
    headings = {f"**{WORDS(language, 'app.panel')}**"} & {m.value for m in page.sidebar.markdown}
    assert bool(headings) == bool(page.sidebar.children)
    if town == "demo":  # its place is kept before anything of the page has come
        assert bool(headings) == (name in WITH_PANEL)


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("name", PAGES)
def test_a_city_that_cannot_be_read_is_refused_in_words(visit, name, language):
    page = visit("broken", page=name, language=language)
    (error,) = page.error
    shown = html.unescape(error.value)
    assert WORDS(language, "error.title") in shown
    assert "toilet" in shown
    assert "lat" in shown


ISSUES = """
[[layers]]
kind = "issues"
file = "issues.csv"
columns = { id = "id", what = "category", day = "reported_at" }
source = "a test"
"""


@pytest.mark.parametrize("language", SPOKEN)
def test_a_register_without_places_and_states_gives_no_number(
    towns, visit, language, tmp_path, monkeypatch
):
    town = write_town(tmp_path / "bald", "id,lon,lat\nt1,121.005,31.005\n")
    (town / "city.toml").write_text(RECIPE + ISSUES, encoding="utf-8")
    rows = "".join(f"i{n},Theft,2026-{1 + n % 6:02d}-11\n" for n in range(60))
    (town / "issues.csv").write_text(f"id,what,day\n{rows}", encoding="utf-8")
    monkeypatch.setitem(towns, "bald", town)
    page = visit("bald", page="home", language=language)
    assert [metric.value for metric in page.metric] == ["—", "—", "—"]
    assert WORDS(language, "home.states_unknown") in said(page)
    why = WORDS(language, "error.no_places", found="60")
    for name in ("home", "hotspots", "change", "silence"):
        assert why in said(visit("bald", page=name, language=language)), name
    page = visit("bald", page="scorecard", language=language)
    assert WORDS(language, "reason.no_layer_of_this_kind") in said(page)
    page = visit("bald", page="units", language=language)
    assert WORDS(language, "units.no_status") in said(page)


@pytest.mark.parametrize("language", SPOKEN)
def test_reports_that_name_their_community_are_counted_there(
    towns, visit, language, tmp_path, monkeypatch
):
    town = write_town(tmp_path / "named", "id,lon,lat\nt1,121.005,31.005\n")
    names = load_city(town).communities["name"]
    recipe = RECIPE + ISSUES.replace('day = "reported_at"', 'day = "reported_at", at = "community"')
    (town / "city.toml").write_text(recipe, encoding="utf-8")
    rows = "".join(f"i{n},Theft,2026-{1 + n % 6:02d}-11,{names.iloc[n % 2]}\n" for n in range(60))
    (town / "issues.csv").write_text(f"id,what,day,at\n{rows}", encoding="utf-8")
    monkeypatch.setitem(towns, "named", town)
    told = WORDS(language, "hotspots.named_alone", total="60")
    assert told in said(visit("named", page="home", language=language))
    page = visit("named", page="hotspots", language=language)
    assert told in said(page)
    counted = page.dataframe[0].value
    assert counted.iloc[:, 1].tolist()[:2] == [30, 30]
    assert not page.exception


@pytest.mark.parametrize("language", SPOKEN)
def test_a_city_without_a_layer_says_so_and_gives_no_number(visit, language):
    page = visit("bare", page="home", language=language)
    values = [metric.value for metric in page.metric]
    assert values[-2:] == ["—", "—"]
    assert len(values) == 3  # a tile for the one kind there is
    assert WORDS(language, "home.no_issues") in texts(page)
    page = visit("bare", page="hotspots", language=language)
    assert WORDS(language, "hotspots.no_layer") in texts(page)


@pytest.mark.parametrize(
    "query",
    [
        {"page": "hotspots", "since": "0001-01-01"},
        {"page": "hotspots", "since": "1900-01-01", "until": "2099-12-31"},
        {"page": "hotspots", "since": "2026-07-01", "until": "2026-06-01"},
        {"page": "hotspots", "cell": "10"},
        {"page": "hotspots", "cell": "100000"},
        {"page": "hotspots", "place": "no such place"},
        {"page": "hotspots", "layer": "density", "since": "2026-06-30"},
        {"page": "change", "view": "month", "month": "2026-13"},
        {"page": "change", "view": "last_year", "span": "12", "until": "2024-09-01"},
        {"page": "change", "view": "weeks", "until": "1900-01-01"},
        {"page": "silence", "since": "2026-06-30", "category": "no such"},
        {"page": "coverage", "radius": "1"},
        {"page": "coverage", "radius": "100000"},
        {"page": "coverage", "standard": "cn-toilet-300", "kind": "market"},
        {"page": "export", "standard": "<script>", "category": "${x}"},
    ],
)
def test_a_strange_url_gets_a_page_or_words(visit, query):
    page = visit(**query, language="en")
    assert f"**{WORDS('en', 'app.title')}**" in texts(page)


@pytest.mark.parametrize(
    "query",
    [
        {"page": "coverage", "kind": "market", "radius": "650", "share": "area"},
        {"page": "hotspots", "since": "2025-02-03", "cell": "400", "layer": "density"},
        {"page": "home", "standard": "intl-400m"},
    ],
)
def test_a_page_keeps_its_url_and_shows_its_state(visit, query):
    page = visit(**query, language="en")
    assert query.items() <= query_of(page).items()
    again = visit(**query_of(page))
    assert texts(again) == texts(page)
    assert query_of(again) == query_of(page)


def test_another_language_keeps_the_rest(visit):
    page = visit(page="coverage", language="en", radius="650", community="990104003")
    page.button_group(key="language-en").set_value("zh").run()
    assert not page.exception
    now = query_of(page)
    assert (now["language"], now["radius"], now["community"]) == ("zh", "650", "990104003")
    assert f"**{WORDS('zh', 'app.title')}**" in texts(page)


def test_another_kind_drops_the_radius_of_the_last_one(visit):
    page = visit(page="coverage", language="en", radius="650")
    page.selectbox(key="kind-en").set_value("market").run()
    assert not page.exception
    now = query_of(page)
    assert now["kind"] == "market"
    assert "radius" not in now


@pytest.mark.parametrize(
    "query",
    [
        *({"page": "hotspots", "layer": layer} for layer in LAYERS),
        {"page": "hotspots", "layer": "clusters", "within": "25", "crowd": "3"},
        {"page": "change"},
        {"page": "change", "view": "month"},
        {"page": "lookback"},
        {"page": "priority"},
        *({"page": "units", "show": show} for show in SHOWS),
    ],
)
def test_no_map_makes_a_marker_of_each_of_thousands_of_cases(drawn, city, query):
    spec = drawn(**query, since="2024-01-01")
    assert len(city.issues) > 10_000
    assert len(spec.marks) <= 100
    assert len(single_points(spec)) <= MOST_POINTS == 2_000


def test_an_update_is_small_with_7000_communities(visit):
    page = visit("great", page="coverage", language="en")
    assert 15_000 < bytes_sent(page) < 50_000
    page.text_input(key="find-en").set_value("SQUARE 6999").run()
    (hit,) = [each for each in page.button if each.label.startswith("Square 6999 of the town")]
    hit.click().run()
    assert query_of(page)["community"] == "Square 6999 of the town"
    assert bytes_sent(page) < 50_000


@pytest.mark.parametrize("page", ["home", "coverage", "scorecard", "capacity", "robustness"])
def test_a_city_without_facilities_is_told_so(visit, towns, tmp_path, monkeypatch, page):
    town = write_town(tmp_path / "empty", "id,lon,lat\nt1,121.005,31.005\n")
    monkeypatch.setitem(towns, "empty", town)
    recipe = town / "city.toml"
    head, *layers = recipe.read_text("utf-8").split("[[layers]]")
    kept = [layer for layer in layers if "toilet" not in layer]
    assert len(kept) < len(layers)
    recipe.write_text("[[layers]]".join([head, *kept]), encoding="utf-8")
    visit("empty", page=page, language="zh")
