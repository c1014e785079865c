from pathlib import Path

import pytest

from records import RecordsSettings


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "GUICHET_DATABASE_URL", "GUICHET_DATA_DIR", "GUICHET_SPOOL_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_everything_is_in_data_dir_by_default(tmp_path: Path) -> None:
    settings = RecordsSettings(data_dir=tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/guichet.db"
    assert settings.spool_dir == tmp_path / "spool"
    assert settings.transcript_days == 30


def test_the_usual_variable_names_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/one")
    assert RecordsSettings().database_url == "postgresql://localhost/one"
    monkeypatch.setenv("GUICHET_DATABASE_URL", "postgresql://localhost/two")
    assert RecordsSettings().database_url == "postgresql://localhost/two"


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GUICHET_SPOOL_DIR", str(tmp_path))
    monkeypatch.setenv("GUICHET_TRANSCRIPT_DAYS", "7")
    monkeypatch.setenv("GUICHET_ENCRYPTION_KEY", "secret")
    settings = RecordsSettings()
    assert settings.spool_dir == tmp_path
    assert settings.transcript_days == 7
    assert "secret" not in repr(settings)


def test_every_setting_is_described() -> None:
    assert all(field.description for field in RecordsSettings.model_fields.values())
