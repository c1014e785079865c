"""Cuts articles into passages: what the index holds and a question is compared with."""

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.article import Article, Audience

TITLE, SHORT, QUESTION = "title", "short", "question"  # a passage's other parts are section keys
_MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Passage:
    """A piece of an article.

    Attributes:
        part: `title`, `short`, `question`, or the key of the section it comes from.
        text: plain text, without Markdown, in the article's language.
    """

    article_id: str
    topic: str
    language: str
    layer: str
    audience: Audience
    part: str
    text: str


def passages_of(article: Article) -> tuple[Passage, ...]:
    """Return an article's passages: title, short answer, one a section, one a question.

    The short answer and the sections begin with the article's title: "Pièces à fournir" alone is in every
    article, and would be as near to one question as to another.
    """
    return tuple(
        Passage(article.id, article.topic, article.language, article.layer, article.audience, part, text)
        for part, text in _texts(article)
    )


def _texts(article: Article) -> Iterator[tuple[str, str]]:
    yield TITLE, article.title
    yield SHORT, f"{article.title}. {plain_text(article.short)}"
    for section in article.sections:
        yield section.key.value, f"{article.title}. {section.title}. {plain_text(section.markdown)}"
    for question in article.questions:
        yield QUESTION, question


def plain_text(markdown: str) -> str:
    """Return what a reader sees of a Markdown text, on one line: no marks, no link addresses."""
    words = [word for token in _MARKDOWN.parse(markdown) if token.type == "inline" for word in _inline(token)]
    return " ".join("".join(words).split())


def _inline(token: Token) -> Iterator[str]:
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            yield " "
        elif child.type in ("text", "code_inline", "image"):
            yield child.content
    yield " "
