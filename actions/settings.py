"""Settings of the action server."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ActionsSettings(BaseSettings):
    """Where the action server listens. It has no authentication: it must stay on the loopback interface."""

    model_config = SettingsConfigDict(env_prefix="GUICHET_", extra="ignore")

    actions_host: str = Field(
        default="127.0.0.1", description="Address the action server listens on (loopback)."
    )
    actions_port: int = Field(default=8055, ge=1, le=65535, description="Port of the action server.")
