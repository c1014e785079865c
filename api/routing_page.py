"""`GET /routing`: how a service is chosen, and what is looked at for that (CRPA, article R311-3-1).

Written from the rules and the directory in force, in the reader's language. It sets no cookie, runs no script
and asks for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from babel import Locale
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.dependencies import TheGateway
from api.render import direction
from api.state import Gateway
from knowledge.directory import Service
from knowledge.hours import weekly_text
from knowledge.routing import RouteReason

_PAGE: Final = Template((Path(__file__).parent / "pages" / "routing.html").read_text(encoding="utf-8"))
LAW: Final = "R311-3-1"
_REASONS: Final = (*(reason.value for reason in RouteReason), "closed")

router = APIRouter(include_in_schema=False)


@router.get("/routing")
async def routing(request: Request, gateway: TheGateway, language: str | None = None) -> HTMLResponse:
    """The rules of today."""
    spoken = gateway.spoken(language, gateway.language_of(request))
    return HTMLResponse(_View(gateway, spoken).page(), headers={"Cache-Control": "no-cache"})


class _View:
    """Writes the page in one language. Only `_PAGE` and the tags below are HTML: every word is escaped."""

    def __init__(self, gateway: Gateway, language: str) -> None:
        self._gateway, self._language = gateway, language
        self._directory = gateway.composer.directory
        self._texts = gateway.composer.texts

    def page(self) -> str:
        title = self._text("routing.title")
        main = [
            f"<h1>{escape(title)}</h1>",
            *(self._paragraph(f"routing.{key}") for key in ("intro", "no_decision")),
            f"<p>{escape(self._text('routing.law', article=LAW))}</p>",
            *self._rules(),
            *self._listed("used", "used_for"),
            *self._listed("unused", "never"),
            f"<h2>{self._html('routing.services')}</h2>",
            *map(self._service, self._directory.services.values()),
            f"<p>{escape(self._text('routing.source', source=self._gateway.places.source))}</p>",
        ]
        return _PAGE.substitute(
            language=self._language,
            direction=direction(self._texts, self._language),
            title=escape(f"{title} – {self._text('common.departement')}"),
            departement=self._html("common.departement"),
            demonstration=self._html("demo.notice"),
            languages=" · ".join(map(self._link, self._gateway.languages)),
            main="\n".join(main),
        )

    def _rules(self) -> Iterable[str]:
        rules = self._directory.rules
        nearest = self._topic(rules.nearest)
        yield f"<h2>{self._html('routing.order')}</h2>"
        yield self._paragraph("routing.question")
        yield self._items((self._text(f"routing.reasons.{reason}") for reason in _REASONS), ordered=True)
        yield f"<p>{escape(self._text('routing.nearest', topic=nearest))}</p>"
        if rules.received_near:
            yield f"<p>{escape(self._text('routing.received_near', topic=nearest))}</p>"
            yield self._items(map(self._topic, rules.received_near))
        yield self._paragraph("routing.shared")
        yield self._items((self._text(f"routing.prefer.{each}") for each in rules.prefer), ordered=True)

    def _listed(self, title: str, group: str) -> Iterable[str]:
        yield f"<h2>{self._html(f'routing.{title}')}</h2>"
        names = self._texts.names(f"routing.{group}")
        yield self._items(self._text(f"routing.{group}.{name}") for name in names)

    def _service(self, service: Service) -> str:
        rules = self._directory.rules
        central = service.id == rules.default
        topics = "; ".join(map(self._topic, service.topics)) or (
            self._text("routing.reasons.default") if central else ""
        )
        places = self._gateway.places
        named = (places.place(insee).name for insee in service.places if insee in places)
        facts = {
            "routing.topics": topics,
            "routing.places": self._text("routing.everywhere") if service.everywhere else ", ".join(named),
            "service.hours": " · ".join(weekly_text(service.hours, self._language, self._texts)),
            "service.languages": ", ".join(map(self._spoken, service.languages)),
            "service.channels": ", ".join(self._text(f"channels.{each}") for each in service.channels),
        }
        lines = (f"<p><strong>{self._html(key)}</strong> {escape(said)}</p>" for key, said in facts.items())
        name = escape(service.name_in(self._language))
        return f'<section id="{escape(service.id)}"><h3>{name}</h3>{"".join(lines)}</section>'

    def _topic(self, topic: str) -> str:
        found = self._gateway.composer.library.by_topic(topic, self._language)
        return found[0].title if found else topic

    def _spoken(self, code: str) -> str:
        name = Locale.parse(code, sep="-").get_display_name(self._language)
        return name or code

    def _link(self, code: str) -> str:
        name = escape(self._texts.name(code))
        here = ' aria-current="true"' if code == self._language else ""
        way = direction(self._texts, code)
        return (
            f'<a href="routing?language={code}" lang="{code}" dir="{way}" hreflang="{code}"{here}>{name}</a>'
        )

    def _items(self, texts: Iterable[str], *, ordered: bool = False) -> str:
        tag = "ol" if ordered else "ul"
        return f"<{tag}>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</{tag}>"

    def _paragraph(self, key: str) -> str:
        return f"<p>{self._html(key)}</p>"

    def _html(self, key: str) -> str:
        return escape(self._text(key))

    def _text(self, key: str, **values: object) -> str:
        return self._texts.get(self._language, key, **values)
