"""Handoffs: prepared (reference, encryption) before anything is written, so that the spool can keep them."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from records import conversations, outbox, pseudonyms
from records.chain import LedgerKind
from records.codes import Codes, letters
from records.database import insert_new, read_entry
from records.encryption import Cipher
from records.entries import Handoff, HandoffKind, HandoffRequest, HandoffStatus, new_id, now
from records.errors import UnknownRecord
from records.ledger import ChainWriter
from records.tables import HandoffRow


def prepare(request: HandoffRequest, cipher: Cipher, codes: Codes | None = None) -> Handoff:
    """Return the handoff to write, contact details encrypted.

    With an idempotency key, its identifier, reference and secret code follow from it: a retry while SQL is
    down gives the resident the same ones. Without `codes` it has no secret code.
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
        code_hash=codes.sealed(handoff_id) if codes else None,
        wanted_from=request.wanted_from,
        wanted_until=request.wanted_until,
        notify=request.notify,
    )


def add(session: Session, chain: ChainWriter, handoff: Handoff) -> Handoff:
    """Write the handoff, and note it in the ledger; return the one that is already there, if any.

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
    _add_to_ledger(session, chain, handoff)
    written = read_entry(Handoff, session.get_one(HandoffRow, handoff.id))
    if written.status is HandoffStatus.OPEN:
        outbox.announce(session, written)
    return written


def find_callback(session: Session, reference: str) -> Handoff | None:
    """Return the callback that has this reference, or None."""
    chosen = (HandoffRow.reference == reference, HandoffRow.kind == HandoffKind.CALLBACK.value)
    row = session.scalar(select(HandoffRow).where(*chosen))
    return read_entry(Handoff, row) if row else None


def _add_to_ledger(session: Session, chain: ChainWriter, handoff: Handoff) -> None:
    """A pseudonym of its own: a callback kept after an erasure must not lead to the conversation."""
    pseudonym = None
    if handoff.conversation_id is not None:
        key = pseudonyms.key_of(session, handoff.conversation_id, handoff.created_at)
        pseudonym = pseudonyms.pseudonym(key, f"handoff {handoff.id}")
    chain.add(
        session,
        LedgerKind.HANDOFF,
        handoff.created_at,
        {"kind": handoff.kind.value, "service": handoff.service_id},
        entry_id=handoff.id,
        pseudonym=pseudonym,
    )


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
    was_open = session.execute(
        update(HandoffRow)
        .where(HandoffRow.id == handoff_id, HandoffRow.status == HandoffStatus.OPEN.value)
        .values(status=status.value, closed_at=at)
        .returning(HandoffRow.id)
    ).first()
    if was_open:
        outbox.withdraw(session, handoff_id, at, cancelled=status is HandoffStatus.CANCELLED)
    found = find(session, handoff_id)
    if found is None:
        raise UnknownRecord(f"no handoff {handoff_id}")
    return found


def cancel(session: Session, handoff_id: str, at: datetime) -> Handoff:
    """Cancel an open handoff as its resident asks, and forget how to reach them at once.

    Raises:
        UnknownRecord: there is no such handoff.
    """
    found = close(session, handoff_id, HandoffStatus.CANCELLED, at)
    if found.status is HandoffStatus.CANCELLED:
        session.execute(update(HandoffRow).where(HandoffRow.id == handoff_id).values(contact=None))
    return replace(found, contact=None)


def _request_key(request: HandoffRequest) -> str | None:
    if request.idempotency_key is None:
        return None
    return sha256(f"{request.conversation_id}\n{request.idempotency_key}".encode()).hexdigest()


def _reference(handoff_id: str, attempt: int = 0) -> str:
    number = int.from_bytes(sha256(f"{handoff_id}\n{attempt}".encode()).digest())
    return letters(number)


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
        "code_hash": handoff.code_hash,
        "wanted_from": handoff.wanted_from,
        "wanted_until": handoff.wanted_until,
        "notify": [channel.value for channel in handoff.notify],
    }
