"""Live conversations in the records: one agent takes, nothing is lost or doubled, nothing clear is left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from records import HandoffKind, HandoffRequest, HandoffStatus, Records, RecordsUnavailable, UnknownRecord
from records.entries import new_id
from records.errors import NotInThatState, TooManyLive
from records.ledger import walk
from records.live import Agent, recent
from records.live_entries import LiveEnd, LiveKind, LiveRequest, LiveState

NADIA = Agent("a-nadia", "Nadia R.")
PAUL = Agent("a-paul", "Paul D.")
SECRET = "Je m'appelle Jeanne Martin, 06 39 98 12 34"
MASKED = "Je m'appelle Jeanne Martin, [PHONE]"


def ask(records: Records, service: str = "mdph", key: str | None = None, **more: Any) -> LiveRequest:
    """A resident of a new conversation who asks for a person."""
    conversation = records.start_conversation("fr")
    asked = HandoffRequest(conversation.id, HandoffKind.LIVE, "fr", service, idempotency_key=key)
    return records.live.request(asked, **more)


def kinds(records: Records, request: LiveRequest) -> list[LiveKind]:
    return [event.kind for event in records.live.log(request.conversation_id)]


def test_a_request_waits_once_however_often_it_is_made(records: Records) -> None:
    first = ask(records, key="k1")
    again = HandoffRequest(first.conversation_id, HandoffKind.LIVE, "fr", "mdph", idempotency_key="k1")
    other = HandoffRequest(first.conversation_id, HandoffKind.LIVE, "fr", "mdph", idempotency_key="k2")
    assert records.live.request(again) == first
    assert records.live.request(other) == first
    assert records.live.queue() == (first,)
    assert [handoff.id for handoff in records.handoffs()] == [first.handoff_id]
    assert kinds(records, first) == [LiveKind.ASKED]


def test_the_queue_puts_danger_first_then_who_was_put_back_then_the_oldest(records: Records) -> None:
    oldest, younger = ask(records), ask(records)
    returned = ask(records)
    records.live.present(NADIA, ["mdph"], available=True)
    records.live.take(returned.handoff_id, NADIA, at_once=2)
    records.live.give_back_lost(recent(-1))
    in_danger = ask(records, danger="suicide")
    ask(records, "accueil")
    assert [each.handoff_id for each in records.live.queue("mdph")] == [
        each.handoff_id for each in (in_danger, returned, oldest, younger)
    ]
    records.live.alert(younger.conversation_id, "violences")
    assert [each.handoff_id for each in records.live.queue("mdph")] == [
        each.handoff_id for each in (younger, in_danger, returned, oldest)
    ]


def test_two_agents_cannot_both_take(records: Records) -> None:
    request = ask(records)
    agents = [Agent(f"a{number}", f"Agent {number}") for number in range(8)]

    def take(agent: Agent) -> bool:
        try:
            records.live.take(request.handoff_id, agent, at_once=2)
        except NotInThatState:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, agents)) == 1
    assert kinds(records, request) == [LiveKind.ASKED, LiveKind.JOINED]


def test_taking_one_s_own_again_changes_nothing_and_has_a_limit(records: Records) -> None:
    first, second = ask(records), ask(records)
    taken = records.live.take(first.handoff_id, NADIA, at_once=1)
    assert records.live.take(first.handoff_id, NADIA, at_once=1) == taken
    with pytest.raises(TooManyLive):
        records.live.take(second.handoff_id, NADIA, at_once=1)
    with pytest.raises(UnknownRecord):
        records.live.take(new_id(), NADIA, at_once=1)


def test_messages_are_numbered_without_a_hole_and_written_once(records: Records) -> None:
    request = ask(records)
    records.live.take(request.handoff_id, NADIA, at_once=2)

    def write(number: int) -> None:
        name = f"m{number % 10}"
        if number % 2:
            records.live.relay(
                request.conversation_id, clear=name, masked=name, client_message_id=name, turn_id=new_id()
            )
        else:
            records.live.say(request.handoff_id, NADIA, clear=name, masked=name, client_message_id=name)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(40)))
    log = records.live.log(request.conversation_id)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    said = [event.client_message_id for event in log if event.kind is LiveKind.MESSAGE]
    assert sorted(filter(None, said)) == [f"m{number}" for number in range(10)]
    assert records.live.log(request.conversation_id, after=10) == log[10:]


def test_nothing_clear_is_left_once_it_ends(records: Records) -> None:
    request = ask(records)
    records.live.take(request.handoff_id, NADIA, at_once=2)
    records.live.relay(
        request.conversation_id, clear=SECRET, masked=MASKED, client_message_id="m", turn_id=new_id()
    )
    with records._database.engine.connect() as connection:
        stored = connection.execute(text("SELECT text, clear FROM live_events WHERE kind = 'message'")).one()
    assert b"06 39 98" not in bytes(stored.clear)
    assert stored.text == MASKED
    assert records.live.log(request.conversation_id)[-1].text == SECRET
    ended = records.live.end(request.handoff_id, NADIA)
    assert (ended.state, ended.end) == (LiveState.ENDED, LiveEnd.AGENT)
    message = next(e for e in records.live.log(request.conversation_id) if e.kind is LiveKind.MESSAGE)
    assert message.text == MASKED
    with records._database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(clear) FROM live_events")).scalar() == 0
    handoff = records.handoff(request.handoff_id)
    assert handoff is not None
    assert handoff.status is HandoffStatus.CLOSED
    assert records.live.running(request.conversation_id) is None


def test_only_who_has_it_may_write_end_or_forward(records: Records) -> None:
    request = ask(records)
    for agent in (NADIA, PAUL):
        with pytest.raises(NotInThatState):
            records.live.end(request.handoff_id, agent)
    records.live.take(request.handoff_id, NADIA, at_once=2)
    for refused in (
        lambda: records.live.say(request.handoff_id, PAUL, clear="x", masked="x", client_message_id=None),
        lambda: records.live.end(request.handoff_id, PAUL),
        lambda: records.live.forward(request.handoff_id, PAUL, "accueil"),
    ):
        with pytest.raises(NotInThatState):
            refused()
    assert kinds(records, request) == [LiveKind.ASKED, LiveKind.JOINED]


def test_forwarding_waits_in_the_other_queue(records: Records) -> None:
    request, there = ask(records), ask(records, "accueil")
    records.live.take(request.handoff_id, NADIA, at_once=2)
    records.live.forward(request.handoff_id, NADIA, "accueil")
    assert [each.handoff_id for each in records.live.queue("accueil")] == [
        there.handoff_id,
        request.handoff_id,
    ]
    handoff = records.handoff(request.handoff_id)
    assert handoff is not None
    assert handoff.service_id == "accueil"
    *_, routed = walk(records._database)
    assert (routed.kind, dict(routed.details)) == (
        "routed",
        {"service": "accueil", "topic": None, "reason": "forwarded"},
    )
    forwarded = records.live.log(request.conversation_id)[-1]
    assert (forwarded.kind, forwarded.person, forwarded.service_id) == (
        LiveKind.FORWARDED,
        "Nadia R.",
        "accueil",
    )


def test_a_request_that_has_just_gone_to_another_service_is_not_taken(records: Records) -> None:
    request = ask(records)
    records.live.take(request.handoff_id, NADIA, at_once=2, service_id="mdph")
    records.live.forward(request.handoff_id, NADIA, "accueil")
    with pytest.raises(NotInThatState):
        records.live.take(request.handoff_id, NADIA, at_once=2, service_id="mdph")
    assert records.live.queue("accueil")[0].handoff_id == request.handoff_id


def test_no_line_is_dropped_in_silence(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    request = ask(records)
    monkeypatch.setattr("records.live_log.insert_new", lambda *_, **__: False)  # its number is taken
    with pytest.raises(RecordsUnavailable):
        records.live.take(request.handoff_id, NADIA, at_once=2)
    still = records.live.find(request.handoff_id)
    assert still is not None
    assert still.state is LiveState.WAITING


def test_a_lost_agent_gives_back_and_a_present_one_does_not(records: Records) -> None:
    lost, kept = ask(records), ask(records)
    records.live.take(lost.handoff_id, NADIA, at_once=2)
    cut = recent(0)
    records.live.present(PAUL, ["mdph"], available=True)
    records.live.take(kept.handoff_id, PAUL, at_once=2)
    assert [each.handoff_id for each in records.live.give_back_lost(cut)] == [lost.handoff_id]
    assert records.live.give_back_lost(cut) == ()
    again = records.live.queue()[0]
    assert (again.handoff_id, again.put_back, again.agent_id) == (lost.handoff_id, True, None)
    assert kinds(records, lost)[-1] is LiveKind.LOST


def test_an_unanswered_wait_is_told_once_and_a_resident_gone_leaves_the_queue(records: Records) -> None:
    request = ask(records)
    assert records.live.tell_unanswered(recent(60)) == ()
    assert [each.handoff_id for each in records.live.tell_unanswered(recent(-1))] == [request.handoff_id]
    assert records.live.tell_unanswered(recent(-1)) == ()
    assert records.live.remove_gone(recent(60), recent(60)) == ()
    (gone,) = records.live.remove_gone(recent(-1), recent(60))
    assert gone.end is LiveEnd.LEFT
    assert kinds(records, request) == [LiveKind.ASKED, LiveKind.UNANSWERED, LiveKind.ENDED]
    assert records.live.queue() == ()


def test_waits_are_measured_and_presence_is_by_service(records: Records) -> None:
    request = ask(records)
    assert records.live.recent_waits("mdph", recent(60)) == ()
    records.live.present(NADIA, ["mdph"], available=True)
    records.live.present(PAUL, ["accueil"])
    assert [each.name for each in records.live.available("mdph", recent(60))] == ["Nadia R."]
    assert records.live.available("accueil", recent(60)) == ()
    assert records.live.available("mdph", recent(-1)) == ()
    records.live.take(request.handoff_id, NADIA, at_once=2)
    (waited,) = records.live.recent_waits("mdph", recent(60))
    assert waited >= 0
    assert records.live.recent_waits("accueil", recent(60)) == ()


def test_erasing_a_conversation_erases_what_was_said(records: Records) -> None:
    request = ask(records)
    records.live.take(request.handoff_id, NADIA, at_once=2)
    records.live.say(request.handoff_id, NADIA, clear=SECRET, masked=MASKED, client_message_id="m")
    records.erase(request.conversation_id, keep_callbacks=True)
    assert records.live.find(request.handoff_id) is None
    assert records.live.log(request.conversation_id) == ()
    handoff = records.handoff(request.handoff_id)
    assert handoff is not None
    assert (handoff.status, handoff.conversation_id) == (HandoffStatus.CANCELLED, None)


def test_old_lines_are_purged_unless_the_conversation_goes_on(records: Records) -> None:
    ended, running = ask(records), ask(records)
    records.live.leave(ended.conversation_id)
    with records._database.engine.begin() as connection:
        connection.execute(text("UPDATE live_events SET at = '2020-01-01 00:00:00+00:00'"))
    records.purge(1)
    assert records.live.log(ended.conversation_id) == ()
    assert kinds(records, running) == [LiveKind.ASKED]


def test_old_waits_are_purged(records: Records) -> None:
    records.live.take(ask(records).handoff_id, NADIA, at_once=2)
    records.purge(1)
    assert len(records.live.recent_waits("mdph", recent(60))) == 1
    with records._database.engine.begin() as connection:
        connection.execute(text("UPDATE live_waits SET taken_at = '2020-01-01 00:00:00+00:00'"))
    assert records.purge(1).log_lines == 1
    assert records.live.recent_waits("mdph", datetime(2019, 1, 1, tzinfo=UTC)) == ()
