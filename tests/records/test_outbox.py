"""The messages to services: written with the callback, claimed by one gateway, settled once."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from records import DeliveryChannel, DeliveryEvent, HandoffStatus, Records, RecordsUnavailable
from tests.records.conftest import Opener
from tests.records.test_handoffs import request_of

BOTH = (DeliveryChannel.EMAIL, DeliveryChannel.WEBHOOK)
ALL = frozenset(BOTH)
AT_ONCE = timedelta(0)


def patiently(records: Records, call: Callable[[Any], Any], argument: Any) -> Any:
    """Call until the database, which other processes write in, lets us."""
    while True:
        try:
            return call(argument)
        except RecordsUnavailable:
            records._database.wake()


def test_a_callback_is_announced_by_each_channel_it_names(records: Records) -> None:
    handoff = records.create_handoff(request_of(records, notify=BOTH))
    told = records.outbox.of_handoff(handoff.id)
    assert [(each.channel, each.event) for each in told] == [
        (channel, DeliveryEvent.CREATED) for channel in BOTH
    ]
    assert records.outbox.waiting() == 2


def test_a_callback_sent_again_is_announced_once(records: Records) -> None:
    request = request_of(records, notify=BOTH, idempotency_key="k")
    for _ in range(3):
        records.create_handoff(request)
    assert records.outbox.waiting() == 2


def test_a_message_is_claimed_by_one_gateway_and_never_after_it_was_sent(records: Records) -> None:
    records.create_handoff(request_of(records, notify=BOTH[:1]))
    claimed = records.outbox.claim(ALL)
    assert claimed is not None
    assert records.outbox.claim(ALL) is None
    records.outbox.sent(claimed)
    assert records.outbox.waiting() == 0
    assert records.outbox.claim(ALL, AT_ONCE) is None


def test_a_gateway_takes_only_what_it_can_send(records: Records) -> None:
    records.create_handoff(request_of(records, notify=BOTH))
    claimed = records.outbox.claim(frozenset({DeliveryChannel.WEBHOOK}))
    assert claimed is not None
    assert claimed.channel is DeliveryChannel.WEBHOOK
    assert records.outbox.claim(frozenset({DeliveryChannel.WEBHOOK})) is None


def test_many_gateways_share_the_messages(open_records: Opener) -> None:
    gateways = [open_records() for _ in range(4)]
    gateways[0].upgrade()
    for _ in range(10):
        gateways[0].create_handoff(request_of(gateways[0], notify=BOTH[:1]))

    def work(records: Records) -> list[str]:
        taken = []
        while (claimed := patiently(records, records.outbox.claim, ALL)) is not None:
            patiently(records, records.outbox.sent, claimed)
            taken.append(claimed.id)
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [each for ids in pool.map(work, gateways) for each in ids]
    assert len(taken) == len(set(taken))
    assert gateways[0].outbox.waiting() == 0


def test_what_a_dead_gateway_held_is_taken_over(records: Records) -> None:
    records.create_handoff(request_of(records, notify=BOTH[:1]))
    first = records.outbox.claim(ALL, AT_ONCE)
    second = records.outbox.claim(ALL)
    assert first is not None
    assert second is not None
    assert (second.id, second.attempts) == (first.id, 2)
    records.outbox.failed(first, "late", AT_ONCE)
    assert records.outbox.claim(ALL) is None, "it is no longer the first one's to give back"


def test_a_failure_is_noted_and_tried_again_later(records: Records) -> None:
    handoff = records.create_handoff(request_of(records, notify=BOTH[:1]))
    claimed = records.outbox.claim(ALL)
    assert claimed is not None
    records.outbox.failed(claimed, "e" * 300, timedelta(hours=1))
    (kept,) = records.outbox.of_handoff(handoff.id)
    assert kept.error == "e" * 200
    assert records.outbox.claim(ALL) is None
    assert records.outbox.waiting() == 1


def test_a_callback_closed_before_it_was_announced_is_not_announced(records: Records) -> None:
    handoff = records.create_handoff(request_of(records, notify=BOTH))
    records.close_handoff(handoff.id)
    assert records.outbox.waiting() == 0


def test_a_callback_cancelled_before_anybody_was_told_is_silent(records: Records) -> None:
    handoff = records.create_handoff(request_of(records, notify=BOTH))
    records.cancel_callback(handoff.id)
    assert records.outbox.waiting() == 0


def test_a_service_that_may_have_been_told_is_told_of_the_cancellation(records: Records) -> None:
    handoff = records.create_handoff(request_of(records, notify=BOTH))
    claimed = records.outbox.claim(ALL)
    assert claimed is not None
    records.cancel_callback(handoff.id)
    records.cancel_callback(handoff.id)
    due = records.outbox.claim(ALL)
    assert due is not None
    assert (due.channel, due.event) == (claimed.channel, DeliveryEvent.CANCELLED)
    assert records.outbox.claim(ALL) is None


def test_erasing_the_conversation_tells_the_service_too(records: Records) -> None:
    request = request_of(records, notify=BOTH[:1])
    records.create_handoff(request)
    claimed = records.outbox.claim(ALL)
    assert claimed is not None
    records.outbox.sent(claimed)
    assert request.conversation_id is not None
    records.erase(request.conversation_id, keep_callbacks=False)
    told = records.outbox.claim(ALL)
    assert told is not None
    assert told.event is DeliveryEvent.CANCELLED


def test_a_callback_from_the_spool_is_announced_when_it_reaches_sql(records: Records) -> None:
    request = request_of(records, notify=BOTH)
    records._database._resting_until = float("inf")
    with pytest.raises(RecordsUnavailable):
        records.create_handoff(request)
    records._database.wake()
    records.replay()
    assert records.outbox.waiting() == 2


def test_looking_for_work_needs_no_writer(open_records: Opener, tmp_path: Path) -> None:
    records = open_records(database_url=f"sqlite:///{tmp_path}/apart.db")
    records.upgrade()
    writer = sqlite3.connect(tmp_path / "apart.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert records.outbox.claim(ALL) is None
    writer.close()


def test_a_callback_is_found_by_its_reference_and_code_only(records: Records) -> None:
    handoff = records.create_handoff(request_of(records))
    code = records.callback_code(handoff)
    assert code is not None
    assert records.callback(handoff.reference.lower(), code.replace("-", " ")) == handoff
    assert records.callback(handoff.reference, handoff.reference) is None
    assert records.callback("XXXX-XXXX", code) is None
    assert records.callback("", "") is None


def test_a_callback_cancelled_by_its_resident_forgets_the_details(records: Records) -> None:
    handoff = records.create_handoff(request_of(records))
    cancelled = records.cancel_callback(handoff.id)
    assert (cancelled.status, cancelled.contact) == (HandoffStatus.CANCELLED, None)
    assert records.handoff(handoff.id) == cancelled
