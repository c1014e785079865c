"""What the gateway writes down: turns, the notice, handoffs, erasure. Its functions block: use a thread.

Records keep in the spool what SQL cannot take; here that becomes what the resident must be told.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import structlog
from redis.exceptions import RedisError

from api.child import age_key
from api.engine import EngineUnavailable
from api.problems import Problem, ProblemKind
from api.schemas import Disclosure, Turn
from api.tokens import Ticket
from records import entries
from records.entries import DisclosureEvent, FeedbackValue, HandoffRequest
from records.errors import ConversationErased, RecordsUnavailable, UnknownRecord

if TYPE_CHECKING:
    from api.state import Gateway

log = structlog.get_logger(__name__)

Stored = Literal["database", "spool"]


class OpenCallback(StrEnum):
    """What becomes of an open callback when its conversation is erased."""

    KEEP = "keep"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Accepted:
    """A turn on record. `earlier` is its reply when it was answered already."""

    turn_id: str
    disclosure_is_new: bool
    paused: bool
    earlier: Turn | None = None


class NotInSql(Exception):  # noqa: N818 - it says a state, which the turn handles
    """The turn or its notice could not be written in SQL; they are in the spool."""

    def __init__(self, turn_id: str) -> None:
        super().__init__(turn_id)
        self.turn_id = turn_id


def accept(
    gateway: Gateway, ticket: Ticket, client_message_id: str | None, text: str, notice: Disclosure
) -> Accepted:
    """Records the masked turn and, if it is due, the notice: before anything is answered.

    Raises:
        NotInSql: SQL does not answer; what it could not take is in the spool.
        Problem: The conversation was erased.
    """
    records = gateway.records
    turn_id = entries.new_id()
    try:
        turn, is_new = records.open_turn(ticket.conversation_id, client_message_id, text, notice.language)
        turn_id = turn.turn_id
        if not is_new and turn.reply is not None:
            return Accepted(
                turn_id, disclosure_is_new=False, paused=False, earlier=Turn.model_validate(turn.reply)
            )
        due = records.disclosure_needed(ticket.conversation_id, notice.version, notice.language)
        if due:
            _record_notice(gateway, ticket, notice, DisclosureEvent.ISSUED)
        return Accepted(turn_id, disclosure_is_new=due, paused=records.paused() is not None)
    except ConversationErased as error:
        raise Problem(ProblemKind.CONVERSATION_NOT_FOUND, notice.language) from error
    except RecordsUnavailable as error:
        if isinstance(error.kept, entries.Turn):
            turn_id = error.kept.turn_id
        if not isinstance(error.kept, entries.Disclosure):
            _spool_notice(gateway, ticket, notice)
        raise NotInSql(turn_id) from error


def open_conversation(gateway: Gateway, ticket: Ticket, notice: Disclosure) -> Stored:
    """Records a conversation and that its notice was issued."""
    stored: Stored = "database"
    try:
        gateway.records.start_conversation(
            ticket.language, ticket.channel, conversation_id=ticket.conversation_id
        )
    except RecordsUnavailable as error:
        _must_be_kept(error)
        stored = "spool"
    try:
        _record_notice(gateway, ticket, notice, DisclosureEvent.ISSUED)
    except RecordsUnavailable as error:
        _must_be_kept(error)
        stored = "spool"
    return stored


def record_displayed(gateway: Gateway, ticket: Ticket, notice: Disclosure) -> Stored:
    """Records that the widget showed the notice."""
    try:
        _record_notice(gateway, ticket, notice, DisclosureEvent.DISPLAYED)
    except RecordsUnavailable as error:
        _must_be_kept(error)
        return "spool"
    return "database"


def record_feedback(
    gateway: Gateway, ticket: Ticket, turn_id: str, value: FeedbackValue, reason: str | None
) -> None:
    """Records what the resident thought of one of this conversation's turns.

    Raises:
        Problem: No turn of this conversation has this identifier.
        RecordsUnavailable: SQL does not answer.
    """
    turn = gateway.records.turn(turn_id)
    if turn is None or turn.conversation_id != ticket.conversation_id:
        raise Problem(ProblemKind.NOT_FOUND, gateway.spoken(ticket.language))
    try:
        gateway.records.add_feedback(turn_id, value, reason)
    except UnknownRecord as error:
        raise Problem(ProblemKind.NOT_FOUND, gateway.spoken(ticket.language)) from error


def record_handoff(gateway: Gateway, request: HandoffRequest) -> tuple[entries.Handoff, Stored]:
    """Writes a handoff durably; returns it and where it is.

    Raises:
        Problem: It could be written nowhere, so nothing is confirmed; or the conversation was erased.
    """
    try:
        return gateway.records.create_handoff(request), "database"
    except ConversationErased as error:
        raise Problem(ProblemKind.CONVERSATION_NOT_FOUND, request.language) from error
    except RecordsUnavailable as error:
        if not isinstance(error.kept, entries.Handoff):
            raise Problem(ProblemKind.UNAVAILABLE, request.language) from error
        return error.kept, "spool"


def routing_of(ticket: Ticket, turn: Turn) -> entries.Routing | None:
    """The service that a turn sends to and the router's rule; of an emergency, only that it was one."""
    if turn.service is None:
        return None
    shown = turn.understanding
    topic = None if turn.emergency else shown.about or shown.topic
    rule = turn.service.reason.value if turn.service.reason else shown.kind.value
    reason = "emergency" if turn.emergency else rule
    return entries.Routing(entries.new_id(), ticket.conversation_id, turn.service.id, topic, reason)


