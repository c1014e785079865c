import pytest

from knowledge.lexical import LexicalIndex

DOCUMENTS = ["La MDPH et la PCH", "Le RSA et la CAF", "La PCH, la PCH et encore la cantine du collège"]


def best(documents: list[str], question: str, language: str = "fr") -> int:
    scores = LexicalIndex(documents, language).matches(question).scores
    assert scores.max() > 0
    return int(scores.argmax())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Допомога дитині", "uk"),
        ("مساعدة الطفل", "ar"),
        ("Çocuk yardımı", "tr"),
        ("ajutor copil", "ro"),
        ("儿童援助", "zh"),
    ],
)
def test_every_script_is_searched(text: str, language: str) -> None:
    assert best(["autre chose", text], text, language) == 1


def test_the_rare_word_decides() -> None:
    scores = LexicalIndex(DOCUMENTS, "fr").matches("la MDPH").scores
    assert scores.argmax() == 0
    assert scores[0] > 2 * scores[1]


@pytest.mark.parametrize(
    "question", ["cantines", "kantine", "la cantinne", "CANTINE !", "cantien du colege", "prix d la cantine"]
)
def test_inflections_and_misspellings_are_found(question: str) -> None:
    assert best(DOCUMENTS, question) == 2


def test_short_and_numeric_words_are_not_guessed() -> None:
    matches = LexicalIndex(["le RSA", "dossier 12345"], "fr").matches("rsb 12346")
    assert matches.scores.max() == 0


def test_an_acronym_finds_what_it_stands_for_and_the_reverse() -> None:
    documents = ["Revenu de solidarité active", "Prestation de compensation (PCH)", "Cantine"]
    assert best(documents, "le rsa") == 0
    assert best(documents, "prestation de compensation du handicap") == 1


def test_another_language_shares_names_only() -> None:
    index = LexicalIndex(["La commune de Cassis", "La maison"], "fr")
    assert index.matches("help in Cassis", own_language=False).scores.argmax() == 0
    assert index.matches("maisson", own_language=False).scores.max() == 0
    assert index.matches("maisson").scores.argmax() == 1


def test_coverage_is_the_share_of_the_question_that_is_known() -> None:
    index = LexicalIndex(DOCUMENTS, "fr")
    assert index.matches("la PCH").coverage > index.matches("PCH dans un monde inconnu").coverage > 0
    assert index.matches("xyzzy plugh").coverage == 0
    assert 0 <= index.matches("").coverage <= 1


def test_no_documents_and_empty_documents() -> None:
    assert len(LexicalIndex([], "fr").matches("mot").scores) == 0
    assert LexicalIndex(["", "?"], "fr").matches("mot").scores.tolist() == [0, 0]
