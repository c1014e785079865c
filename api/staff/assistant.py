"""The counter assistant: extracts first, with their source; then the same answer in two languages.

It searches the staff's articles too: they leave only by these calls, which all want an open session. What is
asked comes in the body of a POST, is masked before it is searched, and is kept nowhere.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from fastapi import APIRouter

from api.assemble import emergency_block
from api.dependencies import TheGateway
from api.problems import Problem, ProblemKind
from api.render import direction, message, to_html
from api.schemas import Accepted
from api.staff import notice
from api.staff.schemas import (
    AnswerIn,
    AskIn,
    Extract,
    Extracts,
    NoticeShownIn,
    Reported,
    ReportIn,
    Side,
    StaffAnswer,
    StaffNotice,
)
from api.staff.session import TheAgent, TheSession
from api.state import Gateway
from knowledge.article import SOURCE_LANGUAGE, Article, Audience
from knowledge.compose import source_note
from knowledge.index import IndexUnusableError
from knowledge.reply import EmergencyBlock, Said, ServiceCard
from knowledge.search import Decision, Found, Hit
from knowledge.sections import SectionKey
from records.entries import DisclosureEvent
from records.errors import RecordsUnavailable
from understanding.cleaning import clean
from understanding.danger import find_dangers
from understanding.language import detect
from understanding.masking import mask

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/api/v1/staff", tags=["staff"])

AGENTS_LANGUAGE: Final = SOURCE_LANGUAGE


@router.post("/search", summary="Search all the articles, those for agents included")
async def search(gateway: TheGateway, agent: TheAgent, body: AskIn) -> Extracts:
    """Best first. The question may be in any of the languages; the extracts are in French."""
    await gateway.limiter.check(gateway.settings.staff_search_rate, "staff-search", agent.id)
    return await asyncio.to_thread(_found, gateway, body)


@router.post("/answer", summary="Compose one answer in French and in the resident's language")
async def answer(gateway: TheGateway, _: TheAgent, body: AnswerIn) -> StaffAnswer:
    """From the article named; nothing that is for agents only is composed for a resident."""
    article = gateway.composer.library.best(body.article_id, AGENTS_LANGUAGE, Audience.STAFF)
    if article is None:
        raise Problem(ProblemKind.NOT_FOUND)
    staff_only = article.audience is Audience.STAFF
    resident = None
    if not staff_only:
        language = gateway.spoken(body.language)
        theirs = gateway.composer.library.best(body.article_id, language)
        resident = _side(gateway, theirs, body.section, language) if theirs else None
    return StaffAnswer(
        french=_side(gateway, article, body.section, AGENTS_LANGUAGE),
        resident=resident,
        staff_only=staff_only,
    )


@router.post("/reports", status_code=201, summary="Say that an answer is wrong")
async def report(gateway: TheGateway, agent: TheAgent, body: ReportIn) -> Reported:
    """It reaches the administrators; only here is a text of the agent kept, masked."""
    if gateway.composer.library.best(body.article_id, AGENTS_LANGUAGE, Audience.STAFF) is None:
        raise Problem(ProblemKind.NOT_FOUND)
    reason = mask(clean(body.reason)).text.strip()
    if not reason:
        raise Problem(ProblemKind.MESSAGE_EMPTY)
    kept = await asyncio.to_thread(
        lambda: gateway.records.reports.add(
            agent_id=agent.id,
            article_id=body.article_id,
            section=body.section.value if body.section else None,
            language=gateway.spoken(body.language),
            reason=reason,
            question=mask(clean(body.question)).text if body.question else None,
        )
    )
    log.info("answer_reported", report=kept.id, article=body.article_id)
    return Reported(report_id=kept.id)


@router.get("/disclosure", summary="The notice that an AI assists")
async def disclosure(gateway: TheGateway, _: TheAgent) -> StaffNotice:
    """The notice in force."""
    return StaffNotice(disclosure=notice.notice(gateway))


@router.post("/disclosure/displayed", status_code=202, summary="The notice was on the screen")
async def disclosure_displayed(gateway: TheGateway, session: TheSession, body: NoticeShownIn) -> Accepted:
    """Acknowledged by the page once the notice is in view."""
    if body.disclosure_id != notice.notice(gateway).id:
        raise Problem(ProblemKind.INVALID_REQUEST)
    try:
        await asyncio.to_thread(notice.record, gateway, session, DisclosureEvent.DISPLAYED)
    except RecordsUnavailable as error:
        if error.kept is None:
            raise
        return Accepted(stored="spool")
    return Accepted(stored="database")


def _found(gateway: Gateway, body: AskIn) -> Extracts:
    text = clean(body.text)
    masked = mask(text, keep=gateway.own_contacts)
    if not masked.text.strip():
        raise Problem(ProblemKind.MESSAGE_EMPTY)
    language = detect(masked.text, allowed=gateway.languages, prior=AGENTS_LANGUAGE).language
    dangers = [danger.id for danger in find_dangers(text, language=language)]
    block = _block(gateway, dangers, AGENTS_LANGUAGE)
    theirs = _block(gateway, dangers, gateway.spoken(body.language, language))
    try:
        found = gateway.now.search.search(
            masked.request, language=language, audience=Audience.STAFF, k=body.k, emergencies=bool(dangers)
        )
    except IndexUnusableError as error:
        log.warning("part_down", part="index", cause=str(error))
        if block is None:
            raise Problem(ProblemKind.UNAVAILABLE) from error
        found = Found((), Decision.ABSTAIN, 0.0)
    return Extracts(
        sure=found.decision is Decision.ANSWER,
        language=language,
        masked=bool(masked.found),
        extracts=[_extract(gateway, hit) for hit in found.hits],
        emergency=emergency_block(gateway, block),
        # Not a second time in French, where the article is not translated.
        emergency_resident=emergency_block(gateway, theirs)
        if theirs and theirs.lang != AGENTS_LANGUAGE
        else None,
    )


def _block(gateway: Gateway, dangers: list[str], language: str) -> EmergencyBlock | None:
    return gateway.composer.emergency(dangers, gateway.seen(language)) if dangers else None


def _extract(gateway: Gateway, hit: Hit) -> Extract:
    library = gateway.composer.library
    article = library.best(hit.article.id, AGENTS_LANGUAGE, Audience.STAFF) or hit.article
    found = library.section(article, hit.section) if hit.section else None
    note = source_note(article, found)
    return Extract(
        article_id=article.id,
        topic=article.topic,
        title=article.title,
        section=found[0].key if found else None,
        section_title=found[0].title if found else None,
        html=to_html(found[0].markdown if found else article.short),
        lang=note.lang,
        dir=direction(gateway.composer.texts, note.lang),
        owner=article.owner,
        url=note.url,
        written=article.written,
        reviewed=article.reviewed,
        staff_only=article.audience is Audience.STAFF,
    )


def _side(gateway: Gateway, article: Article, section: SectionKey | None, language: str) -> Side:
    """One language of the answer.

    Raises:
        Problem: It holds a contact that is in no directory, article or catalogue (`unavailable`).
    """
    composer = gateway.composer
    reply = composer.answer(article, section, gateway.seen(language), 1.0)
    unknown = gateway.contacts.unknown_in(reply)
    if unknown:
        log.error("reply_blocked", topic=reply.topic, contacts=sorted(unknown))
        raise Problem(ProblemKind.UNAVAILABLE)
    said = [*_dangers(reply.emergency), *(each for each in reply.messages if each.type != "form")]
    messages = [message(each, composer.texts) for each in said]
    note = source_note(article, None)
    source = " – ".join(filter(None, (note.title, article.owner, article.written.isoformat(), note.url)))
    parts = [article.title, *(each.text for each in messages), _card(reply.service), source]
    return Side(
        lang=language,
        dir=direction(composer.texts, language),
        title=article.title,
        messages=messages,
        service=reply.service,
        source=source,
        text="\n\n".join(filter(None, parts)),
    )


def _dangers(block: EmergencyBlock | None) -> list[Said]:
    """The fixed text of an emergency, then its numbers."""
    if block is None:
        return []
    numbers = "\n".join(
        f"- **[{each.number}]({each.uri})** {each.label} ({each.hours})" for each in block.numbers
    )
    return [Said(markdown=f"{block.text}\n\n{numbers}", lang=block.lang)]


def _card(service: ServiceCard | None) -> str:
    if service is None:
        return ""
    lines = (service.name, service.phone, service.email, service.address, service.opening.text)
    return "\n".join(filter(None, lines))
