"""`guichet audit`, as an administrator types it."""

import json
import sqlite3
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from guichet.doctor import check_anchors
from guichet.settings import Settings
from records import Records, RecordsSettings
from tests.guichet.test_cli import Done, guichet
from tests.records.conftest import LEDGER_KEY
from tests.records.test_ledger import converse

ENCRYPTION_KEY = Fernet.generate_key().decode()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data folder whose ledger holds two conversations."""
    settings = RecordsSettings(data_dir=tmp_path, encryption_key=ENCRYPTION_KEY, ledger_key=LEDGER_KEY)
    with Records(settings) as records:
        records.upgrade()
        converse(records)
        converse(records)
    return tmp_path


def audit(data_dir: Path, *words: str) -> Done:
    keys = {"GUICHET_LEDGER_KEY": LEDGER_KEY, "GUICHET_ENCRYPTION_KEY": ENCRYPTION_KEY}
    return guichet("audit", *words, data_dir=data_dir, settings=keys)


def anchors_found(data_dir: Path, ledger_key: str = LEDGER_KEY) -> tuple[str, str]:
    """What the doctor says of the anchors: the status, and in words."""
    settings = Settings(data_dir=data_dir, encryption_key=ENCRYPTION_KEY, ledger_key=ledger_key)
    (found,) = check_anchors(settings)
    return found.status.value, found.detail


def test_the_doctor_looks_at_the_key_and_at_the_anchors(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert anchors_found(data_dir, "short")[0] == "FAULT"
    assert anchors_found(data_dir) == ("ok", "none yet")
    with monkeypatch.context() as changed:
        changed.setattr("records.audit.ANCHOR_EVERY", -1.0)
        assert anchors_found(data_dir)[0] == "FAULT", "nobody anchors what was told long ago"
    settings = RecordsSettings(data_dir=data_dir, encryption_key=ENCRYPTION_KEY, ledger_key=LEDGER_KEY)
    with Records(settings) as records:
        records.audit.anchor()
    status, detail = anchors_found(data_dir)
    assert status == "ok"
    assert "the last is number 1 of 20" in detail
    monkeypatch.setattr("records.audit.ANCHOR_EVERY", -1.0)
    assert anchors_found(data_dir)[0] == "ok", "a ledger at rest needs no new anchor"
    book = data_dir / "anchors.jsonl"
    book.write_text(book.read_text().replace('"number": 1', '"number": 2'))
    assert anchors_found(data_dir)[0] == "FAULT"


def test_the_doctor_makes_no_database(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, encryption_key=ENCRYPTION_KEY, ledger_key=LEDGER_KEY)
    assert list(check_anchors(settings)) == []
    assert not (tmp_path / "guichet.db").exists()


def test_what_nobody_touched_is_verified(data_dir: Path) -> None:
    assert audit(data_dir, "anchor").stdout.startswith("anchor 1 of book ")
    done = audit(data_dir, "verify")
    assert (done.returncode, "nothing was changed, removed or moved" in done.stdout) == (0, True)
    report = json.loads(audit(data_dir, "verify", "--json").stdout)
    assert (report["faults"], report["anchors"]) == ([], 1)
    assert report["entries"] > 4


def test_a_changed_entry_ends_the_command_with_1(data_dir: Path) -> None:
    audit(data_dir, "anchor")
    with sqlite3.connect(data_dir / "guichet.db") as database:
        database.execute("DROP TRIGGER ledger_no_update")
        database.execute("UPDATE ledger SET at = '2020-01-01T00:00:00.000000+00:00' WHERE sequence = 2")
    done = audit(data_dir, "verify")
    assert done.returncode == 1
    assert "entry 2:" in done.stdout
    assert "nothing was changed" not in done.stdout


def test_an_export_is_verified_without_the_key_nor_the_database(data_dir: Path, tmp_path: Path) -> None:
    audit(data_dir, "anchor")
    file = tmp_path / "ledger.jsonl"
    assert audit(data_dir, "export", "--output", str(file)).returncode == 0
    assert "ma mère" not in file.read_text(encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    done = guichet("audit", "verify", "--export", str(file), data_dir=elsewhere)
    assert (done.returncode, "the seals were not checked" in done.stdout) == (0, True)
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    entry = next(number for number, line in enumerate(lines) if '"mds-nord"' in line)
    lines[entry] = lines[entry].replace("mds-nord", "mds-sud")
    file.write_text("".join(lines), encoding="utf-8")
    assert guichet("audit", "verify", "--export", str(file), data_dir=elsewhere).returncode == 1


def test_a_file_that_is_no_export_is_named(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("hello\n", encoding="utf-8")
    done = guichet("audit", "verify", "--export", str(file), data_dir=tmp_path)
    assert (done.returncode, "notes.txt" in done.stderr) == (2, True)
