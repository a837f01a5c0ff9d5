"""A viewer gets at nothing of a steward's: by address, deep link, file, message or session."""

from __future__ import annotations

import re
import secrets
import urllib.error
import urllib.request

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from store import database
from store.accounts import account_code
from store.address import file_address
from store.log import entries
from tests.conftest import start_server
from tests.views.towns import write_town
from views.server.own_addresses import DATA, OwnAddresses

ROLES = """
[people]
stew = { role = "steward" }
vera = { role = "viewer" }
[login.proxy]
header = "X-User"
addresses = ["127.0.0.1"]
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A server with roles, behind a proxy that is played by the test; address and store."""
    home = tmp_path_factory.mktemp("office")
    (home / "roles.toml").write_text(ROLES, encoding="utf-8")
    town = write_town(home / "town", "id,lon,lat\nt1,121.005,31.005\nt2,300,31.005\n")
    with (home / "log.txt").open("w") as log:
        process, address = start_server(
            town, log, CITY_ROLES=str(home / "roles.toml"), STORE=str(home), CITY_WORKERS="0"
        )
        yield address, file_address(home)
        process.terminate()
        process.wait(timeout=20)


class Browser:
    """A browser behind the proxy: its mark, who is logged in, one open page."""

    def __init__(self, address, user, mark=""):
        self.address, self.mark = address, mark or f"dashboard_browser={secrets.token_hex(16)}"
        self.headers = {"Cookie": self.mark, **({"X-User": user} if user else {})}
        self.session, self.stream = "", None

    def open(self, query, session=""):
        """Open a page; give all that the server tells."""
        names = ["streamlit", "none", session] if session else ["streamlit"]
        self.stream = connect(
            self.address.replace("http", "ws") + "/_stcore/stream",
            subprotocols=names,
            origin=self.address,
            additional_headers=self.headers,
            max_size=None,
        )
        ask = BackMsg()
        ask.rerun_script.query_string = query
        return self.send(ask)

    def send(self, message, until="script_finished"):
        self.stream.send(message.SerializeToString())
        told = []
        while True:
            each = ForwardMsg()
            each.ParseFromString(self.stream.recv(timeout=60))
            told.append(each)
            kind = each.WhichOneof("type")
            if kind == "new_session":
                self.session = each.new_session.initialize.session_id
            if kind == until:
                return told

    def get(self, path, method="GET"):
        """Ask for an address; give its status."""
        headers = {**self.headers, "Origin": self.address}
        body = b"x" if method == "PUT" else None
        request = urllib.request.Request(self.address + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code


def text_of(told):
    return "\n".join(map(str, told))


def files_of(told):
    buttons = [each.delta.new_element.download_button for each in told]
    return {each.label: each.deferred_file_id for each in buttons if each.label}


def wish_for(file, browser):
    wish = BackMsg()
    wish.backend_operation_request.session_id = browser.session
    wish.backend_operation_request.request_id = "1"
    wish.backend_operation_request.deferred_file.file_id = file
    return wish


def test_a_viewer_gets_at_nothing_of_a_stewards(office):
    address, kept = office
    stew, vera = Browser(address, "stew"), Browser(address, "vera")
    seen = stew.open("page=sources&language=en")
    files = files_of(seen)
    assert "Quarantined rows" in text_of(seen)
    (quarantine,) = [file for label, file in files.items() if "uarantine" in label]

    # by address and deep link
    shown = vera.open("page=sources&language=en")
    assert "Quarantined rows" not in text_of(shown)
    assert len(files_of(shown)) == 2
    refused = Browser(address, "vera").open("page=add&language=en")
    assert "is not open to your role (Viewer)" in text_of(refused)
    assert "Log in to see" in text_of(Browser(address, "").open("page=home&language=en"))

    # by a message of a widget that was never shown
    rerun = BackMsg()
    rerun.rerun_script.query_string = "page=sources&language=en"
    vera.stream.send(wish_for(quarantine, vera).SerializeToString())
    assert "backend_operation_response" not in {m.WhichOneof("type") for m in vera.send(rerun)}
    answer = stew.send(wish_for(quarantine, stew), "backend_operation_response")[-1]
    url = answer.backend_operation_response.deferred_file.url
    assert url.startswith("/media/")

    # by the address of a file or map that somebody else was told
    (geometry, *_) = re.findall(r"geo/([\w.-]{8,})", text_of(stew.open("page=coverage")))
    for path in (url, f"/geo/{geometry}"):
        assert stew.get(path) == 200
        assert vera.get(path) == 404
        assert Browser(address, "vera", stew.mark).get(path) == 404
        assert Browser(address, "", stew.mark).get(path) == 404

    # files into a session that no page asked for them
    assert vera.get(f"/_stcore/upload_file/{vera.session}/a", "PUT") == 404

    # the session itself, in the same browser
    other = Browser(address, "vera", stew.mark)
    other.open("page=home", session=stew.session)
    assert other.session != stew.session
    back = Browser(address, "stew", stew.mark)
    stew.stream.close()
    back.open("page=home", session=stew.session)
    assert back.session == stew.session

    with database.opened(kept) as store:
        told = [(each.action, each.facts.get("by")) for each in entries(store)]
    assert told.count(("exported", account_code("stew"))) == 1
    assert {action for action, _ in told} == {"roles_changed", "logged_in", "exported"}


def test_a_name_that_is_not_given_out_needs_no_telling():
    for path in ("/geo/abcdef12", "/media/0123456789abcdef.csv", "/city/geo/abcdef12"):
        assert DATA.search(path)
    for path in ("/", "/vendor/leaflet.js", "/static/media/font.woff2", "/_stcore/health"):
        assert not DATA.search(path)


def step(coroutine):
    with pytest.raises(StopIteration) as ended:
        coroutine.send(None)
    return ended.value.value


@pytest.mark.parametrize("wish", ["clear_cache", "debug_shutdown_runtime"])
def test_a_browser_cannot_ask_what_concerns_everybody(wish):
    message = BackMsg()
    setattr(message, wish, True)
    rerun = BackMsg()
    rerun.rerun_script.SetInParent()
    waiting = [{"bytes": each.SerializeToString()} for each in (message, rerun)]

    async def receive():
        return waiting.pop(0)

    assert step(OwnAddresses(None)._asking("who", receive)()) == {
        "bytes": rerun.SerializeToString()
    }
