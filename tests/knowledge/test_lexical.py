import pytest

from knowledge.lexical import LexicalIndex, terms

DOCUMENTS = ["La MDPH et la PCH", "Le RSA et la CAF", "La PCH, la PCH et encore la PCH"]


def test_words_lose_case_accents_and_endings() -> None:
    assert terms("L'Allocation personnalisée à l’autonomie") == ["alloca", "person", "autono"]
    assert terms("allocations PERSONNALISÉES") == ["alloca", "person"]


@pytest.mark.parametrize("text", ["Допомога дитині", "مساعدة الطفل", "Çocuk yardımı", "dziecko ajutor copil"])
def test_every_script_has_words(text: str) -> None:
    assert len(terms(text)) >= 2
    assert LexicalIndex([text, "autre chose"]).scores(text).argmax() == 0


def test_the_rare_word_decides() -> None:
    scores = LexicalIndex(DOCUMENTS).scores("la MDPH")
    assert scores.argmax() == 0
    assert scores[0] > 2 * scores[1]


def test_scores_stay_between_0_and_1() -> None:
    index = LexicalIndex(DOCUMENTS)
    assert index.scores("la PCH, la MDPH").max() <= 1
    assert index.scores("rien de connu").max() == 0
    assert index.scores("").max() == 0
    assert index.scores("PCH").max() > index.scores("PCH dans un monde inconnu").max()


def test_no_documents() -> None:
    assert len(LexicalIndex([]).scores("mot")) == 0
