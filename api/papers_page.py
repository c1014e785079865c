"""`GET /papers/{article_id}`: the papers to bring as a page to tick, print or send to oneself.

Nothing is kept: neither what is ticked nor where the list is sent. The page is whole without JavaScript.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import quote

import phonenumbers
from babel.dates import format_date
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.dependencies import TheGateway
from api.papers import Papers, address, papers_of
from api.render import direction, to_checklist, to_text
from api.state import Gateway
from knowledge.article import ArticleType
from knowledge.compose import source_note
from knowledge.directory import Service
from knowledge.hours import weekly_text
from knowledge.reply import SourceNote

PAGES: Final = Path(__file__).parent / "pages"
_PAGE: Final = Template((PAGES / "papers.html").read_text(encoding="utf-8"))
# Windows hands at most 2,046 characters of a `mailto:` link to a mail program, and none of a longer one.
MAIL_CHARACTERS: Final = 2000

router = APIRouter(include_in_schema=False)


@router.get("/papers/{article_id}")
async def papers(
    request: Request, gateway: TheGateway, article_id: str, language: str | None = None
) -> HTMLResponse:
    """The page, or one that says in plain words that there is none, and whom to ask."""
    spoken = gateway.spoken(language, gateway.language_of(request))
    found = papers_of(gateway, article_id, spoken)
    view = _View(gateway, spoken)
    html = view.missing() if found is None else view.page(found, str(request.base_url).rstrip("/"))
    return HTMLResponse(html, 404 if found is None else 200, {"Cache-Control": "no-cache"})


class _View:
    """Writes the page in one language. Only `_PAGE` and the tags below are HTML: every word is escaped."""

    def __init__(self, gateway: Gateway, language: str) -> None:
        self._gateway = gateway
        self._language = language

    def page(self, papers: Papers, base: str) -> str:
        note = source_note(papers.article, (papers.section, papers.lang))
        service = self._service(papers)
        title = f'{self._html("papers.title")} <span class="subject"{self._in(papers.article.language)}>'
        main = [
            f"<h1>{title}{escape(papers.article.title)}</span></h1>",
            ""
            if papers.lang == self._language
            else f'<p class="notice">{self._html("papers.in_french")}</p>',
            f'<p class="screen">{self._html("papers.intro")}</p>' if papers.items else "",
            self._ways_out(self._mail(papers, note, service, base)),
            f'<section id="list"{self._in(papers.lang)}><h2>{escape(papers.section.title)}</h2>',
            f"{to_checklist(papers.section.markdown)}</section>",
            self._contact(service),
            self._source(note, papers.article.language),
        ]
        return self._whole(f"{self._text('papers.title')} – {papers.article.title}", main)

    def missing(self) -> str:
        central = self._gateway.composer.directory.route(None, at=datetime.now(UTC)).service
        main = [
            f'<h1 id="list">{self._html("errors.not_found")}</h1>',
            f"<p>{self._html('papers.not_found')}</p>",
            self._contact(central),
        ]
        return self._whole(self._text("errors.not_found"), main)

    def _whole(self, title: str, main: list[str]) -> str:
        return _PAGE.substitute(
            language=self._language,
            direction=direction(self._gateway.composer.texts, self._language),
            title=escape(f"{title} – {self._text('common.departement')}"),
            skip=self._html("papers.skip"),
            departement=self._html("common.departement"),
            demonstration=self._html("demo.notice"),
            main="\n".join(filter(None, main)),
        )

    def _ways_out(self, mail: str) -> str:
        return (
            '<div class="actions screen">'
            f'<button type="button" id="print" hidden>{self._html("papers.print")}</button>'
            f'<a href="{escape(mail)}" aria-describedby="send-hint">{self._html("papers.send")}</a>'
            f'<p id="send-hint">{self._html("papers.send_hint")}</p></div>'
        )

    def _contact(self, service: Service) -> str:
        lines = [f"<p><strong>{escape(service.name_in(self._language))}</strong></p>"]
        if service.phone:
            dialled = phonenumbers.parse(service.phone, "FR")
            uri = phonenumbers.format_number(dialled, phonenumbers.PhoneNumberFormat.RFC3966)
            link = f'<a href="{escape(uri)}" dir="ltr">{escape(service.phone)}</a>'
            lines.append(f"<p>{self._html('service.phone')} {link}</p>")
        week = weekly_text(service.hours, self._language, self._gateway.composer.texts)
        lines += [f"<p>{escape(line)}</p>" for line in week]
        rules = f"../routing?language={self._language}"
        lines.append(f'<p class="screen"><a href="{rules}">{self._html("routing.link")}</a></p>')
        return f"<section><h2>{self._html('sections.contact')}</h2>{''.join(lines)}</section>"

    def _source(self, note: SourceNote, titled_in: str) -> str:
        name = f"<cite{self._in(titled_in)}>{escape(note.title)}</cite>"
        if note.url:
            name = f'<a href="{escape(note.url)}" rel="noopener noreferrer">{name}</a>'
        place = "\0"  # stands for the title, whose tags must not be escaped
        said = escape(self._text("answer.source", title=place, date=self._date(note.written)))
        lines = f"<p>{said.replace(place, name)}</p><p>{escape(self._review(note))}</p>"
        return f"<section><h2>{self._html('papers.source')}</h2>{lines}</section>"

    def _mail(self, papers: Papers, note: SourceNote, service: Service, base: str) -> str:
        """A `mailto:` link to nobody yet, with the longest text that every mail program takes."""
        page = address(self._gateway, papers.article.id, self._language)
        online = self._text("papers.online", address=page if page.startswith("http") else base + page)
        subject = f"{self._text('papers.title')} – {papers.article.title}"
        phone = " – ".join(filter(None, (service.name_in(self._language), service.phone)))
        items = "\n".join(f"- {item}" for item in papers.items)
        source = self._text("answer.source", title=note.title, date=self._date(note.written))
        whole = (to_text(papers.section.markdown), phone, f"{source}\n{self._review(note)}", online)
        texts = ((*whole, self._text("demo.notice")), whole, (items, phone, online), (phone, online))
        links = [_mailto(subject, "\n\n".join((subject, *parts))) for parts in texts]
        return next((link for link in links if len(link) <= MAIL_CHARACTERS), links[-1])

    def _service(self, papers: Papers) -> Service:
        """The service of the topic; the central desk for another owner's matter, or when it has no phone."""
        directory, now = self._gateway.composer.directory, datetime.now(UTC)
        redirect = papers.article.type is ArticleType.REDIRECT
        service = directory.route(None if redirect else papers.article.topic, at=now).service
        return service if service.phone else directory.route(None, at=now).service

    def _review(self, note: SourceNote) -> str:
        if note.reviewed is None:
            return self._text("answer.not_reviewed")
        return self._text("papers.reviewed", date=self._date(note.reviewed))

    def _date(self, day: date) -> str:
        texts = self._gateway.composer.texts
        language = texts.written_in(self._language, "formats.date")
        return format_date(day, texts.get(self._language, "formats.date"), locale=language)

    def _in(self, language: str) -> str:
        """The attributes of a text that is not in the language of the page."""
        if language == self._language:
            return ""
        return f' lang="{language}" dir="{direction(self._gateway.composer.texts, language)}"'

    def _text(self, key: str, **values: object) -> str:
        return self._gateway.composer.texts.get(self._language, key, **values)

    def _html(self, key: str) -> str:
        return escape(self._text(key))


def _mailto(subject: str, body: str) -> str:
    """RFC 6068: percent-encoded UTF-8, lines that end with CR LF."""
    lines = body.replace("\n", "\r\n")
    return f"mailto:?subject={quote(subject, safe='')}&body={quote(lines, safe='')}"
