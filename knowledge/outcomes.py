"""How questions end when the search is judged on them: what calibrate.py counts, weighs and prints."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from knowledge.calibration import Calibration, Decision, Features
from knowledge.fitting import wilson

# Assumed of the messages that come to the search: three in four have an answer. The questions files hold more
# that have none, on purpose, and more again while topics lack an article; uncorrected, these silence answers.
KINDS = {"have an answer": 0.75, "are out of scope": 0.15, "are about a topic without an article": 0.10}
CLARIFY_CHOICES = 3  # topics that a clarifying question proposes


class Outcome(Enum):
    """How a question ended, seen by the resident; the values are those of COSTS."""

    RIGHT = "right answer"
    OFFERED = "clarification that offers the right topic"
    ASKED = "clarification without the right topic"
    ABSTAINED = "abstention though there is an answer"
    HONEST = "abstention where there is none"
    WRONG = "wrong answer"


# A wrong answer is the worst, since it is believed; a question that offers the right topic costs one click.
COSTS = {
    Outcome.RIGHT: 0.0,
    Outcome.HONEST: 0.0,
    Outcome.OFFERED: 0.2,
    Outcome.ASKED: 0.5,
    Outcome.ABSTAINED: 0.5,
    Outcome.WRONG: 1.0,
}


@dataclass(frozen=True)
class Question:
    """A question of a file.

    Attributes:
        topics: what it is about; nothing when it is out of scope.
        accepted: those of its topics that have an article; when there is none, the assistant must abstain.
        prior: what Rasa gives; None when Rasa is not there.
    """

    text: str
    language: str
    topics: frozenset[str]
    accepted: frozenset[str]
    prior: Mapping[str, float] | None

    @property
    def kind(self) -> str:
        """Which of KINDS it is."""
        answerable, out_of_scope, without_article = KINDS
        return answerable if self.accepted else without_article if self.topics else out_of_scope


@dataclass(frozen=True)
class Judged:
    """A case once ranked: its features, its first topics, and whether the first is right."""

    question: Question
    features: Features
    topics: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether the first topic is an accepted one."""
        return self.topics[0] in self.question.accepted


def outcome(judged: Judged, decision: Decision) -> Outcome:
    """Say how a case ends with a decision."""
    accepted = judged.question.accepted
    match decision:
        case Decision.ANSWER:
            return Outcome.RIGHT if judged.is_right else Outcome.WRONG
        case Decision.CLARIFY:
            return Outcome.OFFERED if accepted & set(judged.topics) else Outcome.ASKED
        case Decision.ABSTAIN:
            return Outcome.ABSTAINED if accepted else Outcome.HONEST


def shares(judged: Sequence[Judged], calibration: Calibration, confidences: Sequence[float]) -> Iterator[str]:
    """Say how cases end, each share with its 95 % interval."""
    ends = Counter(
        outcome(each, calibration.decide(confidence, each.features.agreement))
        for each, confidence in zip(judged, confidences, strict=True)
    )
    for end in Outcome:
        if ends[end]:
            yield f"{end.value}: {_share(ends[end], len(judged))}"


def _share(part: int, whole: int) -> str:
    low, high = wilson(part, whole)
    return f"{part} of {whole}, {part / max(1, whole):.3f} ({low:.3f} to {high:.3f})"


def report(judged: Sequence[Judged], sure: Sequence[float], chosen: Calibration) -> Iterator[str]:
    """Say how a calibration does, with and without Rasa's topics, where there is an answer and where not."""
    for name, with_prior in (("without Rasa's topics", False), ("with Rasa's topics", True)):
        for kind in KINDS:
            kept = [
                (each, confidence)
                for each, confidence in zip(judged, sure, strict=True)
                if (each.question.prior is not None) == with_prior and each.question.kind == kind
            ]
            if not kept:
                continue
            yield f"questions that {kind}, {name}:"
            if kept[0][0].question.accepted:
                yield f"  right article first: {_share(sum(each.is_right for each, _ in kept), len(kept))}"
            yield from (f"  {line}" for line in shares([e for e, _ in kept], chosen, [c for _, c in kept]))
