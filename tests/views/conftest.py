"""The pages without a browser, and what they should show."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis.handling.recipe import assess_handling
from analysis.model.question import Selection
from tests.conftest import ROOT
from tests.frames import issues_of
from tests.views.towns import write_great_town, write_town
from views.cache.searches import SEARCHES
from views.map_widget import widget
from views.map_widget.base import dynamic
from wording.numbers import last_year

DEMO = ROOT / "data" / "demo"


@pytest.fixture(scope="session")
def towns(tmp_path_factory):
    """Folders of cities: the demo city, one that lacks most layers, one that cannot be read."""
    home = tmp_path_factory.mktemp("towns")
    return {
        "demo": DEMO,
        "nyc": ROOT / "data" / "nyc",
        "bare": write_town(home / "bare", "id,lon,lat\nt1,121.005,31.005\n"),
        "broken": write_town(home / "broken", "id,lon\nt1,121.005\n"),
        "great": write_great_town(home / "great"),
    }


class NoProcess:
    """In place of the process that looks for sites: a page that is only drawn starts none."""

    def ask(self, _asked, _heard):
        raise EOFError

    def end(self):
        pass


@pytest.fixture(autouse=True)
def _no_searches(monkeypatch):
    monkeypatch.setattr(SEARCHES, "_begin_worker", NoProcess)


@pytest.fixture
def visit(towns, monkeypatch):
    """Open a page as its URL does, and check that no defect shows."""

    def draw(town="demo", **query):
        monkeypatch.setenv("CITY", str(towns[town]))
        page = AppTest.from_file(str(ROOT / "views" / "server" / "script.py"), default_timeout=120)
        for name, value in query.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception
        return page

    return draw


@pytest.fixture(scope="session")
def year(city, preparation):
    """The last year of the data, which pages show first, and its case handling."""
    first, last = (pd.Timestamp(day) for day in last_year(city.as_of))
    return assess_handling(
        issues_of(city),
        Selection(since=first, until=last),
        taxonomy=city.taxonomy,
        area_m2=preparation.area_m2,
        calendar=city.calendar,
    )


@pytest.fixture
def drawn(visit, monkeypatch):
    """Open a page and give the specification of its map."""
    specs = []
    monkeypatch.setattr(widget, "dynamic", lambda spec: specs.append(spec) or dynamic(spec))

    def draw(**query):
        specs.clear()
        visit(language="en", **query)
        (spec,) = specs
        return spec

    return draw
