"""Every setting of the assistant: those of each room, and the supervisor's own.

Each setting is read from the environment variable GUICHET_<NAME>. In development the secrets are made once
and kept in files; anywhere else a missing or weak one stops the process before it serves anybody.
"""

import base64
import binascii
import os
import secrets
from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from actions.settings import ActionsSettings
from api.settings import ApiSettings
from knowledge.settings import KnowledgeSettings
from records.settings import RecordsSettings

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised here, never listened on by default
SHORTEST_SECRET = 32
FERNET_KEY_BYTES = 32
OPTIONAL_SECRETS = frozenset({"smtp_password", "webhook_secret"})
"""Given by somebody else, for what an installation may do without: never made here, never required."""


class Environment(StrEnum):
    """Where the assistant runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SettingsError(ValueError):
    """The assistant may not start with these settings."""


class Settings(ApiSettings, ActionsSettings, KnowledgeSettings, RecordsSettings):
    """All the settings of one installation."""

    model_config = SettingsConfigDict(env_prefix="GUICHET_", extra="ignore", populate_by_name=True)

    environment: Environment = Field(
        Environment.DEVELOPMENT,
        description="development makes missing secrets; production refuses to start without them.",
    )
    bot_dir: Path = Field(ROOT / "bot", description="Folder of the Rasa project.")
    rasa_python: Path | None = Field(
        None, description="Python 3.10 that has Rasa; empty means bot_dir/.venv/bin/python."
    )
    rasa_host: str = Field(LOOPBACK, description="Address Rasa listens on (loopback).")
    rasa_port: int = Field(8005, ge=1, le=65535, description="Port of Rasa.")
    redis_port: int = Field(8079, ge=1, le=65535, description="Port of the embedded Redis server (loopback).")
    redis_password: SecretStr = Field(
        SecretStr(""), description="Password of the embedded Redis server. Generated in development."
    )
    redis_megabytes: int = Field(256, ge=16, description="Memory limit of the embedded Redis server, in MB.")
    tracker_hours: int = Field(
        24, ge=1, description="Hours after which Rasa's memory of a conversation expires."
    )
    start_seconds: float = Field(
        180, gt=0, description="Longest wait for the processes to be ready, in seconds."
    )
    stop_seconds: float = Field(
        10, gt=0, description="Time a process has to stop before it is killed, in seconds."
    )
    silent_seconds: float = Field(
        60, gt=0, description="A process that answers no health check for this long is restarted, in seconds."
    )

    @property
    def uses_embedded_redis(self) -> bool:
        """Whether no Redis server was named, so that the supervisor starts its own."""
        return not self.redis_url

    @property
    def effective_redis_url(self) -> str:
        """The Redis server to use; holds a password, so never log it."""
        if self.redis_url:
            return self.redis_url
        return f"redis://:{self.redis_password.get_secret_value()}@{LOOPBACK}:{self.redis_port}/0"

    @property
    def effective_rasa_url(self) -> str:
        """The address of Rasa."""
        return self.rasa_url or f"http://{self.rasa_host}:{self.rasa_port}"

    @property
    def effective_actions_url(self) -> str:
        """The address of the action server."""
        return self.actions_url or f"http://{self.actions_host}:{self.actions_port}"

    @property
    def effective_rasa_python(self) -> Path:
        """The interpreter that runs Rasa."""
        return (self.rasa_python or self.bot_dir / ".venv" / "bin" / "python").absolute()

    @property
    def gateway_url(self) -> str:
        """The address of the gateway on this machine."""
        host = LOOPBACK if self.gateway_host in EVERYWHERE else self.gateway_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.gateway_port}"


def secret_fields() -> tuple[str, ...]:
    """Return the names of the settings that are secrets."""
    return tuple(name for name, field in Settings.model_fields.items() if field.annotation is SecretStr)


def own_secrets() -> tuple[str, ...]:
    """Return the names of the secrets that an installation makes for itself."""
    return tuple(name for name in secret_fields() if name not in OPTIONAL_SECRETS)


def new_secret() -> str:
    """Return a random secret that also serves as a Fernet key (32 bytes, URL-safe base 64)."""
    return base64.urlsafe_b64encode(secrets.token_bytes(FERNET_KEY_BYTES)).decode()


def kept_secret(folder: Path, name: str) -> str:
    """Return the secret kept in `folder/name`, made the first time, readable by its owner only."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    # Written aside and linked: of two processes that start at once, both read the one that came first.
    draft = folder / f".{name}.{os.getpid()}"
    if not path.exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(new_secret())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()


def is_fernet_key(text: str) -> bool:
    """Say whether `text` is a Fernet key, or several separated by commas."""
    try:
        return all(len(base64.urlsafe_b64decode(part)) == FERNET_KEY_BYTES for part in text.split(","))
    except (binascii.Error, ValueError):
        return False


def weakness(settings: Settings, name: str) -> str | None:
    """Return what is wrong with the secret `name`, or None."""
    value: str = getattr(settings, name).get_secret_value()
    if not value:
        return "is not set"
    if name == "encryption_key":
        return None if is_fernet_key(value) else "is no Fernet key (32 bytes in URL-safe base 64)"
    return f"is shorter than {SHORTEST_SECRET} characters" if len(value) < SHORTEST_SECRET else None


def required_secrets(settings: Settings) -> tuple[str, ...]:
    """Return the secrets this installation uses."""
    unused = set() if settings.uses_embedded_redis else {"redis_password"}
    return tuple(name for name in own_secrets() if name not in unused)


def load_settings() -> Settings:
    """Read the settings from the environment; in development, make the secrets that are missing.

    A `data_dir` that nobody set is the var/ folder of the repository, wherever the command is run from.

    Raises:
        SettingsError: Outside development, a secret is missing or weak.
        pydantic.ValidationError: A value is not of its type.
    """
    first = Settings()
    data_dir = first.data_dir if "data_dir" in first.model_fields_set else ROOT / first.data_dir
    # Built again rather than changed, so that what derives from the folder follows it.
    settings = Settings(data_dir=data_dir.absolute())
    if settings.environment is Environment.DEVELOPMENT:
        return Settings.model_validate(
            settings.model_dump(include=settings.model_fields_set) | development_secrets(settings)
        )
    faults = {name: weakness(settings, name) for name in required_secrets(settings)}
    described = [f"GUICHET_{name.upper()} {fault}" for name, fault in faults.items() if fault]
    if described:
        raise SettingsError("; ".join(described) + ". `guichet secrets` prints new ones.")
    return settings


def development_secrets(settings: Settings) -> dict[str, SecretStr]:
    """Return a kept secret for each one that is used and was not given."""
    folder = settings.data_dir / "secrets"
    missing = (name for name in required_secrets(settings) if not getattr(settings, name).get_secret_value())
    return {name: SecretStr(kept_secret(folder, name)) for name in missing}
