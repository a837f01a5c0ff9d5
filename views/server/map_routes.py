"""Routes of the maps: geometry by URL, and the map's own scripts and styles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from maps.store import ASSETS, FOR_GOOD

if TYPE_CHECKING:
    import os

    from starlette.requests import Request
    from starlette.types import Scope

    from maps.store import GeoStore


def map_routes(store: GeoStore, *, base: str = "") -> list[Route | Mount]:
    """Give the routes of the maps: `/geo/<name>` and `/vendor/<file>`."""

    async def answer(request: Request) -> Response:
        name = request.path_params["name"]
        stored = store.get(name) or await run_in_threadpool(store.fulfil, name)
        headers = {"X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
        if stored is None:
            headers["Cache-Control"] = "no-store"
            return Response("Not found", 404, headers, "text/plain")
        headers["Cache-Control"] = FOR_GOOD
        if stored.packed and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(stored.body, 200, headers, stored.media_type)
        return Response(stored.content, 200, headers, stored.media_type)

    return [
        Route(f"{base}/geo/{{name}}", answer),
        Mount(f"{base}/vendor", app=Assets(directory=ASSETS)),
    ]


class Assets(StaticFiles):
    """The map's own scripts and styles. A URL that carries their hash stays for good."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Answer with one file."""
        response: Response = super().file_response(full_path, stat_result, scope, status_code)
        versioned = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = FOR_GOOD if versioned else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
