from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from records import BadRecord, Conversation, FeedbackValue, Records, TurnStatus, UnknownRecord
from records.entries import new_id

REPLY = {"status": "answered", "messages": [{"type": "text", "text": "Voilà : ça marche 👍", "lang": "fr"}]}


@pytest.fixture
def conversation(records: Records) -> Conversation:
    return records.start_conversation("fr")


def test_a_turn_is_written_before_its_reply(records: Records, conversation: Conversation) -> None:
    turn, is_new = records.open_turn(conversation.id, "m1", "bonjour", "fr")
    assert is_new
    assert turn.status is TurnStatus.PENDING
    assert records.transcript(conversation.id) == (turn,)
    assert records.answer_turn(turn.turn_id, REPLY, TurnStatus.ANSWERED)
    answered = records.turn(turn.turn_id)
    assert answered is not None
    assert answered.reply == REPLY
    assert answered.status is TurnStatus.ANSWERED
    assert answered.answered_at is not None
    assert answered.answered_at >= answered.received_at


def test_the_same_message_twice_is_one_turn_with_its_reply(
    records: Records, conversation: Conversation
) -> None:
    turn, _ = records.open_turn(conversation.id, "m1", "bonjour", "fr")
    records.answer_turn(turn.turn_id, REPLY, TurnStatus.ANSWERED)
    again, is_new = records.open_turn(conversation.id, "m1", "bonjour", "fr")
    assert not is_new
    assert again.turn_id == turn.turn_id
    assert again.reply == REPLY


def test_the_same_message_identifier_in_two_conversations_is_two_turns(records: Records) -> None:
    turns = [records.open_turn(records.start_conversation("fr").id, "m1", "bonjour", "fr") for _ in range(2)]
    assert [is_new for _, is_new in turns] == [True, True]


def test_without_message_identifier_every_message_is_a_turn(
    records: Records, conversation: Conversation
) -> None:
    for _ in range(2):
        assert records.open_turn(conversation.id, None, "bonjour", "fr")[1]
    assert len(records.transcript(conversation.id)) == 2


def test_threads_that_send_the_same_message_make_one_turn(
    records: Records, conversation: Conversation
) -> None:
    def send(number: int) -> tuple[str, bool]:
        turn, is_new = records.open_turn(conversation.id, f"m{number % 4}", "bonjour", "fr")
        return turn.turn_id, is_new

    with ThreadPoolExecutor(12) as pool:
        sent = list(pool.map(send, range(48)))
    assert len({turn_id for turn_id, _ in sent}) == 4
    assert sum(is_new for _, is_new in sent) == 4


def test_the_first_reply_stays(records: Records, conversation: Conversation) -> None:
    turn, _ = records.open_turn(conversation.id, "m1", "bonjour", "fr")
    assert records.answer_turn(turn.turn_id, REPLY, TurnStatus.ANSWERED)
    assert not records.answer_turn(turn.turn_id, {"status": "degraded"}, TurnStatus.DEGRADED)
    kept = records.turn(turn.turn_id)
    assert kept is not None
    assert kept.reply == REPLY


def test_a_message_can_come_before_its_conversation(records: Records) -> None:
    conversation_id = new_id()
    records.open_turn(conversation_id, "m1", "good morning", "en")
    found = records.conversation(conversation_id)
    assert found is not None
    assert found.language == "en"


def test_the_conversation_follows_the_language_of_its_last_turn(
    records: Records, conversation: Conversation
) -> None:
    records.open_turn(conversation.id, "m1", "good morning", "en")
    found = records.conversation(conversation.id)
    assert found is not None
    assert found.language == "en"


def test_turns_come_in_order_and_instants_are_aware_in_utc(
    records: Records, conversation: Conversation
) -> None:
    before = datetime.now(UTC)
    for number in range(5):
        records.open_turn(conversation.id, f"m{number}", str(number), "fr")
    turns = records.transcript(conversation.id)
    assert [turn.text for turn in turns] == ["0", "1", "2", "3", "4"]
    assert all(turn.received_at.tzinfo is UTC or turn.received_at.utcoffset() is not None for turn in turns)
    assert before <= turns[0].received_at <= datetime.now(UTC)


def test_text_that_sql_cannot_hold_is_still_recorded(records: Records, conversation: Conversation) -> None:
    turn, _ = records.open_turn(conversation.id, "m1", "a\0b\ud800c", "fr")
    assert [kept.text for kept in records.transcript(conversation.id)] == [turn.text] == ["ab?c"]


def test_an_identifier_that_is_too_long_is_refused(records: Records, conversation: Conversation) -> None:
    with pytest.raises(BadRecord):
        records.open_turn(conversation.id, "m" * 65, "bonjour", "fr")


def test_feedback_is_one_a_turn_and_the_last_counts(records: Records, conversation: Conversation) -> None:
    turn, _ = records.open_turn(conversation.id, "m1", "bonjour", "fr")
    assert records.feedback(turn.turn_id) is None
    records.add_feedback(turn.turn_id, FeedbackValue.HELPFUL)
    records.add_feedback(turn.turn_id, FeedbackValue.UNHELPFUL, "pas ma question")
    feedback = records.feedback(turn.turn_id)
    assert feedback is not None
    assert (feedback.value, feedback.reason) == (FeedbackValue.UNHELPFUL, "pas ma question")


def test_feedback_on_no_turn_is_refused(records: Records) -> None:
    with pytest.raises(UnknownRecord):
        records.add_feedback(new_id(), FeedbackValue.HELPFUL)
