"""No two articles may hold the same example question: which of them answers it would be chance."""

import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from knowledge.article import Article
from knowledge.checks.base import KnowledgeBase
from knowledge.checks.lines import line_of
from knowledge.problems import Problem, Severity

NEARLY = 93  # rapidfuzz ratio, 0 to 100: one small word more or less in a sentence of ten
_AT_ONCE = 256  # rows compared together, so that memory does not grow with the square of the questions
_LONGEST = (
    200 / NEARLY - 1
)  # how much longer the longer text may be: the ratio is 200 * common / (both lengths)


@dataclass(frozen=True)
class _Asked:
    article: Article
    question: str

    def problem(self, reason: str, severity: Severity = Severity.ERROR) -> Problem:
        return line_of(self.article, "questions", self.question).problem(self.article, reason, severity)


def check_questions(base: KnowledgeBase) -> Iterator[Problem]:
    """Report questions that are given twice, and those of two articles that are nearly the same."""
    by_language: dict[str, dict[str, list[_Asked]]] = defaultdict(lambda: defaultdict(list))
    for article in base.ours:
        for question in article.questions:
            by_language[article.language][folded(question)].append(_Asked(article, question))
    for by_text in by_language.values():
        for asked in by_text.values():
            yield from _same(asked)
        yield from _nearly_the_same(by_text)


def folded(question: str) -> str:
    """Return a question without case, accents or punctuation."""
    letters = unicodedata.normalize("NFKD", question.casefold())
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in kept).split())


def _same(asked: Sequence[_Asked]) -> Iterator[Problem]:
    for number, each in enumerate(asked):
        for other in asked[:number]:
            if other.article is each.article:
                yield each.problem(f"{each.question!r} is given twice")
                break
            if other.article.id != each.article.id:  # a layer that overrides an article keeps its questions
                yield each.problem(f"{each.question!r} is already a question of {other.article.path}")
                break


def _nearly_the_same(by_text: Mapping[str, Sequence[_Asked]]) -> Iterator[Problem]:
    texts = sorted(by_text, key=lambda text: (len(text), text))
    lengths = [len(text) for text in texts]
    for start in range(0, len(texts), _AT_ONCE):
        rows = texts[start : start + _AT_ONCE]
        # Sorted by length: what is longer than this cannot be near, and what is shorter was compared before.
        end = bisect_right(lengths, len(rows[-1]) * _LONGEST)
        ratios = process.cdist(
            rows, texts[start:end], scorer=fuzz.ratio, score_cutoff=NEARLY, dtype=np.float32
        )
        for row, column in np.argwhere(np.triu(ratios, 1)).tolist():
            one, other = by_text[rows[row]][0], by_text[texts[start + column]][0]
            if one.article.id != other.article.id:
                first, second = sorted((one, other), key=lambda asked: asked.article.path)
                reason = f"{second.question!r} is nearly {first.question!r} of {first.article.path}"
                yield second.problem(reason, Severity.WARNING)
