"""Settings of what services are told of callbacks: e-mail and webhook."""

from __future__ import annotations

import base64
import binascii
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_PREFIX = "whsec_"  # noqa: S105 - how Standard Webhooks marks a secret, no secret itself


class SmtpTls(StrEnum):
    """When the connection to the SMTP server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class DeliverySettings(BaseSettings):
    """How services are told of callbacks, besides the inbox. Neither way is on by default."""

    # What is wrong is told without what was given: a password may be part of it.
    model_config = SettingsConfigDict(
        env_prefix="GUICHET_", extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    smtp_host: str = Field(
        default="", description="SMTP server that e-mails about callbacks leave by; empty: no e-mail."
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Port of the SMTP server.")
    smtp_tls: SmtpTls = Field(
        default=SmtpTls.STARTTLS,
        description="starttls (port 587), tls from the first byte (port 465), or none (a local relay).",
    )
    smtp_ca_file: Path | None = Field(
        default=None,
        description="Certificate of the authority that the SMTP server's is signed by, if internal.",
    )
    smtp_user: str = Field(default="", description="User of the SMTP server; empty: no authentication.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Password of that user.")
    smtp_sender: str = Field(default="", description="Address that e-mails about callbacks come from.")
    callback_mailbox: str = Field(
        default="",
        description="Address that receives the e-mails of every callback; empty: the service's own, "
        "else the central desk's.",
    )
    webhook_url: str = Field(
        default="", description="Address of a ticketing tool that is told of callbacks; empty: none."
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Signs what is sent there (Standard Webhooks): whsec_ and 24 to 64 bytes in base 64.",
    )
    callback_details: bool = Field(
        default=False,
        description="E-mails and webhooks also carry the name, the contact and the subject; "
        "by default they only lead to the inbox.",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.smtp_host and not self.smtp_sender:
            raise ValueError("GUICHET_SMTP_HOST needs GUICHET_SMTP_SENDER")
        if self.smtp_user and self.smtp_tls is SmtpTls.NONE:
            raise ValueError("GUICHET_SMTP_USER needs GUICHET_SMTP_TLS: a password must not travel in clear")
        if self.webhook_url:
            if not self.webhook_url.startswith(("https://", "http://")):
                raise ValueError("GUICHET_WEBHOOK_URL must begin with https:// or http://")
            webhook_key(self.webhook_secret.get_secret_value())
            if self.callback_details and not self.webhook_url.startswith("https://"):
                raise ValueError("GUICHET_CALLBACK_DETAILS needs a GUICHET_WEBHOOK_URL in https")
        return self


def webhook_key(secret: str) -> bytes:
    """Return the key that a webhook's secret holds.

    Raises:
        ValueError: It is not `whsec_` and 24 to 64 bytes in base 64.
    """
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(SECRET_PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError("GUICHET_WEBHOOK_SECRET must be whsec_ and 24 to 64 bytes in base 64")
    return key
