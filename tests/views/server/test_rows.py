"""Single cases, tasks and personal columns: every surface shows those of the role, no other."""

from __future__ import annotations

from functools import partial

import pandas as pd
import pytest

from analysis.casework.findings import FINDING_COLUMNS, OF_ONE_CASE
from analysis.casework.tasks import Task
from analysis.model.roles import (
    COMMANDS,
    EXPORTS,
    WHOLE,
    Matrix,
    Person,
    may,
    own_rows,
)
from analysis.privacy.recognise import CLASSES
from exports.recipes.casework.campaigns import CAMPAIGN_FILES
from exports.recipes.casework.findings import FINDING_FILES, find, seen_findings
from exports.recipes.casework.inspections import ROUND_FILES
from exports.recipes.casework.task_commands import TASK_FILES
from exports.recipes.casework.tasks import make_tasks, usual_question
from exports.recipes.check import CHECK_FILES
from exports.recipes.hotspots import HOTSPOT_FILES
from layers.knowledge.dictionary import load_dictionary
from layers.knowledge.roles import usual_matrix
from store.address import file_address
from store.database import opened
from tests.views.shown import said, single_points
from views import cache
from views.controls import permits
from views.controls.choice import PAGES as EVERY_PAGE
from wording.catalogue import load_words

WORDS, MATRIX = load_words(), usual_matrix()
SINGLE = {"issue_id", "case_ids", "returned_id", "task_id", "finding_id", "content"}
"""Columns that tell of one case, task or row as it came."""
FILES = {
    "hotspots": HOTSPOT_FILES,
    "inspections": ROUND_FILES,
    "findings": FINDING_FILES,
    "campaigns": CAMPAIGN_FILES,
    "tasks": TASK_FILES,
    "quarantine": ("quarantine.csv",),
}
"""Files with such columns, by the export that gives them."""
NARROWED = {"tasks"}
"""Exports, and commands of that name, whose rows are narrowed one by one."""
WITH_CASES = ("lookback", "units", "inspections")
"""Pages that list single cases; findings and tasks have tests of their own."""
ROLES = '[login.proxy]\nheader = "X-User"\naddresses = ["127.0.0.1"]\n'
OPEN = "[pages]\n" + "".join(f'{page} = ["unit", "viewer"]\n' for page in EVERY_PAGE)


@pytest.fixture
def office(monkeypatch, tmp_path):
    """An office that opens every page to units and viewers; gives what lets one of them ask."""
    file = tmp_path / "roles.toml"
    file.write_text(ROLES + OPEN, encoding="utf-8")
    monkeypatch.setenv("CITY_ROLES", str(file))
    monkeypatch.setenv("STORE", str(tmp_path / "store"))

    def become(role, *units):
        person = Person(role, "li", units=frozenset(units))
        monkeypatch.setattr(permits.Caller, "person", lambda _: person)

    return become


@pytest.fixture
def cases(city):
    """Every case of the demo city, with its unit."""
    return city.issues


@pytest.fixture
def busiest(cases):
    return cases["unit"].value_counts().index[0]


def texts_of(page):
    """Give every cell of every table of a page, and what stands around them."""
    cells = [
        str(cell)
        for table in page.dataframe
        for column in table.value
        for cell in table.value[column]
    ]
    return {*cells, *said(page).split()}


def test_every_file_with_single_rows_is_for_roles_that_see_them_all():
    given = {name: export for export, names in FILES.items() for name in names}
    for table in load_dictionary().tables.values():
        if SINGLE.isdisjoint(column.id for column in table.columns):
            continue
        exports = {given[name] for name in table.files if name in given}
        assert exports, f"{table.id}: no export is known to give {table.files}"
        for export in exports - NARROWED:
            assert (EXPORTS, export) in WHOLE, (table.id, export)
            assert export not in MATRIX.names(COMMANDS) or (COMMANDS, export) in WHOLE
    whole = {"pack"}  # holds the files of the others, and all tasks
    assert {(sort, name) for sort in (EXPORTS, COMMANDS) for name in whole} <= WHOLE
    assert set(CHECK_FILES) >= set(FILES["quarantine"])


