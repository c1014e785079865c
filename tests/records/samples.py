"""One entry of each kind that the spool holds."""

from datetime import UTC, datetime

from records import (
    Answer,
    Channel,
    Conversation,
    Disclosure,
    DisclosureEvent,
    Entry,
    Erasure,
    Handoff,
    HandoffKind,
    NoticeChannel,
    Routing,
    Turn,
    TurnStatus,
)
from records.entries import new_id

AT = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)


def every_kind(conversation_id: str | None = None) -> list[Entry]:
    """Return entries that belong together, in the order a conversation makes them; the erasure comes last."""
    of, turn_id = conversation_id or new_id(), new_id()
    return [
        Conversation(of, "fr", Channel.KIOSK, AT),
        Disclosure(
            new_id(),
            of,
            "ai-notice",
            "1",
            "fr",
            "Une IA vous répond.",
            NoticeChannel.KIOSK,
            DisclosureEvent.ISSUED,
            AT,
        ),
        Turn(turn_id, of, "m1", "« l'APA », c'est quoi ?\nأهلا 👍", "fr", AT),
        Answer(
            turn_id,
            {"messages": [{"text": "Voilà"}], "score": 0.5, "none": None},
            TurnStatus.DEGRADED,
            AT,
            Routing(new_id(), of, "accueil", "apa", "topic", AT),
        ),
        Routing(new_id(), of, "mdph", None, "forwarded", AT),
        Handoff(
            id=new_id(),
            reference="K7MF-3Q9D",
            conversation_id=of,
            kind=HandoffKind.CALLBACK,
            language="fr",
            service_id="accueil",
            topic="apa",
            place="13055",
            contact=b"gAAAAAB-encrypted_",
            consent_text="J'accepte.",
            consent_at=AT,
            request_key="f" * 64,
            created_at=AT,
        ),
        Erasure(new_id(), of, keep_callbacks=True, at=AT),
    ]
