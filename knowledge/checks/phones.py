"""Every telephone number that an article gives must be somebody's: a service's, or a listed one."""

from collections.abc import Collection, Iterator

from knowledge.article import Article
from knowledge.checks.base import KnowledgeBase
from knowledge.checks.contact_lists import Numbers
from knowledge.checks.lines import line_of, lines_of
from knowledge.checks.phone_numbers import find_phones, phone_key
from knowledge.problems import Problem
from knowledge.taxonomy import load_taxonomy

_NOT_READ_OUT = {"sources", "questions", "translates", "written", "reviewed", "review_by"}
"""Fields where nobody is told to call: dates, references, and what residents write themselves."""


def check_phones(base: KnowledgeBase) -> Iterator[Problem]:
    """Report the numbers of our articles and texts that are in no list."""
    if base.numbers is None:  # said by the reading already; everything would be unknown
        return
    known = _known(base, base.numbers)
    for article in base.ours:
        yield from _buttons(article, known)
        for line in lines_of(article):
            if line.field not in _NOT_READ_OUT:
                for written in _strangers(line.text, known):
                    yield line.problem(article, _unknown(written))
    for catalogue in base.texts.catalogues.values() if base.texts else ():
        for key, text in catalogue.texts.items():
            for written in _strangers(text, known):
                yield catalogue.file.problem(tuple(key.split(".")), _unknown(written))


def _known(base: KnowledgeBase, numbers: Numbers) -> frozenset[str]:
    services = base.directory.services.values() if base.directory else ()
    emergencies = load_taxonomy().emergencies.values()
    return frozenset(
        (
            *numbers.known,
            *(number for emergency in emergencies for number in emergency.numbers),
            *(phone_key(service.phone) for service in services if service.phone),
        )
    )


def _strangers(text: str, known: Collection[str]) -> Iterator[str]:
    return (written for written in find_phones(text) if phone_key(written) not in known)


def _buttons(article: Article, known: Collection[str]) -> Iterator[Problem]:
    """Report the buttons of an emergency article that dial nobody, or another number than they show."""
    for button in article.numbers:
        dialled = button.uri.partition(":")[2]
        line = line_of(article, "numbers", button.uri)
        if phone_key(button.number) not in known:
            yield line.problem(article, _unknown(button.number))
        elif phone_key(dialled) != phone_key(button.number):
            yield line.problem(article, f"shows {button.number!r} and dials {dialled!r}")


def _unknown(written: str) -> str:
    return (
        f"the number {written!r} is of no service of the directory, no emergency of taxonomy.yml and not in "
        "national_numbers.yml"
    )
