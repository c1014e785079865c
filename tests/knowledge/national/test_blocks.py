from pathlib import Path

import pytest

from knowledge.national.blocks import Setting, blocks, bulleted, item
from knowledge.national.inline import Links
from knowledge.national.xml_file import read_xml

LINKS = Links("https://example.org/{}", {"R7": "https://example.org/formulaire"})


@pytest.fixture
def markdown(tmp_path: Path):
    def convert(xml: str, cases: dict[str, str] | None = None) -> str:
        path = tmp_path / "a.xml"
        path.write_text(f"<Texte>{xml}</Texte>", encoding="utf-8")
        return "\n\n".join(blocks(read_xml(path), Setting(LINKS, cases or {})))

    return convert


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("un  mot\n et un autre", "un mot et un autre"),
        ("<MiseEnEvidence> gras </MiseEnEvidence>fin", "**gras** fin"),
        ("<Expression>a</Expression><Citation>b</Citation>", "*a* *b*"),
        ("60<Exposant>e</Exposant> et m<Exposant>2</Exposant>", "60e et m²"),
        ("1\u00a0742 <Valeur>€</Valeur>", "1\u00a0742 €"),
        ('<LienExterne URL="http://e.fr/a b(c)">là</LienExterne>', "[là](http://e.fr/a%20b%28c%29)"),
        ('<LienExterne URL="javascript:x()">là</LienExterne>', "là"),
        ('<LienInterne LienPublication="F2" type="Fiche">là</LienInterne>', "[là](https://example.org/F2)"),
        ('<LienInterne LienPublication="R7">là</LienInterne>', "[là](https://example.org/formulaire)"),
        ('<LienInterne LienPublication="R9" type="Sigle">RSA</LienInterne>', "RSA"),
        ('<LienIntra LienID="R1">Rib</LienIntra>', "Rib"),
        ("15692*01 [x] a_b _c_ &lt;b&gt; &amp;nbsp;", r"15692\*01 \[x\] a_b \_c\_ \<b> \&nbsp;"),
        ("- tiret", r"\- tiret"),
        ("1. point", r"1\. point"),
        ("# dièse", r"\# dièse"),
        ("<Inconnu>gardé</Inconnu>", "gardé"),
    ],
)
def test_words_of_a_paragraph(markdown, xml: str, expected: str) -> None:
    assert markdown(f"<Paragraphe>{xml}</Paragraphe>") == expected


def test_lists(markdown) -> None:
    two = "<Item><Paragraphe>a</Paragraphe></Item><Item><Paragraphe>b</Paragraphe></Item>"
    assert markdown(f'<Liste type="puce">{two}</Liste>') == "- a\n- b"
    assert markdown(f'<Liste type="numero">{two}</Liste>') == "1. a\n2. b"
    inner = f'<Liste type="puce"><Item><Paragraphe>a</Paragraphe><Liste>{two}</Liste></Item></Liste>'
    assert markdown(inner) == "- a\n\n  - a\n  - b"
    assert bulleted([]) == []
    assert item(["a", "b"], "10.") == "10. a\n\n    b"


def test_cases_keep_their_names(markdown) -> None:
    cases = "".join(
        f"<Cas><Titre>{name}</Titre><Condition/><Paragraphe>{name} !</Paragraphe></Cas>" for name in "AB"
    )
    assert markdown(f"<BlocCas>{cases}</BlocCas>") == "* **A**\n\n  A !\n\n* **B**\n\n  B !"


def test_a_fragment_carries_the_name_of_its_case(markdown) -> None:
    fragment = (
        '<FragmentConditionne><Condition><estVrai var="T1"/></Condition>'
        "<Paragraphe>Ici.</Paragraphe></FragmentConditionne>"
    )
    assert markdown(fragment, {"T1": "À domicile"}) == "* **À domicile**\n\n  Ici."
    assert markdown(fragment) == "Ici."
    negated = fragment.replace("<estVrai", "<non><estVrai").replace('"T1"/>', '"T1"/></non>')
    assert markdown(negated, {"T1": "À domicile"}) == "Ici."


