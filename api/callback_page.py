"""`/callback`: follow or cancel a callback later, on any device. No cookie, no account, no JavaScript.

The reference and the code travel in the body of a form, never in an address, and no page that shows them is
kept by the browser.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from api.callbacks import cancelled, check_rate, found, shown
from api.dependencies import Address, TheGateway
from api.problems import Problem, ProblemKind
from api.render import direction
from api.schemas import Callback
from api.state import Gateway
from knowledge.reply import ServiceCard
from records.errors import RecordsUnavailable

_PAGE: Final = Template((Path(__file__).parent / "pages" / "callback.html").read_text(encoding="utf-8"))
_HEADERS: Final = {
    "Cache-Control": "no-store",
    # With the gateway's usual `no-referrer`, browsers send a form without saying where it comes from.
    "Referrer-Policy": "same-origin",
}

router = APIRouter(include_in_schema=False)

Typed = Annotated[str, Form(max_length=64)]


@router.get("/callback")
async def form(request: Request, gateway: TheGateway, language: str | None = None) -> HTMLResponse:
    """The empty form."""
    view = _View(gateway, gateway.spoken(language, gateway.language_of(request)))
    return view.page(view.form())


@router.post("/callback")
async def follow(
    gateway: TheGateway,
    address: Address,
    reference: Typed = "",
    code: Typed = "",
    language: Typed = "",
    action: Annotated[Literal["show", "cancel"], Form()] = "show",
) -> HTMLResponse:
    """Where the callback is, after having cancelled it if that was asked; or the form again, and why."""
    view = _View(gateway, gateway.spoken(language))
    try:
        await check_rate(gateway, address)
        get = cancelled if action == "cancel" else found
        handoff = await get(gateway, reference, code, view.language)
    except Problem as problem:
        return view.page(view.form(reference, problem), problem.kind.status.value)
    except RecordsUnavailable:
        down = Problem(ProblemKind.UNAVAILABLE)
        return view.page(view.form(reference, down), down.kind.status.value)
    return view.page(view.state(shown(gateway, handoff, view.language), code))


class _View:
    """Writes the page in one language; every word is escaped."""

    def __init__(self, gateway: Gateway, language: str) -> None:
        self._gateway = gateway
        self.language = language

    def page(self, main: str, status: int = 200) -> HTMLResponse:
        texts = self._gateway.composer.texts
        html = _PAGE.substitute(
            language=self.language,
            direction=direction(texts, self.language),
            title=self._html("callback.title"),
            departement=self._html("common.departement"),
            demonstration=self._html("demo.notice"),
            languages=self._languages(),
            main=main,
        )
        return HTMLResponse(html, status, _HEADERS)

    def form(self, reference: str = "", problem: Problem | None = None) -> str:
        wrong = described = ""
        if problem is not None:
            said = self._text(problem.kind.text_key, **problem.values)
            wrong = f'<p id="wrong" class="notice" role="alert">{escape(said)}</p>'
            described = ' aria-invalid="true" aria-describedby="wrong"'
        fields = "".join(
            f'<p class="field"><label for="{name}">{self._html(f"callback.{name}")}</label>'
            f'<input id="{name}" name="{name}" value="{escape(value)}" dir="ltr" required maxlength="32" '
            f'autocomplete="off" autocapitalize="characters" spellcheck="false"{described}></p>'
            for name, value in (("reference", reference), ("code", ""))
        )
        return (
            f"<h1>{self._html('callback.title')}</h1><p>{self._html('callback.intro')}</p>{wrong}"
            f"{self._opened()}{fields}"
            f'<p class="actions"><button name="action" value="show">{self._html("callback.show")}</button>'
            f"</p></form>{self._contact(self._central())}"
        )

    def state(self, callback: Callback, code: str) -> str:
        cancel = ""
        if callback.status == "open":
            hidden = "".join(
                f'<input type="hidden" name="{name}" value="{escape(value)}">'
                for name, value in (("reference", callback.reference), ("code", code))
            )
            cancel = (
                f'{self._opened()}{hidden}<p class="actions"><button name="action" value="cancel">'
                f"{self._html('callback.cancel')}</button></p></form>"
            )
        return (
            f"<h1>{self._html('callback.title')}</h1>"
            f"<p>{self._html('callback.reference')} "
            f'<strong dir="ltr">{escape(callback.reference)}</strong></p>'
            f'<p class="notice" role="status">{escape(callback.message.text)}</p>{cancel}'
            f"{self._contact(callback.service or self._central())}"
            f'<p><a href="callback?language={self.language}">{self._html("callback.another")}</a></p>'
        )

    def _opened(self) -> str:
        language = f'<input type="hidden" name="language" value="{self.language}">'
        return f'<form method="post" action="callback" novalidate>{language}'

    def _contact(self, card: ServiceCard) -> str:
        lines = [f"<strong>{escape(card.name)}</strong>"]
        if card.phone:
            dialled = "".join(sign for sign in card.phone if sign.isdigit() or sign == "+")
            lines.append(f'<a href="tel:{escape(dialled)}" dir="ltr">{escape(card.phone)}</a>')
        # A French address keeps its order in a page written from right to left.
        lines += [f"<bdi>{escape(line)}</bdi>" for line in (card.address, card.opening.text) if line]
        told = "".join(f"<p>{line}</p>" for line in lines)
        return f"<section><h2>{self._html('callback.contact')}</h2>{told}</section>"

    def _central(self) -> ServiceCard:
        composer, seen = self._gateway.composer, self._gateway.seen(self.language)
        return composer.card(composer.directory.route(None, at=datetime.now(UTC)).service, seen)

    def _languages(self) -> str:
        catalogues = self._gateway.composer.texts.catalogues
        here = {self.language: ' aria-current="true"'}
        return " ".join(
            f'<a href="callback?language={code}" hreflang="{code}" lang="{code}"{here.get(code, "")}>'
            f"{escape(catalogues[code].meta.name)}</a>"
            for code in self._gateway.languages
            if code in catalogues
        )

    def _text(self, key: str, **values: object) -> str:
        return self._gateway.composer.texts.get(self.language, key, **values)

    def _html(self, key: str) -> str:
        return escape(self._text(key))
