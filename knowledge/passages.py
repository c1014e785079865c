"""Cuts articles into passages: what the index holds and a question is compared with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.article import Article, Audience

# A passage's part is one of these, or a section key.
TITLE, SHORT, QUESTION = "title", "short", "question"
TEXT = "text"  # of a plain document
PIECE = 800  # characters: two or three paragraphs, some 200 tokens
_MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Passage:
    """A piece of an article.

    Attributes:
        part: `title`, `short`, `question`, the key of its section, or `text` of a plain document.
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
    """Return an article's passages: title, short answer, sections (long ones in several), questions.

    The short answer and the sections begin with the article's title: "Pièces à fournir" alone is in every
    article, and would be as near to one question as to another.
    """
    return tuple(
        Passage(article.id, article.topic, article.language, article.layer, article.audience, part, text)
        for part, text in _texts(article)
    )


def passages_of_text(id_: str, language: str, title: str, text: str) -> tuple[Passage, ...]:
    """Return the passages of a plain document, cut as an article would be.

    What stands for the short answer is the whole document, of which a model reads the beginning. Without a
    title there is no title passage.
    """
    whole = f"{title}\n{text}" if title else text
    parts = [(TITLE, title)] if title else []
    parts += [(SHORT, whole), *((TEXT, piece) for piece in cut(text.split("\n")))]
    return tuple(Passage(id_, "", language, "", Audience.PUBLIC, part, piece) for part, piece in parts)


def _texts(article: Article) -> Iterator[tuple[str, str]]:
    yield TITLE, article.title
    yield SHORT, f"{article.title}. {plain_text(article.short)}"
    for section in article.sections:
        for piece in cut(plain_lines(section.markdown)):
            yield section.key.value, f"{article.title}. {section.title}. {' '.join(piece.split())}"
    for question in article.questions:
        yield QUESTION, question


def cut(lines: Iterable[str]) -> list[str]:
    """Join lines into pieces of about `PIECE` characters; a much longer line is cut, after a sentence.

    A vector says less of a long text than of a short one (and nothing of what comes after 512 tokens).
    """
    pieces: list[str] = []
    for line in _short_lines(lines):
        if pieces and len(pieces[-1]) + len(line) < PIECE:
            pieces[-1] += f"\n{line}"
        else:
            pieces.append(line)
    return pieces


def _short_lines(lines: Iterable[str]) -> Iterator[str]:
    for line in map(str.strip, lines):
        rest = line
        while len(rest) > PIECE * 3 // 2:
            end = rest.rfind(". ", 0, PIECE) + 1 or rest.rfind(" ", 0, PIECE) + 1 or PIECE
            yield rest[:end].strip()
            rest = rest[end:].strip()
        if rest:
            yield rest


def plain_text(markdown: str) -> str:
    """Return what a reader sees of a Markdown text, on one line: no marks, no link addresses."""
    return " ".join(plain_lines(markdown))


def plain_lines(markdown: str) -> list[str]:
    """Return what a reader sees of a Markdown text, one line a paragraph, list item or table cell."""
    inline = (token for token in _MARKDOWN.parse(markdown) if token.type == "inline")
    return [" ".join("".join(_inline(token)).split()) for token in inline]


def _inline(token: Token) -> Iterator[str]:
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            yield " "
        elif child.type in ("text", "code_inline", "image"):
            yield child.content
