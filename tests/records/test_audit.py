"""Each kind of tampering is found; anchors leave the machine; an export is verified without our code."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from records import AnchorFailed, BadExport, Records, Sealer, verify_export
from records.anchors import read_book
from records.chain import LedgerEntry
from records.entries import new_id
from records.ledger import walk
from tests.records.conftest import LEDGER_KEY, Opener
from tests.records.test_ledger import converse, disclose

Tamper = Callable[[Session], object]


@pytest.fixture
def anchored(records: Records) -> Records:
    """Twelve entries of one chain, an anchor, and three more with the anchor's own."""
    for _ in range(4):
        converse(records)
    records.audit.anchor()
    disclose(records, new_id())
    disclose(records, new_id())
    assert records.audit.verify().faults == ()
    return records


def tamper(records: Records, *statements: str) -> None:
    """Change the tables as somebody who holds the database can: triggers do not stop them."""
    with records._database.writing() as session:
        for event in ("update", "delete"):
            on = " ON ledger" if session.get_bind().dialect.name == "postgresql" else ""
            session.execute(text(f"DROP TRIGGER ledger_no_{event}{on}"))
        for statement in statements:
            session.execute(text(statement))


def found(records: Records) -> list[tuple[int | None, str]]:
    return [(fault.sequence, fault.what) for fault in records.audit.verify().faults]


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'displayed'",
        "at = '2020-01-01T00:00:00.000000+00:00'",
        "pseudonym = NULL",
        'details = \'{"version": "9"}\'',
        "details = 'no JSON'",
        "id = 'another'",
        "hash = REPLACE(hash, SUBSTR(hash, 1, 1), 'x')",
        "seal = REPLACE(seal, SUBSTR(seal, 1, 1), 'x')",
    ],
)
def test_a_changed_field_is_found(anchored: Records, change: str) -> None:
    tamper(anchored, f"UPDATE ledger SET {change} WHERE sequence = 4")  # noqa: S608 - the test's own words
    places = {sequence for sequence, _ in found(anchored)}
    assert 4 in places
    assert places <= {4, 5}, "only there, and where the next entry refers to it"


def test_a_removed_entry_is_found(anchored: Records) -> None:
    tamper(anchored, "DELETE FROM ledger WHERE sequence BETWEEN 5 AND 6")
    assert found(anchored) == [(5, "removed: entries 5 to 6 are missing")]


def test_swapped_entries_are_found(anchored: Records) -> None:
    tamper(
        anchored,
        "UPDATE ledger SET sequence = 99 WHERE sequence = 4",
        "UPDATE ledger SET sequence = 4 WHERE sequence = 5",
        "UPDATE ledger SET sequence = 5 WHERE sequence = 99",
    )
    assert {(4, "changed: its hash is not that of what it says")} < set(found(anchored))
    assert {(5, "changed: its hash is not that of what it says")} < set(found(anchored))


def test_a_tail_cut_after_an_anchor_is_found_even_when_the_head_follows(anchored: Records) -> None:
    tamper(
        anchored,
        "DELETE FROM ledger WHERE sequence > 10",
        "UPDATE ledger_heads SET sequence = 10, hash = (SELECT hash FROM ledger WHERE sequence = 10)",
    )
    ((sequence, what),) = found(anchored)
    assert sequence == 11
    assert what.startswith("cut: the chain ends at 10, and the anchor of ")


def test_a_whole_chain_removed_is_found(anchored: Records) -> None:
    tamper(anchored, "DELETE FROM ledger", "DELETE FROM ledger_heads")
    assert [what.split(",")[0] for _, what in found(anchored)] == ["cut: the chain ends at 0"]


def test_a_tail_cut_carelessly_is_found_without_any_anchor(records: Records) -> None:
    converse(records)
    tamper(records, "DELETE FROM ledger WHERE sequence = 3")
    assert found(records) == [(3, "cut: the chain ends at 2, and 3 were written")]


