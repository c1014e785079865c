"""The papers to bring: which articles have a list of them, and the link of a reply to the page that shows it.

The page itself, to tick, print or send to oneself, is api/papers_page.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.render import list_items
from knowledge.article import Article
from knowledge.reply import Reply, Said
from knowledge.sections import Section, SectionKey

if TYPE_CHECKING:
    from api.state import Gateway


@dataclass(frozen=True)
class Papers:
    """The section that lists the papers, its article, and the language it is written in."""

    article: Article
    section: Section
    lang: str

    @property
    def items(self) -> tuple[str, ...]:
        """What there is to tick, as plain text; () when the section only tells it in sentences."""
        return list_items(self.section.markdown)


def papers_of(gateway: Gateway, article_id: str, language: str) -> Papers | None:
    """The papers of a public article in `language`, else in French; None when it lists none."""
    library = gateway.composer.library
    article = library.best(article_id, language)
    found = library.section(article, SectionKey.DOCUMENTS) if article else None
    return Papers(article, *found) if article and found else None


def address(gateway: Gateway, article_id: str, language: str) -> str:
    """Where the page is: whole when the gateway knows its public address, else for the widget to complete."""
    return f"{gateway.settings.public_url.rstrip('/')}/papers/{article_id}?language={language}"


def with_links(gateway: Gateway, reply: Reply, language: str) -> Reply:
    """A reply in which each list of papers is followed by a link to its page.

    The contacts of the reply were checked before: this one link is made here, for a page that exists.
    """
    asked = (source.article_id for source in reply.sources if source.section == SectionKey.DOCUMENTS)
    shown = [
        papers
        for id_ in dict.fromkeys(asked)
        if (papers := papers_of(gateway, id_, language)) and papers.items
    ]
    messages = reply.messages
    for papers in shown:
        messages = _linked(messages, papers, _link(gateway, papers, language))
    return reply.model_copy(update={"messages": messages}) if shown else reply


def _link(gateway: Gateway, papers: Papers, language: str) -> Said:
    texts = gateway.composer.texts
    label = texts.get(language, "papers.link")
    where = address(gateway, papers.article.id, language)
    return Said(markdown=f"[{label}]({where})", lang=texts.written_in(language, "papers.link"))


def _linked(messages: tuple[Said, ...], papers: Papers, link: Said) -> tuple[Said, ...]:
    """The link in the message that shows the list; apart when their languages differ."""
    for place, said in enumerate(messages):
        if papers.section.markdown in said.markdown:
            joined = said.model_copy(update={"markdown": f"{said.markdown}\n\n{link.markdown}"})
            put = (joined,) if said.lang == link.lang else (said, link)
            return (*messages[:place], *put, *messages[place + 1 :])
    return (*messages, link)
