"""A small content folder that can be published: the real directory and texts, and articles of the tests."""

import shutil
from pathlib import Path

from knowledge.settings import KnowledgeSettings
from tests.knowledge.articles import write_article

REAL = KnowledgeSettings().content_dir


def small_content(folder: Path) -> KnowledgeSettings:
    """Write a content folder under `folder` with one article, `routes`; return settings that name it."""
    content = folder / "content"
    for name in ("directory", "texts"):
        shutil.copytree(REAL / name, content / name)
    edit(content, "zéro")
    return KnowledgeSettings(content_dir=content, data_dir=folder / "var", languages=("fr", "en"))


def edit(content: Path, marker: str) -> Path:
    """Change the article `routes`: its short answer becomes "Marque <marker>."."""
    return write_article(content, "routes", topic="routes", title="Les routes", short=f"Marque {marker}.")
