import json
from pathlib import Path

import pytest

from knowledge import calibrate
from knowledge.calibrate import (
    gather,
    home_commands,
    main,
    read_questions,
)
from knowledge.calibration import Decision, load_calibration
from knowledge.calibration_file import write_calibration
from knowledge.embedding import CachedEmbedder, load_question_encoder
from knowledge.index import build_index
from knowledge.library import load_library
from knowledge.outcomes import COSTS, KINDS, Outcome, Question, outcome
from knowledge.search import Features, open_search
from knowledge.settings import KnowledgeSettings
from tests.knowledge.articles import write_article

TOPICS = {
    "apa": ("Allocation personnalisée d'autonomie", "aide à domicile pour une personne âgée"),
    "routes": ("Les routes départementales", "trou dans la chaussée"),
    "college-restauration": ("La cantine du collège", "prix du repas à la cantine"),
    "archives": ("Les archives départementales", "retrouver un ancêtre"),
}
OUT_OF_SCOPE = [
    "allume la lumière",
    "quelle heure est-il à Tokyo",
    "une recette de crêpes",
    "mets de la musique",
]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeSettings:
    folder = tmp_path_factory.mktemp("calibrate")
    for topic, (title, question) in TOPICS.items():
        write_article(folder / "content", topic, topic=topic, title=title, short=title, questions=[question])
    settings = KnowledgeSettings(content_dir=folder / "content", data_dir=folder / "var", languages=("fr",))
    library, problems = load_library(settings.content_dir, settings.languages)
    assert problems == ()
    build_index(library, CachedEmbedder(load_question_encoder(), settings.cache_dir), settings.index_dir)
    return settings


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    lines = [
        {"text": f"{start} {question}", "language": "fr", "topic": topic}
        for topic, (_, question) in TOPICS.items()
        for start in ("je voudrais savoir :", "bonjour,", "question :", "c'est pour")
    ]
    lines += [{"text": text, "language": "fr", "topic": None} for text in OUT_OF_SCOPE * 2]
    lines += [{"text": "bonjour", "language": "fr", "topic": None, "kind": "smalltalk"}]
    path = tmp_path / "dev.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def judged(topics: tuple[str, ...], accepted: set[str]) -> calibrate.Judged:
    question = Question("?", "fr", frozenset(accepted), frozenset(accepted), None)
    return calibrate.Judged(question, Features(0.5, 0.1, 0.0, 0.0, 0.8), topics)


@pytest.mark.parametrize(
    ("topics", "accepted", "decision", "end"),
    [
        (("a", "b"), {"a"}, Decision.ANSWER, Outcome.RIGHT),
        (("a", "b"), {"b"}, Decision.ANSWER, Outcome.WRONG),
        (("a", "b"), {"b"}, Decision.CLARIFY, Outcome.OFFERED),
        (("a", "b"), {"c"}, Decision.CLARIFY, Outcome.ASKED),
        (("a", "b"), {"a"}, Decision.ABSTAIN, Outcome.ABSTAINED),
        (("a", "b"), set(), Decision.ABSTAIN, Outcome.HONEST),
        (("a", "b"), set(), Decision.ANSWER, Outcome.WRONG),
    ],
)
def test_how_a_question_ends(topics, accepted, decision, end) -> None:
    assert outcome(judged(topics, accepted), decision) is end


def test_a_wrong_answer_costs_most() -> None:
    assert set(COSTS) == set(Outcome)
    assert max(COSTS, key=lambda end: COSTS[end]) is Outcome.WRONG
    assert COSTS[Outcome.OFFERED] < COSTS[Outcome.ABSTAINED]


