"""Several cities in one dashboard: chosen, addressed, added while it runs, and never mixed."""

from __future__ import annotations

import gc
import importlib
import threading
import weakref

import pytest

from exports.recipes.shelf import Shelf
from tests.views.shown import query_of, said
from tests.views.towns import write_town
from views import cache
from views.cache.city import here

TOILETS = "id,lon,lat\nt1,121.005,31.005\n"


@pytest.fixture
def cities(tmp_path, monkeypatch):
    """A folder of two cities beside the usual one."""
    home = tmp_path / "cities"
    home.mkdir()
    for name in ("east", "west"):
        write_named(home, name)
    monkeypatch.setenv("CITIES", str(home))
    yield home
    cache.choose_city("")


def write_named(home, name):
    town = write_town(home / name, TOILETS)
    recipe = (town / "city.toml").read_text("utf-8")
    named = f'name = {{ zh = "{name}城", en = "Town {name}" }}\n'
    lines = [line for line in recipe.splitlines() if not line.startswith("name")]
    (town / "city.toml").write_text(named + "\n".join(lines), "utf-8")


def offered(page):
    return page.selectbox(key="city-en").options


def test_a_reader_changes_between_cities_and_the_address_tells_which(visit, cities):
    page = visit("bare", page="sources", language="en")
    assert offered(page)[1:] == ["Town east", "Town west"]
    page.selectbox(key="city-en").select("west").run()
    assert query_of(page).items() >= {"page": "sources", "language": "en", "city": "west"}.items()
    assert query_of(page)["standard"] == "cn-life-circle"
    again = visit("bare", page="overview", language="en", city="east")
    assert "Town east" in said(again)


def test_a_city_is_offered_without_a_restart(visit, cities):
    page = visit("bare", page="sources", language="en")
    write_named(cities, "north")
    page.run()
    assert "Town north" in offered(page)


def test_a_city_that_there_is_not_means_the_usual_one(visit, cities):
    page = visit("bare", page="sources", language="en", city="../demo")
    assert "city" not in query_of(page)


def test_a_city_that_cannot_be_loaded_is_no_dead_end(visit, cities):
    (cities / "west" / "city.toml").write_text("name = 3", "utf-8")
    page = visit("bare", page="sources", language="en", city="west")
    assert page.error
    page.selectbox(key="city-en").select("east").run()
    assert not page.error
    assert query_of(page)["city"] == "east"


def test_what_a_map_fetches_later_is_of_its_own_city(towns, cities, monkeypatch):
    monkeypatch.setenv("CITY", str(towns["bare"]))
    cache.choose_city("west")
    make, found = here(lambda: cache.city().id), []
    cache.choose_city("east")
    thread = threading.Thread(target=lambda: found.append(make()))
    thread.start()
    thread.join()
    assert found == ["west"]
    assert cache.city().id == "east"


def test_one_city_alone_is_not_asked_for(visit):
    page = visit("bare", page="sources", language="en")
    assert not [box for box in page.selectbox if box.key == "city-en"]


def test_loaded_cities_are_kept_within_bytes(towns, cities, monkeypatch):
    monkeypatch.setenv("CITY", str(towns["bare"]))
    kept = importlib.import_module("views.cache.city")  # the package's own `city` is a function
    shelf = Shelf(limit=1, fewest=1)
    monkeypatch.setattr(kept, "CITIES", shelf)
    cache.choose_city("west")
    west, other = weakref.ref(cache.city()), cache.city()
    assert west() is other
    del other
    cache.choose_city("east")
    assert cache.city().id == "east"
    gc.collect()
    assert (len(shelf), west()) == (1, None)
    monkeypatch.setattr(kept, "CITIES", Shelf(fewest=1))
    for name in ("west", "east", "west"):
        cache.choose_city(name)
        assert cache.city().id == name
    assert len(kept.CITIES) == 2
