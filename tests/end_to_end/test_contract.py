"""The contract of a resident's conversation, through every real part."""

from typing import Any

import pytest

from tests.end_to_end.resident import Resident, shown
from tests.stack import Stack

pytestmark = pytest.mark.stack

ANSWERS = [
    ("fr", "Comment demander l'APA pour ma mère ?", "apa"),
    ("en", "How do I apply for the APA for my mother?", "apa"),
    ("fr", "Je n'ai plus aucun revenu, comment demander le RSA ?", "rsa"),
    ("en", "I have no income any more, how can I get the RSA?", "rsa"),
    ("fr", "Comment inscrire ma fille au collège ?", "college-inscription"),
    ("en", "How do I enrol my daughter in collège?", "college-inscription"),
    ("fr", "Quels papiers faut-il pour le dossier MDPH ?", "mdph-dossier"),
    ("fr", "Je veux faire une réclamation contre une décision du département", "reclamation"),
]


@pytest.mark.parametrize(("language", "question", "topic"), ANSWERS)
def test_an_answer_has_its_source_its_date_and_a_human(
    stack: Stack, language: str, question: str, topic: str
) -> None:
    turn = Resident(stack.url, language=language).says(question)
    assert (turn["status"], turn["understanding"]["kind"]) == ("answered", "answer"), turn
    assert turn["understanding"]["topic"] == topic
    assert turn["sources"][0]["article_id"]
    assert turn["sources"][0]["written"]
    assert turn["sources"][0]["url"].startswith("https://")
    assert {message["lang"] for message in turn["messages"]} == {language}
    assert turn["service"]["phone"]
    assert turn["service"]["opening"]["text"]


@pytest.mark.parametrize(
    ("language", "question", "topic"),
    [
        ("fr", "Je dois refaire ma carte d'identité", "redirect-mairie"),
        ("en", "I need to renew my residence permit", "redirect-prefecture"),
        ("fr", "Quand vais-je toucher mes allocations chômage ?", "redirect-france-travail"),
    ],
)
def test_a_wrong_door_is_redirected(stack: Stack, language: str, question: str, topic: str) -> None:
    turn = Resident(stack.url, language=language).says(question)
    assert (turn["understanding"]["kind"], turn["understanding"]["topic"]) == ("redirect", topic)
    assert turn["sources"]


@pytest.mark.parametrize(
    ("language", "text", "topic", "first"),
    [
        ("fr", "Mon mari me frappe, j'ai peur", "emergency-violences-femmes", "tel:3919"),
        ("en", "I want to kill myself", "emergency-suicide", "tel:3114"),
    ],
)
def test_an_emergency_comes_first(stack: Stack, language: str, text: str, topic: str, first: str) -> None:
    turn = Resident(stack.url, language=language).says(text)
    assert turn["understanding"]["kind"] == "emergency"
    assert turn["understanding"]["topic"] == topic
    uris = [number["uri"] for number in turn["emergency"]["numbers"]]
    assert uris[0] == first
    assert "sms:114" in uris
    assert turn["emergency"]["lang"] == language


@pytest.mark.parametrize(
    "text", ["Je voudrais toucher le RSA", "Mon ordinateur est mort, comment faire ma demande ?"]
)
def test_ordinary_words_are_no_emergency(stack: Stack, text: str) -> None:
    assert Resident(stack.url, language="fr").says(text)["emergency"] is None


@pytest.mark.parametrize(
    ("language", "text"),
    [("fr", "Quelle est la recette de la ratatouille ?"), ("en", "Who won the football match last night?")],
)
def test_what_it_does_not_know_it_says(stack: Stack, language: str, text: str) -> None:
    turn = Resident(stack.url, language=language).says(text)
    assert (turn["status"], turn["understanding"]["kind"]) == ("abstained", "abstain"), shown(turn)
    assert turn["sources"] == []
    assert turn["service"]["phone"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "bonjour"),
        ("en", "hello"),
        ("fr", "merci beaucoup"),
        ("fr", "tu es un robot ?"),
        ("en", "what can you do?"),
    ],
)
def test_small_talk_is_answered_in_the_resident_s_language(stack: Stack, language: str, text: str) -> None:
    turn = Resident(stack.url, language=language).says(text)
    assert turn["understanding"]["kind"] == "smalltalk", turn
    assert {message["lang"] for message in turn["messages"]} == {language}
    assert "{" not in shown(turn)


def test_a_person_is_reached_and_the_place_brings_the_near_service(stack: Stack) -> None:
    resident = Resident(stack.url, language="fr")
    resident.says("Je voudrais voir une assistante sociale")
    central = resident.says("Je veux parler à quelqu'un")
    assert central["understanding"]["kind"] == "handoff"
    assert central["understanding"]["about"] == "accompagnement-social"
    near = resident.says("J'habite à Aubagne")
    assert near["understanding"]["kind"] == "handoff", near
    assert near["service"]["id"] != central["service"]["id"]


def test_a_place_is_asked_for_then_understood(stack: Stack) -> None:
    resident = Resident(stack.url, language="fr")
    asked = resident.says("Je veux donner ma commune")
    assert asked["messages"], asked
    near = resident.says("13400")
    assert near["understanding"]["kind"] == "handoff", near
    assert near["service"]["id"] != "accueil"


def test_a_question_interrupts_the_form_and_the_form_resumes(stack: Stack) -> None:
    resident = Resident(stack.url, language="fr")
    resident.says("Je veux donner ma commune")
    answered = resident.says("Comment demander l'APA pour ma mère ?")
    assert answered["understanding"]["topic"] == "apa", answered
    near = resident.says("Aubagne")
    assert near["understanding"]["kind"] == "handoff", near


def test_simpler_gives_the_easy_version_of_the_same_answer(stack: Stack) -> None:
    resident = Resident(stack.url, language="fr")
    resident.says("Comment demander l'APA pour ma mère ?")
    easy = resident.says("Dites-le plus simplement")
    assert easy["understanding"]["topic"] == "apa", easy
    assert easy["sources"][0]["section"] == "easy"


def test_the_language_can_be_changed_in_words(stack: Stack) -> None:
    resident = Resident(stack.url, language="fr")
    resident.says("Comment demander l'APA pour ma mère ?")
    turn = resident.says("In English please")
    assert turn["language"] == "en"
    assert turn["disclosure"]["is_new"] is True
    assert {message["lang"] for message in turn["messages"]} == {"en"}


def test_personal_data_is_masked_and_said(stack: Stack) -> None:
    resident = Resident(stack.url, language="fr")
    turn = resident.says("Comment demander l'APA pour ma mère ? Mon numéro est le 06 39 98 12 34.")
    assert turn["understanding"]["topic"] == "apa"
    transcript = resident.http.get(resident.path).json()
    assert "06 39 98" not in str(transcript)
    assert turn["messages"][-1]["type"] == "notice"


def test_search_topics_services_and_health(stack: Stack) -> None:
    http = Resident(stack.url).http

    def get(path: str, **query: Any) -> dict[str, Any]:
        response = http.get(path, params=query)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    found = get("/api/v1/search", q="aide à domicile pour ma mère", language="fr", k=3)
    assert found["results"][0]["topic"] == "apa"
    assert len(found["results"]) == 3
    assert get("/api/v1/search", q="xqzzt wvvk", language="fr")["abstain"] is True
    assert get("/health/ready")["ready"] is True
