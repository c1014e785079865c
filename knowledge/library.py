"""All the articles: which one wins where several layers have it, and which translation still counts.

Layers override by id: local over common over national. A translation counts only while it carries the hash of
the winning French article; otherwise it is hidden, and the French article is shown instead. A sheet of the
national layer counts only while its own date is recent enough; afterwards it has expired, and never answers.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from knowledge.article import (
    ALWAYS_TRANSLATED,
    DOMAINS,
    LAYERS,
    NATIONAL,
    SOURCE_LANGUAGE,
    Article,
    Audience,
    read_article,
)
from knowledge.problems import Problem, Severity
from knowledge.sections import Section, SectionKey
from knowledge.settings import NATIONAL_MAX_AGE

__all__ = ["Library", "Problem", "Severity", "check_content", "load_library", "refresh_translation_hashes"]

_PARIS = ZoneInfo("Europe/Paris")
_LANGUAGE = re.compile("[a-z]{2,3}")
_HASH = re.compile(r"(\bhash\s*:\s*)[\"']?[0-9a-f]*[\"']?")


class ArticleReader(Protocol):
    """What reads one file: `read_article`, or something that remembers what it has read."""

    def __call__(
        self, path: Path, /, *, layer: str, language: str, domain: str
    ) -> tuple[Article | None, tuple[Problem, ...]]:
        """Return the article, or None, and the file's problems."""


@dataclass(frozen=True)
class Library:
    """The articles in force.

    Attributes:
        articles: every valid article that was read, overridden ones and stale translations included.
        expired: those of the national layer that are too old to answer; they win over nothing.
    """

    articles: tuple[Article, ...]
    _winners: Mapping[tuple[str, str], Article]
    expired: tuple[Article, ...] = ()

    @classmethod
    def in_force(cls, articles: Iterable[Article]) -> "Library":
        """Return the library of articles that are known to win, such as those kept beside an index."""
        kept = tuple(articles)
        return cls(kept, {(article.id, article.language): article for article in kept})

    def article(self, id_: str, language: str, audience: Audience = Audience.PUBLIC) -> Article | None:
        """Return the winning article in exactly this language, or None (absent, stale, or not for them)."""
        found = self._winners.get((id_, language))
        if found is None or (found.audience is Audience.STAFF and audience is not Audience.STAFF):
            return None
        return found

    def best(self, id_: str, language: str, audience: Audience = Audience.PUBLIC) -> Article | None:
        """Return the article in this language, else in French; the caller shows which by its `language`."""
        return self.article(id_, language, audience) or self.article(id_, SOURCE_LANGUAGE, audience)

    def section(self, article: Article, key: SectionKey) -> tuple[Section, str] | None:
        """Return a section of an article and its language: French where it is not translated."""
        for each in (article, self._winners.get((article.id, SOURCE_LANGUAGE))):
            if each and (section := each.section(key)):
                return section, each.language
        return None

    def section_keys(self, article: Article) -> tuple[SectionKey, ...]:
        """Return the sections that `section` finds, in the order of the French article."""
        source = self._winners.get((article.id, SOURCE_LANGUAGE), article)
        return tuple(section.key for section in source.sections)

    def by_topic(
        self, topic: str, language: str, audience: Audience = Audience.PUBLIC
    ) -> tuple[Article, ...]:
        """Return the best article of each id that carries a topic: ours, then the State's, by id."""
        ids = sorted({article.id for article in self._winners.values() if article.topic == topic})
        found = [article for id_ in ids if (article := self.best(id_, language, audience))]
        return tuple(sorted(found, key=lambda article: article.layer == NATIONAL))

    def winning(self) -> tuple[Article, ...]:
        """Return the articles in force in all languages, staff ones included, in a stable order."""
        return tuple(self._winners[key] for key in sorted(self._winners))


