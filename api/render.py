"""Renders markdown as plain text and as HTML that cannot carry a script.

markdown-it-py with raw HTML off, then nh3 (ammonia) with a closed list of tags and schemes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from api.message import Direction, Message
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
_LISTS: Final = {"bullet_list": "ul", "ordered_list": "ol"}
_BLOCKS: Final = {"paragraph_open", "heading_open", "bullet_list_open", "ordered_list_open"}
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


@lru_cache(maxsize=2048)
def to_html(markdown: str) -> str:
    """Sanitised HTML."""
    return _clean(_markdown.render(markdown))


@lru_cache(maxsize=256)
def to_checklist(markdown: str) -> str:
    """Sanitised HTML in which each item of a list is a box to tick, labelled by its words."""
    numbers = count(1)
    return "\n".join(_block(node, numbers) for node in SyntaxTreeNode(_markdown.parse(markdown)).children)


def list_items(markdown: str) -> tuple[str, ...]:
    """The items of the lists, as plain text, in their order."""
    nodes = SyntaxTreeNode(_markdown.parse(markdown)).walk()
    items = [node.children[0] for node in nodes if node.type == "list_item" and node.children]
    inlines = [each.children[0] for each in items if each.type == "paragraph"]
    return tuple(_inline(inline.to_tokens()[0].children or []) for inline in inlines)


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


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    ).strip()


def _rendered(node: SyntaxTreeNode) -> str:
    return _clean(str(_markdown.renderer.render(node.to_tokens(), _markdown.options, {})))


def _block(node: SyntaxTreeNode, numbers: Iterator[int]) -> str:
    tag = _LISTS.get(node.type)
    if tag is None:
        return _rendered(node)
    items = "".join(_item(item, numbers) for item in node.children if item.children)
    # Without its bullets, a list is none for some screen readers unless it says so.
    return f'<{tag} class="papers" role="list">{items}</{tag}>'


def _item(node: SyntaxTreeNode, numbers: Iterator[int]) -> str:
    first, *others = node.children
    if first.type != "paragraph":
        return "<li>" + "".join(_block(each, numbers) for each in node.children) + "</li>"
    name = f"paper-{next(numbers)}"
    label = f'<label for="{name}">{_rendered(first.children[0])}</label>'
    inside = "".join(_block(each, numbers) for each in others)
    return f'<li><input type="checkbox" id="{name}">{label}{inside}</li>'


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
