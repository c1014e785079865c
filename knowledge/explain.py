"""Says why a search found what it found: for whoever writes an article and wonders why another answers."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from knowledge.article import SOURCE_LANGUAGE, Audience
from knowledge.calibration import Calibration, Decision
from knowledge.passages import Passage
from knowledge.search import Found, Hit, Search, is_emergency


@dataclass(frozen=True)
class Part:
    """One signal of an article's score.

    Attributes:
        adds: what it adds to the score.
        weight: how much the signal counts, or None when the calibration weighs it otherwise.
        value: the signal itself, or None when its weight says nothing of it.
    """

    adds: float
    weight: float | None
    value: float | None


@dataclass(frozen=True)
class HitExplained:
    """Why one article is where it is: its nearest passage, the parts of its score, the most useful first."""

    article: str
    parts: Mapping[str, Part]
    passage: Passage


@dataclass(frozen=True)
class Explanation:
    """Why a search decided what it decided.

    Attributes:
        why: the comparison that decided, in English.
        thresholds: the numbers of the calibration that decisions are compared with, by name.
        languages: those whose passages were searched.
        audience: whose articles were searched.
        searched: how many passages the filters left, of `passages` in the index.
        emergencies_left_out: whether articles for people in danger were taken away from what was found.
    """

    why: str
    thresholds: Mapping[str, float]
    languages: tuple[str, ...]
    audience: Audience
    searched: int
    passages: int
    emergencies_left_out: bool
    hits: tuple[HitExplained, ...]


def explain(search: Search, found: Found, *, language: str, audience: Audience) -> Explanation:
    """Explain what `search` found for a question, asked without Rasa.

    Args:
        search: what found it.
        found: what it found.
        language: the resident's language, as it was asked.
        audience: who asked.
    """
    languages = tuple(dict.fromkeys((language, SOURCE_LANGUAGE)))
    passages = search.generation.passages
    searched = sum(
        passage.language in languages and (audience is Audience.STAFF or passage.audience is Audience.PUBLIC)
        for passage in passages
    )
    return Explanation(
        why=_why(found, search.calibration),
        thresholds=_thresholds(search.calibration),
        languages=languages,
        audience=audience,
        searched=searched,
        passages=len(passages),
        emergencies_left_out=not (found.hits and is_emergency(found.hits[0])),
        hits=tuple(_explained(hit, search.calibration.weights) for hit in found.hits),
    )


def _why(found: Found, calibration: Calibration) -> str:
    sure = f"confidence {found.confidence:.3f}"
    if not found.hits:
        return "nothing to search for in the question, or no article that may be shown"
    if found.decision is Decision.ANSWER:
        return f"{sure} reaches answer_from {calibration.answer_from:.3f}: the first article is shown"
    if found.decision is Decision.ABSTAIN:
        return f"{sure} is below clarify_from {calibration.clarify_from:.3f}: nothing is shown"
    if found.confidence < calibration.answer_from:
        return (
            f"{sure} reaches clarify_from {calibration.clarify_from:.3f} and not answer_from "
            f"{calibration.answer_from:.3f}: the first topics are proposed"
        )
    return f"{sure} reaches answer_from, but another rule asks which topic is meant"


def _thresholds(calibration: Calibration) -> dict[str, float]:
    numbers = {field.name: getattr(calibration, field.name) for field in fields(calibration)}
    return {name: value for name, value in numbers.items() if isinstance(value, float)}


def _explained(hit: Hit, weights: Mapping[str, float]) -> HitExplained:
    parts = {name: _part(adds, weights.get(name)) for name, adds in hit.parts.items()}
    best_first = sorted(parts.items(), key=lambda item: -abs(item[1].adds))
    return HitExplained(hit.article.id, dict(best_first), hit.passage)


def _part(adds: float, weight: float | None) -> Part:
    return Part(adds, weight, adds / weight if weight else None)
