"""The last guard before a reply leaves: every phone, address and link in it must be known.

Known means written in an article, in the directory or in a catalogue (DESIGN.md, section 8, rule 2).
Replies are extracts, so this should never fire; it is there for the day something else writes a reply.

The action server may answer from a generation that this process has not taken yet, or has just left: the
guard knows the contacts of the generations that are kept, and looks for a newer one before it blocks a reply.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Final

import phonenumbers

from knowledge.article import Article
from knowledge.index import KEPT_GENERATIONS
from knowledge.live import Knowledge
from knowledge.reply import Reply

_LINK: Final = re.compile(r"https?://[^\s)\]>\"']+")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_REGION: Final = "FR"


@lru_cache(maxsize=4096)
def contacts_in(text: str) -> frozenset[str]:
    """Phones (E.164), e-mail addresses and links of a text, each in one normal form."""
    phones = {
        phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        for match in phonenumbers.PhoneNumberMatcher(text, _REGION, phonenumbers.Leniency.POSSIBLE)
    }
    links = {link.rstrip(".,;:").rstrip("/") for link in _LINK.findall(text)}
    return frozenset(phones | links | {address.lower() for address in _EMAIL.findall(text)})


@dataclass(frozen=True)
class KnownContacts:
    """The contacts that may leave."""

    known: frozenset[str]

    def unknown_in(self, reply: Reply) -> frozenset[str]:
        """The contacts of a reply that no source of ours holds; empty is what is expected."""
        return frozenset().union(*(contacts_in(text) for text in _texts_of(reply))) - self.known


class ContactsGuard:
    """The contacts of the generation in force and of the ones before it that are kept."""

    def __init__(self) -> None:
        self._of_articles: dict[Article, frozenset[str]] = {}
        self._generations: tuple[frozenset[str], ...] = ()
        self._known = KnownContacts(frozenset())

    def learn(self, knowledge: Knowledge) -> None:
        """Adds the contacts of a generation. Articles that it shares with the last one cost nothing."""
        before = self._of_articles
        self._of_articles = {
            article: before[article] if article in before else _contacts_of(article)
            for article in knowledge.library.articles
        }
        catalogues = knowledge.texts.catalogues.values()
        texts = [*knowledge.directory.contacts(), *(t for each in catalogues for t in each.texts.values())]
        found = frozenset().union(*self._of_articles.values(), *map(contacts_in, texts))
        self._generations = (found, *self._generations)[: KEPT_GENERATIONS + 1]
        self._known = KnownContacts(frozenset().union(*self._generations))

    def unknown_in(self, reply: Reply) -> frozenset[str]:
        """The contacts of a reply that no source of ours holds; empty is what is expected."""
        return self._known.unknown_in(reply)

    def unknown_after(self, reply: Reply, refresh: Callable[[], object]) -> frozenset[str]:
        """As `unknown_in`, but looks for a newer generation, which may take a moment, before it says so."""
        if self.unknown_in(reply):
            refresh()
        return self.unknown_in(reply)


def _contacts_of(article: Article) -> frozenset[str]:
    return frozenset().union(*map(contacts_in.__wrapped__, _strings(asdict(article))))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inside in value.values():
            yield from _strings(inside)
    elif isinstance(value, (list, tuple)):
        for inside in value:
            yield from _strings(inside)


def _texts_of(reply: Reply) -> Iterable[str]:
    for said in reply.messages:
        yield said.markdown
    for source in reply.sources:
        yield source.excerpt
        yield source.url or ""
    if reply.service:
        yield " \n ".join(filter(None, (reply.service.phone, reply.service.email, reply.service.url)))
