"""Reads the YAML files of the knowledge base and says on which line something is wrong.

Articles have their own reader (`frontmatter.py`); this one is for whole files: the catalogues of texts, the
services, the names of places.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from knowledge.frontmatter import Loader, construct
from knowledge.problems import Problem, Severity

Location = tuple[str | int, ...]


class ContentError(ValueError):
    """A part of the knowledge base without which nothing can be said is missing or wrong.

    Attributes:
        problems: what to correct, file by file.
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class YamlFile:
    """A YAML file that holds a mapping.

    Attributes:
        path: where it was read.
        data: its values, as `yaml.safe_load` gives them.
        lines: the line of each key and list item, counted from 1, by location (`("hours", "monday", 0)`).
    """

    path: Path
    data: dict[str, Any]
    lines: Mapping[Location, int]

    def problem(self, location: Location, reason: str, severity: Severity = Severity.ERROR) -> Problem:
        """Return a problem that stands at a location, or at the nearest thing around it that has a line."""
        around = (location[:end] for end in range(len(location), 0, -1))
        line = next((self.lines[place] for place in around if place in self.lines), 1)
        return Problem(self.path, line, ".".join(map(str, location)) or "file", reason, severity)

    def problems_of(self, error: ValidationError, inside: Location = ()) -> tuple[Problem, ...]:
        """Turn what pydantic refused, in the value found at `inside`, into problems of this file."""
        return tuple(
            self.problem((*inside, *item["loc"]), item["msg"].removeprefix("Value error, "))
            for item in error.errors()
        )


def read_yaml(path: Path) -> YamlFile:
    """Read one file.

    Raises:
        ContentError: the file cannot be read, is no YAML mapping, or gives a key twice (YAML would silently
            keep the last one).
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=Loader)
        data = construct(node) if node else None
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(Problem(path, 1, "file", f"cannot be read: {error}")) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = f"is not valid YAML: {getattr(error, 'problem', None) or error}"
        raise ContentError(Problem(path, mark.line + 1 if mark else 1, "file", reason)) from error
    if not isinstance(node, yaml.MappingNode) or not isinstance(data, dict):
        raise ContentError(Problem(path, 1, "file", "must be a YAML mapping"))
    lines: dict[Location, int] = {}
    twice: list[Problem] = []
    for location, line in _walk(node, ()):
        if location in lines:
            twice.append(Problem(path, line, ".".join(map(str, location)), "is given twice"))
        lines[location] = line
    if twice:
        raise ContentError(*twice)
    return YamlFile(path, data, lines)


def _walk(node: yaml.Node, location: Location) -> Iterator[tuple[Location, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inside = (*location, str(_scalar(key)))
            yield inside, key.start_mark.line + 1
            yield from _walk(value, inside)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield (*location, number), item.start_mark.line + 1
            yield from _walk(item, (*location, number))


def _scalar(node: yaml.Node) -> Hashable:
    return node.value if isinstance(node, yaml.ScalarNode) else repr(node.value)
