"""Every language that is served has all its files: docs/languages.md says what each is."""

import json
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from knowledge.directory import load_directory
from knowledge.library import Library, load_library
from knowledge.settings import KnowledgeSettings
from knowledge.texts import Texts, load_texts
from understanding.joins import JOINS

ROOT = Path(__file__).parents[1]
SETTINGS = KnowledgeSettings()
TEN = ("fr", "en", "es", "pt", "it", "de", "ar", "tr", "ro", "uk")


@cache
def loaded() -> Library:
    return load_library(SETTINGS.content_dir, SETTINGS.languages)[0]


@cache
def loaded_texts() -> Texts:
    return load_texts(SETTINGS.content_dir)


def documented() -> list[str]:
    """The files of the table of docs/languages.md, `{}` being the language."""
    page = (ROOT / "docs" / "languages.md").read_text(encoding="utf-8")
    names = [
        name
        for line in page.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`([^`]+)`", line)
    ]
    files = [name for name in names if re.search(r"(?<![a-z])pl(?![a-z])", name)]
    return [re.sub(r"(?<![a-z])pl(?![a-z])", "{}", name).replace("<domain>", "*") for name in files]


def test_the_ten_languages_are_served() -> None:
    assert SETTINGS.languages == TEN


@pytest.mark.parametrize("language", TEN)
def test_a_language_has_every_file(language: str) -> None:
    patterns = [pattern.format(language) for pattern in documented()]
    assert len(patterns) >= 12
    assert [pattern for pattern in patterns if not list(ROOT.glob(pattern))] == []


@pytest.mark.parametrize("language", TEN)
def test_a_language_is_in_the_widget(language: str) -> None:
    index = (ROOT / "widget" / "texts" / "index.js").read_text(encoding="utf-8")
    assert f"\n  {language}: {{ name: " in index


def test_every_language_has_a_line_of_joins() -> None:
    assert set(yaml.safe_load(JOINS.read_text(encoding="utf-8"))) == set(TEN)


@pytest.mark.parametrize("language", TEN)
def test_a_language_has_a_name_in_the_others(language: str) -> None:
    """In its own lexicon, with the name that it has in itself."""
    lexicon = ROOT / "understanding" / "lexicons" / "language" / f"{language}.yml"
    names = yaml.safe_load(lexicon.read_text(encoding="utf-8"))["names"]
    assert len(names) >= len(TEN)
    assert loaded_texts().name(language).lower() in names


@pytest.mark.parametrize("language", TEN)
def test_every_public_article_answers_in_the_language(language: str) -> None:
    """Those of the demonstration too; a département that replaces them translates its own as it can."""
    library = loaded()
    french = [article for article in library.winning() if article.language == "fr"]
    ours = [article.id for article in french if article.audience == "public"]
    assert len(ours) > 75
    assert {"archives", "demonstration", "espaces-naturels"} <= set(ours)
    assert [id_ for id_ in ours if library.article(id_, language) is None] == []


@pytest.mark.parametrize("language", TEN)
def test_the_services_are_named_in_the_language(language: str) -> None:
    """Their names, and why they close."""
    services = load_directory(SETTINGS.content_dir)[0].services.values()
    closures = [closure for service in services for closure in service.hours.closures]
    assert len(services) > 30
    assert closures
    assert [service.id for service in services if language not in service.name] == []
    assert [closure.reason["fr"] for closure in closures if language not in closure.reason] == []


def test_the_documents_about_languages_name_them_all() -> None:
    page = (ROOT / "docs" / "languages.md").read_text(encoding="utf-8")
    for name in ("French", "English", "Spanish", "Portuguese", "Italian", "German", "Arabic", "Turkish"):
        assert name in page
    assert json.dumps(list(TEN)) in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
