"""The last guard before a reply leaves: every phone, address and link in it must be known.

Known means written in an article, in the directory or in a catalogue (DESIGN.md, section 8, rule 2).
Replies are extracts, so this should never fire; it is there for the day something else writes a reply.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers

from knowledge.compose import Composer
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


def known_contacts(composer: Composer) -> KnownContacts:
    """Every contact of the articles, the directory and the catalogues."""
    texts: list[str] = [
        path.read_text(encoding="utf-8") for path in {a.path for a in composer.library.articles}
    ]
    texts += composer.directory.contacts()
    for catalogue in composer.texts.catalogues.values():
        texts += catalogue.texts.values()
    return KnownContacts(frozenset().union(*map(contacts_in, texts)))


def _texts_of(reply: Reply) -> Iterable[str]:
    for said in reply.messages:
        yield said.markdown
    for source in reply.sources:
        yield source.excerpt
        yield source.url or ""
    if reply.service:
        yield " \n ".join(filter(None, (reply.service.phone, reply.service.email, reply.service.url)))
