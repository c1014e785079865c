from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from records import (
    Channel,
    ConversationErased,
    DisclosureEvent,
    FeedbackValue,
    HandoffKind,
    HandoffRequest,
    HandoffStatus,
    Purged,
    Records,
    TurnStatus,
)
from records.ledger import walk
from records.retention import BATCH
from records.tables import Base, ConversationRow, FeedbackRow, HandoffRow, PurgeRow, TurnRow


def talk(records: Records, turns: int = 2) -> str:
    conversation = records.start_conversation("fr")
    for number in range(turns):
        turn, _ = records.open_turn(conversation.id, f"m{number}", "bonjour", "fr")
        records.answer_turn(turn.turn_id, {"messages": []}, TurnStatus.ANSWERED)
        records.add_feedback(turn.turn_id, FeedbackValue.HELPFUL)
    return conversation.id


def hand_off(records: Records, conversation_id: str, kind: HandoffKind = HandoffKind.CALLBACK) -> str:
    contact = {"phone": "06 39 98 01 02"}
    return records.create_handoff(HandoffRequest(conversation_id, kind, "fr", "accueil", contact=contact)).id


def age(records: Records, days: int) -> None:
    """Make everything written until now older."""
    then = datetime.now(UTC) - timedelta(days=days)
    with records._database.writing() as session:
        session.execute(update(TurnRow).values(received_at=then))
        session.execute(update(ConversationRow).values(created_at=then))
        session.execute(update(HandoffRow).where(HandoffRow.closed_at.is_not(None)).values(closed_at=then))


def count(records: Records, table: type[Base]) -> int:
    with records._database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_erasing_removes_turns_and_feedback_and_nothing_is_written_again(records: Records) -> None:
    erased, other = talk(records), talk(records)
    assert records.erase(erased, keep_callbacks=False) == Purged(conversations=1, turns=2)
    assert records.transcript(erased) == ()
    assert records.conversation(erased) is None
    assert records.is_erased(erased)
    assert count(records, FeedbackRow) == 2
    assert len(records.transcript(other)) == 2
    with pytest.raises(ConversationErased):
        records.open_turn(erased, "m9", "encore là ?", "fr")
    with pytest.raises(ConversationErased):
        hand_off(records, erased)


def test_erasing_twice_is_harmless(records: Records) -> None:
    erased = talk(records)
    records.erase(erased, keep_callbacks=True)
    assert records.erase(erased, keep_callbacks=True) == Purged()


def test_a_callback_is_kept_detached_when_the_resident_wants_it(records: Records) -> None:
    conversation_id = talk(records)
    handoff_id = hand_off(records, conversation_id)
    records.erase(conversation_id, keep_callbacks=True)
    kept = records.handoff(handoff_id)
    assert kept is not None
    assert kept.conversation_id is None
    assert kept.status is HandoffStatus.OPEN
    assert records.contact_details(kept)["phone"] == "06 39 98 01 02"


def test_a_callback_is_cancelled_and_forgotten_otherwise(records: Records) -> None:
    conversation_id = talk(records)
    handoff_id = hand_off(records, conversation_id)
    assert records.erase(conversation_id, keep_callbacks=False) == Purged(1, 2, 1, 1)
    cancelled = records.handoff(handoff_id)
    assert cancelled is not None
    assert cancelled.status is HandoffStatus.CANCELLED
    assert cancelled.contact is None
    assert cancelled.conversation_id is None


def test_a_live_handoff_ends_with_its_conversation(records: Records) -> None:
    conversation_id = talk(records)
    handoff_id = hand_off(records, conversation_id, HandoffKind.LIVE)
    records.erase(conversation_id, keep_callbacks=True)
    ended = records.handoff(handoff_id)
    assert ended is not None
    assert ended.status is HandoffStatus.CANCELLED
    assert ended.contact is None


def test_the_ledger_outlives_its_conversation(records: Records) -> None:
    conversation_id = talk(records)
    records.record_disclosure(
        conversation_id,
        notice_id="ai-notice",
        version="1",
        language="fr",
        text="Une intelligence artificielle vous répond.",
        channel=Channel.WEB,
        event=DisclosureEvent.ISSUED,
    )
    records.erase(conversation_id, keep_callbacks=False)
    age(records, 400)
    records.purge(30)
    assert records.disclosures(conversation_id) == ()
    assert [entry.kind for entry in walk(records._database)] == ["issued"]


def test_a_purge_removes_what_is_too_old_and_nothing_else(records: Records) -> None:
    old = talk(records)
    age(records, 31)
    recent = talk(records)
    assert records.purge(30) == Purged(conversations=1, turns=2)
    assert records.conversation(old) is None
    assert len(records.transcript(recent)) == 2
    assert count(records, FeedbackRow) == 2
    assert records.purge(30) == Purged()


def test_the_setting_says_how_old(records: Records) -> None:
    talk(records)
    age(records, 29)
    assert records.purge() == Purged()
    age(records, 31)
    assert records.purge().turns == 2


def test_a_purge_of_more_than_a_batch_is_whole(records: Records) -> None:
    conversation_id = records.start_conversation("fr").id
    then = datetime(2020, 1, 1, tzinfo=UTC)
    with records._database.writing() as session:
        for number in range(2 * BATCH + 7):
            name = f"t{number}"
            session.add(
                TurnRow(
                    turn_id=name,
                    conversation_id=conversation_id,
                    client_message_id=name,
                    text="bonjour",
                    language="fr",
                    received_at=then,
                    status="answered",
                )
            )
    assert records.purge(30).turns == 2 * BATCH + 7
    assert count(records, PurgeRow) == 1


def test_a_conversation_that_a_person_took_over_is_kept_until_it_closes(records: Records) -> None:
    conversation_id = talk(records)
    handoff_id = hand_off(records, conversation_id, HandoffKind.LIVE)
    age(records, 31)
    assert records.purge(30) == Purged()
    records.close_handoff(handoff_id)
    assert records.purge(30) == Purged(conversations=1, turns=2)
    detached = records.handoff(handoff_id)
    assert detached is not None
    assert detached.conversation_id is None


def test_details_of_a_handoff_closed_long_ago_are_forgotten(records: Records) -> None:
    handoff_id, still_open = hand_off(records, talk(records)), hand_off(records, talk(records))
    records.close_handoff(handoff_id)
    age(records, 31)
    assert records.purge(30).contacts == 1
    forgotten, kept = records.handoff(handoff_id), records.handoff(still_open)
    assert forgotten is not None
    assert forgotten.contact is None
    assert kept is not None
    assert kept.contact is not None
