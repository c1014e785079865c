"""Every web site that an article names must be in a list: a wrong letter sends residents to a stranger.

Addresses are found with their `https://`, and in the text also without it ("caf.fr"), as residents type them.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from knowledge.checks.base import KnowledgeBase
from knowledge.checks.contact_lists import Hosts
from knowledge.checks.lines import Line, lines_of
from knowledge.problems import Problem, Severity

_URL = re.compile(r"https?://[^\s)\]>\"'`]+")
_NAMED = re.compile(
    r"(?<![\w.-])(?:[a-z0-9-]+\.)+(?:fr|com|org|net|eu|info|example)\b(?!\.?[\w-])", re.IGNORECASE
)
_NOT_SHOWN = {"questions", "translates", "owner"}
_SUFFIXES = {"gouv.fr", "asso.fr"}
"""Ends of host names that texts explain ("a State site ends with gouv.fr"); no host by themselves."""


def check_links(base: KnowledgeBase) -> Iterator[Problem]:
    """Report the links of our articles whose host is in no list."""
    if base.hosts is None:  # said by the reading already; everything would be unknown
        return
    services = base.directory.services.values() if base.directory else ()
    own = frozenset(_host(service.url) for service in services if service.url)
    for article in base.ours:
        for line in lines_of(article):
            for host in hosts_in(line):
                if host not in own and (found := _refusal(host, line.field, base.hosts)):
                    yield line.problem(article, *found)


def hosts_in(line: Line) -> tuple[str, ...]:
    """Return the host names of a line, each once, without `www.`."""
    if line.field in _NOT_SHOWN:
        return ()
    hosts = [_host(url) for url in find_urls(line.text)]
    if line.field not in {"sources", "links"}:  # their titles only say whose page it is
        hosts += [_bare(name) for name in _NAMED.findall(_URL.sub(" ", line.text))]
    return tuple(dict.fromkeys(host for host in hosts if host not in _SUFFIXES))


def find_urls(text: str) -> tuple[str, ...]:
    """Return the web addresses of a text, without the sentence's own marks or a last slash."""
    return tuple(url.rstrip(".,;:").rstrip("/") for url in _URL.findall(text))


def _refusal(host: str, field: str, hosts: Hosts) -> tuple[str, Severity] | None:
    if field == "sources":
        if hosts.may_be_cited(host):
            return None
        return f"the site {host} is not in official_hosts.yml: is it the source to cite?", Severity.WARNING
    if hosts.may_be_proposed(host):
        return None
    if hosts.may_be_cited(host):
        return f"the site {host} is only cited (official_hosts.yml): send residents elsewhere", Severity.ERROR
    return f"the site {host} is not in official_hosts.yml, nor a service's", Severity.ERROR


def _host(url: str) -> str:
    return _bare(urlsplit(url).hostname or "")


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")
