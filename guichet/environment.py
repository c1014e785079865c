"""The environment variables that each process of the assistant gets."""

import os
from collections.abc import Mapping

from pydantic import SecretStr

from guichet.settings import Settings, secret_fields

CALM = {
    # A busy neighbour on the same cores must not turn an embedding of 18 ms into 1.7 s (measured).
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "passive",
    "TOKENIZERS_PARALLELISM": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "HF_HUB_OFFLINE": "1",
    "PYTHONUNBUFFERED": "1",
}
QUIET_RASA = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SANIC_NO_UVLOOP": "false",
    "SANIC_ACCESS_LOG": "false",
    "SANIC_MOTD": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
}
# Compiled once and kept: without it each start of Rasa compiles TensorFlow again.
UNSET = ("PYTHONDONTWRITEBYTECODE",)
# Names read by the settings under a second name: only the GUICHET_ one goes on to the processes.
ALIASES = ("DATABASE_URL", "REDIS_URL")


def _without_secrets(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the inherited variables less what a process must only get by name."""
    hidden = {f"GUICHET_{name.upper()}" for name in (*secret_fields(), "database_url", "redis_url")}
    left_out = {*hidden, *ALIASES, *UNSET}
    return {name: value for name, value in inherited.items() if name not in left_out}


def _as_variables(**values: object) -> dict[str, str]:
    plain = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
    }
    return {f"GUICHET_{name.upper()}": value for name, value in plain.items()}


def application_environment(settings: Settings) -> dict[str, str]:
    """Return the variables of our own processes, which know every secret."""
    return (
        _without_secrets(os.environ)
        | CALM
        | _as_variables(
            environment=settings.environment.value,
            data_dir=settings.data_dir,
            content_dir=settings.content_dir.absolute(),  # our processes run in another folder than the user
            database_url=settings.database_url,
            redis_url=settings.effective_redis_url,
            rasa_url=settings.effective_rasa_url,
            actions_url=settings.effective_actions_url,
            **{name: getattr(settings, name) for name in secret_fields()},
        )
    )


def rasa_environment(settings: Settings) -> dict[str, str]:
    """Return the variables of Rasa: no key of ours but the one it shares with the gateway."""
    return (
        _without_secrets(os.environ)
        | CALM
        | QUIET_RASA
        | _as_variables(
            data_dir=settings.data_dir,
            content_dir=settings.content_dir.absolute(),
            redis_url=settings.effective_redis_url,
            actions_url=settings.effective_actions_url,
            rasa_secret=settings.rasa_secret,
            tracker_hours=settings.tracker_hours,
        )
    )


def bare_environment() -> dict[str, str]:
    """Return the variables of a program that is not ours."""
    return _without_secrets(os.environ)
