"""The front matter of an article: YAML between two `---` lines, read so that a problem knows its line.

PyYAML's nodes carry line numbers that plain `safe_load` throws away; `Fields` reads values from the nodes.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

import yaml

Report = Callable[[int, str, str], None]  # line in the file, field, reason
EnumT = TypeVar("EnumT", bound=StrEnum)
_REVIEW_FIELDS = re.compile(r"(reviewed|reviewed_by)\s*:")
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class SplitFile:
    """A file cut in two.

    Attributes:
        front: the YAML text, without its `---` lines.
        body: the Markdown text after it.
        body_line: the line of the file where the body begins, counted from 1.
    """

    front: str
    body: str
    body_line: int


def split_front_matter(text: str) -> SplitFile:
    """Separate the front matter from the body.

    Raises:
        ValueError: the text does not begin with a front matter, or it is not closed.
    """
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise ValueError("the file must begin with a line '---' that opens the front matter")
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return SplitFile("\n".join(lines[1:number]), "\n".join(lines[number + 1 :]), number + 2)
    raise ValueError("the front matter is not closed by a line '---'")


def content_hash(text: str) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of a file's text.

    Line ends are normalised, and the front matter's `reviewed` and `reviewed_by` are left out: reading an
    article again must not make its translations stale.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        end = split_front_matter(text).body_line - 1
    except ValueError:
        end = 0
    lines = [
        line
        for number, line in enumerate(text.split("\n"))
        if number >= end or not _REVIEW_FIELDS.match(line)
    ]
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()[:16]


class Fields:
    """One YAML mapping, whose values are asked for by name and type; anything wrong is reported, not raised.

    A method that finds nothing usable returns an empty value of its type, so that one reading of a file
    reports all its problems.
    """

    def __init__(self, node: yaml.MappingNode, report: Report, *, offset: int, prefix: str = "") -> None:
        """Index a mapping.

        Args:
            node: the mapping.
            report: called with (line, field, reason) for each problem.
            offset: lines of the file before the YAML text's first one.
            prefix: the field that holds this mapping, for messages.
        """
        self._report, self._offset, self._prefix = report, offset, prefix
        self._first_line = node.start_mark.line + 1 + offset
        self._nodes: dict[str, yaml.Node] = {}
        for key_node, value_node in node.value:
            name = str(key_node.value)
            if name in self._nodes:
                self._report(self._line(key_node), self._name(name), "is given twice")
            self._nodes[name] = value_node

    def _line(self, node: yaml.Node) -> int:
        return int(node.start_mark.line) + 1 + self._offset

    def _name(self, name: str) -> str:
        return f"{self._prefix}.{name}" if self._prefix else name

    def line(self, name: str) -> int:
        """Return the line of a field in the file, or that of the mapping when the field is absent."""
        return self._line(self._nodes[name]) if name in self._nodes else self._first_line

    def problem(self, name: str, reason: str) -> None:
        """Report a problem with a field."""
        self._report(self.line(name), self._name(name), reason)

    def refuse_unknown(self, known: Iterable[str]) -> None:
        """Report the fields that nobody reads: most often a misspelt name."""
        expected = sorted(known)
        for name in self._nodes:
            if name not in expected:
                self.problem(name, f"unknown field; expected one of {', '.join(expected)}")

    def _value(self, name: str, *, required: bool) -> Any:
        node = self._nodes.get(name)
        value = None if node is None else construct(node)
        if value is None and required:
            self.problem(name, "is required")
        return value

    def text(self, name: str, *, required: bool = True) -> str:
        """Return a text on one line, "" when absent."""
        value = self._value(name, required=required)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.problem(name, f"must be a text, not {value!r}; quote it if YAML reads it otherwise")
            return ""
        return " ".join(value.split())

    def match(self, name: str, pattern: str, meaning: str, *, required: bool = True) -> str:
        """Return a text that a regular expression matches entirely; `meaning` says what is expected."""
        value = self.text(name, required=required)
        if value and not re.fullmatch(pattern, value):
            self.problem(name, f"{value!r} is not {meaning}")
            return ""
        return value

    def date(self, name: str, *, required: bool = True) -> date | None:
        """Return a date (YYYY-MM-DD)."""
        value = self._value(name, required=required)
        if value is None:
            return None
        if isinstance(value, datetime) or not isinstance(value, date):
            self.problem(name, f"must be a date written YYYY-MM-DD, not {value!r}")
            return None
        return value

    def choice(self, name: str, choices: type[EnumT]) -> EnumT | None:
        """Return a member of an enumeration."""
        value = self._value(name, required=True)
        if value is None:
            return None
        try:
            return choices(value)
        except ValueError:
            self.problem(name, f"{value!r} is not one of {', '.join(choices)}")
            return None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, empty when absent."""
        value = self._value(name, required=False)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.problem(name, "must be a list")
            return ()
        for item in value:
            if not isinstance(item, str) or not item.strip():
                self.problem(name, f"must hold texts, not {item!r}; quote what YAML reads otherwise")
        return tuple(" ".join(item.split()) for item in value if isinstance(item, str) and item.strip())

    def mapping(self, name: str) -> "Fields | None":
        """Return a nested mapping, or None when the field is absent or null."""
        node = self._nodes.get(name)
        if node is None or construct(node) is None:
            return None
        if not isinstance(node, yaml.MappingNode):
            self.problem(name, "must be a mapping, or null")
            return None
        return Fields(node, self._report, offset=self._offset, prefix=self._name(name))

    def mappings(self, name: str) -> tuple["Fields", ...]:
        """Return a list of mappings, empty when absent."""
        node = self._nodes.get(name)
        if node is None or construct(node) is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self.problem(name, "must be a list of mappings")
            return ()
        found = []
        for number, item in enumerate(node.value, start=1):
            field = f"{self._name(name)}[{number}]"
            if isinstance(item, yaml.MappingNode):
                found.append(Fields(item, self._report, offset=self._offset, prefix=field))
            else:
                self._report(self._line(item), field, "must be a mapping")
        return tuple(found)


def construct(node: yaml.Node) -> Any:
    """Turn a YAML node into the Python value that `yaml.safe_load` would give."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def read_fields(split: SplitFile, report: Report) -> Fields | None:
    """Parse a front matter; None, with a problem reported, when it is no YAML mapping."""
    try:
        node = yaml.compose(split.front, Loader=Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 2
        report(line, "front matter", f"is not valid YAML: {getattr(error, 'problem', None) or error}")
        return None
    if not isinstance(node, yaml.MappingNode):
        report(2, "front matter", "must be a YAML mapping")
        return None
    return Fields(node, report, offset=1)
