from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knowledge.article import Audience, SectionKey
from knowledge.calibration import SIGNALS
from knowledge.embedding import CachedEmbedder, load_question_encoder
from knowledge.index import IndexUnusableError, build_index
from knowledge.library import load_library
from knowledge.search import OUT_OF_SCOPE, Decision, Search, features, open_search
from knowledge.settings import KnowledgeSettings
from tests.knowledge.articles import write_article, write_translation

APA_SECTIONS = {
    "easy": "Une aide pour les personnes âgées.",
    "conditions": "Avoir 60 ans ou plus et avoir besoin d'aide pour la vie de tous les jours.",
    "steps": "Remplissez le dossier et envoyez-le au département.",
    "documents": "Pièce d'identité, justificatif de domicile, avis d'imposition, relevé bancaire.",
    "delays": "Le département répond en deux mois.",
    "amount": "Le montant dépend des revenus.",
    "appeal": "Écrivez au président du département pour contester la décision.",
}


APA_SECTIONS_EN = {
    "easy": "Help for older people.",
    "conditions": "Being 60 or older and needing help with everyday life.",
    "steps": "Fill in the form and send it to the département.",
    "documents": "Identity document, proof of address, tax notice, bank details.",
    "delays": "The département replies within two months.",
    "amount": "The amount depends on income.",
    "appeal": "Write to the president of the département to contest the decision.",
}
TITLES_EN = {
    "easy": "In a few words, easy to read",
    "conditions": "Who it is for",
    "steps": "What to do",
    "documents": "Documents to provide",
    "delays": "How long it takes",
    "amount": "Amount",
    "appeal": "If you disagree",
}


def write_content(content: Path) -> None:
    apa = write_article(
        content,
        "apa",
        type="benefit",
        title="Allocation personnalisée d'autonomie (APA)",
        short="L'APA aide les personnes âgées à payer une aide à domicile.",
        questions=["Ma mère ne peut plus se laver seule"],
        sections=APA_SECTIONS,
    )
    write_translation(
        content,
        apa,
        type="benefit",
        title="Allowance for older people (APA)",
        short="APA helps older people pay for help at home.",
        sections=APA_SECTIONS_EN,
        titles=TITLES_EN,
    )
    write_article(
        content,
        "routes",
        topic="routes",
        title="Les routes départementales",
        short="Signalez un trou dans la chaussée ou un obstacle sur une route départementale.",
        sections={
            "easy": "Un trou sur la route ? Dites-le-nous.",
            "steps": "Dites où est le trou et appelez.",
        },
    )
    write_article(
        content,
        "college-restauration",
        topic="college-restauration",
        title="La cantine du collège",
        short="Inscrire un enfant à la cantine, les menus et les prix des repas.",
        sections={"easy": "Votre enfant mange au collège.", "steps": "Demandez au secrétariat du collège."},
    )
    write_article(
        content,
        "routes-agents",
        topic="routes",
        audience="staff",
        title="Consignes aux agents : signalements sur les routes",
        short="Transmettre le signalement d'un trou dans la chaussée au centre d'exploitation.",
        sections={"easy": "Notez le lieu du trou.", "steps": "Appelez le centre d'exploitation des routes."},
    )


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeSettings:
    folder = tmp_path_factory.mktemp("search")
    write_content(folder / "content")
    settings = KnowledgeSettings(
        content_dir=folder / "content", data_dir=folder / "var", languages=("fr", "en")
    )
    library, problems = load_library(settings.content_dir, settings.languages)
    assert problems == ()
    build_index(library, CachedEmbedder(load_question_encoder(), settings.cache_dir), settings.index_dir)
    return settings


@pytest.fixture(scope="module")
def search(settings: KnowledgeSettings) -> Search:
    return open_search(settings)


def with_calibration(search: Search, **changes: Any) -> Search:
    return Search(search.library, search.generation, search._embedder, replace(search.calibration, **changes))


def with_weights(search: Search, **changes: float) -> Search:
    return with_calibration(search, weights=dict(search.calibration.weights) | changes)


