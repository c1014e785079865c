"""The inbox: the requests of a service as its agents treat them, and the proof of who read which.

A request is a handoff, whose own status stays the truth about whether it is open: the resident cancels
it, a live conversation ends it. What is kept here refines it: somebody began, it was done, nobody answered.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, String, case, delete, func, literal, or_, select
from sqlalchemy.orm import Session

from records import handoffs, turns
from records.database import Database, insert_new, read_entry
from records.encryption import Cipher
from records.entries import Handoff, HandoffKind, HandoffStatus, new_id, now
from records.errors import BadRecord, ChangedMeanwhile, UnknownRecord
from records.inbox_entries import (
    Actor,
    Change,
    ChangeKind,
    Note,
    OpenedRequest,
    Pulse,
    Reading,
    Request,
    RequestStatus,
    Wanted,
)
from records.inbox_tables import RequestChangeRow, RequestNoteRow, RequestReadingRow, RequestWorkRow
from records.live_entries import LiveState
from records.live_tables import LiveRow
from records.tables import HandoffRow, TurnRow

KINDS: Final = (HandoffKind.CALLBACK, HandoffKind.LIVE)
"""What an agent treats; a mere contact leaves nothing to do."""

MOST_LISTED: Final = 500
"""How many requests are listed at once: an agent of a large service sees them all in one page."""

NOTE_CHARACTERS: Final = 4000

_NEXT: Final[Mapping[RequestStatus, tuple[RequestStatus, ...]]] = {
    RequestStatus.OPEN: (
        RequestStatus.IN_PROGRESS,
        RequestStatus.DONE,
        RequestStatus.UNREACHABLE,
        RequestStatus.CANCELLED,
    ),
    RequestStatus.IN_PROGRESS: (
        RequestStatus.DONE,
        RequestStatus.UNREACHABLE,
        RequestStatus.OPEN,
        RequestStatus.CANCELLED,
    ),
    RequestStatus.DONE: (RequestStatus.IN_PROGRESS,),
    RequestStatus.UNREACHABLE: (RequestStatus.IN_PROGRESS,),
    RequestStatus.CANCELLED: (),
}
_OF_HANDOFF: Final = {
    RequestStatus.OPEN: HandoffStatus.OPEN,
    RequestStatus.IN_PROGRESS: HandoffStatus.OPEN,
    RequestStatus.DONE: HandoffStatus.CLOSED,
    RequestStatus.UNREACHABLE: HandoffStatus.CLOSED,
    RequestStatus.CANCELLED: HandoffStatus.CANCELLED,
}
_ENDINGS: Final = frozenset({RequestStatus.DONE, RequestStatus.UNREACHABLE})


def next_statuses(request: Request) -> tuple[RequestStatus, ...]:
    """Return the statuses that an agent may give a request now, the usual one first.

    A live request follows its conversation; a closed one opens again only while there is somebody to reach.
    """
    if request.handoff.kind is HandoffKind.LIVE:
        return ()
    if request.status in _ENDINGS and request.handoff.contact is None:
        return ()
    return _NEXT[request.status]


class Inbox:
    """The requests. Every method may raise RecordsUnavailable; calls block: keep them off the event loop."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    # --- what can be known without reading a request

    def listed(self, wanted: Wanted, *, limit: int = MOST_LISTED, offset: int = 0) -> tuple[Request, ...]:
        """Return the requests that are wanted, the latest first; nothing in them says who the resident is."""
        query = _requests().where(*_conditions(wanted)).order_by(HandoffRow.created_at.desc(), HandoffRow.id)
        with self._database.reading() as session:
            return _read(session, query.limit(limit).offset(offset))

    def find(self, request_id: str) -> Request | None:
        """Return a request, unread, or None; whose it is must be checked before anything of it is shown."""
        with self._database.reading() as session:
            return _found(session, request_id)

    def pulse(self, services: frozenset[str]) -> Pulse:
        """Return how many requests of these services nobody has begun, and when the last one came."""
        open_ones = Wanted(services, (RequestStatus.OPEN,))
        counted = _joined(select(func.count(), func.max(HandoffRow.created_at)).select_from(HandoffRow))
        with self._database.reading() as session:
            number, latest = session.execute(counted.where(*_conditions(open_ones))).one()
            return Pulse(number, latest)

    # --- reading one

    def read(self, request_id: str, by: Actor) -> OpenedRequest:
        """Return a request with everything in it, in clear; the reading is on record, or nothing is shown.

        Raises:
            UnknownRecord: there is no such request.
            BadEncryptionKey: no key fits its contact details or notes.
        """
        with self._held(request_id) as (session, request):
            handoff = request.handoff
            _note_reading(session, handoff, by)
            return OpenedRequest(
                request=request,
                contact=self._cipher.decrypt(handoff.contact) if handoff.contact else {},
                notes=self._notes(session, request_id),
                history=_history(session, request_id),
                turns=turns.of_conversation(session, handoff.conversation_id)
                if handoff.conversation_id
                else (),
            )

    def follow(self, request_id: str, by: Actor, within: timedelta) -> None:
        """Put on record that somebody follows a request, unless a reading of theirs is on record since.

        A page opens the request, then follows it, again after each lost connection: one reading for all.

        Args:
            request_id: which.
            by: who.
            within: for how long a reading stands for what follows it.

        Raises:
            UnknownRecord: there is no such request.
        """
        since = select(RequestReadingRow.id).where(
            RequestReadingRow.handoff_id == request_id,
            RequestReadingRow.agent_id == by.id,
            RequestReadingRow.at >= now() - within,
        )
        with self._held(request_id) as (session, request):
            if session.scalar(since.limit(1)) is None:
                _note_reading(session, request.handoff, by)

    def readings(
        self, *, since: datetime | None = None, limit: int | None = None, offset: int = 0
    ) -> tuple[Reading, ...]:
        """Return who read what, the latest first."""
        query = select(RequestReadingRow).order_by(RequestReadingRow.at.desc(), RequestReadingRow.id)
        if since is not None:
            query = query.where(RequestReadingRow.at >= since)
        with self._database.reading() as session:
            rows = session.scalars(query.limit(limit).offset(offset))
            return tuple(read_entry(Reading, row) for row in rows)

    # --- treating one

    def move(self, request_id: str, by: Actor, to: RequestStatus, *, seen: RequestStatus) -> Request:
        """Give a request another status; who begins one that is nobody's gets it.

        Args:
            request_id: which.
            by: who.
            to: its new status.
            seen: the status it had on the agent's screen.

        Raises:
            UnknownRecord: there is no such request.
            ChangedMeanwhile: it is no longer as the agent saw it, or cannot become that.
        """
        with self._held(request_id) as (session, request):
            if request.status is not seen or to not in next_statuses(request):
                raise ChangedMeanwhile(request.status)
            work = _work(session, request_id)
            work.started = to is not RequestStatus.OPEN
            work.outcome = to.value if to in _ENDINGS else None
            _set_handoff(session, request.handoff, _OF_HANDOFF[to])
            _note_change(session, request_id, by, ChangeKind.STATUS, request.status.value, to.value)
            if to is RequestStatus.IN_PROGRESS and request.assignee is None:
                _give(session, request_id, by, None, by)
            session.flush()
            return _known(session, request_id)

    def assign(self, request_id: str, by: Actor, to: Actor | None, *, seen: str | None) -> Request:
        """Give a request to an agent, or to nobody; whether that agent may read it is the caller's to check.

        Args:
            request_id: which.
            by: who decides.
            to: who treats it from now on.
            seen: identifier of the agent who had it on the screen of `by`, None for nobody.

        Raises:
            UnknownRecord: there is no such request.
            ChangedMeanwhile: somebody else has it by now, or it is closed, or live.
        """
        with self._held(request_id) as (session, request):
            has_it = request.assignee.id if request.assignee else None
            if has_it != seen or not next_statuses(request):
                raise ChangedMeanwhile(request.status)
            if has_it != (to.id if to else None):
                _give(session, request_id, by, request.assignee, to)
                session.flush()
            return _known(session, request_id)

    def note(self, request_id: str, by: Actor, text: str) -> Note:
        """Write a note for the colleagues, encrypted.

        Raises:
            UnknownRecord: there is no such request.
            BadRecord: the note is empty or too long.
        """
        text = text.strip().replace("\0", "").encode("utf-8", "replace").decode()
        if not 0 < len(text) <= NOTE_CHARACTERS:
            raise BadRecord(f"a note has 1 to {NOTE_CHARACTERS} characters")
        note = Note(new_id(), now(), by.name, text)
        with self._held(request_id) as (session, _):
            encrypted = self._cipher.encrypt({"text": text})
            session.add(
                RequestNoteRow(
                    id=note.id,
                    handoff_id=request_id,
                    at=note.at,
                    agent_id=by.id,
                    agent_name=by.name,
                    text=encrypted,
                )
            )
        return note

    def _notes(self, session: Session, request_id: str) -> tuple[Note, ...]:
        query = select(RequestNoteRow).where(RequestNoteRow.handoff_id == request_id)
        rows = session.scalars(query.order_by(RequestNoteRow.at, RequestNoteRow.id))
        return tuple(
            Note(row.id, row.at, row.agent_name, self._cipher.decrypt(row.text)["text"]) for row in rows
        )

    @contextmanager
    def _held(self, request_id: str) -> Iterator[tuple[Session, Request]]:
        """A request whose row nobody else changes until the end of the block."""
        with self._database.writing() as session:
            session.scalar(select(HandoffRow.id).where(HandoffRow.id == request_id).with_for_update())
            yield session, _known(session, request_id)


