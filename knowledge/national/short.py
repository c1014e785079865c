"""The short answer: the first sentences of a sheet, in its own words, cut where one ends."""

import re
from collections.abc import Iterable, Iterator

from knowledge.entitlement import find_conclusions
from knowledge.national.xml_file import Node
from knowledge.sections import SHORT_WORDS

_END = re.compile(r"(?<=[.!?…])[\s»)]*\s+(?=[«\"(]?\s?[A-ZÀÂÇÉÈÊËÎÏÔÖÙÛÜŒ0-9])")
_WHOLE = re.compile(r"[.!?…][\s»\")]*$")


def opening(node: Node | None) -> str:
    """Return the paragraphs that begin an element, a line each, up to the first thing that is none."""
    return "\n".join(_opening(node)) if node else ""


def short_answer(texts: Iterable[str], title: str, language: str) -> str:
    """Return as many first sentences of a text as the short answer may hold.

    Plain text, not yet Markdown. Stops before a sentence that concludes on a person's entitlement: it stays
    in the sections, as the State's words, but is not what the assistant says first.

    Args:
        texts: plain texts, the best first; the first that gives a sentence is used.
        title: what is left when none does.
        language: of the texts.
    """
    for text in texts:
        if sentences := list(_sentences(text, language)):
            return " ".join(sentences)
    return " ".join(title.split()[:SHORT_WORDS])


def _opening(node: Node) -> Iterator[str]:
    for child in node.nodes:
        if child.tag == "Paragraphe":
            yield child.text
        elif child.tag in ("Texte", "Introduction") and (inside := list(_opening(child))):
            yield from inside
            return
        elif child.tag not in ("Titre", "Condition", "Avertissement"):
            return


def _sentences(text: str, language: str) -> Iterator[str]:
    left = SHORT_WORDS
    for sentence in (part for line in text.split("\n") for part in _END.split(line)):
        left -= sum(any(map(str.isalnum, word)) for word in sentence.split())
        if left < 0 or not _WHOLE.search(sentence) or find_conclusions(sentence, language):
            return
        yield sentence.strip()
