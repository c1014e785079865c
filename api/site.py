"""The widget's files, the page that shows it at work, and the pages that its replies lead to."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api import accessibility_page, callback_page, papers_page, routing_page

WIDGET: Final = Path(__file__).parent.parent / "widget"
DEMO: Final = Path(__file__).parent / "pages" / "demo"
PAPERS: Final = Path(__file__).parent / "pages" / "papers"
# What a browser may fetch of the widget's folder: not its tests, notes or development files.
_SERVED: Final = frozenset({".js", ".css", ".svg"})


class WidgetFiles(StaticFiles):
    """The widget's modules, styles and texts, revalidated at each load so that an upgrade is seen at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serves one file; anything else in the folder does not exist."""
        relative = Path(path)
        if relative.suffix not in _SERVED or "node_modules" in relative.parts:
            path = "."
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def install_pages(app: FastAPI) -> None:
    """Serves `/widget.js`, `/widget/…`, `/` (with `/demo/…`), the lists of papers and other pages."""

    @app.get("/widget.js", include_in_schema=False)
    async def widget() -> FileResponse:
        return FileResponse(
            WIDGET / "widget.js", media_type="text/javascript", headers={"Cache-Control": "no-cache"}
        )

    @app.get("/", include_in_schema=False)
    async def demonstration() -> FileResponse:
        return FileResponse(DEMO / "index.html", media_type="text/html")

    app.include_router(papers_page.router)
    app.include_router(routing_page.router)
    app.include_router(accessibility_page.router)
    app.include_router(callback_page.router)
    app.mount("/papers-page", StaticFiles(directory=PAPERS), name="papers-page")
    app.mount("/widget", WidgetFiles(directory=WIDGET), name="widget")
    app.mount("/demo", StaticFiles(directory=DEMO), name="demo")
