"""What the gateway holds while it runs: knowledge, records, Redis, the engine. Built once, at start."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog
from redis.asyncio import Redis
from starlette.requests import Request

from api.contacts import ContactsGuard
from api.engine import Engine
from api.limits import Limiter
from api.metrics import Metrics
from api.problems import Problem
from api.schemas import Disclosure
from api.settings import ApiSettings
from api.tokens import Ticket, Tokens
from knowledge.compose import Circumstances, Composer
from knowledge.live import Knowledge, LiveKnowledge
from knowledge.places import Place, Places
from knowledge.search import Search
from knowledge.settings import KnowledgeSettings
from knowledge.taxonomy import Taxonomy
from records.store import Records
from understanding.meaning import Meaning

log = structlog.get_logger(__name__)


@dataclass
class Gateway:
    """The parts of a running gateway.

    A request is given `at_once()`: the same parts, with the one generation of the knowledge that was in force
    when it came, so that all it says belongs together.
    """

    settings: ApiSettings
    knowledge: KnowledgeSettings
    taxonomy: Taxonomy
    live: LiveKnowledge
    records: Records
    redis: Redis
    engine: Engine
    limiter: Limiter
    tokens: Tokens
    contacts: ContactsGuard
    metrics: Metrics
    meaning: Meaning | None = None  # None when the model could not be loaded: the lexicons of danger are left
    held: Knowledge | None = None

    def at_once(self) -> Gateway:
        """This gateway, held to the generation in force now."""
        return replace(self, held=self.live.current())

    @property
    def now(self) -> Knowledge:
        """The generation to answer from."""
        return self.held or self.live.current()

    @property
    def composer(self) -> Composer:
        """Composes replies from that generation."""
        return self.now.composer

    @property
    def places(self) -> Places:
        """The places of that generation."""
        return self.now.places

    @property
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
        knowledge = self.now
        return await asyncio.to_thread(lambda: knowledge.search)
