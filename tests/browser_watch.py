"""What goes wrong in any page of a browser: errors, failed requests, other servers asked."""

from __future__ import annotations

from urllib.parse import urlsplit

ENDED = "[data-testid=stApp][data-test-script-state=notRunning]"
"""A page whose script has ended."""
IDLE = f"{ENDED}:not(:has([data-testid=stSkeleton]))"
"""A page whose script has ended, and whose widgets have loaded what draws them."""
OWN = {"127.0.0.1", ""}
"""Hosts that a page may ask; files, data and blobs have none."""
CHARTS_WARN = "WARN "
"""How the library of charts begins what it is not content with; browsers warn of other things."""
LEFT = "net::ERR_ABORTED"
"""Failure of a request whose page was left meanwhile; no fault."""


class Watch:
    """Notes the faults of every page that the browser opens, until they are asked for."""

    def __init__(self, browser):
        self.faults = []
        self._new_context = browser.new_context
        browser.new_context, browser.new_page = self.new_context, self.new_page

    def new_context(self, **options):
        context = self._new_context(**{"locale": "zh-CN", **options})
        context.on("console", self._line)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failure)
        context.on("response", self._response)
        return context

    def new_page(self, **options):
        context = self.new_context(**options)
        page = context.new_page()
        page.on("close", lambda _: context.close())
        return page

    def take(self):
        """Give the faults so far, and forget them."""
        taken, self.faults = self.faults, []
        return taken

    def _line(self, line):
        if line.type == "error" or line.text.startswith(CHARTS_WARN):
            where = line.location.get("url", "") if line.location else ""
            self.faults.append(f"console: {line.text} {where}")

    def _request(self, request):
        if urlsplit(request.url).hostname not in {*OWN, None}:
            self.faults.append(f"elsewhere: {request.url}")

    def _failure(self, request):
        if request.failure != LEFT:
            self.faults.append(f"failed: {request.failure} {request.url}")

    def _response(self, response):
        if response.status >= 400:
            self.faults.append(f"failed: {response.status} {response.url}")
