"""The services that routing rules and articles name exist.

The reading of the directory already refuses an unknown central desk, kind, topic, place or replacement; this
adds what only shows from outside: a kind that no service is of, a name or a reason to close that a language
lacks, and a link to the page of no service.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from knowledge.checks.base import KnowledgeBase
from knowledge.checks.lines import lines_of
from knowledge.checks.links import find_urls
from knowledge.problems import Problem, Severity
from knowledge.services import Service
from knowledge.yaml_files import Location, read_yaml

ROUTING_FILE = Path("directory", "routing.yml")
SERVICES_FOLDER = Path("directory", "services")


def check_services(base: KnowledgeBase) -> Iterator[Problem]:
    """Report kinds without a service, texts that a language lacks, links to the page of no service."""
    if base.directory is None:
        return
    services = base.directory.services.values()
    file = read_yaml(base.folder / ROUTING_FILE)
    used = {service.kind for service in services}
    for kind in file.data["kinds"]:
        if kind not in used:
            yield file.problem(("kinds", kind), "no service is of this kind", Severity.WARNING)
    for service in services:
        yield from _untranslated(base, service)
    pages = {service.url.rstrip("/") for service in services if service.url}
    # Where several services have their pages, any other page is a service's that is gone or misspelt.
    folders = {folder for folder, count in Counter(map(_folder, pages)).items() if count > 1}
    for article in base.ours:
        for line in lines_of(article):
            for url in find_urls(line.text):
                if _folder(url) in folders and url not in pages:
                    yield line.problem(article, f"no service of the directory has the page {url}")


def _untranslated(base: KnowledgeBase, service: Service) -> Iterator[Problem]:
    """Warn only: a service that closes today is better said closed in French than not at all."""
    texts: dict[Location, Mapping[str, str]] = {("name",): service.name}
    for number, closure in enumerate(service.hours.closures):
        texts["hours", "closures", number, "reason"] = closure.reason
    file = read_yaml(base.folder / SERVICES_FOLDER / f"{service.id}.yml")
    for location, by_language in texts.items():
        missing = [language for language in base.languages if language not in by_language]
        if missing:
            yield file.problem(location, f"is shown in French in {', '.join(missing)}", Severity.WARNING)


def _folder(url: str) -> str:
    return url.rsplit("/", 1)[0]
