"""The Markdown under a front matter: the short answer, then sections, whose keys are a closed list."""

import re
from dataclasses import dataclass
from enum import StrEnum

from markdown_it import MarkdownIt

from knowledge.frontmatter import Report, SplitFile

SHORT_WORDS = 60  # the longest short answer, in words
_HEADING = re.compile(r"(?P<title>.+?)\s*\{#(?P<key>[a-z]+)\}")
_MARKDOWN = MarkdownIt("commonmark")


class SectionKey(StrEnum):
    """The sections an article may have: a closed list, the same in every language."""

    EASY = "easy"
    CONDITIONS = "conditions"
    STEPS = "steps"
    DOCUMENTS = "documents"
    DELAYS = "delays"
    AMOUNT = "amount"
    APPEAL = "appeal"
    CONTACT = "contact"


@dataclass(frozen=True)
class Section:
    """One section. `markdown` is its text without the heading; `line` is the heading's, counted from 1."""

    key: SectionKey
    title: str
    markdown: str
    line: int


def read_body(split: SplitFile, report: Report) -> tuple[str, tuple[Section, ...]]:
    """Return the short answer and the sections of a file, reporting what is wrong with them."""
    lines = split.body.split("\n")
    headings: list[tuple[int, int, str]] = []  # (first line, line after, text), lines counted from 0
    tokens = _MARKDOWN.parse(split.body)
    for index, token in enumerate(tokens):
        first, after = token.map or (0, 0)
        if token.type == "heading_open" and token.tag == "h2" and token.level == 0:
            headings.append((first, after, tokens[index + 1].content))
        elif token.type == "heading_open" and token.tag == "h1":
            report(split.body_line + first, "body", "`# ` is the article's title; sections begin with `## `")
        elif token.type == "html_block" or any(child.type == "html_inline" for child in token.children or ()):
            report(split.body_line + first, "body", "holds HTML; write Markdown only")
    first_heading = headings[0][0] if headings else len(lines)
    short = _short("\n".join(lines[:first_heading]).strip(), split.body_line, report)
    following = [*headings[1:], (len(lines), 0, "")]
    sections: list[Section] = []
    for (first, after, text), (end, _, _) in zip(headings, following, strict=False):
        section = _section(text, "\n".join(lines[after:end]).strip(), split.body_line + first, report)
        if section and any(section.key is other.key for other in sections):
            report(section.line, section.key, "is given twice")
        elif section:
            sections.append(section)
    return short, tuple(sections)


def _short(short: str, line: int, report: Report) -> str:
    words = sum(any(map(str.isalnum, word)) for word in short.split())
    if not words:
        report(line, "short", "the short answer is required, before the first section")
    if words > SHORT_WORDS:
        report(line, "short", f"has {words} words; at most {SHORT_WORDS}")
    return short


def _section(heading: str, markdown: str, line: int, report: Report) -> Section | None:
    match = _HEADING.fullmatch(heading)
    if match is None or match["key"] not in set(SectionKey):
        report(
            line, "section", f"{heading!r} must end with one of {', '.join(f'{{#{k}}}' for k in SectionKey)}"
        )
        return None
    if not markdown:
        report(line, match["key"], "is empty")
    return Section(SectionKey(match["key"]), match["title"], markdown, line)
