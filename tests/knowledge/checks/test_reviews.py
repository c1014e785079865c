from datetime import date
from pathlib import Path

from knowledge.checks.reviews import check_reviews
from knowledge.problems import Severity
from tests.knowledge.articles import write_article
from tests.knowledge.checks.bases import read, write_base


def test_an_article_is_to_be_read_again_from_the_day_after(tmp_path: Path) -> None:
    write_base(tmp_path)
    path = write_article(tmp_path, "apa", review_by=date(2027, 5, 1))
    write_article(tmp_path, "pch", review_by=None)
    assert list(check_reviews(read(tmp_path, today=date(2027, 5, 1)))) == []
    (problem,) = check_reviews(read(tmp_path, today=date(2027, 5, 3)))
    assert (problem.path, problem.severity) == (path, Severity.WARNING)
    assert path.read_text(encoding="utf-8").splitlines()[problem.line - 1].startswith("review_by:")
    assert "2 days ago" in problem.reason


def test_an_overridden_article_is_read_by_nobody(tmp_path: Path) -> None:
    write_base(tmp_path)
    write_article(tmp_path, "apa", review_by=date(2027, 5, 1))
    write_article(tmp_path, "apa", layer="local", review_by=date(2028, 5, 1))
    assert list(check_reviews(read(tmp_path, today=date(2027, 6, 1)))) == []