def record_routing(gateway: Gateway, ticket: Ticket, service_id: str, topic: str | None) -> None:
    """Records that the resident asked for, and got, the contact of a service."""
    try:
        gateway.records.record_routing(
            ticket.conversation_id, service_id=service_id, topic=topic, reason="contact"
        )
    except RecordsUnavailable as error:
        if error.kept is None:
            log.error("routing_lost", reason=error.reason)


def transcript(gateway: Gateway, ticket: Ticket) -> tuple[entries.Turn, ...]:
    """The turns of a conversation, oldest first.

    Raises:
        Problem: It was erased.
        RecordsUnavailable: SQL does not answer.
    """
    turns = gateway.records.transcript(ticket.conversation_id)
    if not turns and gateway.records.is_erased(ticket.conversation_id):
        raise Problem(ProblemKind.CONVERSATION_NOT_FOUND, gateway.spoken(ticket.language))
    return turns


async def erase(gateway: Gateway, ticket: Ticket, callback: OpenCallback) -> None:
    """Erases a conversation everywhere: records, Redis, what Rasa remembers. Asking twice does no harm.

    Raises:
        Problem: A part could not erase it now (`unavailable`): the resident is asked to try again.
    """
    try:
        await asyncio.to_thread(
            gateway.records.erase, ticket.conversation_id, keep_callbacks=callback is OpenCallback.KEEP
        )
    except RecordsUnavailable as error:
        _must_be_kept(error)
    try:
        await gateway.redis.delete(language_key(ticket.conversation_id), age_key(ticket.conversation_id))
        await gateway.engine.forget(ticket.conversation_id)
    except (EngineUnavailable, RedisError, OSError) as error:
        log.warning("erasure_incomplete", cause=type(error).__name__)
        raise Problem(ProblemKind.UNAVAILABLE, gateway.spoken(ticket.language)) from error


def language_key(conversation_id: str) -> str:
    """The Redis key of a conversation's language."""
    return f"guichet:language:{conversation_id}"


def _record_notice(gateway: Gateway, ticket: Ticket, notice: Disclosure, event: DisclosureEvent) -> None:
    gateway.records.record_disclosure(
        ticket.conversation_id,
        notice_id=notice.id,
        version=notice.version,
        language=notice.language,
        text=notice.text,
        channel=ticket.channel,
        event=event,
    )


def _spool_notice(gateway: Gateway, ticket: Ticket, notice: Disclosure) -> None:
    """The degraded reply says the notice again, so its record follows the turn's into the spool."""
    try:
        _record_notice(gateway, ticket, notice, DisclosureEvent.ISSUED)
    except RecordsUnavailable as error:
        if error.kept is None:
            log.error("disclosure_lost", reason=error.reason)


def _must_be_kept(error: RecordsUnavailable) -> None:
    """A record that is neither in SQL nor in the spool: the caller must not say that it is."""
    if error.kept is None:
        raise Problem(ProblemKind.UNAVAILABLE) from error
