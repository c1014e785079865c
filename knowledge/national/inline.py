"""The words inside a paragraph, as Markdown: emphasis, links, and no mark that was not meant."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.national.xml_file import Node

_SPACES = re.compile(r"[ \t\r\n]+")  # not the no-break space of "1 742,34 €"
_MARKS = re.compile(r"[\\`*\[\]<]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")
_AT_START = re.compile(r"^(#{1,6}(?=\s|$)|[-+>=](?=\s|$)|>|[-=_]{3,}$|\d{1,9}(?=[.)](\s|$)))")
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_PUBLICATION = re.compile(r"[FNR]\d+")
_WORDS_OF_THE_GLOSSARY = ("Acronyme", "Sigle", "Définition de glossaire")
_BOLD, _ITALIC = ("MiseEnEvidence",), ("Expression", "Citation")


@dataclass(frozen=True)
class Links:
    """How references become addresses.

    Attributes:
        page: the address of a sheet, with `{}` for its identifier.
        services: the addresses of the services and forms given in the sheet itself, by identifier.
    """

    page: str
    services: Mapping[str, str]

    def to(self, id_: str) -> str:
        """Return the address of a publication, "" when it has none."""
        if id_ in self.services:
            return self.services[id_]
        return self.page.format(id_) if _PUBLICATION.fullmatch(id_) else ""


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return _MARKS.sub(lambda match: f"\\{match.group()}", text)


def paragraph(text: str) -> str:
    """Protect the start of a paragraph, where some characters would make a title or a list of it."""
    return _AT_START.sub(lambda m: f"{m.group()}\\" if m.group()[0].isdigit() else f"\\{m.group()}", text)


def inline(node: Node, links: Links) -> str:
    """Return what an element says, on one line."""
    return _SPACES.sub(" ", _inline(node, links)).strip()


def link(text: str, url: str) -> str:
    """Return a link, or the text alone when there is no address; `text` is Markdown already."""
    return f"[{text}]({_address(url)})" if text and _is_web(url) else text


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://", "mailto:"))


def _address(url: str) -> str:
    return url.replace(" ", "%20").replace("(", "%28").replace(")", "%29").replace("<", "%3C")


def _inline(node: Node, links: Links) -> str:
    parts = []
    for child in node.children:
        if isinstance(child, str):
            parts.append(escaped(child))
            continue
        words = _inline(child, links)
        if child.tag in (*_BOLD, *_ITALIC) and parts and parts[-1].endswith("*"):
            parts.append(" ")  # two marks that touch would be read as another
        if child.tag in _BOLD:
            parts.append(_wrapped(words, "**"))
        elif child.tag in _ITALIC:
            parts.append(_wrapped(words, "*"))
        elif child.tag == "Exposant":
            parts.append(words.translate(_SUPERSCRIPT))
        elif child.tag == "LienExterne":
            parts.append(_linked(words, child.get("URL")))
        elif child.tag == "LienInterne" and child.get("type") not in _WORDS_OF_THE_GLOSSARY:
            parts.append(_linked(words, links.to(child.get("LienPublication"))))
        elif child.tag in ("Paragraphe", "Titre", "Item"):
            parts.append(f" {words} ")
        else:
            parts.append(words)
    return "".join(parts)


def _wrapped(words: str, mark: str) -> str:
    core = words.strip()
    if not core:
        return words
    before, after = words.partition(core)[::2]
    return f"{before}{mark}{core}{mark}{after}"


def _linked(words: str, url: str) -> str:
    core = words.strip()
    if not core:
        return words
    before, after = words.partition(core)[::2]
    return f"{before}{link(core, url)}{after}"
