"""What an import did with each sheet, as its command says it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from knowledge.problems import Problem

_DONE = ("added", "changed", "unchanged", "removed", "kept")
_NAMED = {"added": True, "changed": True, "unchanged": False, "removed": True, "kept": True}
_KEPT = " (not in this folder any more; --prune removes them)"


@dataclass(frozen=True)
class Skipped:
    """A file that is not imported, and why."""

    file: str
    title: str
    reason: str


@dataclass
class Report:
    """What an import did: ids of articles, except where it says otherwise.

    Attributes:
        kept: written by an earlier import, but not of this folder any more; `prune` removes them.
        skipped: files that are no sheet, or that nothing maps to a topic.
        problems: files that could not be imported; what an earlier import made of them stays.
        topics: how many articles each topic has.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    topics: Counter[str] = field(default_factory=Counter)


def as_lines(report: Report) -> Iterator[str]:
    """Yield the report for people: what was done, what was skipped with its reason once, the topics."""
    for done in _DONE:
        ids = getattr(report, done)
        names = f": {', '.join(ids)}" if ids and _NAMED[done] else ""
        yield f"{done} {len(ids)}{names}{_KEPT if ids and done == 'kept' else ''}"
    yield f"skipped {len(report.skipped)}"
    by_reason: dict[str, list[Skipped]] = defaultdict(list)
    for skipped in report.skipped:
        by_reason[skipped.reason].append(skipped)
    for reason, files in sorted(by_reason.items()):
        names = ", ".join(f"{each.file} ({each.title})" if each.title else each.file for each in files)
        yield f"  {names}: {reason}"
    yield f"errors {len(report.problems)}"
    if report.topics:
        counts = (f"{topic} {count}" for topic, count in sorted(report.topics.items()))
        yield f"topics: {', '.join(counts)}"


def as_values(report: Report) -> dict[str, Any]:
    """Return the report for programs."""
    return {
        **{done: getattr(report, done) for done in _DONE},
        "skipped": [asdict(skipped) for skipped in report.skipped],
        "errors": [
            {
                "path": str(problem.path),
                "line": problem.line,
                "field": problem.field,
                "reason": problem.reason,
            }
            for problem in report.problems
        ],
        "topics": dict(sorted(report.topics.items())),
    }
