"""Articles whose day of review has passed: they still answer, and somebody has to read them again."""

from collections.abc import Iterator

from knowledge.checks.base import KnowledgeBase
from knowledge.checks.lines import line_of
from knowledge.problems import Problem, Severity


def check_reviews(base: KnowledgeBase) -> Iterator[Problem]:
    """Report the articles in force that had to be read again before today."""
    for article in base.library.winning():
        if article.review_by and article.review_by < base.today:
            late = (base.today - article.review_by).days
            reason = f"was to be read again by {article.review_by}, {late} days ago"
            yield line_of(article, "review_by", "").problem(article, reason, Severity.WARNING)
