"""What the caller gets when SQL is down, and what the replay makes of it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import records as room
from records import (
    BadEncryptionKey,
    Channel,
    Conversation,
    Disclosure,
    DisclosureEvent,
    Erasure,
    Handoff,
    HandoffKind,
    HandoffRequest,
    Records,
    RecordsUnavailable,
    Turn,
    TurnStatus,
)
from records.entries import new_id
from tests.records.conftest import Opener

REQUEST = HandoffRequest(
    None, HandoffKind.CALLBACK, "fr", "accueil", contact={"phone": "06 39 98 01 02"}, idempotency_key="k1"
)


@pytest.fixture
def down(open_records: Opener) -> Records:
    """Records whose SQL does not answer (`bring_back` ends it)."""
    opened = open_records()
    opened.upgrade()
    opened._database._resting_until = float("inf")
    return opened


def bring_back(records: Records) -> None:
    records._database.wake()


def kept(call: Callable[[], object]) -> object:
    with pytest.raises(RecordsUnavailable) as raised:
        call()
    return raised.value.kept


def disclose(records: Records, conversation_id: str) -> Disclosure:
    return records.record_disclosure(
        conversation_id,
        notice_id="ai-notice",
        version="1",
        language="fr",
        text="Une intelligence artificielle vous répond.",
        channel=Channel.WEB,
        event=DisclosureEvent.ISSUED,
    )


def test_a_conversation_held_while_sql_is_down_is_whole_afterwards(down: Records) -> None:
    conversation = kept(lambda: down.start_conversation("fr"))
    assert isinstance(conversation, Conversation)
    disclosure = kept(lambda: disclose(down, conversation.id))
    turn = kept(lambda: down.open_turn(conversation.id, "m1", "bonjour", "fr"))
    assert isinstance(turn, Turn)
    kept(lambda: down.answer_turn(turn.turn_id, {"status": "degraded"}, TurnStatus.DEGRADED))
    handoff = kept(lambda: down.create_handoff(REQUEST))
    assert isinstance(handoff, Handoff)
    assert down.spooled() == 5
    bring_back(down)
    assert down.replay() == 5
    assert down.spooled() == 0
    assert down.conversation(conversation.id) == conversation
    assert down.disclosures(conversation.id) == (disclosure,)
    assert [(held.turn_id, held.status) for held in down.transcript(conversation.id)] == [
        (turn.turn_id, TurnStatus.DEGRADED)
    ]
    assert down.handoff(handoff.id) == handoff
    assert down.contact_details(handoff) == {"phone": "06 39 98 01 02"}


def test_a_message_sent_again_while_sql_is_down_is_one_turn(down: Records) -> None:
    first = kept(lambda: down.open_turn("c", "m1", "bonjour", "fr"))
    kept(lambda: down.open_turn("c", "m1", "bonjour", "fr"))
    bring_back(down)
    down.replay()
    assert down.transcript("c") == (first,)


def test_a_handoff_sent_again_keeps_its_reference(down: Records) -> None:
    first, second = (kept(lambda: down.create_handoff(REQUEST)) for _ in range(2))
    assert isinstance(first, Handoff)
    assert isinstance(second, Handoff)
    assert first.reference == second.reference
    bring_back(down)
    down.replay()
    assert [handoff.reference for handoff in down.handoffs()] == [first.reference]
    assert down.create_handoff(REQUEST).reference == first.reference


def test_an_erasure_asked_while_sql_is_down_is_done_later(down: Records) -> None:
    bring_back(down)
    conversation = down.start_conversation("fr")
    down.open_turn(conversation.id, "m1", "bonjour", "fr")
    down._database._resting_until = float("inf")
    assert isinstance(kept(lambda: down.erase(conversation.id, keep_callbacks=False)), Erasure)
    kept(lambda: down.open_turn(conversation.id, "m2", "trop tard", "fr"))
    bring_back(down)
    down.replay()
    assert down.conversation(conversation.id) is None
    assert down.transcript(conversation.id) == ()


def test_contact_details_are_encrypted_in_the_spool_too(down: Records, tmp_path: Path) -> None:
    kept(lambda: down.create_handoff(REQUEST))
    (file,) = (tmp_path / "spool").glob("*.jsonl")
    assert "39 98" not in file.read_text()
    assert json.loads(file.read_text())["entry"]["contact"].startswith("gAAAA")


def test_reading_says_that_records_are_unavailable_and_keeps_nothing(down: Records) -> None:
    calls: list[Callable[[], object]] = [
        down.ping,
        down.paused,
        down.pauses,
        down.handoffs,
        lambda: down.transcript("c"),
        lambda: down.conversation("c"),
        lambda: down.disclosure_needed("c", "1", "fr"),
        lambda: down.add_feedback("t", room.FeedbackValue.HELPFUL),
        lambda: down.pause("essai", "a.martin"),
        down.purge,
    ]
    assert [kept(call) for call in calls] == [None] * len(calls)
    assert down.spooled() == 0


def test_a_spool_that_cannot_be_written_is_told(open_records: Opener, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    records = open_records(spool_dir=tmp_path / "file" / "spool")
    assert kept(lambda: records.start_conversation("fr")) is None, "nothing was kept, and the caller knows"


def test_a_process_that_started_with_sql_down_makes_the_tables_later(open_records: Opener) -> None:
    records = open_records()
    records._database._resting_until = float("inf")
    turn = kept(lambda: records.open_turn(new_id(), "m1", "bonjour", "fr"))
    assert isinstance(turn, Turn)
    with pytest.raises(RecordsUnavailable):
        records.replay()
    bring_back(records)
    assert records.replay() == 1
    assert records.transcript(turn.conversation_id) == (turn,)


def test_another_process_replays_what_a_dead_one_kept(down: Records, open_records: Opener) -> None:
    turn = kept(lambda: down.open_turn("c", "m1", "bonjour", "fr"))
    down.close()
    other = open_records()
    assert other.spooled() == 1
    assert other.replay() == 1
    assert other.transcript("c") == (turn,)


def test_records_do_not_open_without_a_key(open_records: Opener) -> None:
    with pytest.raises(BadEncryptionKey):
        open_records(encryption_key="")


def test_opening_makes_no_connection(open_records: Opener, tmp_path: Path) -> None:
    with open_records(database_url=f"sqlite:///{tmp_path / 'new.db'}"):
        assert not (tmp_path / "new.db").exists()


def test_public_names_are_those_of_the_list() -> None:
    assert set(room.__all__) <= set(dir(room))
    assert sorted(room.__all__) == room.__all__
