from dataclasses import replace
from datetime import timedelta

from records import (
    Conversation,
    Entry,
    Erasure,
    Handoff,
    HandoffKind,
    HandoffStatus,
    Records,
    Turn,
    TurnStatus,
)
from records.entries import new_id
from records.ledger import walk
from records.replaying import write
from tests.records.samples import AT, every_kind


def write_all(records: Records, *entries: Entry) -> None:
    for entry in entries:
        with records._database.writing() as session:
            write(session, records._chain, entry)


def of_kind(entries: list[Entry], kind: type) -> object:
    return next(entry for entry in entries if isinstance(entry, kind))


def state(records: Records, entries: list[Entry]) -> object:
    conversation_id = entries[0].id  # type: ignore[union-attr] - the first is the conversation
    handoff = of_kind(entries, Handoff)
    assert isinstance(handoff, Handoff)
    return (
        records.conversation(conversation_id),
        records.transcript(conversation_id),
        records.disclosures(conversation_id),
        records.handoff(handoff.id),
    )


def test_writing_everything_twice_changes_nothing(records: Records) -> None:
    entries = every_kind()[:-1]
    write_all(records, *entries)
    once = state(records, entries)
    write_all(records, *entries, *entries)
    assert state(records, entries) == once
    assert once[1][0].status is TurnStatus.DEGRADED  # type: ignore[index] - a tuple, see state


def test_instants_are_those_of_the_call_not_of_the_replay(records: Records) -> None:
    entries = every_kind()[:-1]
    write_all(records, *entries)
    conversation, turns, disclosures, handoff = state(records, entries)  # type: ignore[misc] - see state
    assert conversation.created_at == turns[0].received_at == disclosures[0].at == handoff.created_at == AT


def test_a_turn_that_comes_before_its_conversation_waits_for_it(records: Records) -> None:
    conversation, turn = (of_kind(every_kind("c"), kind) for kind in (Conversation, Turn))
    assert isinstance(turn, Turn)
    assert isinstance(conversation, Conversation)
    conversation = replace(conversation, created_at=turn.received_at - timedelta(seconds=3))
    write_all(records, turn, conversation)
    assert records.transcript("c") == (turn,)
    assert records.conversation("c") == conversation


def test_an_erased_conversation_stays_erased_in_any_order(records: Records) -> None:
    entries = every_kind("c")
    erasure = entries[-1]
    write_all(records, erasure, *entries[:-1])
    assert records.conversation("c") is None
    assert records.transcript("c") == ()
    assert records.disclosures("c") == (), "nothing leads from the ledger to it"
    assert [entry.kind for entry in walk(records._database)] == ["issued", "routed", "handoff"]
    assert records.audit.verify().faults == ()


def late_handoff(records: Records, *, keep: bool, kind: HandoffKind = HandoffKind.CALLBACK) -> Handoff:
    """Return what becomes of a handoff replayed after its conversation was erased."""
    handoff = of_kind(every_kind("c"), Handoff)
    assert isinstance(handoff, Handoff)
    write_all(records, Erasure(new_id(), "c", keep), replace(handoff, kind=kind))
    written = records.handoff(handoff.id)
    assert written is not None
    assert written.conversation_id is None
    return written


def test_a_late_callback_is_kept_if_the_resident_wanted_it(records: Records) -> None:
    written = late_handoff(records, keep=True)
    assert written.status is HandoffStatus.OPEN
    assert written.contact is not None


def test_a_late_callback_is_cancelled_if_the_resident_did_not(records: Records) -> None:
    written = late_handoff(records, keep=False)
    assert written.status is HandoffStatus.CANCELLED
    assert written.contact is None
    assert written.closed_at is not None


def test_a_late_live_handoff_is_over(records: Records) -> None:
    assert late_handoff(records, keep=True, kind=HandoffKind.LIVE).status is HandoffStatus.CANCELLED


def test_an_answer_without_its_turn_is_dropped(records: Records) -> None:
    write_all(records, every_kind("c")[3])
    assert records.conversation("c") is None
