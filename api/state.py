"""What the gateway holds while it runs: knowledge, records, Redis, the engine. Built once, at start."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import structlog
from redis.asyncio import Redis
from starlette.requests import Request

from api.contacts import KnownContacts
from api.engine import Engine
from api.limits import Limiter
from api.metrics import Metrics
from api.problems import Problem
from api.schemas import Disclosure
from api.settings import ApiSettings
from api.tokens import Ticket, Tokens
from knowledge.compose import Circumstances, Composer
from knowledge.places import Place, Places
from knowledge.search import Search, open_search
from knowledge.settings import KnowledgeSettings
from knowledge.taxonomy import Taxonomy
from records.store import Records

log = structlog.get_logger(__name__)


@dataclass
class Gateway:
    """The parts of a running gateway."""

    settings: ApiSettings
    knowledge: KnowledgeSettings
    taxonomy: Taxonomy
    composer: Composer
    places: Places
    records: Records
    redis: Redis
    engine: Engine
    limiter: Limiter
    tokens: Tokens
    contacts: KnownContacts
    metrics: Metrics
    _search: Search | None = field(default=None, repr=False)
    _search_lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @cached_property
    def own_contacts(self) -> tuple[str, ...]:
        """The services' own phones and addresses: a resident who repeats one gives nothing away."""
        return tuple(self.composer.directory.contacts())

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages spoken; the first is the default one."""
        return self.knowledge.languages

    @property
    def default_language(self) -> str:
        """The département's language."""
        return self.languages[0]

    def spoken(self, language: str | None, otherwise: str | None = None) -> str:
        """`language` when it is spoken here, else `otherwise`, else the default one."""
        if language in self.languages:
            return language
        return otherwise or self.default_language

    def disclosure(self, language: str) -> Disclosure:
        """The notice that an AI is replying. Its id is the SHA-256 of its text."""
        text = self.composer.texts.get(language, "disclosure.text", days=self.settings.disclosure_days)
        digest = hashlib.sha256(text.encode()).hexdigest()
        return Disclosure(id=digest, version=self.settings.disclosure_version, language=language, text=text)

    def seen(self, language: str, place: Place | None = None) -> Circumstances:
        """The circumstances of a reply, now."""
        return Circumstances(language=language, at=datetime.now(UTC), place=place)

    def ticket_of(self, request: Request) -> Ticket:
        """The ticket in the `Authorization` header.

        Raises:
            Problem: There is none, or it is not valid (`invalid-token`).
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self.tokens.read(token if scheme.lower() == "bearer" else "")

    def language_of(self, request: Request) -> str:
        """The language to tell an error in: the conversation's, else the browser's, else the default one."""
        try:
            return self.spoken(self.ticket_of(request).language)
        except Problem:
            accepted = request.headers.get("accept-language", "")
            wanted = (part.split(";")[0].strip().split("-")[0].lower() for part in accepted.split(","))
            return next((code for code in wanted if code in self.languages), self.default_language)

    async def search(self) -> Search:
        """The public search, loaded at its first use since its model weighs some hundred megabytes.

        Raises:
            IndexUnusableError: There is no usable index.
        """
        async with self._search_lock:
            if self._search is None:
                self._search = await asyncio.to_thread(open_search, self.knowledge)
        return self._search
