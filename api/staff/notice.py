"""The notice that an AI assists the agents: shown on their page, issued and displayed on the record.

One record a session, under a pseudonym made from its token: it names no agent, and two sessions of one agent
cannot be linked.
"""

from __future__ import annotations

import hashlib
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from api.schemas import Disclosure
from api.staff.session import StaffSession
from api.state import Gateway
from records.entries import DisclosureEvent, NoticeChannel

LANGUAGE: Final = "fr"
TEXT: Final = (
    "Une intelligence artificielle vous assiste : elle cherche dans les fiches du Département et en "
    "montre des extraits. Elle peut se tromper de fiche. Lisez l’extrait et sa source avant de répondre : la "
    "décision est toujours prise par une personne."
)


def notice(gateway: Gateway) -> Disclosure:
    """The notice in force; its id is the SHA-256 of its text."""
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    return Disclosure(id=digest, version=gateway.settings.disclosure_version, language=LANGUAGE, text=TEXT)


def pseudonym_of(session: StaffSession) -> str:
    """What stands for a conversation in the ledger."""
    return str(uuid5(NAMESPACE_URL, f"guichet:staff:{session.csrf}"))


def record(gateway: Gateway, session: StaffSession, event: DisclosureEvent) -> None:
    """Records that the notice was issued or displayed; blocks.

    Raises:
        RecordsUnavailable: SQL is down; the record waits in the spool when `kept` says so.
    """
    shown = notice(gateway)
    issued = event is DisclosureEvent.ISSUED
    if issued and not gateway.records.disclosure_needed(pseudonym_of(session), shown.version, LANGUAGE):
        return
    gateway.records.record_disclosure(
        pseudonym_of(session),
        notice_id=shown.id,
        version=shown.version,
        language=LANGUAGE,
        text=shown.text,
        channel=NoticeChannel.STAFF,
        event=event,
    )
