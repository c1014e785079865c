"""Settings of the gateway."""

from __future__ import annotations

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ApiSettings(BaseSettings):
    """Where the gateway listens, whom it lets in, how long a turn may take."""

    model_config = SettingsConfigDict(env_prefix="GUICHET_", extra="ignore", populate_by_name=True)

    gateway_host: str = Field(default="127.0.0.1", description="Address the gateway listens on.")
    gateway_port: int = Field(default=8000, ge=1, le=65535, description="Port of the gateway.")
    public_url: str = Field(
        default="",
        description="Address residents reach the gateway at; empty: http://<gateway_host>:<gateway_port>.",
    )
    allowed_origins: tuple[str, ...] = Field(
        default=(),
        description="Origins of the sites that embed the widget, besides the gateway's own (JSON list).",
    )
    trusted_proxies: str = Field(
        default="", description="Comma-separated addresses whose X-Forwarded-For is believed; empty: none."
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="Signs the conversations' tokens. Generated in development."
    )
    rasa_url: str = Field(default="", description="Address of Rasa; empty: http://<rasa_host>:<rasa_port>.")
    actions_url: str = Field(
        default="", description="Address of the action server; empty: http://<actions_host>:<actions_port>."
    )
    rasa_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Shared by the gateway and Rasa's channel. Generated in development.",
    )
    redis_url: str = Field(
        default="",
        validation_alias=AliasChoices("GUICHET_REDIS_URL", "REDIS_URL"),
        description="Redis or Valkey server; empty: the embedded one. Also read from REDIS_URL.",
    )
    turn_seconds: float = Field(
        default=3.0,
        gt=0,
        le=4.0,
        description="Longest time a turn may take before the resident gets a human contact.",
    )
    rasa_seconds: float = Field(default=2.5, gt=0, description="Longest time Rasa may take for one turn.")
    lock_seconds: float = Field(
        default=2.0, gt=0, description="Longest wait for the previous message of the same conversation."
    )
    redis_seconds: float = Field(default=0.4, gt=0, description="Longest time one Redis call may take.")
    message_characters: int = Field(
        default=2000, ge=1, description="Longest message accepted, in characters."
    )
    body_bytes: int = Field(default=65536, ge=1024, description="Largest request body accepted, in bytes.")
    message_rate: str = Field(default="20/minute", description="Messages allowed for one conversation.")
    address_rate: str = Field(default="300/minute", description="Messages allowed for one network address.")
    conversation_rate: str = Field(
        default="30/minute", description="New conversations allowed for one address."
    )
    search_rate: str = Field(default="120/minute", description="Public searches allowed for one address.")
    token_hours: int = Field(
        default=24, ge=1, description="How long a conversation's token is valid, in hours."
    )
    disclosure_version: str = Field(
        default="1",
        description="Version of the notice that an AI is replying; a new one is shown to everyone again.",
    )
    disclosure_days: int = Field(default=30, ge=1, description="Retention told in the notice, in days.")
