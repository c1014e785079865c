from pathlib import Path

import pytest

from knowledge.checks import questions
from knowledge.checks.questions import check_questions
from knowledge.problems import Severity
from tests.knowledge.articles import write_article, write_translation
from tests.knowledge.checks.bases import read, write_base


def found(content: Path) -> list[tuple[str, Severity]]:
    return [(problem.path.stem, problem.severity) for problem in check_questions(read(content))]


def test_the_same_question_in_two_articles_is_an_error_whatever_its_spelling(tmp_path: Path) -> None:
    write_base(tmp_path)
    write_article(tmp_path, "a", questions=["Où est l'école ?"])
    path = write_article(tmp_path, "b", questions=["Autre chose", "ou est l’ECOLE"])
    (problem,) = check_questions(read(tmp_path))
    assert (problem.path, problem.severity) == (path, Severity.ERROR)
    assert path.read_text(encoding="utf-8").splitlines()[problem.line - 1] == "- ou est l’ECOLE"


def test_the_same_question_twice_in_one_article_is_an_error(tmp_path: Path) -> None:
    write_base(tmp_path)
    write_article(tmp_path, "a", questions=["Où est l'école ?", "où est l'école"])
    assert found(tmp_path) == [("a", Severity.ERROR)]


def test_nearly_the_same_question_in_two_articles_is_a_warning(tmp_path: Path) -> None:
    write_base(tmp_path)
    write_article(tmp_path, "a", questions=["Je ne peux plus payer mon loyer ce mois-ci"])
    write_article(tmp_path, "b", questions=["je ne peux pas payer mon loyer ce mois-ci"])
    assert found(tmp_path) == [("b", Severity.WARNING)]
    write_article(tmp_path, "b", questions=["Je ne peux plus payer mon électricité ce mois-ci"])
    assert found(tmp_path) == []


@pytest.mark.parametrize("at_once", [1, 2, 3, 256])
def test_near_questions_are_found_whatever_block_they_fall_in(
    tmp_path: Path, monkeypatch, at_once: int
) -> None:
    monkeypatch.setattr(questions, "_AT_ONCE", at_once)
    write_base(tmp_path)
    loyer = "Je ne peux plus payer mon loyer ce mois-ci"
    write_article(tmp_path, "a", questions=["aide", loyer, "x" * 43, "y" * 60])
    write_article(tmp_path, "b", questions=[f"{loyer} moi", "aider"])
    assert found(tmp_path) == [("b", Severity.WARNING)]


def test_one_article_may_ask_the_same_in_other_words(tmp_path: Path) -> None:
    write_base(tmp_path)
    write_article(tmp_path, "a", questions=["payer la cantine du collège", "payer la cantine au collège"])
    assert found(tmp_path) == []


def test_an_override_and_a_translation_keep_the_questions(tmp_path: Path) -> None:
    write_base(tmp_path)
    source = write_article(tmp_path, "a", questions=["APA 13"])
    write_translation(tmp_path, source, questions=["APA 13"])
    write_article(tmp_path, "b", layer="local", questions=[])
    assert found(tmp_path) == []
    write_article(tmp_path, "b", layer="local", questions=["apa 13"])
    assert found(tmp_path) == [("b", Severity.ERROR)]
