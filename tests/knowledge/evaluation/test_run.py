import json
from dataclasses import replace

import numpy as np
import pytest

from knowledge.calibration import load_calibration
from knowledge.embedding import CachedEmbedder, load_question_encoder
from knowledge.evaluation.datasets import Document, Query
from knowledge.evaluation.run import EVERY_LANGUAGE, OURS, Measured, measure, report
from knowledge.evaluation.systems import BASELINES, STEPS, Prepared, prepare

DOCUMENTS = (
    Document("lunch", "en", "School canteen", "How to pay for the meals of a child at school."),
    Document("roads", "en", "Roads", "Report a pothole or an obstacle on a road."),
    Document("ayuda", "es", "Ayuda a domicilio", "Una persona ayuda a los mayores en su casa."),
    Document("books", "en", "Libraries", "Borrow books and films."),
)


def query(number: int, text: str, language: str, *relevant: str, answerable: bool = True) -> Query:
    return Query(str(number), language, text, frozenset(relevant), answerable, {})


QUERIES = (
    query(1, "Who pays for the school canteen?", "en", "lunch"),
    query(2, "a pothole on my road", "en", "roads"),
    query(3, "Can I borrow a book?", "en", "roads"),  # wrongly marked: the right one comes first
    query(4, "Wer hilft meiner alten Mutter zu Hause?", "de", "ayuda"),
    query(5, "ayuda para los mayores en casa", "es", "ayuda"),
    query(6, "recette de la quiche lorraine", "fr", "lunch", answerable=False),
)


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> CachedEmbedder:
    return CachedEmbedder(load_question_encoder(), tmp_path_factory.mktemp("run"), seed=None)


@pytest.fixture(scope="module")
def prepared(embedder: CachedEmbedder) -> Prepared:
    return prepare(DOCUMENTS, embedder)


@pytest.fixture(scope="module")
def measured(prepared: Prepared, embedder: CachedEmbedder) -> Measured:
    return measure(prepared, QUERIES, embedder, load_calibration(), baselines=True)


def test_each_language_and_all_of_them_have_a_row(measured: Measured) -> None:
    counts = {row.language: row.questions for row in measured.rows if row.system == OURS}
    assert counts == {EVERY_LANGUAGE: 5, "en": 3, "de": 1, "es": 1, "fr": 0}
    assert {row.system for row in measured.rows} == {OURS, *STEPS, *BASELINES}


def test_one_language_needs_no_row_for_all(prepared: Prepared, embedder: CachedEmbedder) -> None:
    found = measure(prepared, QUERIES[:3], embedder, load_calibration())
    assert [(row.system, row.language) for row in found.rows] == [(OURS, "en")]
    assert found.comparisons == ()


def test_what_is_found_and_what_is_not_counts(measured: Measured) -> None:
    assert measured.ranks[OURS].tolist()[:2] == [1, 1]
    assert measured.ranks[OURS].tolist()[2] > 1
    assert measured.ranks[OURS].tolist()[3:] == [1, 1]
    row = next(row for row in measured.rows if (row.system, row.language) == (OURS, EVERY_LANGUAGE))
    assert row.hit_1.value == pytest.approx(0.8)
    assert row.hit_5.value == 1
    assert 0.8 < row.mrr_10 < 1


def test_the_ranks_are_of_the_answerable_questions(measured: Measured) -> None:
    assert measured.languages == ("en", "en", "en", "de", "es")
    assert {len(ranks) for ranks in measured.ranks.values()} == {5}


def test_an_unanswerable_question_counts_for_the_abstention_only(measured: Measured) -> None:
    counts = {
        each.language: (each.answerable.questions, each.unanswerable.questions, each.wrong.questions)
        for each in measured.abstentions
    }
    assert counts == {
        EVERY_LANGUAGE: (5, 1, 6),
        "en": (3, 0, 3),
        "de": (1, 0, 1),
        "es": (1, 0, 1),
        "fr": (0, 1, 1),
    }


def test_always_answering_is_wrong_where_there_is_no_answer(
    prepared: Prepared, embedder: CachedEmbedder
) -> None:
    eager = replace(load_calibration(), answer_from=0.0, clarify_from=0.0, disagreement=2.0)
    found = measure(prepared, QUERIES, embedder, eager).abstentions
    everything, english, french = found[0], found[1], found[-1]
    assert everything.answerable.value == everything.unanswerable.value == everything.asked.value == 0
    assert everything.wrong.value == pytest.approx(2 / 6)
    assert english.wrong.value == pytest.approx(1 / 3)
    assert french.wrong.value == 1
    asking = replace(eager, answer_from=1.1)
    assert measure(prepared, QUERIES, embedder, asking).abstentions[0].asked.value == 1


def test_ours_is_compared_with_the_best_baseline_of_each_language(measured: Measured) -> None:
    assert [each.language for each in measured.comparisons] == [EVERY_LANGUAGE, "en", "de", "es"]
    for each in measured.comparisons:
        rows = np.array([each.language in (EVERY_LANGUAGE, spoken) for spoken in measured.languages])
        right = {name: (measured.ranks[name][rows] == 1).mean() for name in (OURS, *BASELINES)}
        best = max(right[name] for name in BASELINES)
        assert right[each.baseline] == best
        assert each.difference.value == pytest.approx(right[OURS] - best)


def test_the_report_says_each_fact_on_a_line(measured: Measured) -> None:
    lines = list(report(measured))
    assert len(lines) == 1 + len(measured.rows) + 1 + 5 + 1 + 4
    ours = next(line for line in lines if line.startswith("all") and OURS in line)
    assert ours.split()[:4] == ["all", OURS, "5", "0.800"]
    german = next(line for line in lines if line.startswith("de") and " none " in line)
    assert german.count(" to ") == 3
    assert lines[-1].split()[-1] in " ".join(BASELINES)


def test_without_baselines_the_report_has_no_comparison(prepared: Prepared, embedder: CachedEmbedder) -> None:
    lines = list(report(measure(prepared, QUERIES[:2], embedder, load_calibration())))
    assert len(lines) == 4
    assert not any("baseline" in line for line in lines)


def test_as_json_holds_everything_but_the_ranks(measured: Measured) -> None:
    values = json.loads(json.dumps(measured.as_json()))
    assert list(values) == ["rows", "abstention", "against_the_best_baseline"]
    assert values["rows"][0]["hit_1"]["value"] == pytest.approx(0.8)
    assert len(values["against_the_best_baseline"]) == 4
