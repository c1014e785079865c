"""Disclosures: the proof that people were told an AI replies. Entries of the ledger, under a pseudonym.

The text of a notice is stored once, by its SHA-256, which is what the ledger holds.
"""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import ledger, pseudonyms
from records.chain import LedgerEntry, LedgerKind
from records.database import insert_new
from records.entries import Disclosure, DisclosureEvent, NoticeChannel
from records.ledger import ChainWriter
from records.tables import LedgerRow, NoticeRow

_KINDS = {
    DisclosureEvent.ISSUED: LedgerKind.ISSUED,
    DisclosureEvent.DISPLAYED: LedgerKind.DISPLAYED,
}


def fingerprint(text: str) -> str:
    """Return the SHA-256 of a notice's text, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def add(session: Session, chain: ChainWriter, disclosure: Disclosure) -> None:
    """Write the disclosure, and its text where no earlier one had the same."""
    mark = fingerprint(disclosure.text)
    if session.get(NoticeRow, mark) is None:
        insert_new(session, NoticeRow, sha256=mark, text=disclosure.text)
    key = pseudonyms.key_of(session, disclosure.conversation_id, disclosure.at)
    chain.add(
        session,
        _KINDS[disclosure.event],
        disclosure.at,
        {
            "notice": disclosure.notice_id,
            "version": disclosure.version,
            "language": disclosure.language,
            "text_sha256": mark,
            "channel": disclosure.channel.value,
        },
        entry_id=disclosure.id,
        pseudonym=pseudonyms.pseudonym(key, disclosure.conversation_id),
    )


def needed(session: Session, conversation_id: str, version: str, language: str) -> bool:
    """Return whether the notice must be issued: none yet, or the last had another version or language."""
    pseudonym = pseudonyms.find(session, conversation_id)
    if pseudonym is None:
        return True
    query = (
        select(*LedgerRow.__table__.columns)
        .where(LedgerRow.pseudonym == pseudonym, LedgerRow.kind == LedgerKind.ISSUED.value)
        .order_by(LedgerRow.at.desc())
        .limit(1)
    )
    row = session.execute(query).first()
    if row is None:
        return True
    last = ledger.read_row(row).details
    return (last.get("version"), last.get("language")) != (version, language)


def of_conversation(session: Session, conversation_id: str) -> tuple[Disclosure, ...]:
    """Return the disclosures of a conversation, oldest first; none once it is erased."""
    pseudonym = pseudonyms.find(session, conversation_id)
    if pseudonym is None:
        return ()
    events = {kind.value: event for event, kind in _KINDS.items()}
    texts = notices(session)
    return tuple(
        _disclosure(entry, conversation_id, events[entry.kind], texts)
        for entry in ledger.of_pseudonym(session, pseudonym)
        if entry.kind in events
    )


def notices(session: Session) -> dict[str, str]:
    """Return the texts of the notices, by their SHA-256."""
    return {row.sha256: row.text for row in session.scalars(select(NoticeRow))}


def _disclosure(
    entry: LedgerEntry, conversation_id: str, event: DisclosureEvent, texts: dict[str, str]
) -> Disclosure:
    told = entry.details
    return Disclosure(
        id=entry.id,
        conversation_id=conversation_id,
        notice_id=told["notice"],
        version=told["version"],
        language=told["language"],
        text=texts[told["text_sha256"]],
        channel=NoticeChannel(told["channel"]),
        event=event,
        at=datetime.fromisoformat(entry.at),
    )
