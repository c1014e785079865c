"""One article of the knowledge base: its parts, and the reading of its file.

The file format is in this folder's README.md: a YAML front matter, the short answer, then sections whose keys
are a closed list. Reading reports every problem of a file at once, each with its line.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from knowledge.article_parts import (
    SOURCE_LANGUAGE,
    EmergencyNumber,
    Link,
    Origin,
    Source,
    Translation,
    read_links,
    read_numbers,
    read_origin,
    read_sources,
    read_translation,
)
from knowledge.entitlement import find_conclusions
from knowledge.frontmatter import Fields, Report, SplitFile, content_hash, read_fields, split_front_matter
from knowledge.problems import Problem
from knowledge.sections import Section, SectionKey, read_body
from knowledge.taxonomy import load_taxonomy

__all__ = [
    "SOURCE_LANGUAGE",
    "Article",
    "ArticleError",
    "ArticleType",
    "Audience",
    "EmergencyNumber",
    "Link",
    "Origin",
    "Section",
    "SectionKey",
    "Source",
    "Translation",
    "parse_article",
    "read_article",
]

LAYERS = ("national", "common", "local")  # each overrides, by id, the ones before it
NATIONAL = LAYERS[0]  # texts of the State, quoted: the rules that differ for them are in README.md
NATIONAL_PREFIX = "sp-"  # of the ids of that layer: none of our articles can be overridden by accident
DOMAINS = ("social_benefits", "college", "general", "redirect", "emergency")

ID_PATTERN = "[a-z0-9]+(-[a-z0-9]+)*"


class ArticleType(StrEnum):
    """What an article is; it fixes which sections are required."""

    BENEFIT = "benefit"
    PROCEDURE = "procedure"
    INFORMATION = "information"
    REDIRECT = "redirect"
    EMERGENCY = "emergency"


class Audience(StrEnum):
    """Who may read an article: everybody, or the staff assistant only."""

    PUBLIC = "public"
    STAFF = "staff"


_PROCEDURE = (
    SectionKey.EASY,
    SectionKey.CONDITIONS,
    SectionKey.STEPS,
    SectionKey.DOCUMENTS,
    SectionKey.DELAYS,
)
REQUIRED_SECTIONS: dict[ArticleType, tuple[SectionKey, ...]] = {
    ArticleType.BENEFIT: (*_PROCEDURE, SectionKey.AMOUNT, SectionKey.APPEAL),
    ArticleType.PROCEDURE: _PROCEDURE,
    ArticleType.INFORMATION: (SectionKey.EASY, SectionKey.STEPS),
    ArticleType.REDIRECT: (SectionKey.EASY, SectionKey.STEPS),
    ArticleType.EMERGENCY: (SectionKey.EASY,),
}
# What a translation may not leave out; its other sections are shown in French until somebody translates them.
ALWAYS_TRANSLATED = frozenset({SectionKey.EASY, SectionKey.STEPS, SectionKey.DOCUMENTS})


@dataclass(frozen=True)
class Article:
    """One knowledge file; its identity is (layer, id, language).

    Attributes:
        path: the file it was read from.
        topic: a domain topic, `redirect-<owner>` or `emergency-<id>` of the taxonomy.
        owner: who keeps it up to date, as named in the département.
        reviewed: the day a named person has read it, or None: then screens say "not yet reviewed".
        review_by: the day by which it has to be read again.
        questions: what residents say, indexed beside the text.
        related: ids of neighbouring articles.
        translates: in a translation, its source; None in a source article.
        origin: whose text an import has quoted here, or None.
        numbers: of an emergency article only, most useful first.
        links: official pages, such as a simulator.
        short: the short answer, in Markdown.
        content_hash: changes with the file, unless it is only read again (frontmatter.py).
    """

    layer: str
    language: str
    domain: str
    path: Path
    id: str
    type: ArticleType
    topic: str
    title: str
    audience: Audience
    owner: str
    written: date
    reviewed: date | None
    reviewed_by: str | None
    review_by: date | None
    sources: tuple[Source, ...]
    questions: tuple[str, ...]
    related: tuple[str, ...]
    translates: Translation | None
    origin: Origin | None
    numbers: tuple[EmergencyNumber, ...]
    links: tuple[Link, ...]
    short: str
    sections: tuple[Section, ...]
    content_hash: str

    def section(self, key: SectionKey) -> Section | None:
        """Return a section, or None when the article has none of that key."""
        return next((section for section in self.sections if section.key is key), None)


class ArticleError(ValueError):
    """A file that is no valid article; its text is "path:line: field: reason"."""

    def __init__(self, path: Path, line: int, field: str, reason: str) -> None:
        super().__init__(f"{path}:{line}: {field}: {reason}")
        self.path, self.line, self.field, self.reason = path, line, field, reason


def parse_article(path: Path, *, layer: str, language: str, domain: str) -> Article:
    """Read an article.

    Args:
        path: the file.
        layer: the layer of its folder, one of `LAYERS`.
        language: the language of its folder.
        domain: the domain of its folder, one of `DOMAINS`.

    Raises:
        ArticleError: the file is no valid article; the error is the first of its problems.
        OSError: the file cannot be read.
    """
    article, problems = read_article(path, layer=layer, language=language, domain=domain)
    if article is None:
        first = problems[0]
        raise ArticleError(path, first.line, first.field, first.reason)
    return article


def read_article(
    path: Path, *, layer: str, language: str, domain: str
) -> tuple[Article | None, tuple[Problem, ...]]:
    """Read an article as `parse_article` does, but return all its problems; with any, the article is None.

    Raises:
        OSError: the file cannot be read.
    """
    problems: list[Problem] = []

    def report(line: int, field: str, reason: str) -> None:
        problems.append(Problem(path, line, field, reason))

    try:
        text = path.read_text(encoding="utf-8-sig")
        split = split_front_matter(text)
    except UnicodeDecodeError as error:
        report(1, "file", f"is not UTF-8: {error.reason} at byte {error.start}")
        return None, tuple(problems)
    except ValueError as error:
        report(1, "front matter", str(error))
        return None, tuple(problems)
    fields = read_fields(split, report)
    if fields is None:
        return None, tuple(problems)
    article = _article(path, fields, split, report, (layer, language, domain), content_hash(text))
    return (None if problems else article), tuple(sorted(set(problems)))


_IDENTITY_FIELDS = ("id", "type", "topic", "language", "title", "audience", "owner", "questions", "related")
_PROOF_FIELDS = (
    "written",
    "reviewed",
    "reviewed_by",
    "review_by",
    "sources",
    "translates",
    "imported",
    "numbers",
    "links",
)


def _article(
    path: Path,
    fields: Fields,
    split: SplitFile,
    report: Report,
    folder: tuple[str, str, str],
    hash_: str,
) -> Article | None:
    layer, language, domain = folder
    fields.refuse_unknown((*_IDENTITY_FIELDS, *_PROOF_FIELDS))
    type_ = fields.choice("type", ArticleType)
    audience = fields.choice("audience", Audience)
    written = fields.date("written")
    short, sections = read_body(split, report)
    _check_conclusions(split, short if layer == NATIONAL else split.body, language, report)
    if type_ is None or audience is None or written is None:
        return None
    _check_required_sections(layer, language, type_, sections, fields)
    return Article(
        layer=layer,
        language=language,
        domain=domain,
        path=path,
        id=_identity(path, fields, layer, language),
        type=type_,
        topic=_topic(fields, type_, domain),
        title=_checked_title(fields, language),
        audience=audience,
        owner=fields.text("owner"),
        written=written,
        reviewed=fields.date("reviewed", required=False),
        reviewed_by=_reviewed_by(fields),
        review_by=_review_by(fields, written),
        sources=read_sources(fields),
        questions=fields.texts("questions"),
        related=_related(fields),
        translates=read_translation(fields, language),
        origin=_origin(fields, layer),
        numbers=read_numbers(fields, emergency=type_ is ArticleType.EMERGENCY),
        links=read_links(fields),
        short=short,
        sections=sections,
        content_hash=hash_,
    )


def _identity(path: Path, fields: Fields, layer: str, language: str) -> str:
    id_ = fields.match("id", ID_PATTERN, "an identifier (lower-case letters, digits, hyphens)")
    if id_ and id_ != path.stem:
        fields.problem("id", f"{id_!r} must be the file's name, {path.stem!r}")
    if id_ and layer == NATIONAL and not id_.startswith(NATIONAL_PREFIX):
        fields.problem("id", f"{id_!r} must begin with {NATIONAL_PREFIX!r} in the {NATIONAL} layer")
    given = fields.text("language")
    if given and given != language:
        fields.problem("language", f"{given!r} must be that of the folder, {language!r}")
    return id_


def _topic(fields: Fields, type_: ArticleType, domain: str) -> str:
    topic = fields.text("topic")
    taxonomy = load_taxonomy()
    if not topic:
        return topic
    if not taxonomy.is_topic(topic):
        fields.problem("topic", f"{topic!r} is not in taxonomy.yml")
        return topic
    family = taxonomy.family_of(topic)
    if family != domain:
        fields.problem("topic", f"{topic!r} belongs in the folder {family!r}, not {domain!r}")
    for special in (ArticleType.REDIRECT, ArticleType.EMERGENCY):
        if (family == special) != (type_ is special):
            fields.problem("type", f"{type_.value!r} does not go with the topic {topic!r}")
            break
    return topic


def _checked_title(fields: Fields, language: str) -> str:
    title = fields.text("title")
    for _, words in find_conclusions(title, language):
        fields.problem("title", f"concludes on a person's entitlement: {words!r}")
    return title


def _reviewed_by(fields: Fields) -> str | None:
    reviewed, name = fields.date("reviewed", required=False), fields.text("reviewed_by", required=False)
    if (reviewed is None) != (not name):
        fields.problem("reviewed", "goes with reviewed_by: a date and the name of the person who read it")
    written = fields.date("written", required=False)
    if reviewed and written and reviewed < written:
        fields.problem("reviewed", "is before `written`: that text has not been read yet")
    return name or None


def _review_by(fields: Fields, written: date) -> date | None:
    review_by = fields.date("review_by", required=False)
    if review_by and review_by <= written:
        fields.problem("review_by", "must be after `written`")
    return review_by


def _related(fields: Fields) -> tuple[str, ...]:
    related = fields.texts("related")
    if len(set(related)) < len(related):
        fields.problem("related", "names an article twice")
    return related


def _origin(fields: Fields, layer: str) -> Origin | None:
    origin = read_origin(fields)
    if origin and layer != NATIONAL:
        fields.problem("imported", f"is for the {NATIONAL} layer, which imports write")
    return origin


def _check_required_sections(
    layer: str, language: str, type_: ArticleType, sections: tuple[Section, ...], fields: Fields
) -> None:
    if layer == NATIONAL:
        if not sections:
            fields.problem("type", "an article of the national layer requires a section, whichever it is")
        return
    present = {section.key for section in sections}
    required = REQUIRED_SECTIONS[type_]
    if language != SOURCE_LANGUAGE:
        required = tuple(key for key in required if key in ALWAYS_TRANSLATED)
    missing = [key for key in required if key not in present]
    if missing:
        fields.problem("type", f"{type_.value!r} requires the sections {', '.join(missing)}")


def _check_conclusions(split: SplitFile, text: str, language: str, report: Report) -> None:
    """Report where `text`, the part of the body that is ours to write, concludes."""
    start = split.body.find(text)
    for offset, words in find_conclusions(text, language):
        line = split.body_line + split.body.count("\n", 0, start + offset)
        report(
            line, "body", f"concludes on a person's entitlement: {words!r}; explain the conditions instead"
        )
