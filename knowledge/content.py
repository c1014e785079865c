"""The content folder as a whole: all its files read at one moment, with everything that is wrong in them.

A `ContentReader` stays with whoever publishes: it remembers the articles it has read by the bytes of their
files, so that one changed file costs one parse.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.article import LAYERS, Article, read_article
from knowledge.directory import load_directory
from knowledge.library import Library, load_library
from knowledge.passages import Passage, passages_of
from knowledge.problems import Problem, Severity
from knowledge.settings import KnowledgeSettings
from knowledge.texts import check_texts
from knowledge.yaml_files import ContentError

COMPANIONS = ("directory", "texts")
_ARTICLES, _DATA = (".md",), (".yml", ".json")
_TRIES, _WAIT_SECONDS = 50, 0.1

Parsed = tuple[Article | None, tuple[Problem, ...]]
Stamp = tuple[int, int, int]  # what changes when a file is written or replaced


@dataclass(frozen=True)
class Content:
    """What the content folder held at one moment.

    Attributes:
        signature: changes with any file.
        library: the valid articles.
        companions: the files of the directory and of the texts, by their path in the content folder.
        problems: what is wrong, warnings included, by file.
    """

    signature: str
    library: Library
    companions: Mapping[str, bytes]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the folder from being published."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


class ContentReader:
    """Reads the content folder again and again. For one thread at a time."""

    def __init__(self, settings: KnowledgeSettings) -> None:
        self._settings = settings
        self._folder = settings.content_dir
        self._read: dict[Path, tuple[bytes, Parsed]] = {}
        self._digests: dict[Path, bytes] = {}
        self._passages: dict[Article, tuple[Passage, ...]] = {}
        self._checked: tuple[Mapping[str, bytes] | None, tuple[Problem, ...]] = (None, ())

    def signature(self) -> str:
        """Return a text that changes when any file does, by its content: saving it unchanged is no change."""
        return _signature(self._folder, self._files())

    def read(self, *, today: date | None = None) -> Content:
        """Read everything, as it was at one moment: while files are still being written, it waits.

        Args:
            today: the day that the age of the State's sheets is counted to.
        """
        for _ in range(_TRIES):
            stamps = self._stamps()
            content = self._content(today)
            if self._stamps() == stamps:
                break
            time.sleep(_WAIT_SECONDS)
        return content

    def cut(self, article: Article) -> tuple[Passage, ...]:
        """Return the passages of an article, cut once as long as it stays the same."""
        if article not in self._passages:
            self._passages[article] = passages_of(article)
        return self._passages[article]

    def _content(self, today: date | None) -> Content:
        files = self._files()
        self._digests = {path: hashlib.sha256(data).digest() for path, data in files.items()}
        library, problems = load_library(
            self._folder,
            self._settings.languages,
            national_max_age=self._settings.national_max_age,
            today=today,
            read=self._article,
        )
        self._forget(library)
        companions = {
            path.relative_to(self._folder).as_posix(): data
            for path, data in files.items()
            if path.relative_to(self._folder).parts[0] in COMPANIONS
        }
        if companions != self._checked[0]:
            self._checked = (
                companions,
                (
                    *_directory_problems(self._folder, self._settings.departement),
                    *check_texts(self._folder),
                ),
            )
        found = (*problems, *self._checked[1])
        return Content(_signature(self._folder, files), library, companions, tuple(sorted(set(found))))

    def _article(self, path: Path, /, *, layer: str, language: str, domain: str) -> Parsed:
        digest = self._digests.get(path, b"")
        known = self._read.get(path)
        if known is None or known[0] != digest:
            try:
                known = digest, read_article(path, layer=layer, language=language, domain=domain)
            except OSError as error:
                # Not kept: it may be readable next time, with the same bytes.
                return None, (Problem(path, 1, "file", f"cannot be read: {error.strerror}"),)
            self._read[path] = known
        return known[1]

    def _forget(self, library: Library) -> None:
        """Drop what is no longer there, so that memory stays that of one content folder."""
        present = set(library.articles)
        self._read = {path: parsed for path, parsed in self._read.items() if path in self._digests}
        self._passages = {article: cut for article, cut in self._passages.items() if article in present}

    def _files(self) -> dict[Path, bytes]:
        files = {}
        for path in _paths(self._folder):
            try:
                files[path] = path.read_bytes()
            except OSError:  # gone since it was listed, or not ours to read: whoever parses it says so
                continue
        return files

    def _stamps(self) -> dict[Path, Stamp]:
        stamps = {}
        for path in _paths(self._folder):
            try:
                status = path.stat()
            except OSError:
                continue
            stamps[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return stamps


def _paths(folder: Path) -> Iterator[Path]:
    """Yield what counts: articles, the directory, the texts; not what editors leave beside them."""
    suffixes_of = dict.fromkeys(LAYERS, _ARTICLES) | dict.fromkeys(COMPANIONS, _DATA)
    for part, suffixes in suffixes_of.items():
        for path in sorted((folder / part).rglob("*")):
            if path.suffix in suffixes and path.name != "README.md" and not path.name.startswith("."):
                yield path


def _signature(folder: Path, files: Mapping[Path, bytes]) -> str:
    digest = hashlib.sha256()
    for path, data in sorted(files.items()):
        name = path.relative_to(folder).as_posix()
        digest.update(f"{name}\0{hashlib.sha256(data).hexdigest()}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def _directory_problems(folder: Path, departement: str) -> tuple[Problem, ...]:
    try:
        return load_directory(folder, departement)[1]
    except ContentError as error:
        return error.problems
