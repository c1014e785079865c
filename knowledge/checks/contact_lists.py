"""The numbers and web sites that articles may name, of `national_numbers.yml` and `official_hosts.yml`.

A resident calls what is written. A list that a person keeps, with who answers and where that was read, finds
the digit or the letter that slipped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from knowledge.checks.phone_numbers import phone_key
from knowledge.yaml_files import ContentError, read_yaml

NUMBERS_FILE = Path("directory", "national_numbers.yml")
HOSTS_FILE = Path("directory", "official_hosts.yml")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
Host = Annotated[str, StringConstraints(pattern=r"^([a-z0-9-]+\.)+[a-z]{2,}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NationalNumber(_Strict):
    """A number of no service of ours: how it is written, who answers, where and when that was read."""

    number: Text
    label: Text
    source: Url
    consulted: date


class _NumbersFile(_Strict):
    numbers: list[NationalNumber]


class _HostsFile(_Strict):
    official: dict[Host, Text]
    partners: dict[Host, Text]
    cited: dict[Host, Text]


@dataclass(frozen=True)
class Numbers:
    """The national numbers, by `phone_key`."""

    known: Mapping[str, NationalNumber]


@dataclass(frozen=True)
class Hosts:
    """Web sites by host name, each with whose it is. A host stands for its subdomains too.

    Attributes:
        official: of public bodies: residents are sent there.
        partners: of others that residents are sent to.
        cited: where a text was read; articles cite them as sources, and send nobody there.
    """

    official: Mapping[str, str]
    partners: Mapping[str, str]
    cited: Mapping[str, str]

    def may_be_proposed(self, host: str) -> bool:
        """Tell whether residents may be sent to a host."""
        return _is_in(host, self.official) or _is_in(host, self.partners)

    def may_be_cited(self, host: str) -> bool:
        """Tell whether a host may be a source."""
        return self.may_be_proposed(host) or _is_in(host, self.cited)


def _is_in(host: str, hosts: Mapping[str, str]) -> bool:
    labels = host.split(".")
    return any(".".join(labels[start:]) in hosts for start in range(len(labels) - 1))


def read_numbers(content_dir: Path) -> Numbers:
    """Read the national numbers.

    Raises:
        ContentError: the file is absent or wrong, or gives a number twice.
    """
    file = read_yaml(content_dir / NUMBERS_FILE)
    try:
        listed = _NumbersFile.model_validate(file.data).numbers
    except ValidationError as error:
        raise ContentError(*file.problems_of(error)) from error
    known: dict[str, NationalNumber] = {}
    for position, number in enumerate(listed):
        if known.setdefault(phone_key(number.number), number) is not number:
            raise ContentError(file.problem(("numbers", position), f"{number.number} is given twice"))
    return Numbers(known)


def read_hosts(content_dir: Path) -> Hosts:
    """Read the web sites.

    Raises:
        ContentError: the file is absent or wrong, or gives a host in two groups.
    """
    file = read_yaml(content_dir / HOSTS_FILE)
    try:
        data = _HostsFile.model_validate(file.data)
    except ValidationError as error:
        raise ContentError(*file.problems_of(error)) from error
    seen: set[str] = set()
    for group in ("official", "partners", "cited"):
        for host in getattr(data, group):
            if host in seen:
                raise ContentError(file.problem((group, host), "is in two groups"))
            seen.add(host)
    return Hosts(data.official, data.partners, data.cited)
