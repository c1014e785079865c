"""An article line by line, so that a check can say where something is written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.article import Article
from knowledge.problems import Problem, Severity

SHORT = "short"
_FIELD = re.compile(r"([a-z_]+)\s*:")
_SECTION = re.compile(r"## .*\{#([a-z]+)\}\s*$")


@dataclass(frozen=True)
class Line:
    """One line: its number from 1, the front matter field or the section it belongs to, its text."""

    number: int
    field: str
    text: str

    def problem(self, article: Article, reason: str, severity: Severity = Severity.ERROR) -> Problem:
        """Return a problem that stands here."""
        return Problem(article.path, self.number, self.field, reason, severity)


def lines_of(article: Article) -> Iterator[Line]:
    """Return the lines of an article's file, without the marks around its front matter."""
    field, in_front = "front matter", True
    for number, text in enumerate(article.path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if in_front and text.rstrip() == "---":
            field, in_front = ("front matter", True) if number == 1 else (SHORT, False)
            continue
        opened = (_FIELD if in_front else _SECTION).match(text)
        field = opened[1] if opened else field
        yield Line(number, field, text)


def line_of(article: Article, field: str, words: str) -> Line:
    """Return the line where a field holds some words, else its first line, else the file's first."""
    own = [line for line in lines_of(article) if line.field == field]
    return next((line for line in own if words in line.text), own[0] if own else Line(1, field, ""))
