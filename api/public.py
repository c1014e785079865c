"""What anyone may read: search, services, topics, languages, the notice."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Address, TheGateway
from api.problems import Problem, ProblemKind
from api.render import direction, to_text
from api.schemas import (
    Disclosure,
    Language,
    LanguageCode,
    Languages,
    PlaceName,
    RouteNote,
    SearchResult,
    SearchResults,
    Services,
    Topic,
    Topics,
)
from knowledge.compose import source_note
from knowledge.directory import Channel
from knowledge.index import IndexUnusableError
from knowledge.places import Place
from knowledge.search import Decision
from understanding.cleaning import clean
from understanding.masking import mask

router = APIRouter(prefix="/api/v1", tags=["public"])

Question = Annotated[str, Query(min_length=1, max_length=500, description="What is looked for")]
PlaceWords = Annotated[str | None, Query(max_length=100)]


@router.get("/search", summary="Search the public articles")
async def search(
    gateway: TheGateway,
    address: Address,
    q: Question,
    language: LanguageCode | None = None,
    k: Annotated[int, Query(ge=1, le=20)] = 5,
) -> SearchResults:
    """Best first. Staff articles are filtered before the search."""
    await gateway.limiter.check(gateway.settings.search_rate, "search", address)
    question = mask(clean(q)).text
    if not question.strip():
        raise Problem(ProblemKind.MESSAGE_EMPTY, gateway.spoken(language))
    try:
        index = await gateway.search()
    except IndexUnusableError as error:
        raise Problem(ProblemKind.UNAVAILABLE, gateway.spoken(language)) from error
    found = await asyncio.to_thread(index.search, question, language=gateway.spoken(language), k=k)
    results = []
    for hit in found.hits:
        section = index.library.section(hit.article, hit.section) if hit.section else None
        note = source_note(hit.article, section)
        results.append(
            SearchResult(
                article_id=note.article_id,
                topic=hit.article.topic,
                title=note.title,
                section=note.section,
                excerpt=to_text(note.excerpt),
                lang=note.lang,
                score=round(hit.score, 6),
            )
        )
    return SearchResults(results=results, abstain=found.decision is Decision.ABSTAIN)


@router.get("/services", summary="The service for a topic and a place")
async def services(
    gateway: TheGateway,
    topic: Annotated[str | None, Query(max_length=64)] = None,
    postal_code: PlaceWords = None,
    commune: PlaceWords = None,
    language: LanguageCode | None = None,
    channel: Annotated[Channel | None, Query(description="How the resident wants to be in touch")] = None,
) -> Services:
    """One service, open or not now, and why; when the place is ambiguous, the places to choose from."""
    spoken = gateway.spoken(language)
    if topic is not None and topic not in gateway.taxonomy.topics:
        raise Problem(ProblemKind.INVALID_REQUEST, spoken)
    found = gateway.places.find(" ".join(filter(None, (postal_code, commune))))
    seen = gateway.seen(spoken, found[0] if len(found) == 1 else None)
    # A whole city, such as Marseille, is one place, and its arrondissements have their own services.
    places = found if len(found) > 1 else gateway.places.parts(found[0]) if found else ()
    route = gateway.composer.directory.route(
        topic, seen.place, at=seen.at, language=language, channel=channel
    )
    return Services(
        services=[gateway.composer.card(route.service, seen, route.reason)],
        ambiguous=[place.name for place in places],
        choices=[_place(place) for place in places],
        route=RouteNote(
            reason=route.reason,
            text=gateway.composer.why(route, spoken),
            place=_place(gateway.places.place(route.place)) if route.place else None,
            instead_of=route.instead_of,
            language_spoken=route.speaks,
            channel_available=route.reached,
        ),
    )


def _place(place: Place) -> PlaceName:
    return PlaceName(insee=place.insee, name=place.name, text=place.said)


@router.get("/topics", summary="What the assistant can be asked about")
async def topics(gateway: TheGateway, language: LanguageCode | None = None) -> Topics:
    """Every domain topic of the taxonomy, with the title of its article when there is one."""
    listed = []
    for domain, members in gateway.taxonomy.domains.items():
        for topic in members:
            article = next(iter(gateway.composer.library.by_topic(topic, gateway.spoken(language))), None)
            title, lang = (article.title, article.language) if article else (None, None)
            listed.append(Topic(id=topic, domain=domain, title=title, lang=lang))
    return Topics(topics=listed)


@router.get("/languages", summary="The languages of the assistant")
async def languages(gateway: TheGateway) -> Languages:
    """The default one first; each named in itself."""
    texts = gateway.composer.texts
    return Languages(
        languages=[
            Language(code=code, name=texts.name(code), direction=direction(texts, code))
            for code in gateway.languages
        ]
    )


@router.get("/disclosure", summary="The notice that an AI is replying")
async def disclosure(gateway: TheGateway, language: LanguageCode | None = None) -> Disclosure:
    """The notice in force."""
    return gateway.disclosure(gateway.spoken(language))
