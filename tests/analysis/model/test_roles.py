"""Who may what is decided by the matrix alone: default deny, and more lines never allow less."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.errors import RoleError
from analysis.model.roles import (
    ACTIONS,
    ADMIN,
    AS_BROUGHT,
    COLUMNS,
    EVERY_ROW,
    EXPORTS,
    PUBLIC,
    ROLES,
    ROWS,
    SORTS,
    WHOLE,
    Allowances,
    Matrix,
    Person,
    allowed_names,
    columns_for,
    may,
    person_of,
    refusal,
    sees_row,
    sees_rows,
    without_roles,
)

NAMES = ("hotspots", "quarantine", "corrections", "other")
roles = st.sampled_from(ROLES)
allowed = st.dictionaries(
    st.sampled_from(SORTS),
    st.dictionaries(st.sampled_from(NAMES), st.frozensets(roles)),
)
matrices = st.builds(Matrix, allowed, st.dictionaries(roles, st.sampled_from(ROWS)))
names = st.frozensets(st.sampled_from(["a", "b", "c"]))
people = st.builds(Person, roles, st.text(max_size=3), names, names)


@given(people, st.sampled_from(SORTS), st.sampled_from(NAMES))
def test_what_stands_nowhere_is_refused_to_everybody(person, sort, name):
    assert not may(Matrix({}), person, sort, name)
    assert not sees_row(Matrix({}), person, unit="a", parent="a")
    assert columns_for(Matrix({}), person) == frozenset()


@given(matrices, people, st.sampled_from(SORTS), st.sampled_from(NAMES))
def test_a_role_may_what_its_line_says_and_no_more(matrix, person, sort, name):
    stated = person.role in matrix.allowed.get(sort, {}).get(name, frozenset())
    whole = matrix.rows.get(person.role) == EVERY_ROW or (sort, name) not in WHOLE
    every = all(person.role in line for line in matrix.allowed.get(COLUMNS, {}).values())
    expected = stated and whole and (every or (sort, name) not in AS_BROUGHT)
    assert may(matrix, person, sort, name) is expected
    assert (name in allowed_names(matrix, person, sort)) is expected


@given(matrices, people, st.sampled_from(SORTS), st.sampled_from(NAMES), roles)
def test_one_more_role_in_a_line_takes_nothing_from_anybody(matrix, person, sort, name, more):
    line = matrix.allowed.get(sort, {})
    wider = {**line, name: line.get(name, frozenset()) | {more}}
    after = Matrix({**matrix.allowed, sort: wider}, matrix.rows)
    for each in SORTS if sort != COLUMNS else (COLUMNS,):  # a new class is one more to be masked
        before = set(allowed_names(matrix, person, each))
        assert before <= set(allowed_names(after, person, each))
        if (each != sort) or person.role != more:
            assert before == set(allowed_names(after, person, each))


@given(matrices, people, st.sampled_from(["", "a", "b"]), st.sampled_from(["", "a", "b"]))
def test_a_row_is_seen_by_its_unit_or_parent_alone(matrix, person, unit, parent):
    rows = matrix.rows.get(person.role, "none")
    wanted = {
        "none": False,
        "unit": unit != "" and unit in person.units,
        "parent": parent != "" and parent in person.parents,
        "all": True,
    }[rows]
    assert sees_row(matrix, person, unit=unit, parent=parent) is wanted
    assert sees_rows(matrix, person, units=[unit] * 2, parents=[parent, ""])[0] is wanted


@given(matrices)
def test_a_server_without_roles_that_others_reach_writes_nothing_and_shows_no_raw_row(matrix):
    admin = Person(ADMIN)
    alone, reached = (without_roles(matrix, alone=each) for each in (True, False))
    for sort in SORTS:
        assert allowed_names(alone, admin, sort) == matrix.names(sort)
        assert allowed_names(reached, Person(PUBLIC), sort) == ()
    assert set(allowed_names(reached, admin, ACTIONS)) <= {"quarantine"}
    assert "corrections" not in allowed_names(reached, admin, EXPORTS)
    assert columns_for(reached, admin) == frozenset()


@given(people, people, st.lists(st.sampled_from(["g", "h"])))
def test_a_person_is_who_is_named_then_whose_group_is_then_everybody(person, group, groups):
    office = Allowances(Matrix({}), people={"li": person}, groups={"g": group}, everybody="viewer")
    assert person_of(office, "li", groups).role == person.role
    assert person_of(office, "wang", groups).role == (group.role if "g" in groups else "viewer")
    assert person_of(office, "", groups) == Person(PUBLIC)
    assert person_of(office, "li", groups).account == "li"


def test_a_refusal_names_role_and_thing():
    error = refusal("viewer", EXPORTS, "corrections")
    assert isinstance(error, RoleError)
    with pytest.raises(RoleError, match=r"viewer.*exports.*corrections"):
        raise error
