"""Live conversations with a person: the queue, who has whom, what is said (docs/architecture.md: the states).

Every change is one transaction that holds the request's row, so that two agents never both take it and the
several gateways that sweep never say a thing twice.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from records import handoffs, live_log
from records.database import Database, insert_new, read_entry
from records.encryption import Cipher
from records.entries import Handoff, HandoffRequest, HandoffStatus, Routing, new_id, now
from records.errors import NotInThatState, TooManyLive, UnknownRecord
from records.ledger import ChainWriter
from records.live_entries import (
    LiveAuthor,
    LiveEnd,
    LiveEvent,
    LiveKind,
    LiveRequest,
    LiveState,
    Presence,
)
from records.live_tables import LiveRow, LiveWaitRow, PresenceRow
from records.tables import HandoffRow

RECENT_WAITS: Final = 20
"""How many of the last waits an estimate looks at."""

IN_ORDER: Final = (LiveRow.danger.is_(None), LiveRow.put_back.is_(False), LiveRow.queued_at)
"""The order of a queue: those in danger, those whose agent was lost, then who has waited longest."""


@dataclass(frozen=True)
class Agent:
    """Who answers: an identifier, and the name that residents are shown."""

    id: str
    name: str


class LiveRecords:
    """The live conversations. Every method may raise RecordsUnavailable; nothing goes to the spool.

    A queue is of use only while it can be read by all: without SQL, the caller offers a callback.
    """

    def __init__(self, database: Database, cipher: Cipher, chain: ChainWriter) -> None:
        self._database = database
        self._cipher = cipher
        self._chain = chain

    # --- the resident's side

    def request(
        self, asked: HandoffRequest, *, danger: str | None = None, child: bool = False
    ) -> LiveRequest:
        """Put a conversation in the queue of a service; one that is there already stays where it is.

        Raises:
            ConversationErased: the resident erased the conversation.
        """
        handoff = handoffs.prepare(asked, self._cipher)
        with self._database.writing() as session:
            kept = handoffs.add(session, self._chain, handoff)
            if not self._enqueued(session, kept, danger, child):
                row = _running(session, str(kept.conversation_id)) or session.get_one(LiveRow, kept.id)
                if row.handoff_id != kept.id:
                    handoffs.close(session, kept.id, HandoffStatus.CANCELLED, now())
                return _entry(row)
            row = session.get_one(LiveRow, kept.id)
            live_log.append(session, row, LiveKind.ASKED)
            return _entry(row)

    def _enqueued(self, session: Session, handoff: Handoff, danger: str | None, child: bool) -> bool:
        """Insert the request; False when one runs already, or this one is there."""
        at = now()
        return insert_new(
            session,
            LiveRow,
            handoff_id=handoff.id,
            conversation_id=handoff.conversation_id,
            running=1,
            state=LiveState.WAITING.value,
            service_id=handoff.service_id,
            topic=handoff.topic,
            place=handoff.place,
            language=handoff.language,
            danger=danger,
            child=child,
            put_back=False,
            asked_at=at,
            queued_at=at,
            resident_seen_at=at,
        )

    def running(self, conversation_id: str) -> LiveRequest | None:
        """Return the request that waits or is answered in this conversation, or None."""
        with self._database.reading() as session:
            row = _running(session, conversation_id)
            return _entry(row) if row else None

    def latest(self, conversation_id: str) -> LiveRequest | None:
        """Return the last request of this conversation, ended or not, or None."""
        query = select(LiveRow).where(LiveRow.conversation_id == conversation_id)
        with self._database.reading() as session:
            row = session.scalar(query.order_by(LiveRow.asked_at.desc()).limit(1))
            return _entry(row) if row else None

    def resident_seen(self, conversation_id: str) -> None:
        """Note that the resident's page is still there."""
        with self._database.writing() as session:
            row = _running(session, conversation_id)
            if row is not None:
                row.resident_seen_at = now()

    def alert(self, conversation_id: str, danger: str) -> bool:
        """Note a danger found in what the resident wrote; return whether a request runs."""
        with self._database.writing() as session:
            row = _running(session, conversation_id, hold=True)
            if row is None:
                return False
            row.danger = row.danger or danger
            live_log.append(session, row, LiveKind.DANGER, detail=danger)
            return True

    def relay(
        self, conversation_id: str, *, clear: str, masked: str, client_message_id: str | None, turn_id: str
    ) -> LiveEvent | None:
        """Write what the resident said to the person who has the conversation; None when nobody has it."""
        with self._database.writing() as session:
            row = _running(session, conversation_id, hold=True)
            if row is None or row.state != LiveState.TAKEN.value:
                return None
            row.resident_seen_at = now()
            event, _ = live_log.say(
                session,
                row,
                self._cipher,
                author=LiveAuthor.RESIDENT,
                clear=clear,
                masked=masked,
                client_message_id=client_message_id,
                turn_id=turn_id,
            )
            return event

    def leave(self, conversation_id: str) -> LiveRequest | None:
        """End at the resident's wish; None when nothing runs."""
        with self._database.writing() as session:
            row = _running(session, conversation_id, hold=True)
            return _ended(session, row, LiveEnd.RESIDENT) if row else None

    # --- the agent's side

    def find(self, handoff_id: str) -> LiveRequest | None:
        """Return the request, or None."""
        with self._database.reading() as session:
            row = session.get(LiveRow, handoff_id)
            return _entry(row) if row else None

    def queue(self, service_id: str | None = None) -> tuple[LiveRequest, ...]:
        """Return who waits, in the order they are to be taken; for one service or for all."""
        query = select(LiveRow).where(LiveRow.state == LiveState.WAITING.value)
        if service_id is not None:
            query = query.where(LiveRow.service_id == service_id)
        with self._database.reading() as session:
            return tuple(_entry(row) for row in session.scalars(query.order_by(*IN_ORDER)))

    def taken(self) -> tuple[LiveRequest, ...]:
        """Return the conversations that a person has, the oldest first."""
        query = select(LiveRow).where(LiveRow.state == LiveState.TAKEN.value)
        with self._database.reading() as session:
            return tuple(_entry(row) for row in session.scalars(query.order_by(LiveRow.taken_at)))

    def take(
        self, handoff_id: str, agent: Agent, *, at_once: int, service_id: str | None = None
    ) -> LiveRequest:
        """Give a waiting conversation to an agent; taking again one's own changes nothing.

        Args:
            handoff_id: which.
            agent: who.
            at_once: how many conversations an agent may have.
            service_id: in which queue the agent saw it; a colleague may be forwarding it at this moment.

        Raises:
            UnknownRecord: there is no such request.
            NotInThatState: another agent has it, it has ended, or it has gone to another service.
            TooManyLive: this agent has as many as may be.
        """
        with self._held(handoff_id) as (session, row):
            if row.state == LiveState.TAKEN.value and row.agent_id == agent.id:
                return _entry(row)
            if row.state != LiveState.WAITING.value or service_id not in {None, row.service_id}:
                raise NotInThatState(row.state)
            mine = select(func.count()).where(
                LiveRow.agent_id == agent.id, LiveRow.state == LiveState.TAKEN.value
            )
            if (session.scalar(mine) or 0) >= at_once:
                raise TooManyLive(str(at_once))
            at = now()
            row.state, row.taken_at = LiveState.TAKEN.value, at
            row.agent_id, row.agent_name, row.put_back = agent.id, agent.name, False
            waited = int((at - row.queued_at).total_seconds())
            session.add(LiveWaitRow(id=new_id(), service_id=row.service_id, taken_at=at, seconds=waited))
            live_log.append(session, row, LiveKind.JOINED)
            return _entry(row)

    def say(
        self, handoff_id: str, agent: Agent, *, clear: str, masked: str, client_message_id: str | None
    ) -> LiveEvent:
        """Write what the agent said, once for one client_message_id.

        Raises:
            UnknownRecord: there is no such request.
            NotInThatState: this agent does not have it (any more).
        """
        with self._held(handoff_id, agent) as (session, row):
            event, _ = live_log.say(
                session,
                row,
                self._cipher,
                author=LiveAuthor.AGENT,
                clear=clear,
                masked=masked,
                client_message_id=client_message_id,
            )
            return event

    def end(self, handoff_id: str, agent: Agent) -> LiveRequest:
        """End at the agent's wish: the assistant resumes.

        Raises:
            UnknownRecord: there is no such request.
            NotInThatState: this agent does not have it (any more).
        """
        with self._held(handoff_id, agent) as (session, row):
            return _ended(session, row, LiveEnd.AGENT)

    def forward(self, handoff_id: str, agent: Agent, service_id: str) -> LiveRequest:
        """Put the conversation in the queue of another service, where it waits from now on.

        Raises:
            UnknownRecord: there is no such request.
            NotInThatState: this agent does not have it (any more).
        """
        with self._held(handoff_id, agent) as (session, row):
            row.service_id = service_id
            session.get_one(HandoffRow, handoff_id).service_id = service_id
            live_log.append(session, row, LiveKind.FORWARDED)
            topic = None if row.danger else row.topic
            routing = Routing(new_id(), str(row.conversation_id), service_id, topic, "forwarded")
            self._chain.add_routing(session, routing)
            _wait_again(row)
            return _entry(row)

    def present(self, agent: Agent, services: Sequence[str], *, available: bool | None = None) -> Presence:
        """Note that the agent's page is there; `available` changes their state, None leaves it as it is."""
        with self._database.writing() as session:
            row = session.get(PresenceRow, agent.id)
            if row is None:
                row = PresenceRow(agent_id=agent.id, available=False)
                session.add(row)
            row.name, row.services, row.seen_at = agent.name, list(services), now()
            if available is not None:
                row.available = available
            session.flush()
            return _presence(row)

    def presence(self, agent_id: str) -> Presence | None:
        """Return the agent's availability, or None when their page was never opened."""
        with self._database.reading() as session:
            row = session.get(PresenceRow, agent_id)
            return _presence(row) if row else None

    def available(self, service_id: str, since: datetime) -> tuple[Presence, ...]:
        """Return the agents available for a service whose page was heard of since then."""
        return tuple(each for each in self.all_available(since) if service_id in each.services)

    def all_available(self, since: datetime) -> tuple[Presence, ...]:
        """Return the agents available, for whatever service, whose page was heard of since then."""
        query = select(PresenceRow).where(PresenceRow.available, PresenceRow.seen_at >= since)
        with self._database.reading() as session:
            return tuple(_presence(row) for row in session.scalars(query))

    def recent_waits(self, service_id: str, since: datetime) -> tuple[int, ...]:
        """Return the last waits for a service that ended since then, in seconds, the latest first."""
        query = select(LiveWaitRow.seconds).where(
            LiveWaitRow.service_id == service_id, LiveWaitRow.taken_at >= since
        )
        with self._database.reading() as session:
            return tuple(session.scalars(query.order_by(LiveWaitRow.taken_at.desc()).limit(RECENT_WAITS)))

    # --- both sides

    def log(
        self, conversation_id: str, after: int = 0, handoff_id: str | None = None
    ) -> tuple[LiveEvent, ...]:
        """Return the lines of a conversation after a number, in order; those of one handoff, or all."""
        with self._database.reading() as session:
            return live_log.of_conversation(session, self._cipher, conversation_id, after, handoff_id)

    # --- what the gateways sweep, so that no wait ends in silence

    def give_back_lost(self, silent_since: datetime) -> tuple[LiveRequest, ...]:
        """Put back in the queue the conversations of agents whose page was not heard of since then."""
        heard = select(PresenceRow.agent_id).where(PresenceRow.seen_at >= silent_since)
        lost = (LiveRow.state == LiveState.TAKEN.value, LiveRow.agent_id.not_in(heard))
        changed = []
        with self._database.writing() as session:
            for row in _held_where(session, *lost):
                live_log.append(session, row, LiveKind.LOST)
                _wait_again(row)
                row.put_back = True
                changed.append(_entry(row))
        return tuple(changed)

    def tell_unanswered(self, waiting_since: datetime) -> tuple[LiveRequest, ...]:
        """Tell, once, those who have waited since then that nobody has answered yet."""
        long = (
            LiveRow.state == LiveState.WAITING.value,
            LiveRow.told_at.is_(None),
            LiveRow.queued_at < waiting_since,
        )
        changed = []
        with self._database.writing() as session:
            for row in _held_where(session, *long):
                row.told_at = now()
                live_log.append(session, row, LiveKind.UNANSWERED)
                changed.append(_entry(row))
        return tuple(changed)

    def remove_gone(self, waiting: datetime, talking: datetime) -> tuple[LiveRequest, ...]:
        """End the requests of residents not heard of since then, while they wait or talk."""
        gone = (
            (LiveRow.state == LiveState.WAITING.value) & (LiveRow.resident_seen_at < waiting)
            | (LiveRow.state == LiveState.TAKEN.value) & (LiveRow.resident_seen_at < talking),
        )
        with self._database.writing() as session:
            return tuple(_ended(session, row, LiveEnd.LEFT) for row in _held_where(session, *gone))

    def give_up(self, handoff_id: str, why: LiveEnd) -> LiveRequest | None:
        """End a request that still waits, for want of anybody to answer it; None when it no longer waits."""
        with self._held(handoff_id) as (session, row):
            return _ended(session, row, why) if row.state == LiveState.WAITING.value else None

    @contextmanager
    def _held(self, handoff_id: str, agent: Agent | None = None) -> Iterator[tuple[Session, LiveRow]]:
        with self._database.writing() as session:
            row = next(_held_where(session, LiveRow.handoff_id == handoff_id), None)
            if row is None:
                raise UnknownRecord(f"no live request {handoff_id}")
            if agent and (row.state != LiveState.TAKEN.value or row.agent_id != agent.id):
                raise NotInThatState(row.state)
            yield session, row


