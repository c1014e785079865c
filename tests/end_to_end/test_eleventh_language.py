"""A language that the assistant does not have is added by files and a setting: no code, no training."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.article import Article, read_article
from knowledge.settings import KnowledgeSettings
from knowledge.texts import Texts, load_texts
from tests.conftest import RATES
from tests.editing import EditedContent
from tests.end_to_end.resident import Resident, shown
from tests.stack import Stack

pytestmark = pytest.mark.stack

DUTCH = Path(__file__).with_name("dutch")
ARTICLES = ("social_benefits/rsa.md", "emergency/suicide.md")
RSA, SUICIDE = ARTICLES
UNKNOWN_HASH = "0000000000000000"
SERVED = (*KnowledgeSettings().languages, "nl")


def article_in(content: EditedContent, language: str, name: str) -> Article:
    path = content.folder / "common" / language / name
    article, problems = read_article(path, layer="common", language=language, domain=path.parent.name)
    assert article, problems
    return article


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> EditedContent:
    """The content folder, with the files of one more language, whose translations are up to date."""
    content = EditedContent(tmp_path_factory.mktemp("content") / "content")
    shutil.copytree(DUTCH, content.folder, dirs_exist_ok=True)
    for name in ARTICLES:
        source = article_in(content, "fr", name).content_hash
        content.replace(f"common/nl/{name}", UNKNOWN_HASH, source)
    return content


@pytest.fixture(scope="module")
def texts(content: EditedContent) -> Texts:
    return load_texts(content.folder)


@pytest.fixture(scope="module")
def eleven(content: EditedContent, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The assistant, with the model that the ten languages trained."""
    languages = "[" + ", ".join(f'"{language}"' for language in SERVED) + "]"
    settings = {**RATES, "GUICHET_CONTENT_DIR": str(content.folder), "GUICHET_LANGUAGES": languages}
    stack = Stack(tmp_path_factory.mktemp("eleven"), settings)
    stack.start()
    yield stack
    stack.stop()


def test_it_is_among_the_languages(eleven: Stack) -> None:
    languages = Resident(eleven.url).http.get("/api/v1/languages").json()["languages"]
    assert len(languages) == len(SERVED)
    assert languages[-1] == {"code": "nl", "name": "Nederlands", "direction": "ltr"}


def test_the_notice_and_the_greeting_are_in_it(eleven: Stack, texts: Texts) -> None:
    opened = Resident(eleven.url, language="nl").opened
    assert (opened["language"], opened["disclosure"]["language"]) == ("nl", "nl")
    assert opened["disclosure"]["text"].startswith("U schrijft met een kunstmatige intelligentie")
    assert {message["lang"] for message in opened["messages"]} == {"nl"}
    assert texts.get("nl", "utter.greet") == opened["messages"][0]["text"]


@pytest.mark.parametrize("question", ["Hoe vraag ik RSA aan?", "Ik heb geen geld meer, krijg ik RSA?"])
def test_a_translated_article_answers_in_it(eleven: Stack, content: EditedContent, question: str) -> None:
    turn = Resident(eleven.url, language="nl").says(question)
    article = article_in(content, "nl", RSA)
    assert turn["understanding"]["topic"] == "rsa", turn
    assert (turn["status"], turn["language"]) == ("answered", "nl")
    assert {message["lang"] for message in turn["messages"]} == {"nl"}
    assert (turn["sources"][0]["title"], turn["sources"][0]["lang"]) == (article.title, "nl")
    assert turn["service"]["opening"]["text"]


def test_the_right_section_is_shown_in_it(eleven: Stack) -> None:
    turn = Resident(eleven.url, language="nl").says("Welke papieren heb ik nodig om RSA aan te vragen?")
    assert turn["understanding"]["topic"] == "rsa", turn
    assert turn["sources"][0]["section"] == "documents"
    assert "identiteitsbewijs" in shown(turn)


def test_a_section_that_is_not_translated_is_shown_in_french_and_said(eleven: Stack, texts: Texts) -> None:
    turn = Resident(eleven.url, language="nl").says("Hoeveel RSA krijgt iemand die alleen woont?")
    assert turn["understanding"]["topic"] == "rsa", turn
    assert turn["sources"][0]["section"] == "amount"
    said = {message["text"]: message["lang"] for message in turn["messages"]}
    assert said[texts.get("nl", "answer.part_in_french")] == "nl"
    assert "fr" in said.values()


def test_an_article_that_is_not_translated_is_shown_in_french_and_said(eleven: Stack, texts: Texts) -> None:
    turn = Resident(eleven.url, language="nl").says("Hoe vraag ik de APA aan voor mijn moeder?")
    assert turn["understanding"]["topic"] == "apa", turn
    said = {message["text"]: message["lang"] for message in turn["messages"]}
    assert said[texts.get("nl", "answer.in_french")] == "nl"
    assert "fr" in said.values()
    assert turn["sources"][0]["lang"] == "fr"


@pytest.mark.parametrize(
    ("language", "question"),
    [
        (None, "Ik heb geen geld meer, hoe vraag ik RSA aan?"),
        ("fr", "Hoe kan ik RSA aanvragen in Frankrijk?"),
    ],
)
def test_it_is_recognised(eleven: Stack, language: str | None, question: str) -> None:
    turn = Resident(eleven.url, language=language).says(question)
    assert turn["language"] == "nl"
    assert turn["disclosure"]["language"] == "nl"


@pytest.mark.parametrize("text", ["goedemorgen meneer", "welke papieren", "ok", "bedankt"])
def test_few_words_do_not_leave_it(eleven: Stack, text: str) -> None:
    assert Resident(eleven.url, language="nl").says(text)["language"] == "nl"


def test_danger_is_recognised_by_meaning_and_answered_in_it(eleven: Stack, content: EditedContent) -> None:
    turn = Resident(eleven.url, language="nl").says("Ik wil niet meer leven, ik denk aan zelfmoord")
    article = article_in(content, "nl", SUICIDE)
    assert turn["understanding"]["topic"] == "emergency-suicide", turn
    assert turn["emergency"]["lang"] == "nl"
    assert article.short.split(".")[0] in turn["emergency"]["text"]
    assert turn["emergency"]["numbers"][0]["label"] == article.numbers[0].label


def test_an_emergency_that_is_not_translated_keeps_its_numbers(eleven: Stack) -> None:
    turn = Resident(eleven.url, language="nl").says("Er is brand in mijn keuken, alles staat in brand!")
    assert turn["understanding"]["topic"] == "emergency-incendie", turn
    assert turn["emergency"]["lang"] == "fr"
    assert turn["emergency"]["numbers"][0]["uri"] == "tel:18"


@pytest.mark.parametrize("text", ["hallo", "dank u wel", "wie heeft de wedstrijd van gisteren gewonnen?"])
def test_everything_else_is_said_in_it(eleven: Stack, text: str) -> None:
    turn = Resident(eleven.url, language="nl").says(text)
    assert turn["status"] in ("answered", "abstained")
    assert {message["lang"] for message in turn["messages"]} == {"nl"}
    assert "{" not in shown(turn)


def test_it_is_named_to_who_writes_in_none_of_them(eleven: Stack) -> None:
    turn = Resident(eleven.url, language="fr").says("Kako mogu da dobijem pomoć za svoju bolesnu majku?")
    assert "Nederlands" in shown(turn)
