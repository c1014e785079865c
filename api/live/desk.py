"""The queue as the resident sees it: whether a person can be talked to, the place, and an honest wait.

The wait is measured, never promised: the median of the last waits for that service, and no less than what the
first in the queue has waited already. With nothing measured, it says so. Functions block: use a thread.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, Final

from api.live import said
from api.live.schemas import LiveLine, LiveNow, LivePerson, LivePhase
from api.message import Message
from knowledge.reply import ServiceCard
from records.entries import HandoffRequest
from records.errors import RecordsUnavailable
from records.live import recent
from records.live_entries import LiveEnd, LiveRequest, LiveState

if TYPE_CHECKING:
    from api.state import Gateway

LEAST_WAITS: Final = 3
"""Fewer measured waits tell nothing of the next one."""

_PHASES: Final = {
    LiveState.WAITING: LivePhase.WAITING,
    LiveState.TAKEN: LivePhase.WITH_PERSON,
    LiveState.ENDED: LivePhase.ENDED,
}


def can_talk(gateway: Gateway, service: ServiceCard) -> bool:
    """Whether the service is open and one of its agents is there; False when that cannot be known."""
    if service.opening is None or not service.opening.open_now:
        return False
    try:
        return bool(gateway.records.live.available(service.id, agents_heard_since(gateway)))
    except RecordsUnavailable:
        return False


def agents_heard_since(gateway: Gateway) -> datetime:
    """From which instant an agent's page was heard of, when it is there."""
    return recent(gateway.settings.live_agent_seconds)


def enter(
    gateway: Gateway, asked: HandoffRequest, service: ServiceCard, *, child: bool
) -> tuple[LiveNow, LiveRequest | None]:
    """Puts a conversation in the queue, or says at once that nobody can answer now.

    Raises:
        ConversationErased: The conversation was erased.
    """
    try:
        running = gateway.records.live.running(str(asked.conversation_id))
        if running is None and not can_talk(gateway, service):
            return _refused(gateway, service, asked.language, child=child), None
        danger = _danger_told(gateway, str(asked.conversation_id))
        request = gateway.records.live.request(asked, danger=danger, child=child)
        return now(gateway, request, asked.language), request
    except RecordsUnavailable:
        return _refused(gateway, service, asked.language, child=child), None


def now(gateway: Gateway, request: LiveRequest, language: str) -> LiveNow:
    """The request as it is."""
    place = minutes = None
    service = _card(gateway, request.service_id, language)
    if request.state is LiveState.WAITING:
        queue = gateway.records.live.queue(request.service_id)
        ids = [each.handoff_id for each in queue]
        place = ids.index(request.handoff_id) + 1 if request.handoff_id in ids else 1
        minutes = wait_minutes(gateway, request.service_id, queue)
    person = None
    if request.state is LiveState.TAKEN and request.agent_name:
        person = LivePerson(name=request.agent_name, service=service.name)
    log = gateway.records.live.log(request.conversation_id)
    return LiveNow(
        phase=_PHASES[request.state],
        handoff_id=request.handoff_id,
        service=service,
        place=place,
        wait_minutes=minutes,
        person=person,
        callback=not request.child and request.told_at is not None,
        message=_said(gateway, request, language, place, minutes),
        last_seq=log[-1].seq if log else 0,
    )


def lines(gateway: Gateway, conversation_id: str, language: str, after: int = 0) -> list[LiveLine]:
    """What the resident sees of the log, after a number."""
    request = gateway.records.live.latest(conversation_id)
    child = request is not None and request.child
    events = gateway.records.live.log(conversation_id, after)
    shown = (said.line(gateway, event, language, child=child) for event in events)
    return [each for each in shown if each is not None]


def whole(gateway: Gateway, conversation_id: str, language: str) -> tuple[LiveNow | None, list[LiveLine]]:
    """The last request of a conversation, and all that was said with a person."""
    request = gateway.records.live.latest(conversation_id)
    if request is None:
        return None, []
    return now(gateway, request, language), lines(gateway, conversation_id, language)


def wait_minutes(gateway: Gateway, service_id: str, queue: tuple[LiveRequest, ...]) -> int | None:
    """The wait told for a service, in minutes, at least 1; None when nothing tells it."""
    since = recent(gateway.settings.live_recent_hours * 3600)
    waits = gateway.records.live.recent_waits(service_id, since)
    if len(waits) < LEAST_WAITS:
        return None
    present = datetime.now(UTC)
    waited = max(((present - each.queued_at).total_seconds() for each in queue), default=0.0)
    return max(1, math.ceil(max(median(waits), waited) / 60))


def language_of(gateway: Gateway, conversation_id: str, otherwise: str) -> str:
    """The language of the last turn."""
    kept = gateway.records.conversation(conversation_id)
    return gateway.spoken(kept.language if kept else None, gateway.spoken(otherwise))


def is_open(gateway: Gateway, service_id: str) -> bool:
    """Whether a service is open now."""
    opening = _card(gateway, service_id, gateway.default_language).opening
    return opening is not None and opening.open_now


def _card(gateway: Gateway, service_id: str, language: str) -> ServiceCard:
    seen = gateway.seen(language)
    services = gateway.composer.directory.services
    if service_id not in services:
        return gateway.composer.service_for(None, seen)
    return gateway.composer.card(services[service_id], seen)


def _refused(gateway: Gateway, service: ServiceCard, language: str, *, child: bool) -> LiveNow:
    is_closed = service.opening is None or not service.opening.open_now
    keys = ["closed" if is_closed else "nobody"]
    if not child:
        keys.append("callback")
    text = said.tell(gateway, language, *keys, service=service.name)
    return LiveNow(
        phase=LivePhase.CLOSED if is_closed else LivePhase.NOBODY,
        handoff_id=None,
        service=service,
        place=None,
        wait_minutes=None,
        person=None,
        callback=not child,
        message=said.notice(gateway, language, text, child=child),
        last_seq=0,
    )


def _said(
    gateway: Gateway, request: LiveRequest, language: str, place: int | None, minutes: int | None
) -> Message:
    name = said.service_name(gateway, request.service_id, language)
    if request.state is LiveState.WAITING:
        keys = [
            "waiting",
            "next" if place == 1 else "place",
            "wait_known" if minutes else "wait_unknown",
            "stay",
        ]
    elif request.state is LiveState.TAKEN:
        keys = ["with_person"]
    else:
        keys = [f"ended_{(request.end or LiveEnd.AGENT).value}", "resumes"]
    text = said.tell(
        gateway,
        language,
        *keys,
        service=name,
        person=request.agent_name or name,
        ahead=(place or 1) - 1,
        minutes=minutes or 1,
    )
    return said.notice(gateway, language, text)


def _danger_told(gateway: Gateway, conversation_id: str) -> str | None:
    """The last emergency that this conversation was answered with: it puts the resident first."""
    for turn in reversed(gateway.records.transcript(conversation_id)):
        emergency = (turn.reply or {}).get("emergency")
        if emergency:
            return str(emergency["id"])
    return None
