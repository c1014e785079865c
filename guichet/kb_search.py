"""`guichet kb search`: what the assistant would find for a question, and why."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from guichet.console import JsonOption, fail, settings_or_exit

if TYPE_CHECKING:
    from knowledge.explain import Explanation, HitExplained, Part
    from knowledge.search import Found

FAULTS = 1
SHOWN_CHARACTERS = 160


def search(
    question: Annotated[str, typer.Argument(help="What a resident would write.")],
    language: Annotated[str, typer.Option("--language", "-l", help="The resident's language.")] = "fr",
    count: Annotated[int, typer.Option("--count", "-k", min=1, help="How many articles.")] = 5,
    audience: Annotated[
        Literal["public", "staff"], typer.Option(help="Who asks: staff see their own articles too.")
    ] = "public",
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why: each part of the scores, filters, thresholds.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask the index a question, as the assistant does when Rasa is silent."""
    from knowledge.article import Audience  # noqa: PLC0415 - goes with them
    from knowledge.explain import explain as explanation_of  # noqa: PLC0415 - slow to load
    from knowledge.index import IndexUnusableError  # noqa: PLC0415 - slow to load
    from knowledge.search import open_search  # noqa: PLC0415 - slow to load

    settings = settings_or_exit()
    if language not in settings.languages:
        fail(f"language {language} is not served; these are: {', '.join(settings.languages)}")
    asker = Audience(audience)
    try:
        engine = open_search(settings)
    except IndexUnusableError as error:
        fail(f"{error}; `guichet kb index` builds the index", FAULTS)
    found = engine.search(question, language=language, audience=asker, k=count)
    explanation = explanation_of(engine, found, language=language, audience=asker) if explain else None
    if as_json:
        typer.echo(json.dumps(_values(found, explanation)))
    else:
        typer.echo("\n".join(_lines(found, explanation)))


def _values(found: "Found", explanation: "Explanation | None") -> dict[str, Any]:
    values = {"decision": found.decision, "confidence": found.confidence, "hits": _hits(found)}
    return values if explanation is None else values | {"explanation": asdict(explanation)}


def _hits(found: "Found") -> list[dict[str, Any]]:
    return [
        {
            "article": hit.article.id,
            "topic": hit.article.topic,
            "language": hit.article.language,
            "title": hit.article.title,
            "section": str(hit.section) if hit.section else None,
            "score": round(hit.score, 4),
        }
        for hit in found.hits
    ]


def _lines(found: "Found", explanation: "Explanation | None") -> Iterator[str]:
    yield f"{found.decision} (confidence {found.confidence:.2f})"
    if explanation:
        yield from _decision_lines(explanation)
    for place, hit in enumerate(_hits(found)):
        yield f"{hit['score']:>8}  {hit['article']} · {hit['section'] or 'short answer'} · {hit['title']}"
        if explanation:
            yield from _hit_lines(explanation.hits[place])


def _decision_lines(explanation: "Explanation") -> Iterator[str]:
    yield f"why: {explanation.why}"
    yield "thresholds: " + ", ".join(f"{name} {value:g}" for name, value in explanation.thresholds.items())
    yield (
        f"searched: {explanation.searched} of {explanation.passages} passages: language "
        f"{' or '.join(explanation.languages)}, audience {explanation.audience}"
    )
    if explanation.emergencies_left_out:
        yield "left out of what was found: emergency articles, since none of them surely answers"


def _hit_lines(hit: "HitExplained") -> Iterator[str]:
    for name, part in hit.parts.items():
        yield f"{'':10}{part.adds:+8.4f}  {name}{_weighed(part)}"
    passage = hit.passage
    text = passage.text if len(passage.text) <= SHOWN_CHARACTERS else f"{passage.text[:SHOWN_CHARACTERS]}…"
    yield f"{'':10}nearest: {passage.part} ({passage.language}, {passage.layer}): {text}"


def _weighed(part: "Part") -> str:
    if part.weight is None:
        return ""
    return f" = {part.value:.4f} × {part.weight:g}" if part.value is not None else " (weight 0)"
