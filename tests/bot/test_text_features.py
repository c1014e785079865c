"""components/text_features.py: what scikit-learn's TfidfVectorizer finds, found without it."""

from functools import cache

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from tests.bot.rasa_server import BOT

from components.examples import read_examples  # isort: skip - found by conftest.py
from components.text_features import NGrams, TextFeatures, fold, learn_features, learn_terms  # isort: skip

CHARACTERS = NGrams("characters", 3, 5, least_examples=2, weight=1.0)
WORDS = NGrams("words", 1, 2, least_examples=2, weight=1.0)
ANALYSERS = {"characters": "char_wb", "words": "word"}
UNUSUAL = [
    "",
    " ",
    "?",
    "à",
    "é e",
    "RSA\x00 RSA\tRSA",
    "İstanbul ışık",
    "ﬁn Ⅷ",
    "مرحبا بالعالم",
    "їжа й хата",
    "😀 ok",
]


@cache
def texts() -> tuple[str, ...]:
    return tuple(example.text for example in read_examples(BOT / "data" / "nlu")[::7])


def vectorizer(ngrams: NGrams, norm: str | None) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer=ANALYSERS[ngrams.unit],
        ngram_range=(ngrams.shortest, ngrams.longest),
        min_df=ngrams.least_examples,
        strip_accents="unicode",
        sublinear_tf=True,
        norm=norm,
    )


def matrix(features: TextFeatures, of: list[str]) -> np.ndarray:
    rows = [features.features(text) for text in of]
    starts = np.cumsum([0] + [len(columns) for columns, _ in rows])
    columns = np.concatenate([columns for columns, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return csr_matrix((values, columns, starts), shape=(len(of), features.count)).toarray()


@pytest.mark.parametrize("ngrams", [CHARACTERS, WORDS], ids=["characters", "words"])
class TestBesideScikitLearn:
    def test_the_terms_and_their_rarity_are_the_same(self, ngrams: NGrams) -> None:
        theirs = vectorizer(ngrams, norm=None).fit(texts())
        ours = learn_terms(texts(), ngrams)
        assert list(ours.known) == sorted(theirs.vocabulary_)
        np.testing.assert_allclose(ours.rarity, theirs.idf_, rtol=1e-6)

    def test_values_are_the_same_but_for_what_divides_them(self, ngrams: NGrams) -> None:
        asked = [*texts()[:300], *UNUSUAL]
        theirs = vectorizer(ngrams, norm=None).fit(texts()).transform(asked).toarray()
        ours = matrix(learn_features(texts(), [ngrams]), asked)
        lengths = np.linalg.norm(theirs, axis=1, keepdims=True)
        shares = np.linalg.norm(ours, axis=1, keepdims=True)
        np.testing.assert_allclose(ours * lengths, theirs * shares, atol=1e-4)
        assert shares.max() <= 1 + 1e-6

    def test_values_of_texts_whose_terms_are_all_known_are_the_same(self, ngrams: NGrams) -> None:
        every_term = NGrams(ngrams.unit, ngrams.shortest, ngrams.longest, least_examples=1, weight=1.0)
        theirs = vectorizer(every_term, norm="l2").fit_transform(texts()[:300]).toarray()
        ours = matrix(learn_features(texts()[:300], [every_term]), list(texts()[:300]))
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_an_unknown_text_weighs_less_than_a_known_one() -> None:
    features = learn_features(texts(), [CHARACTERS, WORDS])
    known, unknown = "comment demander le rsa", "kuinka haen toimeentulotukea"
    assert np.linalg.norm(features.features(unknown)[1]) < 0.5 * np.linalg.norm(features.features(known)[1])


def test_kinds_stand_side_by_side_with_their_weights() -> None:
    heavy = NGrams("words", 1, 1, least_examples=1, weight=3.0)
    features = learn_features(["rsa", "apa"], [heavy, heavy])
    columns, values = features.features("RSA")
    assert columns.tolist() == [1, 3]
    assert values.tolist() == pytest.approx([3.0, 3.0])


def test_nothing_to_look_at_gives_no_feature() -> None:
    columns, values = TextFeatures(()).features("bonjour")
    assert len(columns) == len(values) == 0


@pytest.mark.parametrize(("text", "folded"), [("ÉLÈVE", "eleve"), ("Çà", "ca"), ("RSA ?", "rsa ?")])
def test_case_and_accents_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded
