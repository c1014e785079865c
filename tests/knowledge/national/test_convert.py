from datetime import date
from pathlib import Path

import pytest

from knowledge.article import Article, ArticleType, Audience, parse_article
from knowledge.compose import source_note
from knowledge.national.convert import article_text
from knowledge.national.sheet import read_sheet
from knowledge.sections import SectionKey
from tests.knowledge.national.sheets import INTRODUCTION, said, titled, write_sheet


@pytest.fixture
def article(tmp_path: Path):
    def convert(
        body: str, topic: str = "apa", departement: str | None = None, **changes: str | None
    ) -> Article:
        text = article_text(read_sheet(write_sheet(tmp_path, body=body, **changes)), topic, departement)
        path = tmp_path / "sp-f1.md"
        path.write_text(text, encoding="utf-8")
        domain = "redirect" if topic.startswith("redirect") else "social_benefits"
        return parse_article(path, layer="national", language="fr", domain=domain)

    return convert


def sections(article: Article) -> dict[str, str]:
    return {section.key.value: section.markdown for section in article.sections}


def test_the_article_says_whose_text_it_is_and_of_what_day(article) -> None:
    found = article(f"<Texte>{said('Un fait.')}</Texte>")
    assert (found.id, found.topic, found.type, found.audience) == (
        "sp-f1",
        "apa",
        ArticleType.INFORMATION,
        Audience.PUBLIC,
    )
    assert found.origin.sheet == "F1"
    assert found.origin.author == "La DILA, service-public.fr"
    assert found.origin.licence == "Licence Ouverte 2.0"
    assert {found.written, found.origin.updated, found.sources[0].consulted} == {date(2026, 6, 1)}
    note = source_note(found, None)
    assert note.title == "Titre de F1 (service-public.fr, DILA, Licence Ouverte 2.0)"
    assert (note.written, note.reviewed) == (date(2026, 6, 1), None)
    assert note.url == "https://www.service-public.fr/particuliers/vosdroits/F1"


def test_another_owner_s_matter_is_a_redirect_whose_source_is_the_sheet(article) -> None:
    links = '<PourEnSavoirPlus URL="https://e.fr"><Titre>Un site</Titre></PourEnSavoirPlus>'
    found = article(f"<Texte>{said('Un fait.')}</Texte>{links}", topic="redirect-caf")
    assert found.type is ArticleType.REDIRECT
    assert source_note(found, None).url.endswith("/F1")


def test_chapters_go_into_sections_under_their_titles(article) -> None:
    body = (
        "<Texte>"
        + titled("De quoi s'agit-il ?", said("Une aide."))
        + titled(
            "Démarche", said("Écrivez.") + titled("Pièces à fournir", said("Un papier."), "SousChapitre")
        )
        + titled("Recours", said("Contestez."))
        + titled("Divers", titled("Montant", said("Dix euros."), "SousChapitre") + said("Un reste."))
        + "</Texte>"
    )
    assert sections(article(body)) == {
        "conditions": "### De quoi s'agit-il ?\n\nUne aide.\n\n### Divers\n\nUn reste.",
        "steps": "### Démarche\n\nÉcrivez.",
        "documents": "### Démarche\n\n#### Pièces à fournir\n\nUn papier.",
        "amount": "### Divers\n\n#### Montant\n\nDix euros.",
        "appeal": "### Recours\n\nContestez.",
    }


def test_situations_keep_their_names(article) -> None:
    situations = "".join(
        f"<Situation><Titre>{name}</Titre><Condition><estVrai var='{name}'/></Condition><Texte>"
        + titled("Démarche", said(f"Écrivez {name}."))
        + "</Texte></Situation>"
        for name in ("ici", "là")
    )
    assert sections(article(f"<ListeSituations>{situations}</ListeSituations>")) == {
        "steps": "### ici\n\n#### Démarche\n\nÉcrivez ici.\n\n### là\n\n#### Démarche\n\nÉcrivez là."
    }


def test_a_chapter_of_one_case_says_which(article) -> None:
    body = (
        "<ListeSituations><Situation><Titre>ici</Titre><Condition><estVrai var='T1'/></Condition><Texte>"
        + titled("Âge", said("Vingt ans.") + "<Condition><estVrai var='T1'/></Condition>")
        + "</Texte></Situation></ListeSituations>"
    )
    assert "#### Âge (ici)" in sections(article(body))["conditions"]


