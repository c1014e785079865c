"""The taxonomy: which topics exist, which owners and emergencies, as read from `taxonomy.yml`.

These identifiers are part of the public contract, so nothing in the code lists them a second time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

TAXONOMY_FILE = Path(__file__).with_name("taxonomy.yml")
REDIRECT_PREFIX = "redirect-"
EMERGENCY_PREFIX = "emergency-"


@dataclass(frozen=True)
class Emergency:
    """A situation of danger.

    Attributes:
        id: its identifier, without the `emergency-` prefix.
        numbers: the telephone numbers that must be shown, most useful first.
        when: when it applies, in English, for maintainers.
    """

    id: str
    numbers: tuple[str, ...]
    when: str


@dataclass(frozen=True)
class Taxonomy:
    """Everything that residents ask about, and who answers.

    Attributes:
        kinds: what a reply is (`answer`, `clarify`…), with a description.
        domains: topics and their descriptions, by family (`social_benefits`, `college`, `general`).
        owners: who answers what the département does not, with a description.
        emergencies: situations of danger, by identifier, in the order of the file.
    """

    kinds: Mapping[str, str]
    domains: Mapping[str, Mapping[str, str]]
    owners: Mapping[str, str]
    emergencies: Mapping[str, Emergency]

    @property
    def topics(self) -> tuple[str, ...]:
        """All domain topics, in the order of the file."""
        return tuple(topic for topics in self.domains.values() for topic in topics)

    def family_of(self, topic: str) -> str:
        """Return the family of a topic: a domain's name, `redirect` or `emergency`.

        Raises:
            KeyError: the topic is not in the taxonomy.
        """
        for family, topics in self.domains.items():
            if topic in topics:
                return family
        if topic.removeprefix(REDIRECT_PREFIX) in self.owners and topic.startswith(REDIRECT_PREFIX):
            return "redirect"
        if topic.removeprefix(EMERGENCY_PREFIX) in self.emergencies and topic.startswith(EMERGENCY_PREFIX):
            return "emergency"
        raise KeyError(topic)

    def is_topic(self, topic: str) -> bool:
        """Tell whether an article may carry this topic (a domain's, an owner's or an emergency's)."""
        try:
            self.family_of(topic)
        except KeyError:
            return False
        return True


@cache
def load_taxonomy(path: Path = TAXONOMY_FILE) -> Taxonomy:
    """Read the taxonomy; the result is kept, since the file only changes with the code.

    Raises:
        ValueError: a topic is in two families, so that its family would be a guess.
    """
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    domains = {family: MappingProxyType(dict(topics)) for family, topics in data["domains"].items()}
    topics = [topic for family in domains.values() for topic in family]
    if len(topics) != len(set(topics)):
        twice = sorted({topic for topic in topics if topics.count(topic) > 1})
        raise ValueError(f"{path}: topics in two families: {', '.join(twice)}")
    emergencies = {
        key: Emergency(id=key, numbers=tuple(value["numbers"]), when=value["when"])
        for key, value in data["emergencies"].items()
    }
    return Taxonomy(
        kinds=MappingProxyType(dict(data["kinds"])),
        domains=MappingProxyType(domains),
        owners=MappingProxyType(dict(data["owners"])),
        emergencies=MappingProxyType(emergencies),
    )
