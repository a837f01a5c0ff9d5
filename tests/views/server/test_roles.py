"""Every page, action, file, route and command for every role: none outside the matrix."""

from __future__ import annotations

import ast
import re
from importlib import import_module

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

import cli
from analysis.model.errors import RoleError, SettingsError
from analysis.model.roles import ACTIONS, COMMANDS, EXPORTS, PAGES, ROLES, Person, may
from analysis.privacy.recognise import CLASSES, mask
from layers.knowledge.roles import usual_matrix
from maps.spec import WORDS as MAP_WORDS
from maps.spec import MapSpec
from tests.conftest import ROOT
from views.controls import files, listening, permits
from views.controls.choice import PAGES as EVERY_PAGE
from views.map.areas import offer_circle, with_area
from views.server.middleware import refuse_unguarded
from views.server.proxy import BelievedProxy
from views.settings import settings

MATRIX = usual_matrix()
LOGIN = '[login.proxy]\nheader = "X-User"\naddresses = ["127.0.0.1"]\n'
SOURCES = {path: path.read_text("utf-8") for path in (ROOT / "views").rglob("*.py")}


@pytest.fixture
def office(monkeypatch, tmp_path):
    """An office with roles; gives what lets somebody of a role ask."""
    file = tmp_path / "roles.toml"
    file.write_text(LOGIN, encoding="utf-8")
    monkeypatch.setenv("CITY_ROLES", str(file))

    def become(role, account="li", **rows):
        person = Person(role, "" if role == "public" else account, **rows)
        monkeypatch.setattr(permits.Caller, "person", lambda _: person)
        return person

    return become


def _names_asked_for(constant):
    """Names in calls such as `allowed(ACTIONS, "upload")`, and what files are offered as."""
    found = set()
    for text in SOURCES.values():
        found |= set(re.findall(rf'\({constant}, "(\w+)"\)', text))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {
                "offer_file" if constant == "EXPORTS" else "take_files",
                *(["_offer"] if constant == "EXPORTS" else []),
            }:
                found |= {a.value for a in node.args[:2] if isinstance(a, ast.Constant)}
    return found


def test_the_matrix_has_a_line_for_everything_there_is_and_no_other():
    assert set(MATRIX.names(PAGES)) == set(EVERY_PAGE)
    assert set(MATRIX.names(COMMANDS)) == set(cli.COMMANDS)
    assert set(MATRIX.names(ACTIONS)) == _names_asked_for("ACTIONS")
    tables = {
        "layers",
        "notes",
        "quarantine",
    }  # of a loop on the page of sources
    assert set(MATRIX.names(EXPORTS)) == _names_asked_for("EXPORTS") | tables


def test_files_leave_and_come_through_one_module_alone():
    ways = ("download_button", "file_uploader", "camera_input", "audio_input", "chat_input")
    users = {path.name for path, text in SOURCES.items() if any(f".{way}(" in text for way in ways)}
    assert users == {"files.py"}


def _stubbed(monkeypatch):
    """Let every page say its name instead of drawing itself, and note that it was asked."""
    drawn = []
    script = SOURCES[ROOT / "views" / "server" / "script.py"]
    for page, module in re.findall(r'"(\w+)": (\w+)\.render', script):
        (path,) = [p for p in SOURCES if p.stem == module and p.parent.parent.name == "views"]
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        monkeypatch.setattr(import_module(name), "render", lambda _, page=page: drawn.append(page))
    return drawn


def _walk(monkeypatch, office, role, pages):
    drawn = _stubbed(monkeypatch)
    office(role)
    monkeypatch.setenv("CITY", str(ROOT / "data" / "demo"))
    opened = set()
    for page in pages:
        drawn.clear()
        app = AppTest.from_file(str(ROOT / "views" / "server" / "script.py"), default_timeout=60)
        app.query_params["page"], app.query_params["language"] = page, "en"
        app.run()
        assert not app.exception
        opened |= set(drawn)
        assert set(drawn) <= {page}
        assert bool(drawn) or app.info[0].value
    return opened


def _pages_of(role):
    return {page for page in EVERY_PAGE if may(MATRIX, Person(role), PAGES, page)}