def test_what_came_after_the_last_anchor_can_be_cut_unseen_and_the_report_counts_it(
    anchored: Records,
) -> None:
    assert anchored.audit.verify().unanchored == 3
    tamper(
        anchored,
        "DELETE FROM ledger WHERE sequence > 12",
        "UPDATE ledger_heads SET sequence = 12, hash = (SELECT hash FROM ledger WHERE sequence = 12)",
    )
    assert found(anchored) == []


def test_an_entry_added_without_the_key_is_found(anchored: Records) -> None:
    last = list(walk(anchored._database))[-1]
    unsealed = LedgerEntry(last.chain, last.sequence + 1, "forged", "issued", last.at, None, {}, last.hash)
    values = vars(unsealed) | {"hash": unsealed.own_hash(), "seal": "0" * 64, "details": "{}"}
    with anchored._database.writing() as session:
        session.execute(
            text(
                "INSERT INTO ledger VALUES (:chain, :sequence, :id, :kind, :at, :pseudonym, :details,"
                " :previous, :hash, :seal)"
            ),
            values,
        )
    assert (last.sequence + 1, "written without the key: its seal is wrong") in found(anchored)


def test_a_changed_notice_is_found(anchored: Records) -> None:
    with anchored._database.writing() as session:
        on = " ON notices" if session.get_bind().dialect.name == "postgresql" else ""
        session.execute(text(f"DROP TRIGGER notices_no_update{on}"))
        session.execute(text("UPDATE notices SET text = 'Une personne vous répond.'"))
    assert any("the text of its notice" in what for _, what in found(anchored))


def test_a_rewritten_anchor_is_found(anchored: Records, tmp_path: Path) -> None:
    book = tmp_path / "anchors.jsonl"
    told = json.loads(book.read_text())
    told["heads"][0]["sequence"] = 3
    book.write_text(json.dumps(told) + "\n")
    whats = [what for _, what in found(anchored)]
    assert any(what.endswith("was changed: its hash is not that of what it says") for what in whats)


def test_anchors_replaced_removed_or_reordered_are_found(anchored: Records, tmp_path: Path) -> None:
    book = tmp_path / "anchors.jsonl"
    anchored.audit.anchor()
    disclose(anchored, new_id())
    anchored.audit.anchor()
    assert found(anchored) == []
    first, second, third = book.read_bytes().splitlines(keepends=True)
    for lines in (
        [first, third],
        [second, first, third],
        [first, b"{}\n", third],
        [third],
        [],
    ):
        book.write_bytes(b"".join(lines))
        assert found(anchored), lines
    book.unlink()
    assert any("anchor 3 of book" in what for _, what in found(anchored))
    copy = tmp_path / "kept-elsewhere.jsonl"
    copy.write_bytes(first + second + third)
    assert anchored.audit.verify([copy]).faults == ()


def test_an_anchor_is_written_every_hour_and_only_when_something_was_added(
    records: Records, tmp_path: Path
) -> None:
    assert records.audit.anchor_if_due() is None, "nothing to anchor yet"
    converse(records)
    book = tmp_path / "anchors.jsonl"
    book.unlink(missing_ok=True)
    first = records.audit.anchor_if_due()
    assert first is not None
    assert [head.sequence for head in first.heads] == [3]
    assert records.audit.anchor_if_due() is None
    os.utime(book, (0, 0))
    entries = records.audit.verify().entries
    assert records.audit.anchor_if_due() is None, "that the first was made asks for no second"
    assert records.audit.verify().entries == entries
    disclose(records, new_id())
    second = records.audit.anchor_if_due()
    assert second is not None
    assert (second.number, second.previous) == (2, first.hash)


