"""The gateway anchors its ledger while it runs: to a file, to an address, whatever fails meanwhile."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from structlog.testing import capture_logs

from api.anchoring import anchoring
from records.anchors import read_book
from records.entries import new_id
from records.settings import RecordsSettings
from records.store import Records
from tests.records.conftest import LEDGER_KEY
from tests.records.test_audit import receiving
from tests.records.test_ledger import disclose

BOOK = "anchors.jsonl"


@pytest.fixture(autouse=True)
def _rounds_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.anchoring.LOOK_EVERY_SECONDS", 0.02)


def opened(data_dir: Path, anchor: str = "") -> Records:
    """Records with one entry in their ledger."""
    key = Fernet.generate_key().decode()
    settings = RecordsSettings(data_dir=data_dir, encryption_key=key, ledger_key=LEDGER_KEY, anchor=anchor)
    records = Records(settings)
    records.upgrade()
    disclose(records, new_id())
    return records


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with opened(tmp_path) as kept:
        yield kept


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not happened():  # noqa: ASYNC110 - a file and a thread of another give no event
            await asyncio.sleep(0.02)


async def test_an_anchor_is_made_and_a_gateway_that_stops_anchors_what_is_left(
    records: Records, tmp_path: Path
) -> None:
    book = tmp_path / BOOK
    async with anchoring(records):
        await until(lambda: book.exists() and book.stat().st_size > 0)
        disclose(records, new_id())  # within the hour: no round anchors it
        await asyncio.sleep(0.1)
        assert len(read_book(book)) == 1
    assert len(read_book(book)) == 2
    assert records.audit.verify().unanchored == 1, "the note of the last anchor"
    async with anchoring(records):
        pass
    assert len(read_book(book)) == 2, "nothing was told since"


async def test_an_address_that_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    with receiving() as (receiver, address), opened(tmp_path, address) as records, capture_logs() as logs:
        receiver.status = 503
        async with anchoring(records):
            await until(lambda: sum("503" in str(line.get("reason")) for line in logs) > 1)
            assert records.audit.state().unsent == 1
            assert not receiver.received
            receiver.status = 204
            await until(lambda: bool(receiver.received))
        assert receiver.received == [(tmp_path / BOOK).read_bytes()], "once"
        assert records.audit.state().unsent == 0
    assert {line["event"] for line in logs if line["log_level"] == "warning"} == {"ledger_not_anchored"}


async def test_a_round_that_fails_unforeseen_is_not_the_last(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    due, rounds = records.audit.anchor_if_due, iter([ValueError("unforeseen")])

    def fails_once() -> object:
        for error in rounds:
            raise error
        return due()

    monkeypatch.setattr(records.audit, "anchor_if_due", fails_once)
    async with anchoring(records):
        await until((tmp_path / BOOK).exists)
