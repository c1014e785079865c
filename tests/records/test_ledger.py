"""The ledger: chains of several processes, moved disclosures, erased conversations."""

import hmac
import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from records import (
    Channel,
    DisclosureEvent,
    HandoffKind,
    HandoffRequest,
    NoticeChannel,
    Records,
    RecordsUnavailable,
    TurnStatus,
)
from records.chain import LedgerEntry
from records.disclosures import fingerprint
from records.entries import Routing, new_id
from records.ledger import walk
from records.schema import upgrade
from records.tables import ConversationKeyRow, LedgerHeadRow
from tests.records.conftest import KEY, LEDGER_KEY, Opener

MARK = fingerprint("Une IA.")
BEFORE = "0005"
"""The migration before that of the ledger."""

WRITER = """
import sys
from records import Channel, DisclosureEvent, NoticeChannel, Records, RecordsSettings, RecordsUnavailable
from records.entries import new_id
records = Records(RecordsSettings(database_url=sys.argv[1], data_dir=sys.argv[2], encryption_key=sys.argv[3],
                                  ledger_key=sys.argv[4]))
for _ in range(int(sys.argv[5])):
    while True:
        try:
            records.record_disclosure(new_id(), notice_id="n", version="1", language="fr", text="Une IA.",
                                      channel=Channel.WEB, event=DisclosureEvent.ISSUED)
            break
        except RecordsUnavailable:
            records._database.wake()
    print("written", flush=True)
"""


def disclose(records: Records, conversation_id: str, channel: Channel | NoticeChannel = Channel.WEB) -> str:
    return records.record_disclosure(
        conversation_id,
        notice_id="ai-notice",
        version="1",
        language="fr",
        text="Une intelligence artificielle vous répond.",
        channel=channel,
        event=DisclosureEvent.ISSUED,
    ).id


def entries_of(records: Records) -> list[LedgerEntry]:
    return list(walk(records._database))


def writer(database_url: str, folder: Path, count: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", WRITER, database_url, str(folder), KEY, LEDGER_KEY, str(count)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def converse(records: Records) -> str:
    """One conversation with a notice, a routed answer and a callback."""
    conversation = records.start_conversation("fr")
    disclose(records, conversation.id)
    turn, _ = records.open_turn(conversation.id, "m1", "ma mère tombe souvent", "fr")
    routing = Routing(new_id(), conversation.id, "mds-nord", "apa", "answer")
    records.answer_turn(turn.turn_id, {"messages": []}, TurnStatus.ANSWERED, routing)
    records.create_handoff(
        HandoffRequest(
            conversation.id, HandoffKind.CALLBACK, "fr", "mds-nord", contact={"phone": "06 39 98 01 02"}
        )
    )
    return conversation.id


def test_notices_routings_and_handoffs_are_entries_of_one_chain(records: Records) -> None:
    converse(records)
    issued, routed, handoff = entries_of(records)
    assert [entry.sequence for entry in (issued, routed, handoff)] == [1, 2, 3]
    assert (issued.kind, issued.details["channel"], issued.details["language"]) == ("issued", "web", "fr")
    assert routed.details == {"service": "mds-nord", "topic": "apa", "reason": "answer"}
    assert handoff.details == {"kind": "callback", "service": "mds-nord"}
    assert issued.pseudonym == routed.pseudonym != handoff.pseudonym
    assert (routed.previous, handoff.previous) == (issued.hash, routed.hash)


def test_no_entry_holds_a_text_or_names_the_conversation(records: Records) -> None:
    conversation_id = converse(records)
    written = json.dumps([vars(entry) for entry in entries_of(records)])
    for told in (conversation_id, "mère", "39 98", "intelligence artificielle"):
        assert told not in written


def test_a_turn_answered_twice_is_routed_once(records: Records) -> None:
    conversation_id = records.start_conversation("fr").id
    turn, _ = records.open_turn(conversation_id, "m1", "bonjour", "fr")
    for _ in range(2):
        routing = Routing(new_id(), conversation_id, "accueil", None, "smalltalk")
        records.answer_turn(turn.turn_id, {}, TurnStatus.ANSWERED, routing)
    assert [entry.kind for entry in entries_of(records)] == ["routed"]


def test_the_staff_s_notice_is_recorded_the_same_way(records: Records) -> None:
    disclose(records, "session-of-an-agent", NoticeChannel.STAFF)
    assert entries_of(records)[0].details["channel"] == "staff"
    assert not records.disclosure_needed("session-of-an-agent", "1", "fr")


def test_an_erased_conversation_cannot_be_linked_and_the_chain_still_verifies(records: Records) -> None:
    conversation_id = converse(records)
    with records._database.reading() as session:
        key = session.scalars(select(ConversationKeyRow.key)).one()
    pseudonym = entries_of(records)[0].pseudonym
    assert hmac.digest(key, conversation_id.encode(), "sha256").hex() == pseudonym
    before = entries_of(records)
    records.erase(conversation_id, keep_callbacks=True)
    with records._database.reading() as session:
        assert session.scalars(select(ConversationKeyRow)).all() == [], "the key is gone"
    assert entries_of(records) == before
    assert records.disclosures(conversation_id) == ()
    assert records.audit.verify().faults == ()
    disclose(records, conversation_id)  # late, from another process
    assert entries_of(records)[-1].pseudonym != pseudonym
    with records._database.reading() as session:
        assert session.scalars(select(ConversationKeyRow)).all() == [], "and none is made again"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_key_of_an_erased_conversation_is_not_left_in_the_file(records: Records, tmp_path: Path) -> None:
    conversation_id = converse(records)
    with records._database.reading() as session:
        key = session.scalars(select(ConversationKeyRow.key)).one()
    checkpoint(records)
    assert key in (tmp_path / "records.db").read_bytes()
    records.erase(conversation_id, keep_callbacks=False)
    checkpoint(records)
    assert key not in (tmp_path / "records.db").read_bytes()


def checkpoint(records: Records) -> None:
    with records._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")


def test_what_waited_in_the_spool_enters_the_chain_once(records: Records) -> None:
    conversation_id = records.start_conversation("fr").id
    records._database._resting_until = float("inf")
    with pytest.raises(RecordsUnavailable):
        disclose(records, conversation_id)
    with pytest.raises(RecordsUnavailable):
        records.record_routing(conversation_id, service_id="accueil", topic=None, reason="contact")
    kept = [path.read_bytes() for path in records._spool.folder.glob("*.jsonl")]
    records._database.wake()
    assert records.replay() == 2
    (records._spool.folder / "again.jsonl").write_bytes(b"".join(kept))  # killed before it was removed
    assert records.replay() == 2
    assert [(entry.sequence, entry.kind) for entry in entries_of(records)] == [(1, "issued"), (2, "routed")]
    assert not records.disclosure_needed(conversation_id, "1", "fr")
    assert records.audit.verify().faults == ()


def test_threads_of_a_process_share_its_chain(records: Records) -> None:
    def write(_: int) -> None:
        for attempt in range(20):
            try:
                disclose(records, new_id())
                return
            except RecordsUnavailable:  # a slow machine: it is in the spool
                records._database.wake()
                time.sleep(0.1 * attempt)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(40)))
    report = records.audit.verify()
    assert report.faults == ()
    assert report.chains == 1
    assert report.entries >= 40


