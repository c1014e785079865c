"""`guichet kb diff`: which questions two generations of the index answer differently."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from guichet.console import JsonOption, fail, settings_or_exit
from guichet.settings import ROOT

if TYPE_CHECKING:
    from knowledge.compare import Change, Comparison

FAULTS = 1
DEFAULT_QUERIES = ROOT / "tests" / "evaluation" / "questions"
_RIGHT = {True: "right", False: "wrong", None: "?"}


def diff(
    before: Annotated[
        str, typer.Argument(help="A generation: `previous`, `current`, or its id.")
    ] = "previous",
    after: Annotated[str, typer.Argument(help="The generation to compare it with.")] = "current",
    queries: Annotated[
        list[Path] | None,
        typer.Option("--queries", "-q", help="Questions, one JSON object a line; may be repeated."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say which questions two generations answer differently, and whether the answer was and is right.

    The questions are by default those that the repository keeps for tuning.
    """
    from knowledge.compare import QuestionsError, compare_generations, read_questions  # noqa: PLC0415 - slow
    from knowledge.index import IndexUnusableError  # noqa: PLC0415 - goes with it

    settings = settings_or_exit()
    paths = queries or sorted(DEFAULT_QUERIES.glob("dev_*.jsonl"))
    if not paths:
        fail("there are no questions here; name a file of them with --queries")
    try:
        questions = read_questions(paths)
        typer.echo(f"{len(questions)} questions to ask", err=True)
        comparison = compare_generations(settings, before, after, questions)
    except QuestionsError as error:
        fail(str(error))
    except IndexUnusableError as error:
        fail(str(error), FAULTS)
    if as_json:
        typer.echo(json.dumps(_values(comparison), ensure_ascii=False))
        return
    for change in comparison.changes:
        typer.echo(_line(change))
    typer.echo(f"{comparison.before} → {comparison.after}")
    typer.echo(
        f"{comparison.asked} questions: "
        + ", ".join(f"{count} {effect}" for effect, count in _summary(comparison).items())
    )


def _line(change: "Change") -> str:
    was, now = _RIGHT[change.was_right], _RIGHT[change.is_right]
    return (
        f"{change.effect:<7}  {change.question.text} ({change.question.language})\n"
        f"         {change.before} [{was}] → {change.after} [{now}]"
    )


def _summary(comparison: "Comparison") -> dict[str, int]:
    from knowledge.compare import Effect  # noqa: PLC0415 - goes with the comparison

    return {str(effect): comparison.count(effect) for effect in Effect}


def _values(comparison: "Comparison") -> dict[str, Any]:
    changes = [
        {
            "question": change.question.text,
            "language": change.question.language,
            "effect": change.effect,
            "before": asdict(change.before) | {"right": change.was_right},
            "after": asdict(change.after) | {"right": change.is_right},
        }
        for change in comparison.changes
    ]
    names = {"before": comparison.before, "after": comparison.after, "asked": comparison.asked}
    return {**names, **_summary(comparison), "changes": changes}
