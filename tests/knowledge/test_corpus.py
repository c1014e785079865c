"""The candidates for a question and their signals, with vectors whose cosines are chosen here."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge import corpus as corpus_module
from knowledge.article import Audience
from knowledge.corpus import Corpus, Signals
from knowledge.passages import QUESTION, SHORT, TEXT, TITLE, Passage
from knowledge.vectors import VectorIndex

ASKED = np.array([1, 0], np.float32)


def passage(
    document: str, text: str, *, part: str = TEXT, language: str = "fr", audience: Audience = Audience.PUBLIC
) -> Passage:
    return Passage(document, "", language, "", audience, part, text)


def made(near: Sequence[tuple[Passage, float]], **options: dict[str, str]) -> Corpus:
    """A corpus of passages whose cosines with `ASKED` are given."""
    vectors = np.array([(cosine, (1 - cosine**2) ** 0.5) for _, cosine in near], np.float32)
    return Corpus([each for each, _ in near], VectorIndex.build(vectors), **options)


def found(
    corpus: Corpus, question: str = "?", *, language: str = "fr", allowed: NDArray[np.bool_] | None = None
) -> dict[str, Signals]:
    candidates = corpus.signals(question, ASKED, language=language, allowed=allowed).candidates
    by_name = {each.document: each for each in candidates}
    assert len(by_name) == len(candidates)
    return by_name


def public(corpus: Corpus) -> NDArray[np.bool_]:
    return np.array([each.audience is Audience.PUBLIC for each in corpus.passages])


def in_languages(corpus: Corpus, *languages: str) -> NDArray[np.bool_]:
    return np.array([each.language in languages for each in corpus.passages])


def test_each_part_has_its_signal_by_meaning() -> None:
    corpus = made(
        [
            (passage("a", "un", part="steps"), 0.85),
            (passage("b", "deux", part=TITLE), 0.80),
            (passage("a", "trois", part=QUESTION), 0.89),
            (passage("a", "quatre", part=TITLE), 0.91),
            (passage("a", "cinq", part="conditions"), 0.95),
            (passage("a", "six", part=SHORT), 0.83),
            (passage("a", "sept", part=QUESTION), 0.81),
            (passage("a", "huit", part="delays"), 0.77),
        ]
    )
    signals = found(corpus)
    expected = {"title": 0.8, "short": 0.4, "text": 1.0, "second": 0.5, "question": 0.7}
    assert {name: signals["a"].values[name] for name in expected} == pytest.approx(expected, abs=1e-5)
    assert signals["a"].passage.text == "cinq"
    assert signals["b"].values["title"] == pytest.approx(0.25, abs=1e-5)
    assert {signals["b"].values[name] for name in ("short", "text", "second", "question")} == {0.0}


def test_far_passages_count_for_nothing_rather_than_against() -> None:
    signals = found(made([(passage("a", "loin"), 0.2), (passage("a", "moins loin"), 0.7)]))
    assert (signals["a"].values["text"], signals["a"].values["second"]) == (0, 0)
    assert signals["a"].passage.text == "moins loin"


def test_one_text_is_not_also_the_second() -> None:
    assert found(made([(passage("a", "seul"), 0.9)]))["a"].values["second"] == 0


def test_a_staff_document_is_never_a_candidate() -> None:
    corpus = made(
        [
            (passage("agents", "la consigne du standard", audience=Audience.STAFF), 0.99),
            (passage("routes", "un trou sur la route"), 0.76),
        ]
    )
    assert list(found(corpus, "consigne")) == ["agents", "routes"]
    assert list(found(corpus, "consigne", allowed=public(corpus))) == ["routes"]
    nothing = corpus.signals("consigne", ASKED, language="fr", allowed=np.zeros(2, np.bool_))
    assert (nothing.candidates, nothing.coverage) == ((), 0)


def test_what_is_not_allowed_of_an_allowed_document_counts_for_nothing() -> None:
    corpus = made(
        [
            (passage("a", "ayuda en Cassis", language="es"), 0.99),
            (passage("a", "aide au logement"), 0.80),
            (passage("b", "transport"), 0.78),
        ]
    )
    german = found(corpus, "Cassis", language="de", allowed=in_languages(corpus, "de", "fr"))
    assert german["a"].values["text"] == pytest.approx(0.25, abs=1e-5)
    assert german["a"].passage.language == "fr"
    assert german["a"].values["foreign_words"] == german["a"].values["words"] == 0
    unfiltered = found(corpus, "Cassis", language="de")
    assert unfiltered["a"].values["text"] == pytest.approx(1.2, abs=1e-5)
    assert unfiltered["a"].values["foreign_words"] > 0


def test_words_count_apart_in_the_question_s_language_and_in_others() -> None:
    corpus = made(
        [
            (passage("a", "la MDPH et la cantine"), 0.8),
            (passage("a", "the MDPH and the canteen", language="en"), 0.8),
            (passage("b", "les routes"), 0.8),
        ]
    )
    english = found(corpus, "canteen MDPH", language="en")["a"].values
    german = found(corpus, "Kantine MDPH", language="de")["a"].values
    assert min(english["words"], english["foreign_words"]) > 0
    assert german["foreign_words"] > 0
    assert german["words"] == 0
    assert found(corpus, "canteen MDPH", language="en")["b"].values["foreign_words"] == 0


def test_coverage_is_of_the_question_s_language() -> None:
    corpus = made([(passage("a", "la cantine du collège"), 0.8), (passage("b", "les routes"), 0.8)])
    known = corpus.signals("cantine collège", ASKED, language="fr").coverage
    half = corpus.signals("cantine xyzzy", ASKED, language="fr").coverage
    assert known == pytest.approx(1)
    assert 0 < half < 0.7
    assert corpus.signals("cantine", ASKED, language="de").coverage == 0


def test_words_bring_a_candidate_that_is_far_by_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus_module, "NEAREST", 1)
    corpus = made(
        [
            (passage("near", "les transports"), 0.95),
            (passage("far", "la cantine"), 0.81),
            (passage("other", "les routes"), 0.90),
        ]
    )
    signals = found(corpus, "cantine")
    assert set(signals) == {"near", "far"}
    assert signals["far"].values["text"] == pytest.approx(0.3, abs=1e-5)
    assert signals["far"].values["words"] > 0


def test_only_the_best_by_words_become_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus_module, "NEAREST", 1)
    monkeypatch.setattr(corpus_module, "MATCHING", 1)
    corpus = made(
        [
            (passage("near", "les transports"), 0.95),
            (passage("once", "la cantine et les longs menus de toute une semaine"), 0.8),
            (passage("twice", "la cantine, la cantine"), 0.8),
        ]
    )
    assert set(found(corpus, "cantine")) == {"near", "twice"}


def test_a_word_of_the_title_counts_more() -> None:
    corpus = made(
        [
            (passage("a", "la cantine", part=TITLE), 0.8),
            (passage("a", "le repas de midi"), 0.8),
            (passage("b", "le collège", part=TITLE), 0.8),
            (passage("b", "la cantine de midi"), 0.8),
        ]
    )
    signals = found(corpus, "cantine")
    assert signals["a"].values["words"] > signals["b"].values["words"] > 0


def test_the_whole_text_counts_by_words_when_only_its_beginning_is_a_passage() -> None:
    near = [(passage("a", "le début", part=SHORT), 0.8), (passage("b", "un autre", part=SHORT), 0.8)]
    whole = {"a": "le début, puis la cantine", "b": "un autre"}
    assert found(made(near), "cantine")["a"].values["words"] == 0
    signals = found(made(near, texts=whole), "cantine")
    assert signals["a"].values["words"] > 0
    assert signals["b"].values["words"] == 0


def test_the_lemmas_given_are_those_of_french_only() -> None:
    near = [
        (passage("a", "antilopes"), 0.8),
        (passage("b", "antilopes", language="en"), 0.8),
        (passage("c", "rien"), 0.8),
    ]
    corpus = made(near, lemmas={"gnoux": "gnou", "antilopes": "gnou"})
    assert found(corpus, "gnoux")["a"].values["words"] > 0
    assert found(corpus, "gnoux", language="en")["b"].values["words"] == 0
