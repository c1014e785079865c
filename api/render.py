"""Renders markdown as plain text and as HTML that cannot carry a script.

markdown-it-py with raw HTML off, then nh3 (ammonia) with a closed list of tags and schemes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import nh3
from markdown_it import MarkdownIt

from api.schemas import Direction, Message
from knowledge.reply import Said
from knowledge.texts import Texts

_TAGS: Final = {
    "p",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "a",
    "h3",
    "h4",
    "br",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
_SCHEMES: Final = {"https", "http", "tel", "sms", "mailto"}
_BLOCKS: Final = {"paragraph_open", "heading_open", "bullet_list_open", "ordered_list_open"}
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


@lru_cache(maxsize=2048)
def to_html(markdown: str) -> str:
    """Sanitised HTML."""
    return nh3.clean(
        _markdown.render(markdown),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    ).strip()


@lru_cache(maxsize=2048)
def to_text(markdown: str) -> str:
    """Plain text: the same words, lists with a dash, links as their label then their address."""
    lines: list[str] = []
    for token in _markdown.parse(markdown):
        if token.type == "inline":
            lines.append(_inline(token.children or []))
        elif token.type == "list_item_open":
            lines.append("\n- ")
        elif token.type in _BLOCKS and token.level == 0:
            lines.append("\n\n")
    return re.sub(r"\n{3,}", "\n\n", "".join(lines)).strip()


def message(said: Said, texts: Texts) -> Message:
    """One message of the contract."""
    return Message(
        type=said.type,
        text=to_text(said.markdown),
        html=to_html(said.markdown),
        lang=said.lang,
        dir=direction(texts, said.lang),
    )


def direction(texts: Texts, language: str) -> Direction:
    """Direction of a language."""
    return "rtl" if texts.direction(language) == "rtl" else "ltr"


def _inline(tokens: list) -> str:  # type: ignore[type-arg] # markdown-it publishes no types here
    words: list[str] = []
    target = ""
    for token in tokens:
        if token.type in {"text", "code_inline"}:
            words.append(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            words.append("\n" if token.type == "hardbreak" else " ")
        elif token.type == "link_open":
            target = str(token.attrs.get("href", ""))
        elif token.type == "link_close" and target.startswith("http") and target not in "".join(words):
            words.append(f" ({target})")
    return "".join(words)
