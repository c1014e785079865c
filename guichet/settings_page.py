"""docs/settings.md, written from the settings themselves so that it cannot be out of date."""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from actions.settings import ActionsSettings
from api.settings import ApiSettings
from guichet.settings import ROOT, Settings
from knowledge.settings import KnowledgeSettings
from records.settings import RecordsSettings

INTRODUCTION = """\
# Settings

Each setting is an environment variable. `make docs` makes this page from the code, and a test compares them.

In development (the default) everything has a value: `make run` needs none of them. With
`GUICHET_ENVIRONMENT=production` the assistant refuses to start while a secret is missing or weak;
`guichet secrets` prints new ones. A list is written as JSON: `GUICHET_LANGUAGES='["fr", "en"]'`.
"""
ROOMS = (
    ("The gateway", ApiSettings),
    ("The action server", ActionsSettings),
    ("The knowledge base", KnowledgeSettings),
    ("The records", RecordsSettings),
    ("The supervisor and its processes", Settings),
)


def type_name(annotation: Any) -> str:
    """Return a type as an administrator reads it."""
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(type_name(part) for part in get_args(annotation) if part is not type(None))
    if get_origin(annotation) is tuple:
        return "list"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(str(member.value) for member in annotation)
    names = {
        str: "text",
        int: "whole number",
        float: "number",
        bool: "true or false",
        Path: "path",
        SecretStr: "secret",
    }
    return names.get(annotation, getattr(annotation, "__name__", str(annotation)))


def default_text(field: FieldInfo) -> str:
    """Return a default as it is written in the environment, without a path of this machine."""
    value = field.default
    if value is None or value in ("", ()) or isinstance(value, SecretStr):
        return ""
    if isinstance(value, Path):
        return f"`{value.relative_to(ROOT) if value.is_absolute() else value}`"
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{item}"' for item in value) + "]`"
    return f"`{value.value if isinstance(value, Enum) else value}`"


def variables(name: str, field: FieldInfo) -> str:
    """Return the environment variables that set a field."""
    others = field.validation_alias.choices if isinstance(field.validation_alias, AliasChoices) else []
    names = [f"GUICHET_{name.upper()}", *(str(other) for other in others)]
    return ", ".join(f"`{variable}`" for variable in dict.fromkeys(names))


def rows() -> Iterator[tuple[str, dict[str, FieldInfo]]]:
    """Yield each room's title with its settings; one that two rooms share stands with the first."""
    seen: set[str] = set()
    for title, room in ROOMS:
        fields = {name: field for name, field in room.model_fields.items() if name not in seen}
        seen |= set(fields)
        yield title, fields


def settings_page() -> str:
    """Return the whole page."""
    parts = [INTRODUCTION]
    for title, fields in rows():
        lines = [f"## {title}", "", "| variable | type | default | meaning |", "| --- | --- | --- | --- |"]
        for name, field in sorted(fields.items()):
            cells = (
                variables(name, field),
                type_name(field.annotation),
                default_text(field),
                field.description or "",
            )
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)