ON_THE_EDGE = ("home", "whatif", "tasks", "add")
"""Pages that viewers and leaders differ in, and one that both see."""


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        ("viewer", ON_THE_EDGE),
        *(pytest.param(role, EVERY_PAGE, marks=pytest.mark.full) for role in ROLES),
    ],
)
def test_a_role_opens_by_address_the_pages_of_the_matrix_and_no_other(
    monkeypatch, office, role, pages
):
    allowed = {page for page in pages if may(MATRIX, Person(role), PAGES, page)}
    assert _walk(monkeypatch, office, role, pages) == allowed


@pytest.mark.parametrize(("role", "narrows"), [("public", False), ("viewer", True)])
def test_nobody_works_out_single_cases_by_days_or_areas_of_his_own(
    monkeypatch, office, role, narrows
):
    """What differs between two days, or lies in a circle about one house, is a case or two."""
    _stubbed(monkeypatch)
    tools = []
    monkeypatch.setattr(
        import_module("views.map.coverage"),
        "render",
        lambda screen: (
            offer_circle(screen),
            tools.append(
                with_area(screen, MapSpec("m", "en", dict.fromkeys(MAP_WORDS, "x"))).tools
            ),
        ),
    )
    office(role)
    monkeypatch.setenv("CITY", str(ROOT / "data" / "demo"))
    app = AppTest.from_file(str(ROOT / "views" / "server" / "script.py"), default_timeout=60)
    asked = {"since": "2026-06-01", "until": "2026-06-02", "area": "40@112.6134,30.72538"}
    for name, value in {"page": "coverage", "language": "en", **asked}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    kept = {name for name in asked if name in app.query_params}
    assert kept == (set(asked) if narrows else set())
    assert [bool(each) for each in tools] == [narrows]
    assert bool(app.expander) == narrows


def _draw_files(roles, exports, actions):
    """Offer and take every file as every role, and an invented one."""
    import streamlit as st  # noqa: PLC0415  the function is run as a script

    from analysis.model.roles import Person  # noqa: PLC0415  the same
    from views.controls import permits  # noqa: PLC0415  the same
    from views.controls.files import offer_file, take_files  # noqa: PLC0415  the same

    before = permits.Caller.person
    for role in roles:
        permits.Caller.person = lambda _, role=role: Person(role)
        for name in exports:
            key = f"{role}-{name}"
            offer_file(name, key, lambda: b"x", file_name="x", key=key)
        for name in actions:
            take_files(name, f"{role}+{name}", key=f"{role}+{name}")
    permits.Caller.person = before
    st.write("done")


def test_every_file_is_offered_and_taken_as_the_matrix_says(office):
    exports, actions = (*MATRIX.names(EXPORTS), "new"), (*MATRIX.names(ACTIONS), "new")
    app = AppTest.from_function(_draw_files, args=(ROLES, exports, actions))
    app.run()
    assert not app.exception
    assert [each.value for each in app.markdown] == ["done"]
    offered = {each.proto.label for each in app.get("download_button")}
    assert offered == {
        f"{role}-{name}"
        for role in ROLES
        for name in exports
        if may(MATRIX, Person(role), EXPORTS, name)
    }
    taken = {each.proto.label for each in app.get("file_uploader")}
    assert taken == {
        f"{role}+{name}"
        for role in ROLES
        for name in actions
        if may(MATRIX, Person(role), ACTIONS, name)
    }


def test_a_file_offered_before_the_role_was_taken_away_is_not_made(office, monkeypatch):
    made = []
    monkeypatch.setattr(st, "download_button", lambda _label, make, **_: made.append(make))
    office("steward")
    files.offer_file("corrections", "rows", lambda: b"raw", file_name="rows.csv")
    assert made[0]() == b"raw"
    office("viewer")
    with pytest.raises(RoleError, match="corrections"):
        made[0]()


@pytest.mark.parametrize(
    "role",
    [pytest.param(each, marks=pytest.mark.full if each != "planner" else ()) for each in ROLES],
)
def test_a_command_runs_in_the_name_of_a_role_that_may(monkeypatch, role, tmp_path):
    monkeypatch.setenv("CITY_ROLE", role)
    for command in MATRIX.names(COMMANDS):
        answer = CliRunner().invoke(cli.app, [command, str(tmp_path / "none")])
        refused = "may not do this" in answer.output
        asked = "Missing" in answer.output or "Usage" in answer.output
        assert refused is not (may(MATRIX, Person(role), COMMANDS, command) or asked), command


