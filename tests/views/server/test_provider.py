"""Log-in at a real, certified provider of OpenID Connect, started here for the test."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from store import database
from store.accounts import account_code
from store.address import file_address
from store.log import entries
from tests.conftest import free_port, start_server
from tests.views.towns import write_town

PROVIDER = Path(__file__).parent / "provider"
ROLES = """
[people]
"stew@office.example" = { role = "steward" }
"unverified@office.example" = { role = "admin" }
[groups]
planning = { role = "planner" }
[login]
provider = true
claim = "email"
groups = "groups"
"""
SECRETS = """
[auth]
redirect_uri = "{dashboard}/oauth2callback"
cookie_secret = "a-secret-of-the-test-that-signs-cookies"
client_id = "dashboard"
client_secret = "secret-of-the-test"
server_metadata_url = "{provider}/.well-known/openid-configuration"
client_kwargs = {{ prompt = "login" }}
"""


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    """Install the provider and give what starts it for one address of a dashboard."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("no provider here: node and npm are needed to run oidc-provider")
    home = tmp_path_factory.mktemp("provider")
    shutil.copytree(PROVIDER, home, dirs_exist_ok=True)
    install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(
        install, cwd=home, capture_output=True, text=True, timeout=240, check=False
    )
    if done.returncode:
        pytest.skip(f"no provider here: npm cannot get oidc-provider: {done.stderr[-300:]}")
    started = []

    def start(dashboard):
        port = free_port()
        command = ["node", "provider.mjs", str(port), f"{dashboard}/oauth2callback"]
        process = subprocess.Popen(
            command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        started.append(process)
        assert process.stdout.readline() == "ready\n"
        return f"http://127.0.0.1:{port}"

    yield start
    for each in started:
        each.terminate()
        each.communicate(timeout=20)


@pytest.fixture(scope="module")
def office(provider, tmp_path_factory):
    """A dashboard whose people log in at the provider; its address and store."""
    home = tmp_path_factory.mktemp("office")
    (home / "roles.toml").write_text(ROLES, encoding="utf-8")
    town = write_town(home / "town", "id,lon,lat\nt1,121.005,31.005\n")
    port = free_port()
    dashboard = f"http://127.0.0.1:{port}"
    secrets = home / "secrets.toml"
    secrets.write_text(SECRETS.format(dashboard=dashboard, provider=provider(dashboard)), "utf-8")
    environment = {
        "CITY_ROLES": str(home / "roles.toml"),
        "STORE": str(home),
        "CITY_WORKERS": "0",
        "STREAMLIT_SECRETS_FILES": str(secrets),
    }
    with (home / "log.txt").open("w") as log:
        process, address = start_server(town, log, port=port, **environment)
        yield address, file_address(home)
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def enter(page, address, name):
    """Log in at the provider as a person does."""
    page.goto(f"{address}/?page=sources&language=en")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Log in with the office's account").click()
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill("whatever")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{address}/**")
    page.locator(".st-key-header").wait_for()
    page.wait_for_load_state("networkidle")


@pytest.mark.browser
@pytest.mark.full
@pytest.mark.expects_faults("fonts.googleapis.com", reason="asked by pages of the provider")
def test_people_log_in_at_a_provider_and_out_again(page, office):
    address, kept = office
    page.goto(f"{address}/?page=sources&language=en")
    page.get_by_text("Log in to see the page").wait_for()
    enter(page, address, "stew")
    page.goto(f"{address}/?page=sources&language=en")
    page.get_by_text("Quarantined rows", exact=True).wait_for()
    page.locator(".st-key-who button").click()
    page.get_by_text("· Data steward").wait_for()
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    page.goto(f"{address}/?page=sources&language=en")
    page.get_by_role("button", name="Log in with the office's account").wait_for()
    with database.opened(kept) as store:
        told = {(each.action, each.subject) for each in entries(store)}
    assert ("logged_in", account_code("stew@office.example")) in told


@pytest.mark.browser
@pytest.mark.full
@pytest.mark.expects_faults("fonts.googleapis.com", reason="asked by pages of the provider")
@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("group", "Planner"),
        ("stranger", "Public"),
        ("unverified", ""),
    ],
)
def test_a_role_comes_from_people_groups_or_none(page, office, name, role):
    address, _ = office
    enter(page, address, name)
    page.goto(f"{address}/?page=coverage&language=en")
    if not role:  # an address that nobody has shown to be his names nobody
        page.get_by_role("button", name="Log in with the office's account").wait_for()
        return
    page.locator(".st-key-who button").click()
    page.get_by_text(f"· {role}").wait_for()
