"""Records on SQLite and on a real PostgreSQL: every test that asks for `records` runs on both."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from records import Records, RecordsSettings
from tests.postgres import drop_database, new_database, postgres_url

__all__ = ["postgres_url"]

KEY = Fernet.generate_key().decode()
LEDGER_KEY = "the-ledger-s-key-of-the-tests-0123456789"

Opener = Callable[..., Records]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'records.db'}"
        return
    server = request.getfixturevalue("postgres_url")
    url = new_database(server)
    yield url
    drop_database(server, url)


@pytest.fixture
def open_records(database_url: str, tmp_path: Path) -> Iterator[Opener]:
    """Opens records on the same database, as several processes would."""
    opened: list[Records] = []

    def opener(**settings: object) -> Records:
        values = {
            "data_dir": tmp_path,
            "database_url": database_url,
            "encryption_key": KEY,
            "ledger_key": LEDGER_KEY,
            **settings,
        }
        opened.append(Records(RecordsSettings(**values)))
        return opened[-1]

    yield opener
    for records in opened:
        records.close()


@pytest.fixture
def records(open_records: Opener) -> Records:
    """Records whose tables are there."""
    opened = open_records()
    opened.upgrade()
    return opened