def forget_notes(session: Session, chosen: ColumnElement[bool]) -> None:
    """Remove the notes of the chosen handoffs: they go with the contact details."""
    those = select(HandoffRow.id).where(chosen)
    session.execute(
        delete(RequestNoteRow)
        .where(RequestNoteRow.handoff_id.in_(those))
        .execution_options(synchronize_session=False)
    )


_BEGUN: Final = or_(RequestWorkRow.started, LiveRow.state == LiveState.TAKEN.value)
_STATUS: Final[ColumnElement[str]] = case(
    (
        HandoffRow.status == HandoffStatus.OPEN.value,
        case((_BEGUN, RequestStatus.IN_PROGRESS.value), else_=RequestStatus.OPEN.value),
    ),
    (HandoffRow.status == HandoffStatus.CANCELLED.value, RequestStatus.CANCELLED.value),
    else_=func.coalesce(RequestWorkRow.outcome, literal(RequestStatus.DONE.value, String)),
)

_Asked = Select[HandoffRow, RequestWorkRow, LiveRow, str]
_Query = TypeVar("_Query", bound=Select[*tuple[Any, ...]])


def _joined(query: _Query) -> _Query:
    """The handoffs, with what the staff did and where their live conversation is."""
    worked = query.outerjoin(RequestWorkRow, RequestWorkRow.handoff_id == HandoffRow.id)
    return worked.outerjoin(LiveRow, LiveRow.handoff_id == HandoffRow.id)


