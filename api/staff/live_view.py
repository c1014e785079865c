"""Live requests as an agent sees them: cards, lines, what was asked before. Functions block: use a thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from babel import Locale

from api.live import desk
from api.live.said import plain_message, service_name
from api.live.schemas import LiveSpeaker
from api.staff.live_schemas import (
    LiveBoard,
    LiveCard,
    LiveDetail,
    LiveExchange,
    LiveStaffLine,
    NamedService,
)
from api.staff.requests import names
from api.staff.session import StaffAgent
from api.staff.summary import summarise
from records.entries import Turn
from records.live_entries import LiveAuthor, LiveEnd, LiveEvent, LiveKind, LiveRequest

if TYPE_CHECKING:
    from api.state import Gateway

FRENCH: Final = "fr"
LAST_EXCHANGES: Final = 20

_SPEAKERS: Final = {
    LiveAuthor.RESIDENT: LiveSpeaker.RESIDENT,
    LiveAuthor.AGENT: LiveSpeaker.PERSON,
    LiveAuthor.SYSTEM: LiveSpeaker.SYSTEM,
}
_ENDS: Final = {
    LiveEnd.AGENT: "L’échange est terminé. L’assistant reprend.",
    LiveEnd.RESIDENT: "L’usager a quitté la file ou l’échange.",
    LiveEnd.LEFT: "L’usager n’est plus là : sa page ne répond plus.",
    LiveEnd.CLOSED: "Le service a fermé : un rappel a été proposé à l’usager.",
    LiveEnd.NOBODY: "Plus aucun agent n’était disponible : un rappel a été proposé à l’usager.",
}


def board(gateway: Gateway, agent: StaffAgent) -> LiveBoard:
    """The queues of the agent's services, and the conversations that the agent has."""
    live = gateway.records.live
    presence = live.presence(agent.id)
    return LiveBoard(
        available=presence is not None and presence.available,
        at_once=gateway.settings.live_at_once,
        queue=[card(gateway, each) for each in live.queue() if agent.sees(each.service_id)],
        mine=[
            card(gateway, each)
            for each in live.taken()
            if each.agent_id == agent.id and agent.sees(each.service_id)
        ],
    )


def card(gateway: Gateway, request: LiveRequest) -> LiveCard:
    """A request in a list."""
    return LiveCard(
        handoff_id=request.handoff_id,
        state=request.state,
        service=service_name(gateway, request.service_id, FRENCH),
        topic=_topic(gateway, request.topic),
        language=Locale(FRENCH).languages.get(request.language, request.language),
        urgent=_urgent(gateway, request),
        child=request.child,
        put_back=request.put_back,
        waiting_since=request.queued_at,
        resident_there=request.resident_seen_at >= desk.agents_heard_since(gateway),
        agent=request.agent_name,
    )


def detail(gateway: Gateway, agent: StaffAgent, request: LiveRequest, turns: Sequence[Turn]) -> LiveDetail:
    """A request with what was asked, answered and said."""
    before, place = [turn for turn in turns if _is_shown(turn)], _place(gateway, request.place)
    return LiveDetail(
        card=card(gateway, request),
        mine=request.agent_id == agent.id,
        place=place,
        summary=summarise(before, names(gateway), place),
        exchanges=[_exchange(gateway, turn) for turn in before][-LAST_EXCHANGES:],
        lines=lines(gateway, request),
        services=services(gateway, request.service_id),
    )


def lines(gateway: Gateway, request: LiveRequest, after: int = 0) -> list[LiveStaffLine]:
    """The lines of a request after a number."""
    events = gateway.records.live.log(request.conversation_id, after, request.handoff_id)
    return [_line(gateway, event) for event in events]


def services(gateway: Gateway, but: str) -> list[NamedService]:
    """The services that a conversation can be forwarded to, those with an agent there first."""
    since = desk.agents_heard_since(gateway)
    there = {service for agent in gateway.records.live.all_available(since) for service in agent.services}
    found = [
        NamedService(id=each.id, name=each.name_in(FRENCH), available=each.id in there)
        for each in gateway.composer.directory.services.values()
        if each.id != but
    ]
    return sorted(found, key=lambda each: (not each.available, each.name))


def _line(gateway: Gateway, event: LiveEvent) -> LiveStaffLine:
    text = event.text if event.kind is LiveKind.MESSAGE else _said(gateway, event)
    return LiveStaffLine(
        seq=event.seq,
        kind=event.kind,
        speaker=_SPEAKERS[event.author],
        text=text,
        direction=plain_message(text).dir,
        client_message_id=event.client_message_id,
        at=event.at,
    )


def _said(gateway: Gateway, event: LiveEvent) -> str:
    service = service_name(gateway, event.service_id, FRENCH)
    if event.kind is LiveKind.ENDED:
        return _ENDS[LiveEnd(event.detail or LiveEnd.AGENT)]
    return {
        LiveKind.ASKED: f"L’usager demande une personne du service « {service} ».",
        LiveKind.JOINED: f"{event.person} a rejoint la conversation.",
        LiveKind.LOST: f"La page de {event.person} ne répondait plus : l’usager attend de nouveau, "
        "avant les autres.",
        LiveKind.FORWARDED: f"{event.person} transfère l’usager au service « {service} ».",
        LiveKind.UNANSWERED: "L’usager a été prévenu que personne n’a encore répondu. "
        "Un autre moyen lui a été proposé.",
        LiveKind.DANGER: f"Danger possible : {_danger(gateway, event.detail)}. "
        "Les numéros d’urgence ont été montrés à l’usager.",
    }[event.kind]


def _exchange(gateway: Gateway, turn: Turn) -> LiveExchange:
    reply = turn.reply or {}
    said = [each["text"] for each in reply.get("messages", ()) if each.get("type") == "text"]
    return LiveExchange(
        at=turn.received_at,
        asked=turn.text,
        answered=said[0] if said else "",
        direction=gateway.composer.texts.direction(turn.language),
        sources=list(dict.fromkeys(each["title"] for each in reply.get("sources", ()))),
    )


def _is_shown(turn: Turn) -> bool:
    return turn.reply is not None and turn.reply.get("status") != "relayed"


def _urgent(gateway: Gateway, request: LiveRequest) -> str | None:
    if request.danger:
        return f"Danger possible : {_danger(gateway, request.danger)}"
    if request.put_back:
        return "Déjà pris en charge, puis la connexion de l’agent a été coupée"
    return None


def _danger(gateway: Gateway, danger: str | None) -> str:
    article = gateway.composer.library.best(danger, FRENCH) if danger else None
    return article.title if article else (danger or "")


def _place(gateway: Gateway, insee: str | None) -> str | None:
    return gateway.places.place(insee).name if insee is not None and insee in gateway.places else None


def _topic(gateway: Gateway, topic: str | None) -> str | None:
    if topic is None:
        return None
    article = next(iter(gateway.composer.library.by_topic(topic, FRENCH)), None)
    return article.title if article else topic
