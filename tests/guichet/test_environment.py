"""What each process is told, and what it is not."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from guichet.environment import application_environment, bare_environment, rasa_environment
from guichet.processes import processes, steps
from guichet.settings import Settings, new_secret, secret_fields


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate(
        {"data_dir": tmp_path} | {name: SecretStr(new_secret()) for name in secret_fields()}
    )


def secret_values(settings: Settings, *, but: str = "") -> list[str]:
    return [getattr(settings, name).get_secret_value() for name in secret_fields() if name != but]


def test_no_secret_is_in_the_words_of_a_command(settings: Settings) -> None:
    commands = [process.command for process in processes(settings)] + [
        step.command for step in steps(settings)
    ]
    words = " ".join(word for command in commands for word in command.words)
    assert not [value for value in secret_values(settings) if value in words]


def test_our_processes_know_every_secret(settings: Settings) -> None:
    environment = application_environment(settings)
    for name in secret_fields():
        assert environment[f"GUICHET_{name.upper()}"] == getattr(settings, name).get_secret_value()


def test_rasa_knows_no_secret_but_its_own_and_redis(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_ENCRYPTION_KEY", settings.encryption_key.get_secret_value())
    monkeypatch.setenv("DATABASE_URL", "postgresql://someone:password@db.example/guichet")
    environment = rasa_environment(settings)
    told = " ".join(environment.values())
    assert settings.encryption_key.get_secret_value() not in told
    assert settings.secret_key.get_secret_value() not in told
    assert "db.example" not in told
    assert environment["GUICHET_RASA_SECRET"] == settings.rasa_secret.get_secret_value()
    assert environment["GUICHET_REDIS_URL"] == settings.effective_redis_url


def test_the_redis_server_is_told_nothing_but_its_configuration(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_SECRET_KEY", settings.secret_key.get_secret_value())
    assert not set(secret_values(settings)) & set(bare_environment().values())
    redis = next(process for process in processes(settings) if process.name == "redis")
    assert f"requirepass {settings.redis_password.get_secret_value()}" in redis.command.given


def test_every_python_is_calm(settings: Settings) -> None:
    for environment in (application_environment(settings), rasa_environment(settings)):
        assert environment["OMP_NUM_THREADS"] == "1"
        assert environment["OMP_WAIT_POLICY"] == "passive"
        assert environment["HF_HUB_OFFLINE"] == "1"


def test_children_read_the_same_settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in application_environment(settings).items():
        monkeypatch.setenv(name, value)
    read = Settings()
    assert read.data_dir == settings.data_dir
    assert read.database_url == settings.database_url
    assert read.redis_url == settings.effective_redis_url
    assert read.secret_key == settings.secret_key


def test_a_named_redis_is_not_started(settings: Settings) -> None:
    named = settings.model_copy(update={"redis_url": "redis://redis.example:6379/0"})
    assert "redis" not in [process.name for process in processes(named)]
    assert all("redis" not in process.needs for process in processes(named))


def test_what_each_process_needs_exists(settings: Settings) -> None:
    names = {process.name for process in processes(settings)} | {step.name for step in steps(settings)}
    for process in processes(settings):
        assert set(process.needs) <= names


EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens there in these tests


def test_only_the_gateway_may_leave_the_loopback_interface(settings: Settings) -> None:
    wide = settings.model_copy(update={"gateway_host": EVERYWHERE})
    hosts = {process.name: process.listening.host for process in processes(wide)}
    assert hosts.pop("gateway") == EVERYWHERE
    assert set(hosts.values()) == {"127.0.0.1"}


def test_folders_do_not_depend_on_where_one_stands(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    relative = settings.model_copy(
        update={"content_dir": Path("content"), "bot_dir": Path("bot"), "rasa_python": Path("python3.10")}
    )
    assert application_environment(relative)["GUICHET_CONTENT_DIR"] == str(tmp_path / "content")
    assert rasa_environment(relative)["GUICHET_CONTENT_DIR"] == str(tmp_path / "content")
    rasa = next(process for process in processes(relative) if process.name == "rasa")
    assert rasa.command.folder == tmp_path / "bot"
    assert rasa.command.words[0] == str(tmp_path / "python3.10")