def _requests() -> _Asked:
    query = _joined(select(HandoffRow, RequestWorkRow, LiveRow, _STATUS))
    return query.where(HandoffRow.kind.in_([kind.value for kind in KINDS]))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    kinds = KINDS if wanted.kind is None else (wanted.kind,)
    conditions = [
        HandoffRow.service_id.in_(wanted.services),
        HandoffRow.kind.in_([kind.value for kind in kinds]),
        _STATUS.in_([status.value for status in wanted.statuses]),
    ]
    equal = (
        (HandoffRow.topic, wanted.topic),
        (HandoffRow.language, wanted.language),
        (func.coalesce(RequestWorkRow.assignee_id, LiveRow.agent_id), wanted.assignee_id),
    )
    return conditions + [column == value for column, value in equal if value is not None]


def _read(session: Session, query: _Asked) -> tuple[Request, ...]:
    rows = session.execute(query).all()
    dangers = _dangers(session, [row.conversation_id for row, *_ in rows if row.conversation_id])
    return tuple(
        Request(
            handoff=read_entry(Handoff, row),
            status=RequestStatus(status),
            assignee=_assignee(work, live),
            dangers=frozenset(dangers.get(row.conversation_id or "", ()))
            | frozenset([live.danger] if live and live.danger else ()),
        )
        for row, work, live, status in rows
    )