def ids(found) -> list[str]:
    return [hit.article.id for hit in found.hits]


@pytest.mark.parametrize(
    ("question", "article"),
    [
        ("ma grand-mère a besoin d'aide à la maison", "apa"),
        ("il y a un trou dans la chaussée", "routes"),
        ("combien coûte un repas pour mon fils en sixième", "college-restauration"),
        ("APA", "apa"),
    ],
)
def test_the_right_article_comes_first(search: Search, question: str, article: str) -> None:
    found = search.search(question, language="fr")
    assert found.hits[0].article.id == article
    assert len(set(ids(found))) == len(ids(found))
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)
    assert all(hit.score == pytest.approx(sum(hit.parts.values())) for hit in found.hits)
    assert all(set(hit.parts) == set(SIGNALS) for hit in found.hits)


def test_articles_are_shown_in_the_residents_language_else_in_french(search: Search) -> None:
    found = search.search("my mother needs help at home", language="en")
    assert (found.hits[0].article.id, found.hits[0].article.language) == ("apa", "en")
    found = search.search("there is a pothole in the road", language="en")
    assert (found.hits[0].article.id, found.hits[0].article.language) == ("routes", "fr")
    found = search.search("my mother needs help at home", language="de")
    assert (found.hits[0].article.id, found.hits[0].article.language) == ("apa", "fr")


def test_staff_articles_are_found_by_staff_only(search: Search) -> None:
    question = "consignes aux agents pour un nid de poule"
    assert "routes-agents" not in ids(search.search(question, language="fr", k=50))
    found = search.search(question, language="fr", audience=Audience.STAFF)
    assert found.hits[0].article.id == "routes-agents"


def test_an_article_made_staff_only_since_the_index_is_not_shown(settings, search: Search, tmp_path) -> None:
    write_content(tmp_path)
    write_article(tmp_path, "routes", topic="routes", audience="staff", title="Les routes départementales")
    library, _ = load_library(tmp_path, settings.languages)
    outdated = Search(library, search.generation, search._embedder, search.calibration)
    assert "routes" not in ids(outdated.search("il y a un trou sur la route", language="fr", k=50))


@pytest.mark.parametrize(
    ("question", "language", "section"),
    [
        ("quels papiers faut-il pour l'APA", "fr", SectionKey.DOCUMENTS),
        ("combien de temps pour avoir une réponse pour l'APA", "fr", SectionKey.DELAYS),
        ("contester une décision de refus d'APA", "fr", SectionKey.APPEAL),
        ("which documents do I need for APA", "en", SectionKey.DOCUMENTS),
    ],
)
def test_the_section_that_answers_is_chosen(search: Search, question, language, section) -> None:
    hit = search.search(question, language=language).hits[0]
    assert (hit.article.id, hit.section) == ("apa", section)


def test_the_short_answer_is_preferred_when_no_section_stands_out(search: Search) -> None:
    assert search.search("l'APA, c'est quoi ?", language="fr").hits[0].section is None
    strict = with_calibration(search, section_margin=2.0)
    assert strict.search("quels papiers faut-il pour l'APA", language="fr").hits[0].section is None


def test_rasas_topic_is_one_feature(search: Search) -> None:
    question = "j'ai une question"
    plain = search.search(question, language="fr")
    other = ids(plain)[-1]
    pushed = with_weights(search, prior=5.0).search(
        question, language="fr", topic_prior={plain.hits[-1].article.topic: 1.0}
    )
    assert pushed.hits[0].article.id == other
    assert pushed.hits[0].parts["prior"] == 5.0


def test_a_disagreement_with_rasa_gives_a_clarification(search: Search) -> None:
    sure = with_calibration(
        with_weights(search, prior=0.0), answer_from=0.0, clarify_from=0.0, disagreement=0.5
    )
    question = "ma mère ne peut plus se laver seule"
    assert sure.search(question, language="fr").decision is Decision.ANSWER
    assert sure.search(question, language="fr", topic_prior={"apa": 0.9}).decision is Decision.ANSWER
    assert sure.search(question, language="fr", topic_prior={"routes": 0.4}).decision is Decision.ANSWER
    assert sure.search(question, language="fr", topic_prior={"routes": 0.9}).decision is Decision.CLARIFY


