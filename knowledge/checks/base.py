"""The knowledge base as the checks see it: everything read once, with what went wrong in it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from knowledge.article import NATIONAL, Article
from knowledge.checks.contact_lists import Hosts, Numbers, read_hosts, read_numbers
from knowledge.directory import Directory, load_directory
from knowledge.library import Library, languages_in, load_library
from knowledge.problems import Problem
from knowledge.settings import DEPARTEMENT, NATIONAL_MAX_AGE
from knowledge.texts import SOURCE_LANGUAGE, Texts, check_texts, load_texts
from knowledge.yaml_files import ContentError

T = TypeVar("T")
_PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class KnowledgeBase:
    """Everything that a check may look at. A part that cannot be read is None, and said in the problems.

    Attributes:
        folder: the content folder.
        library: the articles, in every language there.
        directory: the human services.
        texts: the message catalogues.
        numbers: the national telephone numbers that articles may give.
        hosts: the web sites that articles may name.
        today: the day that dates are compared with.
    """

    folder: Path
    library: Library
    directory: Directory | None
    texts: Texts | None
    numbers: Numbers | None
    hosts: Hosts | None
    today: date

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that residents are answered in: those with a catalogue, French at least."""
        return self.texts.languages if self.texts else (SOURCE_LANGUAGE,)

    @property
    def ours(self) -> tuple[Article, ...]:
        """The articles that we write: the national layer quotes the State, and is not ours to correct."""
        return tuple(article for article in self.library.articles if article.layer != NATIONAL)


Check = Callable[[KnowledgeBase], Iterable[Problem]]


def read_knowledge_base(
    content_dir: Path,
    *,
    today: date | None = None,
    national_max_age: int = NATIONAL_MAX_AGE,
    departement: str = DEPARTEMENT,
) -> tuple[KnowledgeBase, tuple[Problem, ...]]:
    """Read all parts of a knowledge base, and return it with the problems of each part.

    Args:
        content_dir: the content folder.
        today: the day that dates are compared with; by default the present one, in Paris.
        national_max_age: after how many days a sheet of the national layer expires.
        departement: the code of the département.
    """
    day = today or datetime.now(_PARIS).date()
    library, found = load_library(
        content_dir, languages_in(content_dir), national_max_age=national_max_age, today=day
    )
    problems = [*found, *check_texts(content_dir)]

    def read(reader: Callable[[Path], T]) -> T | None:
        try:
            return reader(content_dir)
        except ContentError as error:
            problems.extend(error.problems)
            return None

    loaded = read(lambda folder: load_directory(folder, departement))
    directory = None
    if loaded is not None:
        directory, found = loaded
        problems += found
    base = KnowledgeBase(
        folder=content_dir,
        library=library,
        directory=directory,
        texts=read(load_texts),
        numbers=read(read_numbers),
        hosts=read(read_hosts),
        today=day,
    )
    return base, tuple(sorted(set(problems)))
