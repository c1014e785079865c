"""Puts the staff's pages and their files into the gateway."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from api.problems import Problem
from api.staff import (
    accounts,
    assistant_page,
    live,
    oidc,
    readings,
    reports,
    requests_pages,
    sign_in,
)
from api.staff.pages import FOLDER, page
from api.staff.session import SignInNeeded, is_page

_PAGES = (sign_in, oidc, assistant_page, requests_pages, accounts, reports, readings)


def install_staff(app: FastAPI) -> None:
    """Serves the pages under /staff and /admin; who is not signed in is led to the sign-in page."""
    for room in _PAGES:
        app.include_router(room.router)
    app.include_router(live.pages)
    app.mount("/staff/static", StaticFiles(directory=FOLDER / "static"), name="staff-static")
    app.add_exception_handler(SignInNeeded, _lead_to_sign_in)
    app.state.problem_page = problem_page


def problem_page(request: Request, problem: Problem, detail: str) -> Response | None:
    """A problem as a page, for a browser that asked for one of the staff's; None for anybody else."""
    is_ours = request.url.path.startswith(("/staff", "/admin"))
    if not is_ours or not is_page(request) or "text/html" not in request.headers.get("accept", ""):
        return None
    response = page(request, "problem.html", None, {"detail": detail}, status=problem.kind.status)
    response.headers.update(problem.headers)
    return response


async def _lead_to_sign_in(request: Request, _: Exception) -> Response:
    wanted = request.url.path if request.method == "GET" else "/staff"
    return RedirectResponse(f"{sign_in.SIGN_IN}?next={quote(wanted)}", HTTPStatus.SEE_OTHER)