def test_a_question_goes_where_its_title_leads(article) -> None:
    body = f"<Texte>{said('Oui, par écrit.')}</Texte>"
    assert set(sections(article(body, title="Comment demander ?"))) == {"steps"}
    assert set(sections(article(body, title="Peut-on contester un refus ?"))) == {"appeal"}


def test_the_introduction_is_said_once_and_whole(article) -> None:
    body = f"<Texte>{said('Un fait.')}</Texte>"
    short = article(body)
    assert short.short == "Une aide. Elle dépend du lieu."
    assert sections(short) == {"conditions": "Un fait."}
    long = INTRODUCTION.replace("lieu.", "lieu. Vous avez droit à tout.")
    cut = article(body, introduction=long)
    assert cut.short == "Une aide. Elle dépend du lieu."
    assert sections(cut)["conditions"].startswith("Une aide. Elle dépend du lieu. Vous avez droit à tout.")
    assert sections(article("")) == {"conditions": "Une aide. Elle dépend du lieu."}


def test_without_an_introduction_the_text_or_the_summary_answers(article) -> None:
    body = f"<Texte>{said('Oui.')}</Texte>"
    assert article(body, introduction=None).short == "Oui."
    listed = f"<Texte>{said('Selon :')}</Texte>"
    assert article(listed, introduction=None).short == "Un résumé de la fiche."


def test_what_stands_around_the_text(article) -> None:
    body = (
        f"<Avertissement><Titre>Réforme</Titre><Texte>{said('Bientôt.')}</Texte></Avertissement>"
        f"<Texte>{said('Un fait.')}</Texte>"
        '<OuSAdresser><Titre>Le guichet</Titre><RessourceWeb URL="https://e.fr/g"/></OuSAdresser>'
        '<ServiceEnLigne ID="R1" URL="https://e.fr/f" type="Téléservice">'
        "<Titre>La demande</Titre></ServiceEnLigne>"
        f'<Definition ID="R2"><Titre>Rib</Titre><Texte>{said("Un papier.")}</Texte></Definition>'
        f'<Abreviation ID="R3"><Titre>RSA</Titre><Texte>{said("Un revenu")}</Texte></Abreviation>'
        f"<Nouveau>{said('Une nouveauté.')}</Nouveau><Cible>Parent</Cible>"
    )
    assert sections(article(body)) == {
        "conditions": "> **Réforme**\n>\n> Bientôt.\n\nUn fait.\n\nUne nouveauté.\n\n### Vocabulaire\n\n"
        "- **Rib** : Un papier.\n- **RSA** : Un revenu",
        "steps": "### Services en ligne et formulaires\n\n+ [La demande](https://e.fr/f) – Téléservice",
        "contact": "+ [Le guichet](https://e.fr/g)",
    }


def test_what_a_sheet_links_to_is_kept_as_links(article) -> None:
    body = (
        f"<Texte>{said('Un fait.')}</Texte>"
        '<Reference URL="https://e.fr/loi"><Titre>La loi</Titre>'
        "<Complement>article 1</Complement></Reference>"
        '<QuestionReponse ID="F2">Et si ?</QuestionReponse>'
        '<VoirAussi><Fiche ID="F3"><Titre>Une voisine</Titre>'
        '<Theme ID="N1"><Titre>T</Titre></Theme></Fiche></VoirAussi>'
        '<PourEnSavoirPlus URL="mailto:a@e.fr"><Titre>Un courriel</Titre></PourEnSavoirPlus>'
    )
    base = "https://www.service-public.fr/particuliers/vosdroits/"
    assert [(link.title, link.url) for link in article(body).links] == [
        ("La loi – article 1", "https://e.fr/loi"),
        ("Et si ?", f"{base}F2"),
        ("Une voisine", f"{base}F3"),
    ]


def test_only_the_services_of_this_departement(article) -> None:
    names = ("Var (83)", "Bouches-du-Rhône (13)")
    cases = "".join(f"<Cas><Titre>{name}</Titre>{said(f'Service {name}')}</Cas>" for name in names)
    body = "<Texte>" + titled("Démarche", f"<BlocCas>{cases}</BlocCas>") + "</Texte>"
    assert "83" in article(body).section(SectionKey.STEPS).markdown
    assert "83" not in article(body, departement="13").section(SectionKey.STEPS).markdown
