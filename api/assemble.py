"""Puts a turn together as the contract says it: emergency first, then the reply, then the notices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from api.child import said_to_child, without_forms, without_handoff
from api.message import Message
from api.papers import with_links
from api.render import direction, message, to_html, to_text
from api.schemas import DisclosureShown, Emergency, Source, Status, Turn, Understanding
from knowledge.reply import Act, EmergencyBlock, Kind, Reply, Said, Suggestion

if TYPE_CHECKING:
    from api.state import Gateway

# Beside an emergency, another reply is shown only when it answers something.
SHOWN_AFTER_AN_EMERGENCY: Final = frozenset({Kind.ANSWER, Kind.REDIRECT})


@dataclass(frozen=True)
class Draft:
    """What a turn is made of.

    `notice_first`: the notice could not be recorded, so it is said in full. `child`: see api/child.py.
    `live`: a person of the reply's service can be talked to now.
    """

    turn_id: str
    language: str
    reply: Reply
    status: Status
    intent: str
    emergency: EmergencyBlock | None = None
    masked: bool = False
    language_is_spoken: bool = True
    disclosure_is_new: bool = False
    notice_first: bool = False
    child: bool = False
    live: bool = False


def assemble(gateway: Gateway, draft: Draft) -> Turn:
    """The turn of the contract."""
    texts = gateway.composer.texts
    notice = gateway.disclosure(draft.language)
    reply = with_links(gateway, draft.reply, draft.language)
    draft = replace(draft, reply=reply)
    return Turn(
        turn_id=draft.turn_id,
        status=draft.status,
        language=draft.language,
        direction=direction(texts, draft.language),
        messages=[message(said, texts) for said in _said(gateway, draft)],
        understanding=_understanding(draft),
        sources=[Source(**source.model_dump()) for source in reply.sources],
        service=reply.service,
        emergency=emergency_block(gateway, draft.emergency),
        suggestions=_suggestions(gateway, draft, reply),
        disclosure=DisclosureShown(**notice.model_dump(), is_new=draft.disclosure_is_new),
        live=draft.live,
    )


def _suggestions(gateway: Gateway, draft: Draft, reply: Reply) -> list[Suggestion]:
    """Those of the reply. Beside an emergency, choices whose question is not shown would be odd ones."""
    alone = draft.emergency is None or draft.status is Status.RELAYED
    if alone or reply.kind in {*SHOWN_AFTER_AN_EMERGENCY, Kind.EMERGENCY}:
        return list(reply.suggestions)
    return [gateway.composer.human_suggestion(gateway.seen(draft.language))]


def _said(gateway: Gateway, draft: Draft) -> list[Said]:
    texts = gateway.composer.texts
    said: list[Said] = []
    if draft.notice_first:
        text = gateway.disclosure(draft.language).text
        said.append(Said(type="notice", markdown=text, lang=draft.language))
    if not draft.language_is_spoken:
        said.append(language_not_spoken(gateway, draft.language))
    if draft.emergency is not None and draft.child:
        said += said_to_child(gateway, "emergency.child", draft.language)
    if draft.emergency is not None:
        said += _beside_an_emergency(gateway, draft)
    else:
        said += draft.reply.messages
    if draft.masked:
        said.append(
            Said(type="notice", markdown=texts.get(draft.language, "mask.warning"), lang=draft.language)
        )
    return without_forms(gateway, said, draft.language) if draft.child else said


def language_not_spoken(gateway: Gateway, language: str) -> Said:
    """The languages that the assistant does speak, said in `language`."""
    texts = gateway.composer.texts
    names = ", ".join(texts.name(code) for code in gateway.languages)
    text = texts.get(language, "language.not_spoken", languages=names)
    return Said(type="notice", markdown=text, lang=language)


def _beside_an_emergency(gateway: Gateway, draft: Draft) -> list[Said]:
    """The way to a human, then the other request when it has an answer of its own."""
    texts = gateway.composer.texts
    contact = Said(markdown=texts.get(draft.language, "answer.contact_intro"), lang=draft.language)
    if draft.status in {Status.DEGRADED, Status.RELAYED}:
        return list(draft.reply.messages)
    if draft.reply.kind in SHOWN_AFTER_AN_EMERGENCY:
        then = Said(markdown=texts.get(draft.language, "emergency.then"), lang=draft.language)
        return [then, *draft.reply.messages]
    return [contact]


def _understanding(draft: Draft) -> Understanding:
    reply = draft.reply
    if draft.child and draft.status is Status.DEGRADED:
        reply = without_handoff(reply)
    if draft.emergency is None:
        return Understanding(
            kind=reply.kind,
            topic=reply.topic,
            about=reply.about,
            also=list(reply.also),
            intent=draft.intent,
            confidence=round(reply.confidence, 4),
        )
    other = reply.kind in SHOWN_AFTER_AN_EMERGENCY and draft.status is not Status.DEGRADED
    return Understanding(
        kind=Kind.EMERGENCY,
        topic=f"emergency-{draft.emergency.id}",
        about=reply.topic if other and reply.kind is Kind.ANSWER else None,
        also=[Act(kind=reply.kind, topic=reply.topic), *reply.also] if other else [],
        intent=draft.intent,
        confidence=1.0,
    )


def emergency_block(gateway: Gateway, block: EmergencyBlock | None) -> Emergency | None:
    """The block of an emergency as it is shown."""
    if block is None:
        return None
    return Emergency(
        id=block.id,
        numbers=list(block.numbers),
        text=to_text(block.text),
        html=to_html(block.text),
        lang=block.lang,
        dir=direction(gateway.composer.texts, block.lang),
    )


def as_message(gateway: Gateway, said: Said) -> Message:
    """One thing said outside a turn: the greeting, a confirmation."""
    return message(said, gateway.composer.texts)