def test_two_processes_write_at_the_same_time_each_its_chain(
    records: Records, database_url: str, tmp_path: Path
) -> None:
    writers = [writer(database_url, tmp_path, 25) for _ in range(2)]
    assert [each.wait(120) for each in writers] == [0, 0]
    report = records.audit.verify()
    assert report.faults == ()
    assert (report.chains, report.entries) == (2, 50)


def test_a_process_killed_in_the_middle_of_a_write_leaves_a_valid_chain(
    records: Records, database_url: str, tmp_path: Path
) -> None:
    for _ in range(3):
        killed = writer(database_url, tmp_path, 10_000)
        assert killed.stdout is not None
        confirmed = sum(bool(killed.stdout.readline()) for _ in range(10))
        killed.send_signal(signal.SIGKILL)
        confirmed += killed.stdout.read().count("written\n")
        killed.wait(20)
        chain = max(walk(records._database), key=lambda entry: entry.at).chain
        written = [entry for entry in entries_of(records) if entry.chain == chain]
        assert confirmed <= len(written) <= confirmed + 1, "what was confirmed is there"
    assert records.audit.verify().faults == ()


def test_a_chain_whose_end_was_altered_is_left_for_another(records: Records) -> None:
    disclose(records, new_id())
    disclose(records, new_id())
    with records._database.writing() as session:
        session.query(LedgerHeadRow).update({"sequence": 1})
    with pytest.raises(RecordsUnavailable) as refused:
        disclose(records, new_id())
    assert refused.value.kept is not None
    records._database.wake()
    assert records.replay() == 1
    assert len({entry.chain for entry in entries_of(records)}) == 2


def test_the_disclosures_of_an_older_database_move_to_the_ledger(open_records: Opener) -> None:
    kept, gone, at = new_id(), new_id(), datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    old = open_records()
    upgrade(old._database.engine, target=BEFORE)
    with old._database.writing() as session:
        conversation = {"id": kept, "at": at}
        session.execute(text("INSERT INTO conversations VALUES (:id, 'fr', 'web', :at, NULL)"), conversation)
        session.execute(text("INSERT INTO notices VALUES (:mark, 'Une IA.')"), {"mark": MARK})
        for of in (kept, gone):
            session.execute(
                text(
                    "INSERT INTO disclosures VALUES (:id, :of, 'n', '1', 'fr', :mark, 'web', 'issued', :at)"
                ),
                {"id": new_id(), "of": of, "mark": MARK, "at": at},
            )
    new = open_records()
    new.upgrade()
    (disclosure,) = new.disclosures(kept)
    assert disclosure.text == "Une IA."
    assert disclosure.at == at
    assert not new.disclosure_needed(kept, "1", "fr")
    assert new.disclosures(gone) == ()
    assert [entry.details["moved"] for entry in entries_of(new)] == [True, True]
    assert new.audit.verify().faults == ()
