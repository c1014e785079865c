"""Handoffs: prepared (reference, encryption) before anything is written, so that the spool can keep them."""

from datetime import datetime
from hashlib import sha256
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from records import conversations
from records.database import insert_new, read_entry
from records.encryption import Cipher
from records.entries import Handoff, HandoffRequest, HandoffStatus, new_id, now
from records.errors import UnknownRecord
from records.tables import HandoffRow

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0/O, 1/I/L, U/V: a reference is read on the phone."""


def prepare(request: HandoffRequest, cipher: Cipher) -> Handoff:
    """Return the handoff to write, contact details encrypted.

    With an idempotency key, its identifier and reference follow from it: a retry while SQL is down gives the
    resident the same reference.
    """
    request_key = _request_key(request)
    handoff_id = str(uuid5(NAMESPACE_OID, request_key)) if request_key else new_id()
    at = now()
    return Handoff(
        id=handoff_id,
        reference=_reference(handoff_id),
        conversation_id=request.conversation_id,
        kind=request.kind,
        language=request.language,
        service_id=request.service_id,
        topic=request.topic,
        place=request.place,
        contact=cipher.encrypt(request.contact) if request.contact else None,
        consent_text=request.consent_text,
        consent_at=at if request.consent_text else None,
        request_key=request_key,
        created_at=at,
    )


def add(session: Session, handoff: Handoff) -> Handoff:
    """Write the handoff; return the one in the records when it is already there.

    Raises:
        ConversationErased: the resident erased the conversation.
    """
    if handoff.conversation_id is not None:
        conversations.ensure(session, handoff.conversation_id, handoff.language, handoff.created_at)
    attempt = 0
    while not insert_new(session, HandoffRow, **_values(handoff, _reference(handoff.id, attempt))):
        same = or_(HandoffRow.id == handoff.id, HandoffRow.request_key == handoff.request_key)
        row = session.scalar(select(HandoffRow).where(same))
        if row is not None:
            return read_entry(Handoff, row)
        attempt += 1  # another handoff has this reference (one chance in 10^11 for each pair)
    return read_entry(Handoff, session.get_one(HandoffRow, handoff.id))


def find(session: Session, handoff_id: str) -> Handoff | None:
    """Return the handoff, or None."""
    row = session.get(HandoffRow, handoff_id)
    return read_entry(Handoff, row) if row else None


def listed(session: Session, status: HandoffStatus, service_id: str | None = None) -> tuple[Handoff, ...]:
    """Return the handoffs in this status, of one service or of all, oldest first."""
    query = select(HandoffRow).where(HandoffRow.status == status.value)
    if service_id is not None:
        query = query.where(HandoffRow.service_id == service_id)
    return tuple(read_entry(Handoff, row) for row in session.scalars(query.order_by(HandoffRow.created_at)))


def close(session: Session, handoff_id: str, status: HandoffStatus, at: datetime) -> Handoff:
    """Close or cancel an open handoff; one that is no longer open stays as it is.

    Raises:
        UnknownRecord: there is no such handoff.
    """
    session.execute(
        update(HandoffRow)
        .where(HandoffRow.id == handoff_id, HandoffRow.status == HandoffStatus.OPEN.value)
        .values(status=status.value, closed_at=at)
    )
    found = find(session, handoff_id)
    if found is None:
        raise UnknownRecord(f"no handoff {handoff_id}")
    return found


def _request_key(request: HandoffRequest) -> str | None:
    if request.idempotency_key is None:
        return None
    return sha256(f"{request.conversation_id}\n{request.idempotency_key}".encode()).hexdigest()


def _reference(handoff_id: str, attempt: int = 0) -> str:
    number = int.from_bytes(sha256(f"{handoff_id}\n{attempt}".encode()).digest())
    letters = ""
    for _ in range(8):
        number, rest = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[rest]
    return f"{letters[:4]}-{letters[4:]}"


def _values(handoff: Handoff, reference: str) -> dict[str, object]:
    return {
        "id": handoff.id,
        "reference": reference,
        "conversation_id": handoff.conversation_id,
        "kind": handoff.kind.value,
        "language": handoff.language,
        "service_id": handoff.service_id,
        "topic": handoff.topic,
        "place": handoff.place,
        "contact": handoff.contact,
        "consent_text": handoff.consent_text,
        "consent_at": handoff.consent_at,
        "request_key": handoff.request_key,
        "status": handoff.status.value,
        "created_at": handoff.created_at,
        "closed_at": handoff.closed_at,
    }
