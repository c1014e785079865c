"""Small knowledge bases for the tests of the checks: what a test does not write is that of a valid one."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge.checks.base import KnowledgeBase, read_knowledge_base
from knowledge.problems import Problem
from knowledge.taxonomy import load_taxonomy
from tests.knowledge.articles import write_article

TODAY = date(2026, 11, 22)
SERVICE: dict[str, Any] = {
    "id": "accueil",
    "kind": "central",
    "name": {"fr": "Accueil"},
    "phone": "04 65 71 13 13",
    "url": "https://www.garlaban.example/services/accueil",
    "topics": [],
    "places": "*",
    "hours": {"weekly": {}},
    "channels": ["phone"],
    "languages": ["fr"],
    "accessibility": [],
}
NUMBERS = [{"number": "30 39", "label": "Justice", "source": "https://example.org/page", "consulted": TODAY}]
HOSTS = {
    "official": {"caf.fr": "Les CAF", "education.gouv.fr": "Le ministère"},
    "partners": {"anil.org": "L'ANIL"},
    "cited": {"example.org": "Un exemple", "20minutes.fr": "20 Minutes"},
}
CATALOGUE = {
    "meta": {"language": "fr", "name": "Français", "direction": "ltr"},
    "utter": {"greet": "Bonjour."},
}


def write_yaml(path: Path, data: dict[str, Any]) -> None:
    """Write a YAML file, and the folders it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")


def write_base(content: Path) -> Path:
    """Write everything but articles: directory, places, lists, French texts."""
    directory = content / "directory"
    kinds = {"central": {"topics": []}}
    write_yaml(
        directory / "routing.yml", {"default": "accueil", "nearest": "maison-solidarite", "kinds": kinds}
    )
    write_yaml(directory / "services" / "accueil.yml", SERVICE)
    write_yaml(directory / "national_numbers.yml", {"numbers": NUMBERS})
    write_yaml(directory / "official_hosts.yml", HOSTS)
    write_yaml(content / "texts" / "fr.yml", CATALOGUE)
    places = Path(__file__).parents[3] / "knowledge" / "content" / "directory" / "places"
    for path in places.iterdir():
        target = directory / "places" / path.name
        target.parent.mkdir(exist_ok=True)
        target.symlink_to(path)
    return content


def write_whole_base(content: Path) -> Path:
    """Write a knowledge base that no check complains of: an article for each topic."""
    write_base(content)
    taxonomy = load_taxonomy()
    for topic in taxonomy.topics:
        write_article(content, topic, topic=topic)
    for owner in taxonomy.owners:
        write_article(content, owner, topic=f"redirect-{owner}", type="redirect")
    for id_ in taxonomy.emergencies:
        write_emergency(content, id_)
    return content


def write_emergency(content: Path, id_: str, **changes: Any) -> Path:
    """Write the article of an emergency, with its numbers."""
    numbers = [
        {"number": number, "uri": f"tel:{number}", "label": "À appeler", "hours": "24/7"}
        for number in load_taxonomy().emergencies[id_].numbers
    ]
    fields = {"topic": f"emergency-{id_}", "type": "emergency", "numbers": numbers} | changes
    return write_article(content, id_, **fields)


def read(content: Path, *, today: date = TODAY) -> KnowledgeBase:
    """Read a base that has no problem of its own."""
    base, problems = read_knowledge_base(content, today=today)
    assert problems == ()
    return base


def said(problems: Iterable[Problem]) -> list[str]:
    """Return problems as `file name:field: reason`, in their order."""
    return [f"{each.path.name}:{each.field}: {each.reason}" for each in sorted(problems)]


def places_of(problems: Iterable[Problem]) -> list[tuple[str, int, str]]:
    """Return where problems are: file name, line, field."""
    return [(each.path.name, each.line, each.field) for each in sorted(problems)]
