"""The page on which people log in and out who have an account here."""

from __future__ import annotations

import time
from collections import OrderedDict
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlencode

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route

from layers.languages import LANGUAGES, spoken
from store.logins import LASTS
from views import cache
from views.controls.logins import COOKIE, account_of, begin_login, end_login
from wording.escape import escape
from wording.speaker import Speaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

LONGEST = 4096
"""Bytes of what a form sends."""
ANSWER_S = 1.0
"""Seconds after which a refused log-in is answered, so that the time tells nothing."""
PER_MINUTE, ADDRESSES = 20, 10_000
"""Attempts from one address in a minute, and addresses that are remembered."""
AT_ONCE = 2
"""Passwords looked at at the same time; each takes 64 MB."""
OWN_NAMES = {"zh": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
"""Of the languages, each in itself, as who looks for it reads no other."""
PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0; font: 16px/1.5 system-ui, "Noto Sans CJK SC", sans-serif;
  color: light-dark(#1f2933, #e6e9ee); background: light-dark(#f4f6f8, #0e1117); }}
main {{ box-sizing: border-box; max-width: 400px; margin: 10vh auto 0; padding: 32px 28px;
  background: light-dark(#fff, #1a1f29); border-radius: 8px;
  border: 1px solid light-dark(#d8dee5, #333b49); }}
@media (max-width: 480px) {{ main {{ margin: 16px; padding: 24px 20px; }} }}
h1 {{ font-size: 21px; margin: 0 0 4px; }}
p {{ margin: 0 0 20px; color: light-dark(#52606d, #a9b2c0); }}
label {{ display: block; margin: 14px 0 4px; }}
input {{ box-sizing: border-box; width: 100%; padding: 10px; font: inherit; color: inherit;
  border: 1px solid light-dark(#7b8794, #6b7686); border-radius: 6px;
  background: light-dark(#fff, #0e1117); }}
button {{ width: 100%; margin-top: 22px; padding: 11px; font: inherit; font-weight: 600;
  color: #fff; background: #1f5fa8; border: 0; border-radius: 6px; cursor: pointer; }}
button:hover {{ background: #174a85; }}
:focus-visible {{ outline: 3px solid light-dark(#1f5fa8, #79b0ec); outline-offset: 2px; }}
.alert {{ margin: 0 0 8px; padding: 10px 12px; border-radius: 6px;
  color: light-dark(#7a1c1c, #ffc9c9); background: light-dark(#fdeaea, #4a1d1f); }}
nav {{ margin-top: 24px; font-size: 14px; display: flex; gap: 18px; flex-wrap: wrap; }}
a {{ color: light-dark(#1f5fa8, #79b0ec); padding: 4px 0; }}
</style></head><body><main><h1>{title}</h1><p>{lead}</p>{alert}{form}<nav>{links}</nav></main></body></html>
"""
FORM = """<form method="post" action="{action}">
<label for="name">{name}</label>
<input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false"
 maxlength="100" required autofocus>
<label for="password">{password}</label>
<input id="password" name="password" type="password" autocomplete="current-password"
 maxlength="200" required>
<button type="submit">{enter}</button></form>"""
LEAVE = """<form method="post" action="{action}"><button type="submit">{leave}</button></form>"""


class Attempts:
    """Counts attempts by address; who makes too many in a minute waits for the next."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._counts: OrderedDict[tuple[str, int], int] = OrderedDict()

    def are_too_many(self, address: str) -> bool:
        """Count one more."""
        key = (address, int(self._now() // 60))
        self._counts[key] = self._counts.pop(key, 0) + 1
        while len(self._counts) > ADDRESSES:
            self._counts.popitem(last=False)
        return self._counts[key] > PER_MINUTE


def login_routes(*, base: str = "") -> list[Route]:
    """Give the routes `/login` and `/logout`; without accounts here they are not there."""
    page, attempts, limiter = LoginPage(base), Attempts(), anyio.CapacityLimiter(AT_ONCE)

    async def show(request: Request) -> Response:
        return await run_in_threadpool(page.answer, request)

    async def enter(request: Request) -> Response:
        if not _is_on():
            return page.answer(request)
        begun = anyio.current_time()
        if attempts.are_too_many(request.client.host if request.client else ""):
            return page.answer(request, "login.too_many", HTTPStatus.TOO_MANY_REQUESTS)
        form = await _form(request)
        name, password = form.get("name", ""), form.get("password", "")
        async with limiter:
            token = await run_in_threadpool(begin_login, name, password)
        if not token:
            await anyio.sleep(max(0.0, begun + ANSWER_S - anyio.current_time()))
            return page.answer(request, "login.refused", HTTPStatus.FORBIDDEN)
        await run_in_threadpool(end_login, request.cookies.get(COOKIE, ""))
        return page.leave_for_dashboard(request, token, int(LASTS.total_seconds()))

    async def leave(request: Request) -> Response:
        await run_in_threadpool(end_login, request.cookies.get(COOKIE, ""))
        return page.leave_for_dashboard(request, "", 0)

    return [
        Route(f"{base}/login", show, methods=["GET"]),
        Route(f"{base}/login", enter, methods=["POST"]),
        Route(f"{base}/logout", leave, methods=["POST"]),
    ]


def _is_on() -> bool:
    """Tell whether accounts of the store may log in."""
    allowances = cache.allowances()
    return allowances is not None and allowances.login.local and cache.store() is not None


async def _form(request: Request) -> dict[str, str]:
    """Read a form as browsers send it; one that is longer than any form of ours is empty."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST:
            return {}
    pairs = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in pairs.items()}


class LoginPage:
    """Writes the page in the reader's language, and sends the browser back to the dashboard."""

    def __init__(self, base: str) -> None:
        self._base = base

    def answer(
        self, request: Request, problem: str = "", status: int = HTTPStatus.OK
    ) -> HTMLResponse:
        """Write the page."""
        if not _is_on():
            return HTMLResponse("Not found", HTTPStatus.NOT_FOUND)
        translate = Speaker(cache.words(), _language(request))
        account = account_of(request.cookies.get(COOKIE, ""))
        query = self._query(request)
        page = PAGE.format(
            lang=translate.language,
            title=escape(translate("app.title")),
            lead=escape(
                translate("login.as", account=account) if account else translate("login.lead")
            ),
            alert=f'<div class="alert" role="alert">{escape(translate(problem))}</div>'
            if problem
            else "",
            form=self._form(translate, query, is_in=bool(account)),
            links=self._links(translate, query),
        )
        return HTMLResponse(page, status, {"Cache-Control": "no-store"})

    def leave_for_dashboard(self, request: Request, token: str, lasts_s: int) -> RedirectResponse:
        """Send the browser to the page it came from, with its cookie."""
        back = urlencode(parse_qsl(self._query(request).get("back", "")))
        answer = RedirectResponse(f"{self._base}/?{back}", HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            COOKIE,
            token,
            max_age=lasts_s,
            path=f"{self._base}/",
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    def _query(self, request: Request) -> dict[str, str]:
        return {name: request.query_params.get(name, "")[:2000] for name in ("language", "back")}

    def _form(self, translate: Speaker, query: dict[str, str], *, is_in: bool) -> str:
        action = escape(f"{self._base}/{'logout' if is_in else 'login'}?{urlencode(query)}")
        form = LEAVE if is_in else FORM
        words = {
            each: escape(translate(f"login.{each}"))
            for each in ("name", "password", "enter", "leave")
        }
        return form.format(action=action, **words)

    def _links(self, translate: Speaker, query: dict[str, str]) -> str:
        back = urlencode(parse_qsl(query["back"]))
        links = {f"{self._base}/?{back}": translate("login.back")}
        for language in LANGUAGES:
            if language != translate.language:
                address = urlencode({**query, "language": language})
                links[f"{self._base}/login?{address}"] = OWN_NAMES[language]
        return "".join(f'<a href="{escape(url)}">{escape(text)}</a>' for url, text in links.items())


def _language(request: Request) -> str:
    """Speak as the address asks, else as the browser does."""
    asked = request.query_params.get("language", "")
    if asked in LANGUAGES:
        return asked
    wanted = request.headers.get("accept-language", "").split(",")
    known = (spoken(each.partition(";")[0].strip()) for each in wanted)
    return next((each for each in known if each), LANGUAGES[0])