def load_library(
    content_dir: Path,
    languages: Iterable[str],
    *,
    national_max_age: int = NATIONAL_MAX_AGE,
    today: date | None = None,
    read: ArticleReader = read_article,
) -> tuple[Library, tuple[Problem, ...]]:
    """Read the articles of a content folder.

    Args:
        content_dir: the folder that holds the layers.
        languages: the languages to read; French is always read, since the others translate it.
        national_max_age: after how many days a sheet of the national layer expires, by its own date.
        today: the day to count them to; by default the present one, in Paris.
        read: what reads a file.

    Returns:
        The library, without the files that are no valid articles, and all problems, by file.
    """
    wanted = {SOURCE_LANGUAGE, *languages}
    articles: list[Article] = []
    problems: list[Problem] = []
    for path, layer, language, domain in _files(content_dir, problems):
        if language in wanted:
            article, found = read(path, layer=layer, language=language, domain=domain)
            problems += found
            articles += [article] if article else []
    unique, duplicates = _without_duplicates(articles)
    oldest = (today or datetime.now(_PARIS).date()) - timedelta(days=national_max_age)
    expired = tuple(article for article in unique if _is_expired(article, oldest))
    winners = _winners([article for article in unique if not _is_expired(article, oldest)])
    problems += duplicates
    problems += _expiry_problems(expired, national_max_age)
    problems += _translation_problems(unique, winners)
    problems += _override_problems(unique)
    problems += _related_problems(unique)
    return Library(unique, winners, expired), tuple(sorted(problems))


def check_content(
    content_dir: Path, *, national_max_age: int = NATIONAL_MAX_AGE, today: date | None = None
) -> tuple[Problem, ...]:
    """Check the articles of a content folder, in all its languages; `knowledge.check` checks everything."""
    languages = languages_in(content_dir)
    return load_library(content_dir, languages, national_max_age=national_max_age, today=today)[1]


def languages_in(content_dir: Path) -> frozenset[str]:
    """Return the languages that a content folder has articles in."""
    return frozenset(
        folder.name for layer in LAYERS for folder in (content_dir / layer).glob("*") if folder.is_dir()
    )


def refresh_translation_hashes(content_dir: Path) -> tuple[Path, ...]:
    """Write into each translation the hash of the French article it stands for; return the files changed.

    To be called once translations have been brought up to date, since it declares them so. A translation is
    matched with the French article of its own layer, else with the winning one.
    """
    changed = []
    articles = [
        (path, layer, language, read_article(path, layer=layer, language=language, domain=domain)[0])
        for path, layer, language, domain in _files(content_dir, [])
    ]
    sources = {(layer, a.id): a for _, layer, language, a in articles if a and language == SOURCE_LANGUAGE}
    for path, layer, language, _ in articles:
        nearest = [layer, *reversed(LAYERS)]
        source = next((sources[each, path.stem] for each in nearest if (each, path.stem) in sources), None)
        if language != SOURCE_LANGUAGE and source and _write_hash(path, source.content_hash):
            changed.append(path)
    return tuple(changed)


def _write_hash(path: Path, hash_: str) -> bool:
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines):
        if number and line.rstrip() == "---":
            break
        new = _HASH.sub(rf'\g<1>"{hash_}"', line, count=1)
        if new != line:
            lines[number] = new
            path.write_text("\n".join(lines), encoding="utf-8")
            return True
    return False


def _files(content_dir: Path, problems: list[Problem]) -> Iterator[tuple[Path, str, str, str]]:
    for layer in LAYERS:
        for path in sorted((content_dir / layer).rglob("*.md")):
            language, _, domain = path.parent.relative_to(content_dir / layer).as_posix().partition("/")
            if path.name == "README.md" or path.name.startswith("."):  # editors keep hidden files beside ours
                continue
            if domain in DOMAINS and _LANGUAGE.fullmatch(language):
                yield path, layer, language, domain
            else:
                expected = f"{layer}/<language>/<one of {', '.join(DOMAINS)}>/<id>.md"
                problems.append(Problem(path, 1, "path", f"must be {expected}"))


