"""Kills a process between every two lines of the spool, and checks that nothing is lost and nothing doubled.

Run by test_spool.py in a process of its own (it forks): `python -m tests.records.crash FOLDER STEP`. For
each line, a fork records entries while SQL is down, notes those that were accepted, replays them, and is
killed with SIGKILL when it comes to that line; another fork then replays, and the database must hold every
accepted entry, each once. Prints how many lines were tried.
"""

import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import select

from records import (
    Channel,
    DisclosureEvent,
    HandoffKind,
    HandoffRequest,
    Records,
    RecordsSettings,
    RecordsUnavailable,
    TurnStatus,
)
from records.entries import new_id
from records.tables import ConversationRow, HandoffRow, LedgerRow, TurnRow

TRACED = ("records/spool.py", "records/store.py", "records/replaying.py", "records/ledger.py")
KEY = Fernet.generate_key().decode()


def open_records(folder: Path) -> Records:
    return Records(
        RecordsSettings(
            data_dir=folder,
            encryption_key=KEY,
            ledger_key=KEY,
            database_url=f"sqlite:///{folder}/records.db",
        )
    )


def record_while_sql_is_down(records: Records, accepted: Path) -> None:
    """Make one call of each kind that is kept; note each entry once its call has told it was kept."""
    conversation_id = new_id()

    def note(error: RecordsUnavailable) -> Any:
        entry = error.kept
        assert entry is not None
        name = getattr(entry, "turn_id", None) or entry.id  # type: ignore[union-attr] - every entry has one
        with accepted.open("a") as file:
            file.write(f"{type(entry).__name__} {name}\n")
        return entry

    try:
        records.start_conversation("fr", conversation_id=conversation_id)
    except RecordsUnavailable as error:
        note(error)
    try:
        records.record_disclosure(
            conversation_id,
            notice_id="ai-notice",
            version="1",
            language="fr",
            text="Une intelligence artificielle vous répond.",
            channel=Channel.WEB,
            event=DisclosureEvent.ISSUED,
        )
    except RecordsUnavailable as error:
        note(error)
    try:
        records.open_turn(conversation_id, "m1", "bonjour", "fr")
    except RecordsUnavailable as error:
        turn_id = note(error).turn_id
    try:
        records.answer_turn(turn_id, {"status": "degraded"}, TurnStatus.DEGRADED)
    except RecordsUnavailable as error:
        note(error)
    try:
        records.record_routing(conversation_id, service_id="accueil", topic="apa", reason="topic")
    except RecordsUnavailable as error:
        note(error)
    try:
        contact = {"phone": "06 39 98 01 02"}
        records.create_handoff(
            HandoffRequest(conversation_id, HandoffKind.CALLBACK, "fr", "accueil", contact=contact)
        )
    except RecordsUnavailable as error:
        note(error)


def scenario(folder: Path, deadly_line: int) -> None:
    """Record, then replay; die at the given line."""
    records = open_records(folder)
    records._database._resting_until = float("inf")
    seen = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal seen
        if not frame.f_code.co_filename.endswith(TRACED):
            return None
        if event == "line":
            seen += 1
            if seen == deadly_line:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    record_while_sql_is_down(records, folder / "accepted")
    records._database.wake()
    records.replay()
    sys.settrace(None)


def in_a_fork(work: Any, *arguments: Any) -> int:
    """Return how the fork ended: 0, or minus the signal that killed it."""
    child = os.fork()
    if child == 0:
        try:
            work(*arguments)
        except BaseException:  # noqa: BLE001 - whatever it is, the parent must hear of it
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def check(folder: Path) -> None:
    """Replay what the dead process left; every accepted entry must be in SQL, and no row twice."""
    records = open_records(folder)
    records.replay()
    assert records.replay() == 0
    assert records.spooled() == 0, "the spool is empty once replayed"
    assert [file.name for file in (folder / "spool").glob("*.replay")] == []
    accepted = (folder / "accepted").read_text().split("\n")[:-1] if (folder / "accepted").exists() else []
    with records._database.reading() as session:
        held = {
            "Conversation": list(session.scalars(select(ConversationRow.id))),
            "Turn": list(session.scalars(select(TurnRow.turn_id))),
            "Answer": list(session.scalars(select(TurnRow.turn_id).where(TurnRow.answered_at.is_not(None)))),
            "Disclosure": list(session.scalars(select(LedgerRow.id).where(LedgerRow.kind == "issued"))),
            "Routing": list(session.scalars(select(LedgerRow.id).where(LedgerRow.kind == "routed"))),
            "Handoff": list(session.scalars(select(HandoffRow.id))),
        }
    for line in accepted:
        kind, name = line.split()
        assert name in held[kind], f"lost: {line}"
    for kind, names in held.items():
        assert len(names) <= 1, f"doubled: {kind}"
    assert records.audit.verify().faults == ()


def main(folder: Path, step: int) -> int:
    (folder / "model").mkdir()
    with open_records(folder / "model") as records:
        records.upgrade()
    deadly_line, ended = 1, -signal.SIGKILL
    while ended == -signal.SIGKILL:
        place = folder / str(deadly_line)
        shutil.copytree(folder / "model", place)
        ended = in_a_fork(scenario, place, deadly_line)
        if ended not in (0, -signal.SIGKILL) or in_a_fork(check, place) != 0:
            print(f"line {deadly_line}: {ended}", file=sys.stderr)
            return 1
        shutil.rmtree(place)
        deadly_line += step
    print(deadly_line // step)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
