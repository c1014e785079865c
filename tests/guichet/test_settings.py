"""The settings of all rooms together, and the secrets."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from guichet.settings import (
    ROOT,
    Environment,
    Settings,
    SettingsError,
    is_fernet_key,
    kept_secret,
    load_settings,
    new_secret,
    own_secrets,
    required_secrets,
)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.startswith("GUICHET_") or name in ("REDIS_URL", "DATABASE_URL"):
            monkeypatch.delenv(name)


def test_secrets_are_made_once_and_kept_for_their_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_DATA_DIR", str(tmp_path))
    first, second = load_settings(), load_settings()
    for name in own_secrets():
        value = getattr(first, name).get_secret_value()
        assert len(value) >= 32
        assert value == getattr(second, name).get_secret_value()
        assert stat.S_IMODE((tmp_path / "secrets" / name).stat().st_mode) == 0o600
    assert len({getattr(first, name).get_secret_value() for name in own_secrets()}) == len(own_secrets())


def test_secrets_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_DATA_DIR", str(tmp_path))
    settings = load_settings()
    assert settings.rasa_secret.get_secret_value() not in repr(settings)


def test_production_refuses_to_start_without_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GUICHET_ENVIRONMENT", "production")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    for name in own_secrets():
        assert f"GUICHET_{name.upper()} is not set" in str(caught.value)
    assert not (tmp_path / "secrets").exists()


def test_production_starts_with_its_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GUICHET_ENVIRONMENT", "production")
    for name in own_secrets():
        monkeypatch.setenv(f"GUICHET_{name.upper()}", new_secret())
    assert load_settings().environment is Environment.PRODUCTION


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("secret_key", "change-me", "shorter than 32 characters"),
        ("encryption_key", "x" * 44, "no Fernet key"),
    ],
)
def test_production_refuses_a_weak_secret(
    name: str, value: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GUICHET_ENVIRONMENT", "production")
    for other in own_secrets():
        monkeypatch.setenv(f"GUICHET_{other.upper()}", new_secret())
    monkeypatch.setenv(f"GUICHET_{name.upper()}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert f"GUICHET_{name.upper()} is {words}" in str(caught.value)
    assert value not in str(caught.value)


def test_a_named_redis_needs_no_embedded_password(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "redis_password" in required_secrets(Settings())
    monkeypatch.setenv("REDIS_URL", "redis://redis.example:6379/0")
    settings = Settings()
    assert "redis_password" not in required_secrets(settings)
    assert not settings.uses_embedded_redis
    assert settings.effective_redis_url == "redis://redis.example:6379/0"


def test_the_data_folder_is_of_the_repository_wherever_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in own_secrets():
        monkeypatch.setenv(f"GUICHET_{name.upper()}", new_secret())
    settings = load_settings()
    assert settings.data_dir == ROOT / "var"
    assert settings.database_url == f"sqlite:///{ROOT / 'var' / 'guichet.db'}"


def test_a_data_folder_that_is_set_is_relative_to_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GUICHET_DATA_DIR", "here")
    settings = load_settings()
    assert settings.data_dir == tmp_path / "here"
    assert settings.database_url == f"sqlite:///{tmp_path / 'here' / 'guichet.db'}"


def test_new_secrets_are_fernet_keys() -> None:
    Fernet(new_secret())
    assert is_fernet_key(f"{new_secret()},{new_secret()}")
    assert not is_fernet_key("short")


def test_two_processes_that_start_at_once_keep_the_same_secret(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys; from guichet.settings import kept_secret;"
        "print(kept_secret(pathlib.Path(sys.argv[1]), 'key'))"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    read = {process.communicate()[0].strip() for process in both}
    assert read == {kept_secret(tmp_path, "key")}
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_the_gateway_is_asked_on_this_machine() -> None:
    everywhere = Settings(gateway_host="0.0.0.0", gateway_port=1234)  # noqa: S104 - nothing listens there
    assert everywhere.gateway_url == "http://127.0.0.1:1234"
    assert Settings(gateway_host="::1", gateway_port=1234).gateway_url == "http://[::1]:1234"


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