@pytest.mark.parametrize("tag", ["ANoter", "ASavoir", "Attention", "Rappel", "Avertissement"])
def test_remarks_are_quotations(markdown, tag: str) -> None:
    assert markdown(f"<{tag}><Titre>À noter</Titre><Paragraphe>Un fait.</Paragraphe></{tag}>") == (
        "> **À noter**\n>\n> Un fait."
    )
    dated = f'<{tag} date="2026-01-27"><Titre>Réforme</Titre><Paragraphe>Un fait.</Paragraphe></{tag}>'
    assert markdown(dated).startswith("> **Réforme (27/01/2026)**")


def test_a_table_repeats_its_merged_cells(markdown) -> None:
    rows = (
        '<Rangée type="header"><Cellule>A</Cellule><Cellule>B</Cellule><Cellule>C</Cellule></Rangée>'
        '<Rangée type="normal"><Cellule fusionVerticale="2"><Paragraphe>a|a</Paragraphe></Cellule>'
        '<Cellule fusionHorizontale="2"><Liste><Item><Paragraphe>b</Paragraphe></Item>'
        "<Item><Paragraphe>c</Paragraphe></Item></Liste></Cellule></Rangée>"
        '<Rangée type="normal"><Cellule>d</Cellule></Rangée>'
    )
    assert markdown(f"<Tableau><Titre>T</Titre><Colonne/>{rows}</Tableau>") == (
        "**T**\n\n| A | B | C |\n| --- | --- | --- |\n| a\\|a | b ; c | b ; c |\n| a\\|a | d |  |"
    )
    headless = '<Rangée type="normal"><Cellule>a</Cellule></Rangée>'
    assert markdown(f"<Tableau>{headless}</Tableau>") == "|  |\n| --- |\n| a |"
    assert markdown("<Tableau/>") == ""


def test_services_and_contacts(markdown) -> None:
    service = (
        '<ServiceEnLigne ID="R1" URL="https://e.fr/f" numerocerfa="1*02" type="Formulaire">'
        "<Titre>La demande</Titre>"
        "<Source>Un ministère</Source><Introduction><Texte><Paragraphe>Sert à demander.</Paragraphe></Texte>"
        '</Introduction><ServiceEnLigneAnnexe type="Formulaire"><Titre>Une annexe</Titre>'
        '<LienWeb URL="https://e.fr/a"/>'
        '<NoticeLiee URL="https://e.fr/n" type="Notice">La notice</NoticeLiee>'
        "</ServiceEnLigneAnnexe></ServiceEnLigne>"
    )
    assert markdown(service) == (
        "+ [La demande](https://e.fr/f) – Formulaire Cerfa n° 1\\*02 – Un ministère\n\n  Sert à demander.\n\n"
        "  - [Une annexe](https://e.fr/a) – Formulaire\n\n    - [La notice](https://e.fr/n) – Notice"
    )
    contact = (
        '<OuSAdresser ID="R3"><Titre>Le guichet</Titre><Complement>Le matin</Complement>'
        "<PivotLocal>cg</PivotLocal>"
        '<RessourceWeb URL="https://e.fr/g"/><Texte><Chapitre>'
        "<Titre><Paragraphe>Par téléphone</Paragraphe></Titre>"
        "<Paragraphe>01 99 00 00 00</Paragraphe></Chapitre></Texte></OuSAdresser>"
    )
    assert markdown(contact) == (
        "+ [Le guichet](https://e.fr/g) – Le matin\n\n  **Par téléphone**\n\n  01 99 00 00 00"
    )


def test_an_image_is_what_it_says(markdown) -> None:
    image = (
        "<Image><Legende>Les étapes</Legende><Credits><Paragraphe>Un site</Paragraphe></Credits>"
        "<TexteDeRemplacement>De la demande à la réponse</TexteDeRemplacement></Image>"
    )
    assert markdown(image) == "Les étapes\n\nUn site\n\nDe la demande à la réponse"


def test_what_is_not_known_keeps_its_text(markdown) -> None:
    assert markdown("<Nouveau><Titre>Neuf</Titre><Paragraphe>Un fait.</Paragraphe></Nouveau>") == (
        "**Neuf**\n\nUn fait."
    )
    assert markdown("<Nouveau>Un fait.</Nouveau>") == "Un fait."
