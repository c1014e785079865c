"""The inbox: only one's services, readings on record, changes that never overwrite a colleague's."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from records import (
    BadRecord,
    ChangedMeanwhile,
    HandoffKind,
    HandoffRequest,
    HandoffStatus,
    Records,
    RequestStatus,
    TurnStatus,
    UnknownRecord,
    Wanted,
)
from records.inbox import next_statuses
from records.inbox_entries import Actor, ChangeKind
from records.inbox_tables import RequestChangeRow, RequestNoteRow, RequestReadingRow
from records.live import Agent
from records.tables import HandoffRow

LEA, ALI = Actor("a1", "Léa"), Actor("a2", "Ali")
MINE = frozenset({"mds"})
CONTACT = {"name": "Jeanne", "channel": "phone", "value": "+33639981234"}


def ask(records: Records, service: str = "mds", kind: HandoffKind = HandoffKind.CALLBACK, **more: str) -> str:
    conversation = records.start_conversation("fr")
    turn, _ = records.open_turn(conversation.id, "m1", "On me frappe", "fr")
    reply = {"emergency": {"id": more.pop("danger")}} if "danger" in more else {"emergency": None}
    records.answer_turn(turn.turn_id, reply, TurnStatus.ANSWERED)
    request = HandoffRequest(
        conversation.id,
        kind,
        more.get("language", "fr"),
        service,
        topic=more.get("topic"),
        contact=CONTACT if kind is HandoffKind.CALLBACK else None,
    )
    return records.create_handoff(request).id


def ids(records: Records, **wanted: object) -> list[str]:
    return [each.handoff.id for each in records.inbox.listed(Wanted(**{"services": MINE, **wanted}))]


def test_only_the_requests_of_one_s_services_are_listed(records: Records) -> None:
    mine = ask(records)
    ask(records, "mdph")
    assert ids(records) == [mine]
    assert ids(records, services=frozenset()) == []


def test_filters(records: Records) -> None:
    apa, live = ask(records, topic="apa"), ask(records, kind=HandoffKind.LIVE, language="ar")
    assert ids(records, topic="apa") == [apa]
    assert ids(records, kind=HandoffKind.LIVE) == [live]
    assert ids(records, language="ar") == [live]
    records.inbox.assign(apa, LEA, ALI, seen=None)
    assert ids(records, assignee_id="a2") == [apa]
    records.inbox.move(apa, ALI, RequestStatus.DONE, seen=RequestStatus.OPEN)
    assert ids(records) == [live]
    assert ids(records, statuses=(RequestStatus.DONE,)) == [apa]


def test_a_mere_contact_is_no_request(records: Records) -> None:
    assert records.inbox.find(ask(records, kind=HandoffKind.CONTACT)) is None


def test_dangers_are_those_of_the_conversation_and_go_with_it(records: Records) -> None:
    request_id, calm = ask(records, danger="violences-femmes"), ask(records)
    found = {each.handoff.id: each.dangers for each in records.inbox.listed(Wanted(MINE))}
    assert found == {request_id: {"violences-femmes"}, calm: frozenset()}
    request = records.inbox.find(request_id)
    assert request is not None
    records.erase(str(request.handoff.conversation_id), keep_callbacks=True)
    detached = records.inbox.find(request_id)
    assert detached is not None
    assert detached.dangers == frozenset()
    assert records.inbox.read(request_id, LEA).turns == ()


def test_reading_gives_everything_and_is_on_record(records: Records) -> None:
    request_id = ask(records)
    before = datetime.now(UTC)
    opened = records.inbox.read(request_id, LEA)
    assert opened.contact == CONTACT
    assert [turn.text for turn in opened.turns] == ["On me frappe"]
    records.inbox.read(request_id, ALI)
    (second, first) = records.inbox.readings()
    assert (first.agent_id, first.agent_name, first.handoff_id, first.service_id) == (
        "a1",
        "Léa",
        request_id,
        "mds",
    )
    assert first.reference == opened.request.handoff.reference
    assert before <= first.at <= second.at
    assert records.inbox.readings(since=second.at, limit=5) == (second,)


def test_nothing_is_shown_when_the_reading_cannot_be_recorded(records: Records) -> None:
    request_id = ask(records)
    with records._database.engine.begin() as connection:
        connection.execute(text("DROP TABLE request_readings"))
    with pytest.raises(Exception, match=r"request_readings|unavailable|no such table"):
        records.inbox.read(request_id, LEA)


@pytest.mark.parametrize("table", [RequestReadingRow, RequestChangeRow])
def test_readings_and_history_cannot_be_changed_nor_removed_while_recent(
    records: Records, table: type[RequestReadingRow] | type[RequestChangeRow]
) -> None:
    request_id = ask(records)
    records.inbox.read(request_id, LEA)
    records.inbox.move(request_id, LEA, RequestStatus.DONE, seen=RequestStatus.OPEN)
    for statement in (update(table).values(agent_name="Personne"), delete(table)):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            records._database.engine.begin() as connection,
        ):
            connection.execute(statement)


def test_whoever_begins_a_request_gets_it(records: Records) -> None:
    request_id = ask(records)
    begun = records.inbox.move(request_id, LEA, RequestStatus.IN_PROGRESS, seen=RequestStatus.OPEN)
    assert (begun.status, begun.assignee) == (RequestStatus.IN_PROGRESS, LEA)
    history = records.inbox.read(request_id, LEA).history
    assert [(line.kind, line.before, line.after) for line in history] == [
        (ChangeKind.STATUS, "open", "in_progress"),
        (ChangeKind.ASSIGNEE, None, "Léa"),
    ]


@pytest.mark.parametrize(
    ("to", "kept"),
    [
        (RequestStatus.DONE, HandoffStatus.CLOSED),
        (RequestStatus.UNREACHABLE, HandoffStatus.CLOSED),
        (RequestStatus.CANCELLED, HandoffStatus.CANCELLED),
    ],
)
def test_an_ending_closes_the_handoff(records: Records, to: RequestStatus, kept: HandoffStatus) -> None:
    request_id = ask(records)
    assert records.inbox.move(request_id, LEA, to, seen=RequestStatus.OPEN).status is to
    handoff = records.handoff(request_id)
    assert handoff is not None
    assert handoff.status is kept
    assert handoff.closed_at is not None


def test_a_request_closed_by_mistake_opens_again_unless_its_contact_is_gone(records: Records) -> None:
    request_id = ask(records)
    records.inbox.move(request_id, LEA, RequestStatus.UNREACHABLE, seen=RequestStatus.OPEN)
    again = records.inbox.move(request_id, LEA, RequestStatus.IN_PROGRESS, seen=RequestStatus.UNREACHABLE)
    assert (again.status, again.handoff.closed_at) == (RequestStatus.IN_PROGRESS, None)
    records.inbox.move(request_id, LEA, RequestStatus.DONE, seen=RequestStatus.IN_PROGRESS)
    with records._database.writing() as session:
        session.execute(update(HandoffRow).values(contact=None))
    with pytest.raises(ChangedMeanwhile):
        records.inbox.move(request_id, LEA, RequestStatus.IN_PROGRESS, seen=RequestStatus.DONE)


def test_nobody_overwrites_what_a_colleague_just_did(records: Records) -> None:
    request_id = ask(records)
    records.inbox.assign(request_id, LEA, LEA, seen=None)
    with pytest.raises(ChangedMeanwhile):
        records.inbox.assign(request_id, ALI, ALI, seen=None)
    records.inbox.assign(request_id, ALI, ALI, seen="a1")
    records.inbox.move(request_id, ALI, RequestStatus.DONE, seen=RequestStatus.OPEN)
    with pytest.raises(ChangedMeanwhile, match="done"):
        records.inbox.move(request_id, LEA, RequestStatus.IN_PROGRESS, seen=RequestStatus.OPEN)


def test_what_its_resident_cancels_stays_cancelled(records: Records) -> None:
    request_id = ask(records)
    records.inbox.move(request_id, LEA, RequestStatus.IN_PROGRESS, seen=RequestStatus.OPEN)
    records.close_handoff(request_id, HandoffStatus.CANCELLED)
    request = records.inbox.find(request_id)
    assert request is not None
    assert (request.status, next_statuses(request)) == (RequestStatus.CANCELLED, ())


def test_a_live_request_follows_its_conversation(records: Records) -> None:
    request_id = ask(records, kind=HandoffKind.LIVE)
    with pytest.raises(ChangedMeanwhile):
        records.inbox.move(request_id, LEA, RequestStatus.DONE, seen=RequestStatus.OPEN)
    with pytest.raises(ChangedMeanwhile):
        records.inbox.assign(request_id, LEA, LEA, seen=None)


def test_who_takes_the_conversation_has_the_request(records: Records) -> None:
    conversation = records.start_conversation("fr")
    asked = HandoffRequest(conversation.id, HandoffKind.LIVE, "fr", "mds")
    request_id = records.live.request(asked, danger="suicide").handoff_id
    waiting = records.inbox.find(request_id)
    assert waiting is not None
    assert (waiting.status, waiting.assignee, waiting.dangers) == (RequestStatus.OPEN, None, {"suicide"})
    records.live.take(request_id, Agent(LEA.id, LEA.name), at_once=1)
    assert ids(records, statuses=(RequestStatus.IN_PROGRESS,), assignee_id="a1") == [request_id]
    records.live.end(request_id, Agent(LEA.id, LEA.name))
    ended = records.inbox.find(request_id)
    assert ended is not None
    assert (ended.status, ended.assignee) == (RequestStatus.DONE, LEA)


def test_an_unknown_request(records: Records) -> None:
    with pytest.raises(UnknownRecord):
        records.inbox.read("nothing", LEA)
    assert records.inbox.readings() == ()


def test_notes_are_encrypted_and_in_order(records: Records) -> None:
    request_id = ask(records)
    records.inbox.note(request_id, LEA, "  Rappeler après 14 h ")
    records.inbox.note(request_id, ALI, "Fait.")
    with records._database.reading() as session:
        kept = list(session.scalars(select(RequestNoteRow.text)))
    assert all(b"Rappeler" not in each for each in kept)
    notes = records.inbox.read(request_id, LEA).notes
    assert [(note.agent_name, note.text) for note in notes] == [
        ("Léa", "Rappeler après 14 h"),
        ("Ali", "Fait."),
    ]


@pytest.mark.parametrize("text_", ["  ", "x" * 4001])
def test_a_note_that_cannot_be_kept(records: Records, text_: str) -> None:
    with pytest.raises(BadRecord):
        records.inbox.note(ask(records), LEA, text_)


def test_the_pulse_counts_what_nobody_has_begun(records: Records) -> None:
    assert records.inbox.pulse(MINE) == records.inbox.pulse(frozenset())
    first, second = ask(records), ask(records)
    ask(records, "mdph")
    pulse = records.inbox.pulse(MINE)
    latest = records.handoff(second)
    assert latest is not None
    assert (pulse.open, pulse.latest) == (2, latest.created_at)
    records.inbox.move(first, LEA, RequestStatus.IN_PROGRESS, seen=RequestStatus.OPEN)
    assert records.inbox.pulse(MINE).open == 1


def notes_left(records: Records) -> int:
    with records._database.reading() as session:
        return len(list(session.scalars(select(RequestNoteRow.id))))


def test_notes_go_with_the_contact_details(records: Records) -> None:
    request_id, still_open = ask(records), ask(records)
    for each in (request_id, still_open):
        records.inbox.note(each, LEA, "Rappeler.")
    records.inbox.move(request_id, LEA, RequestStatus.DONE, seen=RequestStatus.OPEN)
    with records._database.writing() as session:
        closed = update(HandoffRow).where(HandoffRow.closed_at.is_not(None))
        session.execute(closed.values(closed_at=datetime.now(UTC) - timedelta(days=31)))
    assert records.purge(30).contacts == 1
    assert notes_left(records) == 1
    request = records.inbox.find(still_open)
    assert request is not None
    records.erase(str(request.handoff.conversation_id), keep_callbacks=False)
    assert notes_left(records) == 0


def test_notes_go_when_the_resident_cancels(records: Records) -> None:
    request_id, done = ask(records), ask(records)
    for each in (request_id, done):
        records.inbox.note(each, LEA, "Rappeler.")
    records.inbox.move(done, LEA, RequestStatus.DONE, seen=RequestStatus.OPEN)
    records.cancel_callback(request_id)
    records.cancel_callback(done)
    assert notes_left(records) == 1


def old_lines(records: Records, request_id: str, days: int) -> None:
    at = datetime.now(UTC) - timedelta(days=days)
    with records._database.writing() as session:
        for number in range(2):
            about = {"id": f"{days}-{number}", "at": at, "handoff_id": request_id, "agent_id": "a1"}
            session.add(RequestReadingRow(**about, agent_name="Léa", reference="R", service_id="mds"))
            session.add(
                RequestChangeRow(**about, agent_name="Léa", kind="status", before="open", after="done")
            )


def test_readings_and_history_go_when_they_are_old(records: Records) -> None:
    closed, still_open = ask(records), ask(records)
    records.close_handoff(closed)
    for days in (364, 366):
        old_lines(records, closed, days)
    old_lines(records, still_open, 400)
    assert records.purge().log_lines == 6
    assert {line.id for line in records.inbox.readings()} == {"364-0", "364-1"}
    assert len(records.inbox.read(still_open, LEA).history) == 2


def test_following_a_request_is_a_reading_once_with_the_one_before(records: Records) -> None:
    request, hour = ask(records), timedelta(hours=1)
    for _ in range(2):
        records.inbox.follow(request, LEA, hour)
    assert [each.agent_name for each in records.inbox.readings()] == ["Léa"]
    records.inbox.follow(request, ALI, hour)
    assert len(records.inbox.readings()) == 2, "what Léa read, Ali did not"
    records.inbox.follow(request, LEA, -hour)
    assert len(records.inbox.readings()) == 3, "a reading does not count for ever"
    with pytest.raises(UnknownRecord):
        records.inbox.follow("nothing", LEA, hour)
