"""The services that routing rules and articles name exist.

The reading of the directory already refuses an unknown central desk, kind, topic, place or replacement; this
adds what only shows from outside: a kind that no service is of, and a link to the page of no service.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from knowledge.checks.base import KnowledgeBase
from knowledge.checks.lines import lines_of
from knowledge.checks.links import find_urls
from knowledge.problems import Problem, Severity
from knowledge.yaml_files import read_yaml

ROUTING_FILE = Path("directory", "routing.yml")


def check_services(base: KnowledgeBase) -> Iterator[Problem]:
    """Report the kinds of service without a service, and the links to a service that does not exist."""
    if base.directory is None:
        return
    services = base.directory.services.values()
    file = read_yaml(base.folder / ROUTING_FILE)
    used = {service.kind for service in services}
    for kind in file.data["kinds"]:
        if kind not in used:
            yield file.problem(("kinds", kind), "no service is of this kind", Severity.WARNING)
    pages = {service.url.rstrip("/") for service in services if service.url}
    # Where several services have their pages, any other page is a service's that is gone or misspelt.
    folders = {folder for folder, count in Counter(map(_folder, pages)).items() if count > 1}
    for article in base.ours:
        for line in lines_of(article):
            for url in find_urls(line.text):
                if _folder(url) in folders and url not in pages:
                    yield line.problem(article, f"no service of the directory has the page {url}")


def _folder(url: str) -> str:
    return url.rsplit("/", 1)[0]