def _problem(article: Article, field: str, reason: str, severity: Severity = Severity.ERROR) -> Problem:
    lines = article.path.read_text(encoding="utf-8-sig").splitlines()
    line = next((n for n, text in enumerate(lines, start=1) if text.startswith(f"{field}:")), 1)
    return Problem(article.path, line, field, reason, severity)


def _without_duplicates(articles: Sequence[Article]) -> tuple[tuple[Article, ...], list[Problem]]:
    kept: dict[tuple[str, str, str], Article] = {}
    problems = []
    for article in articles:
        first = kept.setdefault((article.layer, article.id, article.language), article)
        if first is not article:
            problems.append(_problem(article, "id", f"{article.id!r} is already that of {first.path}"))
    return tuple(kept.values()), problems


def _winners(articles: Sequence[Article]) -> dict[tuple[str, str], Article]:
    by_layer = sorted(articles, key=lambda article: LAYERS.index(article.layer))
    winners = {(a.id, a.language): a for a in by_layer if a.language == SOURCE_LANGUAGE}
    fresh = {(a.id, a.language): a for a in by_layer if a.translates and _is_fresh(a, winners)}
    return winners | fresh


def _is_fresh(article: Article, winners: Mapping[tuple[str, str], Article]) -> bool:
    source = winners.get((article.id, SOURCE_LANGUAGE))
    return bool(source and article.translates and article.translates.hash == source.content_hash)


def _is_expired(article: Article, oldest: date) -> bool:
    return article.layer == NATIONAL and article.written < oldest


def _expiry_problems(expired: Sequence[Article], max_age: int) -> Iterator[Problem]:
    for article in expired:
        reason = f"expired, hidden: more than {max_age} days old; import newer sheets (`guichet kb import`)"
        yield _problem(article, "written", reason, Severity.WARNING)


def _translation_problems(
    articles: Sequence[Article], winners: Mapping[tuple[str, str], Article]
) -> Iterator[Problem]:
    for article in articles:
        if article.language == SOURCE_LANGUAGE:
            continue
        source = winners.get((article.id, SOURCE_LANGUAGE))
        if source is None:
            reason = f"no valid article {article.id!r} exists in {SOURCE_LANGUAGE}"
            yield _problem(article, "translates", reason)
        elif not _is_fresh(article, winners):
            reason = f"stale, hidden: {source.path} now has the hash {source.content_hash}"
            yield _problem(article, "translates", reason, Severity.WARNING)
        elif not _may_stand_for(article, source):
            always = ", ".join(sorted(ALWAYS_TRANSLATED))
            reason = f"must be those of {source.path}, in its order; all but {always} may be left out"
            yield _problem(article, "sections", reason)
        elif [number.uri for number in article.numbers] != [number.uri for number in source.numbers]:
            yield _problem(article, "numbers", f"differ from those of {source.path}")


def _may_stand_for(article: Article, source: Article) -> bool:
    present = {section.key for section in article.sections}
    kept = [s.key for s in source.sections if s.key in present or s.key in ALWAYS_TRANSLATED]
    return [section.key for section in article.sections] == kept


def _override_problems(articles: Sequence[Article]) -> Iterator[Problem]:
    """An id is one subject for one audience: an override or a translation that changes it is a mistake."""
    first: dict[str, Article] = {}
    for article in articles:
        other = first.setdefault(article.id, article)
        for field in ("type", "topic", "audience"):
            if getattr(article, field) != getattr(other, field):
                yield _problem(article, field, f"differs from that of {other.path}, which has the same id")


def _related_problems(articles: Sequence[Article]) -> Iterator[Problem]:
    audiences: dict[str, set[Audience]] = defaultdict(set)
    for article in articles:
        audiences[article.id].add(article.audience)
    for article in articles:
        for id_ in article.related:
            if id_ not in audiences or id_ == article.id:
                yield _problem(article, "related", f"{id_!r} is no other article")
            elif article.audience is Audience.PUBLIC and audiences[id_] == {Audience.STAFF}:
                yield _problem(article, "related", f"{id_!r} is for staff only; this article is public")
