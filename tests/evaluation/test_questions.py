"""The evaluation questions are well formed, and nobody trained on them."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import yaml

from knowledge.library import load_library
from knowledge.settings import KnowledgeSettings
from knowledge.taxonomy import REDIRECT_PREFIX, load_taxonomy
from tests.evaluation.__main__ import (
    DANGER,
    ENTITLEMENT,
    QUESTIONS,
    read_questions,
)
from tests.evaluation.figures import report, table
from tests.evaluation.outcomes import Outcome, Question

ROOT = Path(__file__).parents[2]
FILES = sorted(QUESTIONS.glob("*.jsonl"))

# The fewest questions that a file may hold for each topic and owner, by language, and out of scope, by file.
FEWEST_OF_A_TOPIC = {"fr": 9}
FEWEST_OF_AN_OWNER = {"fr": 9}
FEWEST_OUT_OF_SCOPE = {"test_fr": 300}


def essence(text: str) -> str:
    """A sentence without its case and punctuation."""
    return " ".join(re.findall(r"\w+", text.casefold()))


@cache
def trained_on() -> frozenset[str]:
    """Every example of Rasa's training data and every question of the articles."""
    examples: set[str] = set()
    for path in (ROOT / "bot" / "data" / "nlu").rglob("*.yml"):
        for block in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["nlu"]:
            examples.update(line.removeprefix("- ") for line in block["examples"].splitlines())
    settings = KnowledgeSettings()
    library, _ = load_library(settings.content_dir, settings.languages)
    examples.update(question for article in library.articles for question in article.questions)
    return frozenset(essence(example) for example in examples)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_question_has_a_class_and_a_topic_that_exist(path: Path) -> None:
    taxonomy = load_taxonomy()
    questions = read_questions(path)
    assert len({question.id for question in questions}) == len(questions) >= 250
    for question in questions:
        assert question.kind in taxonomy.kinds
        assert all(taxonomy.is_topic(topic) for topic in question.accepted)
        # "A number where somebody answers": the page that gives it is right too.
        assert question.kind == "handoff" or bool(question.accepted) == (
            question.kind in {"answer", "redirect"}
        )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_topic_and_owner_has_enough_questions(path: Path) -> None:
    taxonomy = load_taxonomy()
    questions = read_questions(path)
    of_topic = Counter(question.topic for question in questions)
    language = path.stem.partition("_")[2]
    fewest = dict.fromkeys(taxonomy.topics, FEWEST_OF_A_TOPIC.get(language, 3))
    fewest |= {REDIRECT_PREFIX + owner: FEWEST_OF_AN_OWNER.get(language, 2) for owner in taxonomy.owners}
    assert {topic: of_topic[topic] for topic in fewest if of_topic[topic] < fewest[topic]} == {}
    out_of_scope = sum(question.kind == "abstain" for question in questions)
    assert out_of_scope >= FEWEST_OUT_OF_SCOPE.get(path.stem, 30)


@pytest.mark.parametrize("path", sorted(DANGER.glob("*.jsonl")), ids=lambda path: path.stem)
def test_each_file_of_danger_holds_emergencies_and_traps(path: Path) -> None:
    taxonomy = load_taxonomy()
    questions = read_questions(path)
    kinds = Counter(question.kind for question in questions)
    assert set(kinds) == {"emergency", "trap"}
    assert min(kinds.values()) >= 30
    assert len({question.id for question in questions}) == len(questions)
    for question in questions:
        assert all(topic.removeprefix("emergency-") in taxonomy.emergencies for topic in question.accepted)
        assert bool(question.accepted) == (question.kind == "emergency")


@pytest.mark.parametrize("path", sorted(ENTITLEMENT.glob("*.jsonl")), ids=lambda path: path.stem)
def test_each_file_about_entitlement_names_topics(path: Path) -> None:
    taxonomy = load_taxonomy()
    questions = read_questions(path)
    assert len(questions) >= 25
    assert all(taxonomy.is_topic(str(question.topic)) for question in questions)


def test_no_evaluation_question_is_in_the_training_data_nor_in_the_articles() -> None:
    known = trained_on()
    assert len(known) > 1000
    leaks = [
        question.id
        for path in FILES
        for question in read_questions(path)
        # "Bonjour" is "bonjour" whoever writes it; what is measured is the questions.
        if question.kind not in {"smalltalk", "handoff"} and essence(question.text) in known
    ]
    assert leaks == []


def test_no_sentence_of_danger_of_the_test_split_taught_a_lexicon_or_the_model() -> None:
    """What taught them: Rasa's examples, those of danger, and the sentences the lexicons are tested with."""
    taught = set(trained_on())
    folders = (ROOT / "tests" / "understanding" / "danger", ROOT / "understanding" / "examples" / "danger")
    for path in (path for folder in folders for path in folder.glob("*.yml")):
        for sentences in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader).values():
            taught.update(essence(str(sentence)) for sentence in sentences)
    tests = sorted(DANGER.glob("test_*.jsonl"))
    assert len(tests) >= 10
    asked = [question for path in tests for question in read_questions(path)]
    assert [question.id for question in asked if essence(question.text) in taught] == []


def test_dev_and_test_share_no_question() -> None:
    splits = {
        split: {
            essence(question.text)
            for path in FILES
            if path.stem.startswith(split)
            for question in read_questions(path)
        }
        for split in ("dev", "test")
    }
    assert splits["dev"]
    assert splits["dev"] & splits["test"] <= {""}  # a row of emoji has no words


def test_a_clarifying_question_is_never_right_first() -> None:
    question = Question("q", "?", "fr", "answer", "apa", frozenset({"apa"}))
    assert Outcome(question, "answer", "apa", has_article=True).is_right
    assert not Outcome(question, "clarify", "apa", has_article=True).is_right
    wrong = Outcome(question, "answer", "rsa", has_article=True)
    assert (wrong.is_right, wrong.is_confidently_wrong) == (False, True)


def test_danger_is_reported_alone() -> None:
    """`--only danger` asks no other question, so none of their measures is printed."""
    danger = Question("d", "!", "fr", "emergency", "emergency-suicide", frozenset({"emergency-suicide"}))
    trap = Question("t", "?", "fr", "trap", None, frozenset())
    told = report(
        [
            Outcome(danger, "emergency", "suicide", has_article=False, emergency="emergency-suicide"),
            Outcome(trap, "emergency", "suicide", has_article=False, emergency="emergency-suicide"),
        ]
    )
    assert re.findall(r"^ +([a-z ]+?) {2,}.* (\d+/\d+)$", told, re.MULTILINE) == [
        ("alerted", "1/1"),
        ("right emergency", "1/1"),
        ("trapped", "1/1"),
    ]


def test_the_table_has_a_column_a_language_and_the_counts_over_all() -> None:
    def answered(language: str, topic: str) -> Outcome:
        question = Question(f"{language}-{topic}", "?", language, "answer", "apa", frozenset({"apa"}))
        return Outcome(question, "answer", topic, has_article=True)

    told = table({"fr": [answered("fr", "apa")], "ar": [answered("ar", "apa"), answered("ar", "rsa")]})
    rows = {row.split(" | ")[0].removeprefix("| "): row.split(" | ") for row in told.splitlines()}
    assert rows["% (95 % interval)"][1:] == ["fr", "ar", "all |"]
    assert rows["right first"][1:] == ["100.0<br>21–100", "50.0<br>9–91", "66.7<br>2/3 |"]
    assert rows["confidently wrong"][-1] == "33.3<br>1/3 |"
    assert rows["worst class"][1:] == ["apa<br>1/1", "apa<br>1/2", " |"]
    assert "redirected" not in rows
