import json
from pathlib import Path
from typing import Any

import pytest

from knowledge.calibration import Decision
from knowledge.compare import (
    Answer,
    Change,
    Effect,
    Question,
    QuestionsError,
    compare_generations,
    generation_named,
    read_questions,
)
from knowledge.embedding import CachedEmbedder, load_question_encoder
from knowledge.index import IndexUnusableError, build_index, point_to
from knowledge.library import load_library
from knowledge.sections import SectionKey
from knowledge.settings import KnowledgeSettings
from tests.knowledge.articles import write_article

HOLE = {"text": "il y a un trou dans la chaussée devant chez moi", "language": "fr", "topic": "routes"}
RSA = Answer(Decision.ANSWER, "rsa", "rsa")
NOTHING = Answer(Decision.ABSTAIN)


def write_lines(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeSettings:
    """Two generations: one that knows nothing of roads, and the current one, that does."""
    folder = tmp_path_factory.mktemp("compare")
    settings = KnowledgeSettings(content_dir=folder / "content", data_dir=folder / "var")
    write_article(settings.content_dir, "apa", title="L'allocation personnalisée d'autonomie")
    for known in (False, True):
        if known:
            write_article(
                settings.content_dir,
                "routes",
                topic="routes",
                title="Les routes départementales",
                short="Signalez un trou dans la chaussée.",
                questions=["Il y a un trou dans la chaussée"],
            )
        library, _ = load_library(settings.content_dir, settings.languages)
        embedder = CachedEmbedder(load_question_encoder(), settings.cache_dir)
        build_index(library, embedder, settings.index_dir)
    return settings


def test_a_question_that_a_new_article_answers_is_gained(settings: KnowledgeSettings) -> None:
    other = {"text": "bonjour quelle heure est-il à Tokyo", "topic": None}
    questions = [Question.model_validate(each) for each in (HOLE, other)]
    comparison = compare_generations(settings, "previous", "current", questions)
    assert comparison.asked == 2
    assert comparison.before < comparison.after
    change = comparison.changes[0]
    assert change.question == questions[0]
    assert (change.after.article, change.after.topic) == ("routes", "routes")
    assert change.before.article != "routes"
    assert comparison.count(change.effect) >= 1
    assert sum(map(comparison.count, Effect)) == len(comparison.changes)


def test_a_generation_is_the_same_as_itself_and_uses_its_own_articles(settings: KnowledgeSettings) -> None:
    question = Question.model_validate(HOLE)
    assert compare_generations(settings, "current", "current", [question]).changes == ()
    path = settings.content_dir / "common" / "fr" / "general" / "routes.md"
    text = path.read_bytes()
    path.unlink()  # what answers is the snapshot, whatever has become of the folder
    try:
        assert len(compare_generations(settings, "previous", "current", [question]).changes) == 1
    finally:
        path.write_bytes(text)


def test_generations_are_named(settings: KnowledgeSettings) -> None:
    index_dir = settings.index_dir
    current, previous = (generation_named(index_dir, name) for name in ("current", "previous"))
    assert previous < current
    assert generation_named(index_dir, previous) == previous
    with pytest.raises(IndexUnusableError, match=f"no generation x; these are kept: {previous}, {current}"):
        generation_named(index_dir, "x")
    point_to(index_dir, previous)
    try:
        with pytest.raises(IndexUnusableError, match="before the current"):
            generation_named(index_dir, "previous")
    finally:
        point_to(index_dir, current)


@pytest.mark.parametrize(
    ("question", "before", "after", "effect"),
    [
        ({"topic": "rsa"}, NOTHING, RSA, Effect.GAINED),
        ({"topic": "rsa"}, RSA, Answer(Decision.CLARIFY, "rsa", "rsa"), Effect.LOST),
        ({"topic": "apa", "also_accepted": ["rsa"]}, NOTHING, RSA, Effect.GAINED),
        ({"topic": "apa"}, NOTHING, RSA, Effect.CHANGED),
        ({"topic": "rsa"}, RSA, Answer(Decision.ANSWER, "rsa", "rsa", SectionKey.AMOUNT), Effect.CHANGED),
        ({"topic": None}, NOTHING, RSA, Effect.LOST),
        ({"topic": None}, NOTHING, Answer(Decision.CLARIFY, "rsa", "rsa"), Effect.CHANGED),
        ({}, NOTHING, RSA, Effect.CHANGED),
    ],
)
def test_the_effect_of_a_change(
    question: dict[str, Any], before: Answer, after: Answer, effect: Effect
) -> None:
    change = Change(Question.model_validate({"text": "q"} | question), before, after)
    assert change.effect is effect
    assert (change.is_right is None) == (question == {})


def test_questions_that_never_come_to_the_search_are_left_out(tmp_path: Path) -> None:
    lines = [{"text": "merci", "kind": "smalltalk"}, {"text": "un humain", "kind": "handoff"}, HOLE]
    (question,) = read_questions([write_lines(tmp_path / "q.jsonl", *lines)])
    assert question.text == HOLE["text"]


def test_a_wrong_line_is_told(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "q.jsonl", HOLE, {"language": "fr"})
    with pytest.raises(QuestionsError, match=r"q\.jsonl:2: text: "):
        read_questions([path])
    path.write_text("{}\n{", encoding="utf-8")
    with pytest.raises(QuestionsError, match=r"q\.jsonl:1: "):
        read_questions([path])
    with pytest.raises(QuestionsError, match="absent"):
        read_questions([tmp_path / "absent.jsonl"])


def test_an_answer_is_told_in_a_line() -> None:
    shown = Answer(Decision.ANSWER, "apa", "apa", SectionKey.DOCUMENTS)
    assert [str(each) for each in (shown, RSA, NOTHING)] == [
        "answer: apa · documents",
        "answer: rsa · short answer",
        "abstain",
    ]