def test_a_command_in_the_name_of_no_role_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("CITY_ROLE", "boss")
    answer = CliRunner().invoke(cli.app, ["check", str(tmp_path)])
    assert answer.exit_code == 2
    assert "'boss' is unknown; allowed are public, viewer" in answer.output


def test_a_role_without_quarantine_sees_none_of_it_on_the_page_of_sources(visit, office):
    office("steward")
    shown = [each.label for each in visit(page="sources", language="en").get("download_button")]
    rows = len(visit(page="sources", language="en").dataframe)
    office("viewer")
    page = visit(page="sources", language="en")
    fewer = [each.label for each in page.get("download_button")]
    assert len(page.dataframe) == rows - 1
    assert len(fewer) == 2 < len(shown)
    assert "Quarantined rows" not in [each.value for each in page.subheader]


def test_personal_data_are_masked_for_every_role_but_one_that_sees_them(visit, office, tmp_path):
    """Also after a steward has looked: what was drawn for one is not shown to another."""
    (tmp_path / "roles.toml").write_text(
        LOGIN + '\n[actions]\nquarantine = ["steward", "planner"]\n', encoding="utf-8"
    )

    def contents(role):
        office(role)
        tables = [each.value for each in visit(page="sources", language="en").dataframe]
        (table,) = [each for each in tables if "Content" in each.columns]
        return " ".join(table["Content"])

    seen, masked = contents("steward"), contents("planner")
    masks = [f"[{kind}]" for kind in CLASSES]
    assert not any(mask in seen for mask in masks)
    assert any(mask in masked for mask in masks)
    assert mask(seen) != seen


@pytest.mark.parametrize(
    ("client", "environment", "believed"),
    [
        (("127.0.0.1", 4711), "", True),
        (("10.0.0.9", 4711), "", False),
        (("10.0.0.9", 0), "", True),  # uvicorn put it in place of 127.0.0.1
        (("10.0.0.9", 0), "127.0.0.1,10.0.0.1", False),
        (("10.0.0.9", 0), "*", False),
        (None, "", False),
    ],
)
def test_a_proxy_is_believed_from_named_machines_alone(
    office, monkeypatch, client, environment, believed
):
    if environment:
        monkeypatch.setenv("FORWARDED_ALLOW_IPS", environment)
    seen = []

    async def app(scope, _receive, _send):
        seen.append(dict(scope["headers"]))

    scope = {
        "type": "websocket",
        "client": client,
        "headers": [(b"X-User", b"li"), (b"x-user", b"wang"), (b"host", b"h")],
    }
    with pytest.raises(StopIteration):  # a loop may run in this thread already
        BelievedProxy(app)(scope, None, None).send(None)
    assert (b"X-User" in seen[0]) is believed
    assert (b"x-user" in seen[0]) is believed
    assert seen[0][b"host"] == b"h"


def test_without_roles_the_machine_itself_may_everything_and_others_only_read(monkeypatch):
    monkeypatch.delenv("CITY_ROLES", raising=False)
    assert permits.allowed(ACTIONS, "publish")
    assert permits.allowed(EXPORTS, "corrections")
    monkeypatch.setattr(listening.LISTENING, "addresses", ("10.0.0.9",))
    assert not permits.allowed(ACTIONS, "publish")
    assert not permits.allowed(EXPORTS, "corrections")
    assert permits.allowed(PAGES, "tasks")


def test_a_server_with_roles_starts_with_a_log_and_sound_roles_alone(monkeypatch, tmp_path):
    file = tmp_path / "roles.toml"
    monkeypatch.setenv("CITY_ROLES", str(file))
    monkeypatch.delenv("STORE", raising=False)
    monkeypatch.delenv("STORE_URL", raising=False)
    monkeypatch.setattr(listening.LISTENING, "addresses", ("10.0.0.9",))
    for text, said in (
        ("", "no way to log in"),
        (LOGIN + "[pages]\nhom = []\n", "'home'"),
        (LOGIN, "no place for the log"),
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError, match=said):
            refuse_unguarded(settings())
    monkeypatch.setenv("STORE", str(tmp_path / "store"))
    refuse_unguarded(settings())
    file.unlink()
    with pytest.raises(SettingsError, match="cannot be read"):
        refuse_unguarded(settings())
