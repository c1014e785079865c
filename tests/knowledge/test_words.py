import pytest

from knowledge.words import FIRST_LETTERS, Analyzer, plain, words


def test_words_lose_case_accents_and_single_letters() -> None:
    assert words("L'Élève À l’ŒUVRE, 3 x 24h") == ["eleve", "oeuvre", "24h"]
    assert plain("İstanbul ılık") == "istanbul ilik"


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("allocations personnalisées", "ALLOCATION personnalisee", "fr"),
        ("benefits", "benefit", "en"),
        ("Leistungen", "leistung", "de"),
        ("المساعدة", "مساعدة", "ar"),
        ("допомоги", "допомога", "uk"),
    ],
)
def test_endings_do_not_count(one: str, other: str, language: str) -> None:
    analyzer = Analyzer(language)
    assert set(analyzer.of(one)) == set(analyzer.of(other))


def test_a_language_without_a_stemmer_keeps_first_letters() -> None:
    assert Analyzer("uk").of("департамент") == ["~" + "департамент"[:FIRST_LETTERS]]


@pytest.mark.parametrize(
    "text", ["申请残疾人津贴", "การช่วยเหลือเด็ก", "한국어 도움", "დახმარება ბავშვს", "עזרה לילד"]
)
def test_no_script_is_left_out(text: str) -> None:
    assert len(words(text)) >= 2


def test_unspaced_scripts_share_pairs_of_letters() -> None:
    assert set(words("残疾人")) <= set(words("申请残疾人津贴"))


def test_a_lemma_is_a_term_beside_the_stem() -> None:
    analyzer = Analyzer("fr", {"yeux": "oeil"})
    assert "oeil" in analyzer.of("les yeux")
    assert "oeil" not in analyzer.of("un oeil")
    assert Analyzer("fr", {"yeux": "oeil", "oeil": "oeil"}).of("oeil")[-1] == "oeil"
