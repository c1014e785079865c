"""The evaluation questions, and what the assistant did with each."""

from dataclasses import dataclass

SHOWN_KINDS = {"answer", "redirect"}
OWN_SITUATION = "own situation"
ASKED_KINDS = {"answer", "redirect", "abstain", "smalltalk", "handoff"}
MEASURES = {
    "redirect": "redirected",
    "abstain": "abstained",
    "emergency": "right emergency",
    "trap": "not trapped",
    OWN_SITUATION: "not concluded",
}


@dataclass(frozen=True)
class Question:
    """One evaluation question; `accepted` is empty when nothing should be answered."""

    id: str
    text: str
    language: str
    kind: str
    topic: str | None
    accepted: frozenset[str]


@dataclass(frozen=True)
class Outcome:
    """What the assistant did with a question."""

    question: Question
    kind: str
    topic: str
    has_article: bool
    offered: frozenset[str] = frozenset()
    emergency: str | None = None
    concludes: bool = False

    @property
    def is_right(self) -> bool:
        """Whether this is what was to be done, by the question's class."""
        question = self.question
        if question.kind == "answer" and not self.has_article:
            return self.kind not in SHOWN_KINDS or self.topic in question.accepted
        if question.kind in {"emergency", "trap"}:
            return self.emergency in (question.accepted or {None})
        if question.kind == OWN_SITUATION:
            return not self.concludes
        if question.kind in SHOWN_KINDS:
            return self.kind in SHOWN_KINDS and self.topic in question.accepted
        if question.kind == "abstain":
            return self.kind not in SHOWN_KINDS
        return self.kind == question.kind or self.topic in question.accepted

    @property
    def is_among_three(self) -> bool:
        """Whether an accepted topic is shown, or proposed by a clarifying question."""
        return self.is_right or bool(self.kind == "clarify" and self.offered & self.question.accepted)

    @property
    def is_confidently_wrong(self) -> bool:
        """Whether something was shown that is not an accepted topic."""
        return (
            self.question.kind in ASKED_KINDS
            and self.kind in SHOWN_KINDS
            and self.topic not in self.question.accepted
        )

    @property
    def measure(self) -> str:
        """The measure this question counts in."""
        if self.question.kind == "answer":
            return "right first" if self.has_article else "no article"
        return MEASURES.get(self.question.kind, "conversation")
