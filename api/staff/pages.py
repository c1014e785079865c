"""How the staff's pages are made: Jinja2 templates that escape everything, in one shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.dependencies import running_gateway
from api.staff.session import StaffSession

FOLDER: Final = Path(__file__).parent
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# What a page of the staff shows is for one person: no cache keeps it, and its forms say where they come from.
_HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}


@dataclass(frozen=True)
class Link:
    """An entry of the navigation."""

    label: str
    path: str
    for_administrators: bool = False


NAVIGATION: Final = (
    Link("Assistant", "/staff"),
    Link("En direct", "/staff/live"),
    Link("Demandes", "/staff/requests"),
    Link("Signalements", "/admin/reports", for_administrators=True),
    Link("Comptes", "/admin/agents", for_administrators=True),
    Link("Lectures", "/admin/readings", for_administrators=True),
)
"""The pages that the navigation leads to, in its order: each page adds its own line here."""


def page(
    request: Request,
    template: str,
    session: StaffSession | None,
    context: Mapping[str, object] | None = None,
    *,
    status: int = HTTPStatus.OK,
) -> HTMLResponse:
    """A page of the staff.

    Args:
        request: The request it answers.
        template: Its file in templates/, which extends base.html.
        session: Whose page it is; None before signing in.
        context: What the template shows.
        status: HTTP status.
    """
    gateway = running_gateway(request)
    links = [
        link
        for link in NAVIGATION
        if session and (session.agent.is_administrator or not link.for_administrators)
    ]
    html = _TEMPLATES.get_template(template).render(
        session=session,
        links=links,
        path=request.url.path,
        departement=gateway.composer.texts.get("fr", "common.departement"),
        demonstration=gateway.composer.texts.get("fr", "demo.notice"),
        **(context or {}),
    )
    return HTMLResponse(html, status, dict(_HEADERS))
