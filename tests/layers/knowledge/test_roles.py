"""What an office writes in `roles.toml` is read whole, or refused with one clear error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.errors import SettingsError
from analysis.model.roles import ADMIN, PAGES, ROLES, SORTS, Person, allowed_names, may
from analysis.privacy.recognise import CLASSES
from layers.knowledge.roles import load_allowances, usual_matrix

LOCAL = "[login]\nlocal = true\n"


@pytest.fixture
def read(tmp_path):
    def load(text):
        file = tmp_path / "roles.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_allowances(file)

    return load


def test_the_usual_matrix_knows_every_role_and_class():
    matrix = usual_matrix()
    assert set(matrix.rows) == set(ROLES)
    assert set(matrix.names("columns")) == set(CLASSES)
    assert all(matrix.names(sort) for sort in SORTS)


def test_wider_roles_see_every_page_of_narrower_ones():
    matrix = usual_matrix()
    pages = {role: set(allowed_names(matrix, Person(role), PAGES)) for role in ROLES}
    for narrow, wide in zip(
        ("public", "viewer", "unit", "leader", "planner", "steward"),
        ("viewer", "leader", "planner", "planner", "steward", ADMIN),
        strict=True,
    ):
        assert pages[narrow] <= pages[wide], (narrow, wide)


def test_personal_data_and_raw_rows_are_the_stewards_alone():
    matrix = usual_matrix()
    for sort, name in [
        *(("columns", each) for each in CLASSES),
        ("actions", "quarantine"),
        *(("exports", each) for each in ("quarantine", "corrections")),
        *(("commands", each) for each in ("correct", "prepare")),
    ]:
        assert [role for role in ROLES if may(matrix, Person(role), sort, name)] == ["steward"]


def test_an_office_names_people_and_changes_lines(read):
    office = read(
        'everybody = "viewer"\n[pages]\nhome = ["public"]\n[rows]\nleader = "parent"\n'
        '[people]\nli = { role = "leader", parents = ["东城"] }\n'
        '"wu@example.org" = { role = "unit", units = ["一中队"] }\n'
        '[groups]\nplanning = { role = "planner" }\n'
        '[login]\nproxy = { header = "X-User", addresses = ["127.0.0.1", "::1"] }\n'
    )
    assert office.people["li"] == Person("leader", parents=frozenset({"东城"}))
    assert office.people["wu@example.org"].units == {"一中队"}
    assert (office.groups["planning"].role, office.everybody) == ("planner", "viewer")
    assert may(office.matrix, Person("public"), PAGES, "home")
    assert not may(office.matrix, Person("admin"), PAGES, "home")
    assert may(office.matrix, Person("admin"), PAGES, "coverage")
    assert office.login.proxy.addresses == {"127.0.0.1", "::1"}
    assert not office.login.local


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"roles\.toml: login switches no way to log in on; allowed are local, provider"),
        (f'{LOCAL}[pages]\ncoverag = ["viewer"]', r"pages: name 'coverag'.*mean 'coverage'"),
        (f'{LOCAL}[pages]\nhome = ["viewr"]', r"pages: home: role 'viewr'.*mean 'viewer'"),
        (f"{LOCAL}[pages]\nhome = [1]", r"pages: home is \[1\]; allowed is a text or a list"),
        (f"{LOCAL}[pagse]", r"key 'pagse' is unknown.*mean 'pages'"),
        (f'{LOCAL}[people]\nli = "viewer"', r"li is .viewer.; allowed is a table \{ role"),
        (f"{LOCAL}[people]\nli = {{}}", r"people: li: role is None; allowed is a text"),
        (f'{LOCAL}[people]\nli = {{ role = "boss" }}', r"li: role 'boss' is unknown"),
        (
            f'{LOCAL}[people]\nli = {{ role = "unit" }}',
            r"units is None; allowed is a list of units",
        ),
        (f'{LOCAL}[rows]\nviewer = "some"', r"rows: viewer: rows 'some' is unknown"),
        (f'{LOCAL}[rows]\nviewers = "all"', r"rows: role 'viewers' is unknown"),
        (f'everybody = "all"\n{LOCAL}', r"role 'all' is unknown"),
        ("[login]\nlocal = 1", r"login: local is 1; allowed is true or false"),
        ("[login.proxy]\naddresses = ['::1']", r"proxy: header is None; allowed is a text"),
        ("[login.proxy]\nheader = 'X'", r"addresses is None; allowed is addresses such as"),
        ("[login.proxy]\nheader = 'X'\naddresses = ['10.0.0.0/8']", r"allowed is addresses such"),
        ("[login", r"roles\.toml: not valid TOML"),
        (b"\xff\xfe", r"roles\.toml is not text in UTF-8"),
        ("#" * (1 << 20) + "\n", "too long: more than"),
    ],
)
def test_a_slip_is_told_with_file_entry_value_and_what_is_allowed(read, text, said):
    with pytest.raises(SettingsError, match=said):
        read(text)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read"):
        load_allowances(tmp_path / "none.toml")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_allowances(tmp_path)


@given(st.text())
def test_whatever_stands_in_it_is_read_or_told(tmp_path_factory, text):
    file = tmp_path_factory.getbasetemp() / "any-roles.toml"
    file.write_text(text, encoding="utf-8", errors="replace")
    with pytest.raises(SettingsError):  # none of it switches a way to log in on
        load_allowances(file)