def recent(seconds: float) -> datetime:
    """Return the instant so many seconds ago."""
    return now() - timedelta(seconds=seconds)


def _held_where(session: Session, *conditions: ColumnElement[bool]) -> Iterator[LiveRow]:
    """The rows, held until the transaction ends (SQLite holds everything already)."""
    return iter(session.scalars(select(LiveRow).where(*conditions).with_for_update()).all())


def _running(session: Session, conversation_id: str, *, hold: bool = False) -> LiveRow | None:
    query = select(LiveRow).where(LiveRow.conversation_id == conversation_id, LiveRow.running == 1)
    return session.scalar(query.with_for_update() if hold else query)


def _wait_again(row: LiveRow) -> None:
    row.state, row.queued_at, row.told_at = LiveState.WAITING.value, now(), None
    row.agent_id = row.agent_name = row.taken_at = None


def _ended(session: Session, row: LiveRow, why: LiveEnd) -> LiveRequest:
    """End a request: the handoff closes, and what was written in clear is destroyed."""
    served = row.state == LiveState.TAKEN.value
    at = now()
    live_log.append(session, row, LiveKind.ENDED, detail=why.value)
    row.state, row.running, row.ended_at, row.end = LiveState.ENDED.value, None, at, why.value
    live_log.forget_clear(session, row.handoff_id)
    status = HandoffStatus.CLOSED if served else HandoffStatus.CANCELLED
    handoffs.close(session, row.handoff_id, status, at)
    return _entry(row)


def _entry(row: LiveRow) -> LiveRequest:
    return read_entry(LiveRequest, row)


def _presence(row: PresenceRow) -> Presence:
    services: list[Any] = row.services
    return Presence(row.agent_id, row.name, tuple(map(str, services)), row.available, row.seen_at)
