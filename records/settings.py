"""The settings of this room, read from GUICHET_… variables (DATABASE_URL is read too)."""

from pathlib import Path
from typing import Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class RecordsSettings(BaseSettings):
    """Where records are kept, for how long, and the keys that encrypt and seal them."""

    model_config = SettingsConfigDict(env_prefix="GUICHET_", extra="ignore", populate_by_name=True)

    data_dir: Path = Field(
        Path("var"), description="Folder of everything the assistant writes on this machine."
    )
    database_url: str = Field(
        "",
        validation_alias=AliasChoices("GUICHET_DATABASE_URL", "DATABASE_URL"),
        description="SQL database of the records; empty means SQLite in data_dir/guichet.db.",
    )
    spool_dir: Path | None = Field(
        None,
        description="Folder that receives the records while SQL is down; empty means data_dir/spool.",
    )
    transcript_days: int = Field(30, ge=1, description="Days after which the text of a turn is erased.")
    reading_log_days: int = Field(
        365,
        ge=180,
        description="Days for which it stays on record which agent read which request, and who changed it; "
        "180 at least, which the database itself holds to.",
    )
    encryption_key: SecretStr = Field(
        SecretStr(""),
        description="Fernet key of the contact details; several, separated by commas, rotate it: "
        "the first encrypts, all decrypt.",
    )

    ledger_key: SecretStr = Field(
        SecretStr(""),
        description="Seals the ledger of notices, routings and handoffs; several, separated by commas, "
        "rotate it: the first seals, the seals of all are recognised.",
    )
    anchor: str = Field(
        "",
        description="Where the ends of the ledger's chains are written every hour: a file, or an http(s) "
        "address that gets a POST besides the file; empty means data_dir/anchors.jsonl.",
    )

    @property
    def anchor_address(self) -> str | None:
        """The address that gets the anchors, if any."""
        return self.anchor if self.anchor.startswith(("http://", "https://")) else None

    @property
    def anchor_file(self) -> Path:
        """The file of the anchors; there is one even when an address gets them."""
        return (
            self.data_dir / "anchors.jsonl" if not self.anchor or self.anchor_address else Path(self.anchor)
        )

    @model_validator(mode="after")
    def _follow_data_dir(self) -> Self:
        if not self.database_url:
            self.database_url = f"sqlite:///{self.data_dir / 'guichet.db'}"
        if self.spool_dir is None:
            self.spool_dir = self.data_dir / "spool"
        return self
