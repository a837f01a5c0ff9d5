"""Log-in and log-out here: a real server of these pages alone, asked as a browser asks it."""

from __future__ import annotations

import http.client
import threading
import time
from contextlib import closing
from urllib.parse import urlencode

import argon2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from layers.languages import LANGUAGES
from store import accounts, database
from store.address import file_address
from store.log import entries
from tests.conftest import free_port
from tests.views.test_barriers_browser import AXE, FIND
from views.controls import logins
from views.controls.logins import COOKIE
from views.controls.permits import Caller
from views.server import login
from views.server.callers import OwnPages, identity
from views.server.login import Attempts, login_routes
from wording.catalogue import load_words

GOOD, WORDS = "correct horse battery", load_words()
ROLES = '[people]\nli = { role = "steward" }\n[login]\nlocal = true\n'


@pytest.fixture
def office(monkeypatch, tmp_path):
    """An office whose people log in here; gives its store."""
    file = tmp_path / "roles.toml"
    file.write_text(ROLES, encoding="utf-8")
    monkeypatch.setenv("CITY_ROLES", str(file))
    monkeypatch.setenv("STORE", str(tmp_path / "store"))
    monkeypatch.setattr(
        accounts, "_HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    )
    accounts._dummy.cache_clear()
    monkeypatch.setattr(login, "ANSWER_S", 0.05)
    logins._held_at.cache_clear()
    with database.opened(file_address(tmp_path / "store")) as kept:
        accounts.add_account(kept, "li", GOOD)
        yield kept
    accounts._dummy.cache_clear()


@pytest.fixture
def port(office):
    """Serve the pages of log-in."""
    port = free_port()
    app = Starlette(routes=login_routes(), middleware=[Middleware(OwnPages)])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield port
    server.should_exit = True
    thread.join()


@pytest.fixture
def ask(port):
    """Ask the server as a browser does; gives status, headers, text."""

    def request(method, path, *, form=None, cookie="", origin=f"http://127.0.0.1:{port}", **more):
        headers = {"Origin": origin, "Cookie": cookie} if origin else {}
        body = urlencode(form) if form is not None else None
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
            connection.request(method, path, body, {**headers, **more})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()

    return request


def enter(ask, name="li", password=GOOD, path="/login"):
    status, headers, text = ask("POST", path, form={"name": name, "password": password})
    cookie = headers.get("set-cookie", "").partition(";")[0]
    return status, headers, text, cookie


def test_who_logs_in_is_who_the_cookie_says_until_he_logs_out(ask, office):
    status, headers, _, cookie = enter(ask, path="/login?back=page%3Dtasks%26language%3Dzh")
    assert (status, headers["location"]) == (303, "/?page=tasks&language=zh")
    assert {"HttpOnly", "SameSite=strict"} <= set(headers["set-cookie"].split("; "))
    token = cookie.partition("=")[2]
    caller = Caller(token=token)
    assert (caller.person().account, caller.person().role) == ("li", "steward")
    assert "Logged in as li" in ask("GET", "/login?language=en", cookie=cookie)[2]
    assert ask("POST", "/logout", cookie=cookie)[0] == 303
    assert caller.person().role == "public"
    assert [each.action for each in entries(office)][:2] == ["logged_out", "logged_in"]


def test_a_refused_log_in_says_one_sentence_whatever_was_wrong(ask):
    said = {
        enter(ask, name, word)[2] for name, word in (("li", "wrong"), ("nobody", GOOD), ("", ""))
    }
    assert len(said) == 1
    assert 'role="alert"' in said.pop()
    assert enter(ask, "li", "wrong")[0] == 403
    assert enter(ask, "li", "wrong")[3] == ""


def test_a_closed_account_is_out_at_the_next_click(ask, office, monkeypatch):
    token = enter(ask)[3].partition("=")[2]
    assert Caller(token=token).person().account == "li"
    accounts.disable(office, "li")
    logins._held_at.cache_clear()  # which is remembered for a second
    assert Caller(token=token).person().account == ""


def test_a_foreign_page_cannot_log_anybody_in_or_out(ask):
    for origin in ("http://evil.example", None):
        for path in ("/login", "/logout"):
            form = {"name": "li", "password": GOOD}
            status, headers, _ = ask("POST", path, form=form, origin=origin)
            assert (status, "set-cookie" in headers) == (403, False)


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/", "//evil.example", "page=%0d%0aSet-Cookie:x=1", "<script>", "\\evil"],
)
def test_the_way_back_leads_to_the_dashboard_alone(ask, back):
    _, headers, _, _ = enter(ask, path="/login?" + urlencode({"back": back}))
    assert headers["location"].startswith("/?")
    assert "\n" not in headers["location"]
    text = ask("GET", "/login?" + urlencode({"back": back, "language": "en"}))[2]
    assert "<script" not in text
    assert 'href="/?' in text.replace("&#47;", "/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_as_asked_and_as_the_browser(ask, language):
    words = WORDS(language, "login.password")
    assert words in ask("GET", f"/login?language={language}")[2]
    locale = {"zh": "zh-CN", "zh-Hant": "zh-TW", "en": "en-GB"}[language]
    assert words in ask("GET", "/login", **{"Accept-Language": f"fr, {locale};q=0.8"})[2]


def test_too_many_attempts_from_one_address_wait(ask, monkeypatch):
    monkeypatch.setattr(login, "PER_MINUTE", 2)
    answers = [enter(ask, "nobody", "x" * 3)[0] for _ in range(login.PER_MINUTE + 1)]
    assert answers[0] == 403
    assert answers[-1] == 429


def test_attempts_are_counted_by_address_and_minute():
    clock = [0.0]
    attempts = Attempts(lambda: clock[0])
    assert [attempts.are_too_many("a") for _ in range(login.PER_MINUTE)] == [False] * 20
    assert attempts.are_too_many("a")
    assert not attempts.are_too_many("b")
    clock[0] = 60.0
    assert not attempts.are_too_many("a")


def test_a_form_longer_than_ours_is_not_read(ask):
    form = {"name": "li", "password": GOOD, "more": "x" * 5000}
    assert ask("POST", "/login", form=form)[0] == 403


@pytest.mark.parametrize("fields", [{f"f{n}": "" for n in range(20)}, {"name": "li\0\ud800"}])
def test_a_form_that_is_not_ours_is_refused_like_any_other(ask, fields):
    body = {name: value.encode("utf-8", "surrogatepass") for name, value in fields.items()}
    assert ask("POST", "/login", form=body)[0] == 403


def test_without_accounts_here_there_is_no_page(ask, monkeypatch):
    monkeypatch.delenv("CITY_ROLES")
    assert ask("GET", "/login")[0] == 404
    assert enter(ask)[0] == 404


def test_a_restart_ends_no_log_in(ask, monkeypatch, tmp_path):
    token = enter(ask)[3].partition("=")[2]
    again = database.open_store(file_address(tmp_path / "store"))
    monkeypatch.setattr(logins.cache, "store", lambda: again)
    logins._held_at.cache_clear()  # what a process remembers goes with it
    assert Caller(token=token).person().account == "li"
    again.close()


def test_an_account_that_stands_elsewhere_logs_in_anew(ask, office, tmp_path):
    token = enter(ask)[3].partition("=")[2]
    assert Caller(token=token).person().role == "steward"
    for text in (ROLES.replace("steward", "viewer"), ROLES):
        (tmp_path / "roles.toml").write_text(text, encoding="utf-8")
        assert Caller(token=token).person().role == "public"
    assert "logged_out" in [each.action for each in entries(office)[:3]]
    assert Caller(token=enter(ask)[3].partition("=")[2]).person().role == "steward"


def _scope(cookie, headers=()):
    return {"type": "websocket", "headers": [(b"cookie", cookie.encode()), *headers]}


def test_a_session_belongs_to_a_browser_and_whoever_is_logged_in_with_it(office, tmp_path):
    mark = f"dashboard_browser={'a' * 32}"
    alone = identity(_scope(mark))
    assert alone
    assert alone == identity(_scope(f"other=1; {mark}"))
    several = {
        alone,
        identity(_scope(mark.replace("a", "b"))),
        identity(_scope(f"{mark}; {COOKIE}=x")),
        identity(_scope(f"{mark}; {COOKIE}=y")),
        identity(_scope(f"{mark}; _streamlit_user=x")),
        identity(_scope(f"{mark}; _streamlit_user__1=x")),
    }
    assert len(several) == 6
    assert identity(_scope("other=1")) == ""
    login_by_proxy = '[login.proxy]\nheader = "X-User"\naddresses = ["127.0.0.1"]\n'
    (tmp_path / "roles.toml").write_text(login_by_proxy, encoding="utf-8")
    one, other = (identity(_scope(mark, [(b"x-user", name)])) for name in (b"li", b"wang"))
    assert len({one, other, identity(_scope(mark))}) == 3


@pytest.mark.browser
@pytest.mark.expects_faults("403", reason="a log-in is refused")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_log_in_has_no_barrier(chromium, port, language):
    for scheme in ("light", "dark"):
        context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/login?language={language}")
        for said in ("", WORDS(language, "login.refused")):
            if said:
                page.fill("#name", "li")
                page.fill("#password", "wrong")
                page.click("button")
                page.get_by_role("alert").wait_for()
            assert said in page.inner_text("main")
            page.evaluate(AXE)
            found = page.evaluate(FIND)
            assert (found["barriers"], found["looked"] > 10) == ([], True)
        context.close()
