"""Disclosures: the proof that residents were told an AI replies. Written once, never changed."""

from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.database import insert_new
from records.entries import Channel, Disclosure, DisclosureEvent
from records.tables import DisclosureRow, NoticeRow


def fingerprint(text: str) -> str:
    """Return the SHA-256 of a notice's text, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def add(session: Session, disclosure: Disclosure) -> None:
    """Write the disclosure, and its text where no earlier one had the same."""
    mark = fingerprint(disclosure.text)
    if session.get(NoticeRow, mark) is None:
        insert_new(session, NoticeRow, sha256=mark, text=disclosure.text)
    insert_new(
        session,
        DisclosureRow,
        id=disclosure.id,
        conversation_id=disclosure.conversation_id,
        notice_id=disclosure.notice_id,
        version=disclosure.version,
        language=disclosure.language,
        text_sha256=mark,
        channel=disclosure.channel.value,
        event=disclosure.event.value,
        at=disclosure.at,
    )


def needed(session: Session, conversation_id: str, version: str, language: str) -> bool:
    """Return whether the notice must be issued: none yet, or the last had another version or language."""
    query = (
        select(DisclosureRow.version, DisclosureRow.language)
        .where(
            DisclosureRow.conversation_id == conversation_id,
            DisclosureRow.event == DisclosureEvent.ISSUED.value,
        )
        .order_by(DisclosureRow.at.desc())
        .limit(1)
    )
    last = session.execute(query).first()
    return last is None or tuple(last) != (version, language)


def of_conversation(session: Session, conversation_id: str) -> tuple[Disclosure, ...]:
    """Return the disclosures of a conversation, oldest first."""
    query = (
        select(DisclosureRow, NoticeRow.text)
        .join(NoticeRow, NoticeRow.sha256 == DisclosureRow.text_sha256)
        .where(DisclosureRow.conversation_id == conversation_id)
        .order_by(DisclosureRow.at)
    )
    return tuple(_entry(row, text) for row, text in session.execute(query))


def _entry(row: DisclosureRow, text: str) -> Disclosure:
    return Disclosure(
        id=row.id,
        conversation_id=row.conversation_id,
        notice_id=row.notice_id,
        version=row.version,
        language=row.language,
        text=text,
        channel=Channel(row.channel),
        event=DisclosureEvent(row.event),
        at=row.at,
    )