def test_the_confidence_decides(search: Search) -> None:
    question = "ma mère ne peut plus se laver seule"
    confidence = search.search(question, language="fr").confidence
    assert 0 < confidence < 1
    above, below = confidence + 1e-6, confidence - 1e-6
    for answer_from, clarify_from, decision in (
        (below, 0.0, Decision.ANSWER),
        (above, below, Decision.CLARIFY),
        (1.0, above, Decision.ABSTAIN),
    ):
        each = with_calibration(search, answer_from=answer_from, clarify_from=clarify_from)
        assert each.search(question, language="fr").decision is decision


def test_the_margin_is_to_another_topic(search: Search) -> None:
    hits = search.search("trou dans la route", language="fr", audience=Audience.STAFF, k=50).hits
    assert {hit.article.topic for hit in hits[:2]} == {"routes"}
    judged = features(hits, 0.5, {"routes": 0.7, "apa": 0.2})
    assert judged.margin == pytest.approx(hits[0].score - hits[2].score)
    assert judged.agreement == pytest.approx(0.5)
    assert judged.outside == 0
    assert features(hits, 0.5, None).agreement == 0


def test_out_of_scope_is_no_rival_topic(search: Search) -> None:
    hits = search.search("trou dans la route", language="fr", k=50).hits
    judged = features(hits, 0.5, {"routes": 0.3, OUT_OF_SCOPE: 0.6})
    assert judged.agreement == pytest.approx(0.3)
    assert judged.outside == pytest.approx(0.6)


@pytest.mark.parametrize("question", ["", "   ", "?!…", "\0", "👍"])
def test_nothing_to_search_for_gives_an_abstention(search: Search, question: str) -> None:
    found = search.search(question, language="fr")
    assert (found.hits, found.decision, found.confidence) == ((), Decision.ABSTAIN, 0.0)


def test_an_emergency_article_is_shown_when_it_surely_answers_and_never_proposed(
    settings, search: Search, tmp_path: Path
) -> None:
    write_content(tmp_path)
    write_article(
        tmp_path,
        "suicide",
        type="emergency",
        topic="emergency-suicide",
        title="Vous pensez au suicide",
        short="Appelez le 3114, jour et nuit.",
        questions=["Je veux mourir"],
        numbers=[
            {"number": "3114", "uri": "tel:3114", "label": "Prévention du suicide", "hours": "24/7"},
            {"number": "15", "uri": "tel:15", "label": "Samu", "hours": "24/7"},
        ],
    )
    library, problems = load_library(tmp_path, settings.languages)
    assert problems == ()
    generation = build_index(library, search._embedder, tmp_path / "index")
    calibration = replace(search.calibration, clarify_from=0.0, answer_from=0.3)
    with_emergency = Search(library, generation, search._embedder, calibration)
    assert with_emergency.search("je veux mourir", language="fr").hits[0].article.id == "suicide"
    shy = Search(library, generation, search._embedder, replace(calibration, answer_from=1.0))
    for question in ("je veux mourir", "tondre la pelouse", "j'ai besoin d'aide"):
        found = shy.search(question, language="fr", k=50)
        assert found.decision is Decision.CLARIFY
        assert "suicide" not in ids(found)


def test_k_limits_the_hits(search: Search) -> None:
    assert len(search.search("aide", language="fr", k=2).hits) == 2
    assert len(search.search("aide", language="fr", k=50).hits) == 3


def test_an_index_of_another_model_is_refused(settings: KnowledgeSettings, search: Search) -> None:
    embedder = CachedEmbedder(load_question_encoder(), settings.cache_dir, model="another")
    with pytest.raises(IndexUnusableError, match="another"):
        Search(search.library, search.generation, embedder, search.calibration)


def test_no_index_is_told(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusableError):
        open_search(KnowledgeSettings(data_dir=tmp_path))
