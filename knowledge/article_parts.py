"""The parts of a front matter that are more than a text or a date: sources, links, numbers, origin."""

from dataclasses import dataclass
from datetime import date

from knowledge.frontmatter import Fields
from knowledge.taxonomy import load_taxonomy

SOURCE_LANGUAGE = "fr"  # articles are written in French; the other languages translate them


@dataclass(frozen=True)
class Source:
    """Where a fact comes from, and the day it was read there."""

    title: str
    url: str
    consulted: date


@dataclass(frozen=True)
class Link:
    """An official page or simulator to send the resident to."""

    title: str
    url: str


@dataclass(frozen=True)
class EmergencyNumber:
    """A number to call or write to; `uri` is what the button opens (`tel:3919`, `sms:114`)."""

    number: str
    uri: str
    label: str
    hours: str


@dataclass(frozen=True)
class Translation:
    """What a translation was made from: the language of the source article and its content hash then."""

    article: str
    hash: str


@dataclass(frozen=True)
class Origin:
    """What an imported article quotes, and under which licence; the mark of a file that an import wrote.

    Attributes:
        sheet: the sheet's identifier at its author's, such as `F10009`.
        author: whose text it is.
        licence: its name; `licence_url` is its text.
        updated: the day its author last changed it.
    """

    sheet: str
    author: str
    licence: str
    licence_url: str
    updated: date


def _url(fields: Fields, name: str = "url") -> str:
    return fields.match(name, r"https?://[^\s/]+\.[^\s]+", "a web address (https://…)")


def read_sources(fields: Fields) -> tuple[Source, ...]:
    """Return the sources; none is a problem."""
    sources = []
    items = fields.mappings("sources")
    for item in items:
        item.refuse_unknown(("title", "url", "consulted"))
        title, url, consulted = item.text("title"), _url(item), item.date("consulted")
        if consulted is not None:
            sources.append(Source(title, url, consulted))
    if not items:
        fields.problem("sources", "at least one is required: {title, url, consulted}")
    return tuple(sources)


def read_links(fields: Fields) -> tuple[Link, ...]:
    """Return the official pages."""
    links = []
    for item in fields.mappings("links"):
        item.refuse_unknown(("title", "url"))
        links.append(Link(item.text("title"), _url(item)))
    return tuple(links)


def read_translation(fields: Fields, language: str) -> Translation | None:
    """Return what an article translates: required outside the source language, refused in it."""
    source = fields.mapping("translates")
    if language == SOURCE_LANGUAGE:
        if source is not None:
            fields.problem("translates", f"must be null in {SOURCE_LANGUAGE}, the source language")
        return None
    if source is None:
        fields.problem("translates", f"is required outside {SOURCE_LANGUAGE}: {{article, hash}}")
        return None
    source.refuse_unknown(("article", "hash"))
    hash_ = source.match("hash", "[0-9a-f]{16}", "16 hexadecimal digits; `--fix-hashes` writes it")
    return Translation(source.match("article", SOURCE_LANGUAGE, "the source language"), hash_)


def read_origin(fields: Fields) -> Origin | None:
    """Return where an imported article comes from, or None when no import wrote it."""
    item = fields.mapping("imported")
    if item is None:
        return None
    item.refuse_unknown(("sheet", "author", "licence", "licence_url", "updated"))
    updated = item.date("updated")
    if updated is None:
        return None
    url = _url(item, "licence_url")
    return Origin(item.text("sheet"), item.text("author"), item.text("licence"), url, updated)


def read_numbers(fields: Fields, *, emergency: bool) -> tuple[EmergencyNumber, ...]:
    """Return the numbers of an emergency article, which must be those of the taxonomy; refused elsewhere."""
    numbers = []
    for item in fields.mappings("numbers"):
        item.refuse_unknown(("number", "uri", "label", "hours"))
        uri = item.match("uri", r"(tel|sms):\+?[0-9]+", "what a telephone opens (tel:3919, sms:114)")
        numbers.append(EmergencyNumber(item.text("number"), uri, item.text("label"), item.text("hours")))
    if not emergency:
        if numbers:
            fields.problem("numbers", "is for emergency articles only")
        return ()
    id_ = fields.text("topic", required=False).removeprefix("emergency-")
    found = load_taxonomy().emergencies.get(id_)
    given = {number.number for number in numbers}
    missing = [number for number in (found.numbers if found else ()) if number not in given]
    if missing:
        fields.problem("numbers", f"lacks {', '.join(missing)}, which taxonomy.yml gives for this emergency")
    return tuple(numbers)
