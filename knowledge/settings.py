"""The settings of this room, read from the environment (`GUICHET_…`); guichet/settings.py composes them."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

NATIONAL_MAX_AGE = 365  # days
DEPARTEMENT = "13"


class KnowledgeSettings(BaseSettings):
    """Where the knowledge base is, in which languages, and how it is searched."""

    model_config = SettingsConfigDict(env_prefix="GUICHET_", extra="ignore")

    content_dir: Path = Field(
        default=Path(__file__).with_name("content"),
        description="Folder of the articles, the directory and the texts.",
    )
    data_dir: Path = Field(
        default=Path("var"),
        description="Folder of what the assistant writes: index, caches, embedded databases.",
    )
    departement: str = Field(
        default=DEPARTEMENT,
        pattern=r"^(\d[\dAB]|97\d)$",
        description="Code of the département: its places (`directory/places`) and public holidays.",
    )
    languages: tuple[str, ...] = Field(
        default=("fr", "en", "es", "pt", "it", "de", "ar", "tr", "ro", "uk"),
        description="Languages served, the first one when nothing tells which.",
    )
    national_max_age: int = Field(
        default=NATIONAL_MAX_AGE,
        ge=1,
        description="Days after which a national sheet, by its own date, no longer answers.",
    )
    embedding_model: str = Field(
        default="bundled",
        description="`bundled` (no download), a sentence-transformers model id, or a folder.",
    )
    watch_content: bool = Field(
        default=True,
        description="Publish the content whenever a file is saved; otherwise only `guichet kb index` does.",
    )

    @property
    def index_dir(self) -> Path:
        """Folder of the index generations."""
        return self.data_dir / "index"

    @property
    def cache_dir(self) -> Path:
        """Folder of what can be computed again: the vectors of passages."""
        return self.data_dir / "cache"
