"""The mode in which facilities are tried by clicks, undone, saved, and told of in conflicts."""

from __future__ import annotations

import pytest

from exports.recipes.scenarios import Scenario, ScenarioJudge, read_all, save
from store.address import file_address
from store.database import opened
from tests.views.shown import said
from views.map import whatif

QUERY = {"page": "whatif", "language": "en", "kind": "toilet", "standard": "cn-life-circle"}


@pytest.fixture
def kept(monkeypatch, tmp_path):
    monkeypatch.setenv("STORE", str(tmp_path))
    monkeypatch.delenv("STORE_URL", raising=False)
    with opened(file_address(tmp_path)) as store:
        yield store


def button(page, label):
    return next(each for each in page.button if each.label == label)


def test_planned_facilities_undo_redo_and_clear(visit, monkeypatch):
    monkeypatch.delenv("STORE", raising=False)
    page = visit(**QUERY)
    assert "Click on the map" in said(page)
    assert "no store is named" in said(page)
    button(page, "Start from the 5 planned").click()
    page.run()
    assert "opens **5**, closes **0** and moves 0" in said(page)
    assert "(walking), communities" in said(page)
    assert "come within a walk of 300" in said(page)
    button(page, "Undo").click()
    page.run()
    assert "opens **4**" in said(page)
    button(page, "Redo").click()
    page.run()
    assert "opens **5**" in said(page)
    button(page, "Clear").click()
    page.run()
    assert "Click on the map" in said(page)


def test_saving_opening_and_a_conflict_with_both_values(visit, city, kept):
    page = visit(**QUERY)
    button(page, "Start from the 5 planned").click()
    page.run()
    fields = {each.label: each for each in page.text_input}
    fields["Name of the scenario"].input("Plan A")
    fields["Author"].input("Li")
    button(page, "Save the scenario").click()
    page.run()
    assert [each.value for each in page.success] == ["Saved “Plan A”, version 1."]
    record = read_all(kept, city)[0]
    assert (record.name, record.body["author"], len(record.body["changes"])) == ("Plan A", "Li", 5)
    judge = ScenarioJudge(whatif.cache.answers())
    save(kept, judge, "Plan A", Scenario(author="Wang"), record)
    button(page, "Undo").click()
    page.run()
    button(page, "Save the scenario").click()
    page.run()
    assert "meanwhile version 2 was saved" in page.error[0].value
    tables = [frame.value for frame in page.dataframe if "Saved meanwhile" in frame.value]
    assert tables[0].set_index("Part").loc["Author"].tolist() == ["Li", "Wang"]
    assert len(read_all(kept, city)) == 1


def test_nothing_is_saved_where_others_reach_the_server(visit, kept, monkeypatch):
    monkeypatch.setattr("views.controls.permits.on_loopback", lambda: False)
    page = visit(**QUERY)
    assert "cannot be saved here" in said(page)
    assert "Save the scenario" not in [each.label for each in page.button]
