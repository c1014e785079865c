import pytest

from knowledge.national.chapters import load_chapters
from knowledge.sections import SectionKey


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Pièces à fournir", "documents"),
        ("Décision d'attribution et recours", "appeal"),
        ("En cas de refus", "appeal"),
        ("Conditions d'attribution", "conditions"),
        ("Qui peut l’obtenir ?", "conditions"),
        ("Où s'adresser ?", "contact"),
        ("Calcul du montant", "amount"),
        ("Durée d'attribution", "delays"),
        ("Démarche", "steps"),
        ("Comment faire ?", "steps"),
        ("Volontariat", None),
        ("De quoi s'agit-il ?", None),
    ],
)
def test_titles_lead_to_sections(title: str, key: str | None) -> None:
    assert load_chapters().section(title) == key


def test_every_section_has_a_title_and_the_rest_a_place() -> None:
    chapters = load_chapters()
    assert set(chapters.titles) == set(SectionKey) - {SectionKey.EASY}
    assert chapters.otherwise in chapters.titles