def _assignee(work: RequestWorkRow | None, live: LiveRow | None) -> Actor | None:
    if live is not None and live.agent_id:
        return Actor(live.agent_id, live.agent_name or "")
    return Actor(work.assignee_id, work.assignee_name or "") if work and work.assignee_id else None


def _found(session: Session, request_id: str) -> Request | None:
    found = _read(session, _requests().where(HandoffRow.id == request_id))
    return found[0] if found else None


def _known(session: Session, request_id: str) -> Request:
    request = _found(session, request_id)
    if request is None:
        raise UnknownRecord(f"no request {request_id}")
    return request


def _dangers(session: Session, conversations: list[str]) -> dict[str, set[str]]:
    """The emergencies that were shown in each conversation; SQL looks into the replies, which stay there."""
    shown = TurnRow.reply["emergency"]["id"].as_string()
    query = select(TurnRow.conversation_id, shown).where(
        TurnRow.conversation_id.in_(conversations), shown.is_not(None)
    )
    found: dict[str, set[str]] = {}
    for conversation_id, danger in session.execute(query.distinct()):
        found.setdefault(conversation_id, set()).add(danger)
    return found


def _history(session: Session, request_id: str) -> tuple[Change, ...]:
    query = select(RequestChangeRow).where(RequestChangeRow.handoff_id == request_id)
    rows = session.scalars(query.order_by(RequestChangeRow.at, RequestChangeRow.id))
    return tuple(read_entry(Change, row) for row in rows)


def _work(session: Session, request_id: str) -> RequestWorkRow:
    insert_new(session, RequestWorkRow, handoff_id=request_id, started=False)
    return session.get_one(RequestWorkRow, request_id)


def _set_handoff(session: Session, handoff: Handoff, status: HandoffStatus) -> None:
    if status is not HandoffStatus.OPEN:
        handoffs.close(session, handoff.id, status, now())
    elif handoff.status is not HandoffStatus.OPEN:
        row = session.get_one(HandoffRow, handoff.id)
        row.status, row.closed_at = HandoffStatus.OPEN.value, None


def _give(session: Session, request_id: str, by: Actor, before: Actor | None, to: Actor | None) -> None:
    work = _work(session, request_id)
    work.assignee_id, work.assignee_name = (to.id, to.name) if to else (None, None)
    names = (before.name if before else None, to.name if to else None)
    _note_change(session, request_id, by, ChangeKind.ASSIGNEE, *names)


def _note_change(
    session: Session, request_id: str, by: Actor, kind: ChangeKind, before: str | None, after: str | None
) -> None:
    change = Change(new_id(), request_id, now(), by.id, by.name, kind, before, after)
    session.add(RequestChangeRow(**{**vars(change), "kind": kind.value}))


def _note_reading(session: Session, handoff: Handoff, by: Actor) -> None:
    reading = Reading(new_id(), now(), by.id, by.name, handoff.id, handoff.reference, handoff.service_id)
    session.add(RequestReadingRow(**vars(reading)))
    session.flush()
