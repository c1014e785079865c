"""What a sheet is about: reads `topics.yml`, which leads sheets, dossiers and themes to topics."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.national.sheet import Sheet
from knowledge.taxonomy import EMERGENCY_PREFIX, load_taxonomy
from knowledge.yaml_files import ContentError, YamlFile, read_yaml

TOPICS_FILE = Path(__file__).with_name("topics.yml")
_TOPICS = ("sheets", "dossiers", "sub_themes", "themes")
_LEFT_OUT = "left_out"


class UnmappedError(LookupError):
    """A sheet is not imported; the text says why, and how it would be."""


@dataclass(frozen=True)
class Topics:
    """Where sheets lead: in each part, topics by the identifiers of service-public.fr.

    Attributes:
        path: the file, to name it to who has to change it.
        left_out: why a sheet is not imported, by its identifier.
    """

    path: Path
    left_out: Mapping[str, str]
    sheets: Mapping[str, str]
    dossiers: Mapping[str, str]
    sub_themes: Mapping[str, str]
    themes: Mapping[str, str]

    def topic_of(self, sheet: Sheet) -> str:
        """Return the topic of a sheet.

        Raises:
            UnmappedError: nothing names it, or it is left out.
        """
        if sheet.id in self.left_out:
            raise UnmappedError(f"left out: {self.left_out[sheet.id]}")
        if sheet.id in self.sheets:
            return self.sheets[sheet.id]
        around = (
            (self.dossiers, sheet.dossier),
            (self.sub_themes, sheet.sub_theme),
            (self.themes, sheet.theme),
        )
        for topics, place in around:
            if place and place.id in topics:
                return topics[place.id]
        if sheet.dossier is None:
            raise UnmappedError(f'no topic: add "{sheet.id}: <topic>" under sheets in {self.path}')
        where = f'"{sheet.dossier.id}: <topic>" under dossiers ({sheet.dossier.title}) in {self.path}'
        raise UnmappedError(f"no topic: add {where}, or the sheet alone under sheets")


def load_topics(path: Path = TOPICS_FILE) -> Topics:
    """Read the file.

    Raises:
        ContentError: it has an unknown part, or leads to what is no topic, or to an emergency.
    """
    file = read_yaml(path)
    known = (_LEFT_OUT, *_TOPICS)
    problems = [
        file.problem((part,), f"unknown; expected {', '.join(known)}")
        for part in file.data
        if part not in known
    ]
    parts = {part: _part(file, part) for part in known}
    taxonomy = load_taxonomy()
    for part in _TOPICS:
        for id_, topic in parts[part].items():
            if not taxonomy.is_topic(topic) or topic.startswith(EMERGENCY_PREFIX):
                reason = f"{topic!r} is no topic of taxonomy.yml that a sheet may have"
                problems.append(file.problem((part, id_), reason))
    if problems:
        raise ContentError(*problems)
    return Topics(path, **parts)


def _part(file: YamlFile, name: str) -> dict[str, str]:
    given = file.data.get(name) or {}
    if not isinstance(given, dict):
        raise ContentError(file.problem((name,), "must be a mapping"))
    return {str(id_): str(value) for id_, value in given.items()}