def test_conversation_is_left_out_and_topics_without_article_have_no_answer(settings, tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text(
        '{"text": "merci", "language": "fr", "kind": "smalltalk", "topic": null}\n'
        '{"text": "le sport", "language": "fr", "topic": "sport", "prior": {"sport": 0.9}}\n\n'
        '{"text": "la route", "language": "fr", "topic": "sport", "also_accepted": ["routes"]}\n'
    )
    found = list(read_questions([path]))
    assert [question.text for question in found] == ["le sport", "la route"]
    cases = gather(open_search(settings), found, seed=0)
    assert [(case.question.text, case.question.prior is None) for case in cases] == [
        ("le sport", True),
        ("le sport", False),
        ("la route", True),
    ]
    assert cases[0].question.accepted == frozenset()
    assert cases[2].question.accepted == {"routes"}
    assert cases[0].question.kind == "are about a topic without an article"
    assert cases[2].question.kind == "have an answer"


def test_the_kinds_of_questions_count_by_their_shares() -> None:
    cases = [judged(("a",), {"a"})] * 3 + [judged(("a",), set())] * 9
    counts = calibrate.case_shares(cases)
    assert counts.mean() == pytest.approx(1)
    answerable, out_of_scope = counts[:3].sum(), counts[3:].sum()
    assert answerable / out_of_scope == pytest.approx(KINDS["have an answer"] / KINDS["are out of scope"])
    assert sum(KINDS.values()) == pytest.approx(1)


def test_the_same_seed_gives_the_same_calibration(settings, questions: Path, tmp_path: Path) -> None:
    search = open_search(settings)
    first, second = (calibrate.calibrate(search, [questions], None, seed=3) for _ in range(2))
    assert first == second
    lines, chosen = first
    assert any(line.startswith("questions that have an answer, without Rasa") for line in lines)
    assert not any("with Rasa's topics" in line for line in lines)
    assert chosen.with_rasa == search.calibration.with_rasa
    assert chosen.weights["prior"] == search.calibration.weights["prior"]
    assert sum(chosen.weights[name] for name in calibrate.BY_MEANING) == pytest.approx(1)
    assert chosen.clarify_from < chosen.answer_from

    path = tmp_path / "calibration.yml"
    write_calibration(path, chosen, lines)
    written = load_calibration(path)
    assert written.alone.top == pytest.approx(chosen.alone.top, abs=1e-4)
    assert dict(written.weights) == pytest.approx(dict(chosen.weights), abs=1e-4)


def test_rasas_topics_are_fitted_when_they_are_there(settings, questions: Path) -> None:
    lines = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        line["prior"] = {line["topic"]: 0.9} if line["topic"] else {"sport": 0.2, "out_of_scope": 0.7}
    questions.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    figures, chosen = calibrate.calibrate(open_search(settings), [questions], None, seed=0)
    assert any("with Rasa's topics" in line for line in figures)
    assert chosen.with_rasa.agreement > 0
    assert chosen.with_rasa.outside < 0


def test_the_command_prints_figures_and_writes_only_when_asked(
    settings, questions: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("GUICHET_CONTENT_DIR", str(settings.content_dir))
    monkeypatch.setenv("GUICHET_DATA_DIR", str(settings.data_dir))
    monkeypatch.setattr(calibrate, "CALIBRATION_FILE", tmp_path / "calibration.yml")
    monkeypatch.setattr(calibrate, "HOME_COMMANDS", tmp_path / "absent.jsonl")
    assert main([str(questions)]) == 0
    assert "home commands: not measured" in capsys.readouterr().out
    assert not (tmp_path / "calibration.yml").exists()
    assert main([str(questions), "--write"]) == 0
    assert load_calibration(tmp_path / "calibration.yml").section_margin > 0


@pytest.mark.bench_data
def test_home_commands_are_sampled_with_a_seed() -> None:
    if not calibrate.HOME_COMMANDS.is_file():
        pytest.skip("needs ../shared/bench/intents_homeassistant")
    found = home_commands(seed=0)
    assert len(found) == 2 * calibrate.HOME_SAMPLE
    assert {question.language for question in found} == {"fr", "en"}
    assert found == home_commands(seed=0) != home_commands(seed=1)
