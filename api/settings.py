"""Settings of the gateway."""

from __future__ import annotations

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from api.delivery_settings import DeliverySettings


class ApiSettings(DeliverySettings):
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
    callback_rate: str = Field(
        default="10/minute", description="Looks at callbacks by reference and code allowed for one address."
    )
    search_rate: str = Field(default="120/minute", description="Public searches allowed for one address.")
    token_hours: int = Field(
        default=24, ge=1, description="How long a conversation's token is valid, in hours."
    )
    staff_search_rate: str = Field(
        default="240/minute", description="Searches allowed for one agent, who searches while typing."
    )
    staff_session_hours: int = Field(
        default=10, ge=1, description="How long an agent stays signed in, in hours."
    )
    sign_in_rate: str = Field(
        default="10/minute", description="Sign-ins tried from one address, and with one name."
    )
    sign_in_failures: int = Field(
        default=5, ge=1, description="Wrong passwords in a row after which an account is locked."
    )
    sign_in_lock_minutes: int = Field(
        default=15, ge=1, description="How long an account stays locked, in minutes."
    )
    oidc_issuer: str = Field(
        default="", description="Address of the identity provider (OpenID Connect) of the staff; empty: none."
    )
    oidc_client_id: str = Field(default="", description="Identifier of this assistant at the provider.")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="Secret that the provider gave to this assistant; none for a public client."
    )
    oidc_label: str = Field(
        default="Se connecter avec le compte du Département",
        description="What the button that leads to the provider says.",
    )
    oidc_creates_accounts: bool = Field(
        default=False,
        description="Whether somebody the provider knows and no account names gets one, without services.",
    )
    request_delay_hours: int = Field(
        default=48, ge=1, description="Hours after which a request that nobody has finished is urgent."
    )
    wanted_soon_minutes: int = Field(
        default=60, ge=1, description="Minutes before the time that a resident prefers, when it is urgent."
    )
    inbox_poll_seconds: int = Field(
        default=15, ge=1, description="How often an agent's page looks for new requests, in seconds."
    )
    disclosure_version: str = Field(
        default="1",
        description="Version of the notice that an AI is replying; a new one is shown to everyone again.",
    )
    disclosure_days: int = Field(default=30, ge=1, description="Retention told in the notice, in days.")
    live_at_once: int = Field(
        default=2, ge=1, description="Residents that one agent may talk to live at the same time."
    )
    live_agent_seconds: int = Field(
        default=45,
        ge=2,
        description="Silence of an agent's page after which their residents wait again, in seconds.",
    )
    live_resident_seconds: int = Field(
        default=120,
        ge=2,
        description="Silence of a waiting resident's page after which they leave the queue, in seconds.",
    )
    live_abandoned_minutes: int = Field(
        default=30,
        ge=1,
        description="Silence of a resident's page after which a live conversation ends, in minutes.",
    )
    live_unanswered_minutes: float = Field(
        default=5.0,
        gt=0,
        description="Wait for a person after which a resident is told so and offered a callback, in minutes.",
    )
    live_recent_hours: float = Field(
        default=3.0, gt=0, description="How far back waits are looked at to tell the present one, in hours."
    )
