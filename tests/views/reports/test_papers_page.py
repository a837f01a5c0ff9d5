"""The page of papers makes what the command line makes, with the figures of home."""

from __future__ import annotations

import io
import re
import time
import zipfile

import docx
import pytest

from analysis.model.question import SitingRequest
from exports.recipes.home import compose_home
from exports.recipes.home_text import tile_value
from exports.recipes.issue_answers import IssueAnswers
from exports.recipes.report import PAPER_NAMES
from exports.recipes.siting import siting_paper
from tests.whole_town import write_whole_town
from views.cache import answers, searches
from views.cache.searches import SEARCHES
from views.controls.choice import DECISION, PAPERS
from views.controls.city_question import question_of
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()


def test_the_page_offers_every_paper():
    assert (*PAPER_NAMES, DECISION) == PAPERS


@pytest.fixture(scope="module")
def language():
    return "en"


def test_a_paper_is_shown_handed_out_and_has_the_figures_of_home(visit, city, language):
    page = visit(page="papers", language=language)
    page.button(key="make-paper").click().run()
    assert not page.exception
    _, paper, pages, files = page.session_state["made-paper"]
    assert list(files) == ["brief.docx", "brief.pdf"]
    assert len(pages) == 2
    labels = [element.label for element in page.get("download_button")]
    assert labels == [WORDS(language, "reports.get_docx"), WORDS(language, "reports.get_pdf")]
    said = re.sub(r"\s", "", _text(files["brief.docx"]))
    answers = IssueAnswers(city)
    home = compose_home(answers, question_of(page.session_state["choice"], city))
    for tile in home.tiles:
        assert tile_value(tile, Speaker(WORDS, language)) in said
    assert paper.language == language


def _text(content):
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return " ".join([*(each.text for each in document.paragraphs), *cells])


def test_a_sheet_asks_for_its_community_first(visit, city, language):
    page = visit(page="papers", language=language, paper="community")
    assert WORDS(language, "reports.which_community") in [each.value for each in page.info]
    community = str(city.communities.index[3])
    page = visit(page="papers", language=language, paper="community", community=community)
    page.button(key="make-paper").click().run()
    assert not page.exception
    _, _, pages, files = page.session_state["made-paper"]
    assert list(files) == [f"community-{community}.docx", f"community-{community}.pdf"]
    assert len(pages) == 1


def test_a_decision_asks_for_sites_first_and_is_the_paper_of_the_search(
    visit, towns, tmp_path, monkeypatch
):
    monkeypatch.setenv("CITY_WORKERS", "0")
    monkeypatch.setattr(SEARCHES, "_known", type(SEARCHES._known)())  # searches of other tests
    towns["whole"] = write_whole_town(tmp_path / "whole")
    query = {"kind": "toilet", "standard": "cn-life-circle", "measure": "straight", "number": "2"}
    page = visit("whole", page="papers", paper=DECISION, language="en", **query)
    assert "Where to build (Public toilets)" in page.info[0].value
    page.button(key="to-siting").click().run()
    limit = time.monotonic() + 60
    while not all(each.ended for each in SEARCHES._known.values()) and time.monotonic() < limit:
        time.sleep(0.02)
    page = visit("whole", page="papers", paper=DECISION, language="en", **query)
    page.button(key="make-paper").click().run()
    assert not page.exception
    (search,) = SEARCHES._known.values()
    found = searches.plan(search)
    SEARCHES._known.clear()
    _, paper, _, files = page.session_state["made-paper"]
    assert list(files) == ["decision.docx", "decision.pdf"]
    request = SitingRequest(sites=2)
    assert paper == siting_paper(answers(), found, request, Speaker(WORDS, "en"))
    assert search.asked.request == request
    assert "2 new sites" in _text(files["decision.docx"])


@pytest.mark.full
def test_everything_comes_in_one_file(visit, language):
    page = visit(page="papers", language=language)
    page.button(key="make-all").click().run()
    assert not page.exception
    _, archive, count = page.session_state["made-all"]
    names = zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert len(names) == count
    assert {"brief.pdf", "notice.docx", "coverage.pdf", "chart-monthly.png", "run.json"} < {*names}
