"""`GET /accessibilite`: the declaration of accessibility, in the form that French law asks for (RGAA 4.1).

Written from `pages/accessibility/results.json`, what the last full run of the accessibility tests has found.
No machine can declare a service conformant: without an audit by a person the state is « non conforme ». The
law fixes the form of the page, in French. It sets no cookie and runs no script.
"""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel.dates import format_date
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.dependencies import TheGateway

PAGES: Final = Path(__file__).parent / "pages" / "accessibility"
RESULTS: Final = PAGES / "results.json"
# Until a person has audited the service (décret 2019-768, article 5): the links to this page say it too.
STATE: Final = "non conforme"
_TEMPLATES: Final = Environment(loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined)

router = APIRouter(include_in_schema=False)


@router.get("/accessibilite")
async def declaration(gateway: TheGateway) -> HTMLResponse:
    """The declaration."""
    composer = gateway.composer
    contact = composer.card(composer.directory.default, gateway.seen("fr"))
    html = _TEMPLATES.get_template("declaration.html").render(
        departement=composer.texts.get("fr", "common.departement"),
        demonstration=composer.texts.get("fr", "demo.notice"),
        state=STATE,
        contact=contact,
        found=results(),
        languages=len(gateway.languages),
    )
    return HTMLResponse(html, headers={"Cache-Control": "no-cache"})


@cache
def results() -> dict[str, Any]:
    """What the last full run has found: `results.json`, its date in French words as `day`."""
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    day = dt.date.fromisoformat(found["date"])
    return found | {"day": format_date(day, "d MMMM y", locale="fr")}