def test_rows_as_they_were_brought_need_every_class_of_personal_data():
    every = {"columns": {kind: frozenset({"steward"}) for kind in CLASSES}}
    allowed = {"exports": {"corrections": frozenset({"steward"})}, **every}
    steward, rows = Person("steward"), {"steward": "all"}
    assert may(Matrix(allowed, rows), steward, EXPORTS, "corrections")
    fewer = {**allowed, "columns": {**every["columns"], "plate": frozenset({"admin"})}}
    assert not may(Matrix(fewer, rows), steward, EXPORTS, "corrections")


def test_rows_without_a_unit_or_district_are_of_nobody():
    rows = pd.DataFrame({"unit": ["a", None, ""], "parent": ["x", "x", None]})
    seen = Matrix({}, {"unit": "unit", "leader": "parent"})
    assert list(own_rows(seen, Person("unit", units=frozenset({"a", ""})), rows).index) == [0]
    assert list(own_rows(seen, Person("leader", parents=frozenset({"x"})), rows).index) == [0, 1]
    assert own_rows(seen, Person("viewer"), rows).empty


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=() if page == WITH_CASES[0] else pytest.mark.full)
        for page in EVERY_PAGE
        if page not in {"add", "tasks", "findings"}
    ],
)
def test_a_page_shows_a_unit_its_own_cases_and_a_viewer_none(visit, office, cases, busiest, page):
    ids = set(cases.index)
    others = set(cases.index[cases["unit"] != busiest])
    office("unit", busiest)
    shown = texts_of(visit(page=page, language="en"))
    assert not shown & others
    office("viewer")
    nobody = visit(page=page, language="en")
    assert not texts_of(nobody) & ids
    if page in WITH_CASES:
        assert "0 of" in said(nobody)


def test_findings_of_one_case_are_those_of_the_role_and_the_others_stay():
    table = pd.DataFrame(
        {
            "kind": ["coverage", *OF_ONE_CASE[:2]],
            "unit": ["", "a", "b"],
            "parent": "",
        },
        index=["f0", "f1", "f2"],
    )
    for role, left in (("unit", ["f0", "f1"]), ("viewer", ["f0"]), ("planner", [*table.index])):
        seen = partial(own_rows, MATRIX, Person(role, units=frozenset({"a"})))
        assert list(seen_findings(table, seen).index) == left


@pytest.mark.full
def test_the_page_of_findings_lists_those_of_ones_own(visit, office, city, busiest):
    table = find(cache.answers(), usual_question(city)).table
    own = table[table["kind"].eq("overdue") & table["unit"].eq(busiest)]
    office("unit", busiest)
    page = visit(page="findings", language="en", finding="overdue")
    assert len(page.dataframe[0].value) == min(len(own), 500) > 0
    office("viewer")
    assert not len(visit(page="findings", language="en", finding="overdue").dataframe)


@pytest.mark.full
def test_the_page_of_tasks_lists_those_of_ones_own(visit, office, city, tmp_path):
    places = city.communities.head(3)
    facts = {"kind": "coverage", "community_id": places.index, "community": places["name"]}
    rows = pd.DataFrame({**facts, "parent": places["parent"]}).reindex(columns=[*FINDING_COLUMNS])
    rows.index = pd.Index([f"coverage:{each}" for each in places.index], name="finding_id")
    with opened(file_address(tmp_path / "store")) as store:
        for unit, some in (("A", rows[:1]), ("B", rows[1:])):
            make_tasks(store, city, some, Task("", unit=unit), by="li")
    for role, listed in (("unit", 1), ("viewer", 0)):
        office(role, "A")
        tables = visit(page="tasks", language="en").dataframe
        assert len(tables[0].value if len(tables) else ()) == listed


def test_the_map_of_units_draws_single_reports_of_ones_own(drawn, office, year, busiest):
    waiting = year.checks.unchecked
    rare = waiting["category"].value_counts().index[-1]
    own = waiting[(waiting["category"] == rare) & waiting["x"].notna()]
    unit = own["unit"].value_counts().index[0]
    office("unit", unit)
    points = single_points(drawn(page="units", category=rare))
    assert len(points) == int(own["unit"].eq(unit).sum()) < len(own)
    office("viewer")
    assert drawn(page="units", category=rare).points is None
