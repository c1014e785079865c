from pathlib import Path

from knowledge.national.short import opening, short_answer
from knowledge.national.xml_file import read_xml


def test_whole_sentences_of_the_first_text_that_has_one() -> None:
    assert short_answer(["", "Un. Deux ! Trois"], "Titre", "fr") == "Un. Deux !"
    assert short_answer(["Une liste :", "Oui."], "Titre", "fr") == "Oui."
    assert short_answer(["Une liste :"], "Titre", "fr") == "Titre"
    assert short_answer(["Un fait.\nUn intertitre\nUn autre."], "Titre", "fr") == "Un fait."


def test_at_most_sixty_words() -> None:
    sentence = "Mot " * 29 + "mot."
    assert short_answer([f"{sentence} {sentence} Fin."], "Titre", "fr") == f"{sentence} {sentence}"
    assert len(short_answer([], "mot " * 70, "fr").split()) == 60


def test_it_stops_before_a_conclusion_on_entitlement() -> None:
    assert short_answer(["Un fait. Vous avez droit à l'Apa. Un autre."], "Titre", "fr") == "Un fait."
    assert short_answer(["Vous avez droit à l'Apa."], "Titre", "fr") == "Titre"


def test_the_opening_ends_where_the_paragraphs_do(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        "<S><Titre>T</Titre><Texte><Paragraphe>Un.</Paragraphe><Paragraphe>Deux.</Paragraphe><Liste/>"
        "<Paragraphe>Trois.</Paragraphe></Texte></S>",
        encoding="utf-8",
    )
    assert opening(read_xml(path)) == "Un.\nDeux."
    assert opening(None) == ""
