from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from knowledge.article import Audience
from knowledge.calibration import Calibration, Confidence, Decision, load_calibration
from knowledge.corpus import Corpus, Signalled, Signals
from knowledge.embedding import CachedEmbedder
from knowledge.evaluation import systems
from knowledge.evaluation.datasets import Document, Query
from knowledge.evaluation.systems import (
    BASELINES,
    Baselines,
    Prepared,
    answer,
    prepare,
    rank,
    signals,
    step,
)
from knowledge.passages import SHORT, TEXT, TITLE, Passage

BM25, E5, FUSED = BASELINES
DOCUMENTS = (
    Document("prices", "en", "", "school canteen price"),
    Document("roads", "en", "", "road repair work"),
    Document("menus", "en", "", "canteen canteen menu"),
)


class CountedEncoder:
    """Gives each text a vector of its own, and remembers the texts."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode_document(self, inputs: list[str], /) -> Any:
        self.texts += inputs
        return np.array([np.random.default_rng(len(text)).normal(size=384) for text in inputs], np.float32)

    encode_query = encode_document


@pytest.fixture
def encoder() -> CountedEncoder:
    return CountedEncoder()


@pytest.fixture
def embedder(encoder: CountedEncoder, tmp_path: Path) -> CachedEmbedder:
    return CachedEmbedder(encoder, tmp_path, seed=None)


def query(text: str, *relevant: str, language: str = "en") -> Query:
    return Query("1", language, text, frozenset(relevant), bool(relevant), {})


def candidate(document: str, **values: float) -> Signals:
    passage = Passage(document, "", "en", "", Audience.PUBLIC, SHORT, document)
    return Signals(document, passage, values)


def calibrated(**weights: float) -> Calibration:
    """Confidence 1 / (1 + exp(-logit)) with logit = 10 * margin + coverage; thresholds 0.6 and 0.3."""
    alone = Confidence(0, 0, 10, 0, 0, 1)
    real = load_calibration()
    return replace(real, weights=weights, alone=alone, answer_from=0.6, clarify_from=0.3)


def baselines(near: Mapping[str, float]) -> Baselines:
    whole = np.array([(near[each.id], 0) for each in DOCUMENTS], np.float32)
    return Baselines(Prepared(DOCUMENTS, cast("Corpus", None), whole))


ASKED = np.array([1, 0], np.float32)
NEAR = {"roads": 0.9, "prices": 0.8, "menus": 0.1}


def test_the_baselines_rank_by_words_by_meaning_and_by_both() -> None:
    found = baselines(NEAR).answers(query("canteens"), ASKED)
    assert found[BM25].ranking == ("menus", "prices", "roads")
    assert found[E5].ranking == ("roads", "prices", "menus")
    # By hand: roads 1/63 + 1/61 and menus 1/61 + 1/63, both 0.032266, then prices 2/62 = 0.032258.
    assert found[FUSED].ranking == ("roads", "menus", "prices")


def test_reciprocal_ranks_and_not_scores_are_added() -> None:
    """A cosine that wins by far wins no more than one that wins by little."""
    by_far = baselines({"roads": 99.0, "prices": 0.2, "menus": 0.1}).answers(query("canteens"), ASKED)
    assert by_far[FUSED].ranking == ("roads", "menus", "prices")
    other = baselines({"prices": 0.9, "menus": 0.8, "roads": 0.1}).answers(query("canteens"), ASKED)
    # prices 1/61 + 1/62 as menus 1/62 + 1/61, then roads 2/63.
    assert other[FUSED].ranking == ("prices", "menus", "roads")


def test_the_first_place_of_one_way_does_not_make_up_for_its_last_of_the_other() -> None:
    """By hand: twice fifth, 2/65 = 0.03077, comes before first and tenth, 1/61 + 1/70 = 0.03068."""
    documents = tuple(
        Document(f"d{n}", "en", "", " ".join(["canteen"] * (10 - n) + ["town"] * n)) for n in range(10)
    )
    places = (9, 8, 7, 6, 4, 0, 1, 2, 3, 5)  # by meaning
    whole = np.array([(1 - place / 10, 0) for place in places], np.float32)
    found = Baselines(Prepared(documents, cast("Corpus", None), whole)).answers(query("canteen"), ASKED)
    assert found[BM25].ranking == tuple(f"d{n}" for n in range(10))
    assert found[FUSED].ranking.index("d4") < found[FUSED].ranking.index("d0")


def test_a_question_of_unknown_words_has_a_ranking_by_meaning() -> None:
    assert baselines(NEAR).answers(query("xyzzy"), ASKED)[E5].ranking[0] == "roads"


def test_the_title_counts_five_times_for_bm25() -> None:
    documents = (
        Document("titled", "en", "canteen", "lunch for the pupils of our town"),
        Document("named", "en", "lunch", "canteen canteen canteen for the pupils"),
    )
    plain = Baselines(Prepared(documents, cast("Corpus", None), np.zeros((2, 2), np.float32)))
    assert plain.answers(query("canteen"), ASKED)[BM25].ranking == ("titled", "named")


LONG = "\n".join(f"Paragraph {n} {'of many words ' * 20}." for n in range(12))  # two paragraphs a piece


@pytest.mark.parametrize(("pieces", "texts"), [(0, 0), (1, 1), (2, 2), (None, 6)])
def test_so_many_pieces_are_embedded(
    pieces: int | None, texts: int, embedder: CachedEmbedder, encoder: CountedEncoder
) -> None:
    documents = [Document("a", "en", "Lunch", LONG), Document("b", "en", "", LONG.replace("many", "few"))]
    prepared = prepare(documents, embedder, pieces=pieces)
    parts = [(each.article_id, each.part) for each in prepared.corpus.passages]
    assert parts == [("a", TITLE), ("a", SHORT), *[("a", TEXT)] * texts, ("b", SHORT), *[("b", TEXT)] * texts]
    assert len(encoder.texts) == len(parts)


def test_words_beyond_the_pieces_are_found(embedder: CachedEmbedder) -> None:
    documents = [Document("a", "en", "", f"{LONG}\nThe mandolin."), Document("b", "en", "", LONG)]
    prepared = prepare(documents, embedder, pieces=0)
    found = signals(prepared, [query("mandolin")], embedder.phrases(["mandolin"]))[0]
    assert {each.document: each.values["words"] > 0 for each in found.candidates} == {"a": True, "b": False}


def test_whole_holds_one_vector_a_document(embedder: CachedEmbedder) -> None:
    prepared = prepare(DOCUMENTS, embedder)
    assert prepared.whole.shape == (3, 384)
    own = embedder.passages([each.text for each in DOCUMENTS])
    assert np.array_equal(prepared.whole, own)


def test_french_words_that_the_table_lacks_get_a_lemma(
    embedder: CachedEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def lemmatise(forms: list[str]) -> dict[str, str]:
        asked.extend(forms)
        return {"gnoux": "gnu", "gnou": "gnu"}

    monkeypatch.setattr(systems, "lemmatise", lemmatise)
    documents = [
        Document("a", "fr", "", "La cantine des gnoux et du gnou"),
        Document("b", "de", "", "Gnus fressen"),
        Document("c", "fr", "", "La cantine"),
    ]
    prepared = prepare(documents, embedder)
    assert sorted(asked) == ["gnou", "gnoux"]
    found = signals(prepared, [query("gnou", language="fr")], embedder.phrases(["gnou"]))[0]
    values = {each.document: each.values for each in found.candidates}
    assert values["a"]["words"] > 0 == values["c"]["words"]


def test_candidates_are_weighed_and_equals_go_by_name() -> None:
    found = Signalled(
        (candidate("b", text=0.5), candidate("a", text=0.5), candidate("c", text=0.1, words=0.9)), 1
    )
    assert rank(found, {"text": 2.0}) == [(1.0, "a"), (1.0, "b"), (0.2, "c")]
    assert rank(found, {"text": 2.0, "words": 1.0})[0][1] == "c"


def test_a_step_counts_some_signals_only() -> None:
    found = Signalled((candidate("a", text=0.5, words=0.0), candidate("b", text=0.1, words=0.9)), 1)
    weights = {"text": 1.0, "words": 1.0}
    assert step(found, ["text", "words"], weights).ranking == ("b", "a")
    assert step(found, ["text"], weights).ranking == ("a", "b")
    assert step(found, ["text"], weights).decision is None


@pytest.mark.parametrize(
    ("margin", "coverage", "decision"),
    [
        (0.1, 0.0, Decision.ANSWER),  # logit 1, confidence 0.73
        (0.0, 0.0, Decision.CLARIFY),  # 0.5
        (0.0, 0.5, Decision.ANSWER),  # logit 0.5, confidence 0.62
        (0.0, -1.0, Decision.ABSTAIN),  # logit -1, confidence 0.27
    ],
)
def test_the_decision_follows_the_margin_and_the_coverage(
    margin: float, coverage: float, decision: Decision
) -> None:
    found = Signalled((candidate("a", text=0.5 + margin), candidate("b", text=0.5)), coverage)
    given = answer(found, calibrated(text=1.0))
    assert (given.ranking, given.decision) == (("a", "b"), decision)


def test_a_lone_candidate_is_ahead_by_its_whole_score() -> None:
    assert answer(Signalled((candidate("a", text=0.1),), 0), calibrated(text=1.0)).decision is Decision.ANSWER


def test_without_candidates_it_abstains() -> None:
    given = answer(Signalled((), 0), calibrated(text=1.0))
    assert (given.ranking, given.decision) == ((), Decision.ABSTAIN)


def test_a_ranking_is_ten_documents_long() -> None:
    found = Signalled(tuple(candidate(f"{n:02}", text=1 - n / 20) for n in range(15)), 1)
    cut: Callable[[int], tuple[str, ...]] = lambda n: tuple(f"{each:02}" for each in range(n))  # noqa: E731
    assert answer(found, calibrated(text=1.0)).ranking == cut(10)
    assert step(found, ["text"], {"text": 1.0}).ranking == cut(10)