def test_a_line_torn_by_a_crash_is_cut_off(anchored: Records, tmp_path: Path) -> None:
    book = tmp_path / "anchors.jsonl"
    whole = book.read_bytes()
    book.write_bytes(whole + whole[:100])
    assert found(anchored) == []
    assert anchored.audit.anchor() is not None
    assert [anchor and anchor.number for anchor in read_book(book)] == [1, 2]


def test_a_book_that_cannot_be_written_is_told(open_records: Opener, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    records = open_records(anchor=str(tmp_path / "folder"))
    records.upgrade()
    converse(records)
    with pytest.raises(AnchorFailed, match="folder"):
        records.audit.anchor()


class Receiver(BaseHTTPRequestHandler):
    received: list[bytes]
    status = 204

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.status == 204:
            self.received.append(body)
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@contextmanager
def receiving() -> Iterator[tuple[type[Receiver], str]]:
    """An address of anchors, and what it got."""

    class Own(Receiver):
        received: list[bytes] = []  # noqa: RUF012 - one test's own class

    server = HTTPServer(("127.0.0.1", 0), Own)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Own, f"http://127.0.0.1:{server.server_port}/anchors"
    server.shutdown()
    server.server_close()


@pytest.fixture
def receiver() -> Iterator[tuple[type[Receiver], str]]:
    with receiving() as opened:
        yield opened


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_address_gets_every_anchor_in_order_even_after_it_was_down(
    open_records: Opener, receiver: tuple[type[Receiver], str], tmp_path: Path
) -> None:
    handler, address = receiver
    records = open_records(anchor=address)
    records.upgrade()
    handler.status = 503
    for _ in range(2):
        converse(records)
        with pytest.raises(AnchorFailed, match="503"):
            records.audit.anchor()
    assert records.audit.state().unsent == 2
    handler.status = 204
    assert records.audit.anchor_if_due() is None
    assert records.audit.state().unsent == 0
    assert records.audit.deliver() == 0, "it has them"
    assert b"".join(handler.received) == (tmp_path / "anchors.jsonl").read_bytes()
    assert len(handler.received) == 2


def export(records: Records, tmp_path: Path) -> Path:
    file = tmp_path / "export.jsonl"
    file.write_text("".join(f"{line}\n" for line in records.audit.export()))
    return file


def test_an_export_is_verified_without_the_database(anchored: Records, tmp_path: Path) -> None:
    file = export(anchored, tmp_path)
    report = verify_export(file)
    assert (report.faults, report.entries, report.seals_checked) == ((), 15, False)
    assert verify_export(file, [tmp_path / "anchors.jsonl"], Sealer(LEDGER_KEY)).faults == ()
    wrong_key = verify_export(file, sealer=Sealer("x" * 32))
    assert len(wrong_key.faults) == report.entries + report.anchors
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:-5], *lines[-4:]]))
    assert [fault.what for fault in verify_export(file).faults] == ["removed: entries 11 to 11 are missing"]


def test_an_export_is_verified_by_what_its_first_line_says(anchored: Records, tmp_path: Path) -> None:
    head, *lines = map(json.loads, export(anchored, tmp_path).read_text().splitlines())
    assert "SHA-256" in head["how_to_check"]
    hashes: dict[tuple[str, int], str] = {}
    for line in lines:
        if line.pop("type") == "entry":
            said, _ = line.pop("hash"), line.pop("seal")
            ours = sha256(json.dumps(line, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
            assert said == ours
            assert line["previous"] == hashes.get((line["chain"], line["sequence"] - 1), "0" * 64)
            hashes[line["chain"], line["sequence"]] = said
    (anchor,) = (line for line in lines if "heads" in line)
    for end in anchor["heads"]:
        assert hashes[end["chain"], end["sequence"]] == end["hash"]


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for content in ("", "[]", "{}\n", '{"type": "ledger", "format": 1}\n{"type": "entry"}\n', "\x00"):
        file.write_text(content)
        with pytest.raises(BadExport):
            verify_export(file)
    with pytest.raises(BadExport):
        verify_export(tmp_path / "not-there")
