"""What is wrong with a file of the knowledge base, said where it is wrong."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Severity(StrEnum):
    """Whether a problem keeps a file out (`error`) or only needs attention (`warning`)."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to correct in one file.

    Attributes:
        path: the file.
        line: the line, counted from 1.
        field: the front matter field, or the section, concerned.
        reason: what is wrong and what is expected, in English.
        severity: an error keeps the article out of the library; a warning does not.
    """

    path: Path
    line: int
    field: str
    reason: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        mark = "" if self.severity is Severity.ERROR else "warning: "
        return f"{self.path}:{self.line}: {self.field}: {mark}{self.reason}"
