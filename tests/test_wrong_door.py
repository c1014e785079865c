"""docs/wrong-door.md decides the borderline requests: every reply in it is a public article."""

import re
from functools import cache
from pathlib import Path

from knowledge.library import load_library
from knowledge.settings import KnowledgeSettings

PAGE = Path(__file__).parents[1] / "docs" / "wrong-door.md"
CONTENT = KnowledgeSettings().content_dir


@cache
def rows() -> list[list[str]]:
    """The cells of each row: request, whose matter, reply, why, source."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| « ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_row_is_whole_and_asked_once() -> None:
    assert len(rows()) >= 40
    assert [row for row in rows() if len(row) != 5] == []
    assert [row for row in rows() if not (row[1] and row[4])] == []
    assert len({row[0].casefold() for row in rows()}) == len(rows())


def test_every_reply_is_the_topic_of_a_public_article() -> None:
    library, _ = load_library(CONTENT, ("fr",))
    topics = {article.topic for article in library.winning() if article.audience == "public"}
    assert [row for row in rows() if not re.fullmatch(r"`[a-z-]+`", row[2])] == []
    assert {row[2].strip("`") for row in rows()} - topics == set()


def test_the_other_replies_that_it_names_exist() -> None:
    library, _ = load_library(CONTENT, ("fr",))
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", PAGE.read_text(encoding="utf-8")))
    assert named - {article.topic for article in library.articles} == set()


def test_the_sheets_it_cites_are_those_of_articles() -> None:
    cited = set(re.findall(r"\bF\d{3,5}\b", " ".join(row[4] for row in rows())))
    files = (CONTENT / "common" / "fr").rglob("*.md")
    articles = " ".join(path.read_text(encoding="utf-8") for path in files)
    assert cited
    assert [sheet for sheet in cited if f"vosdroits/{sheet}" not in articles] == []
