"""Writes small valid articles for the tests, each changed where a test needs it."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge.article import REQUIRED_SECTIONS, ArticleType
from knowledge.frontmatter import content_hash
from knowledge.taxonomy import load_taxonomy

SOURCE = {"title": "Une page", "url": "https://example.org/page", "consulted": date(2026, 11, 22)}
TITLES = {
    "easy": "En deux mots, facile à lire",
    "conditions": "Qui est concerné",
    "steps": "Comment faire",
    "documents": "Pièces à fournir",
    "delays": "Délais",
    "amount": "Montant",
    "appeal": "Si vous n'êtes pas d'accord",
    "contact": "Nous joindre",
}
EMERGENCY_NUMBER = {"number": "119", "uri": "tel:119", "label": "Allô enfance en danger", "hours": "24/7"}


def front_matter(id_: str, language: str = "fr", **changes: Any) -> dict[str, Any]:
    """Return the front matter of a valid article; a change to `...` removes the field."""
    fields = {
        "id": id_,
        "type": "information",
        "topic": "apa",
        "language": language,
        "title": f"Article {id_}",
        "audience": "public",
        "owner": "Direction de l'autonomie",
        "written": date(2026, 11, 22),
        "reviewed": None,
        "review_by": date(2027, 5, 1),
        "sources": [SOURCE],
        "questions": [],
        "related": [],
        "translates": None,
    }
    fields |= changes
    return {key: value for key, value in fields.items() if value is not ...}


def article_text(id_: str, language: str = "fr", *, short: str = "Réponse courte.", **changes: Any) -> str:
    """Return the text of a valid article; `sections` and `titles` go by section key."""
    sections, titles = changes.pop("sections", None), changes.pop("titles", TITLES)
    fields = front_matter(id_, language, **changes)
    if sections is None:
        keys = REQUIRED_SECTIONS[ArticleType(fields.get("type", "information"))]
        sections = {key.value: f"Texte {key.value} de {id_}." for key in keys}
    body = "".join(f"\n## {titles.get(key, key)} {{#{key}}}\n{text}\n" for key, text in sections.items())
    front = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False)
    return f"---\n{front}---\n{short}\n{body}"


def write_article(
    content: Path, id_: str, *, layer: str = "common", language: str = "fr", **changes: Any
) -> Path:
    """Write an article where it belongs by its topic; return its path. `domain` puts it elsewhere."""
    topic = changes.get("topic", "apa")
    domain = changes.pop("domain", None) or load_taxonomy().family_of(topic)
    path = content / layer / language / domain / f"{id_}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(article_text(id_, language, **changes), encoding="utf-8")
    return path


def write_translation(content: Path, source: Path, *, language: str = "en", **changes: Any) -> Path:
    """Write a fresh translation of an article just written, in the same layer."""
    layer = source.relative_to(content).parts[0]
    translates = {"article": "fr", "hash": content_hash(source.read_text(encoding="utf-8"))}
    return write_article(
        content, source.stem, layer=layer, language=language, **{"translates": translates, **changes}
    )
