"""The last guard finds every contact of a reply, and knows those of the generations that may answer."""

from pathlib import Path

import pytest

from api import contacts as module
from api.contacts import ContactsGuard, KnownContacts, contacts_in
from knowledge.embedding import CachedEmbedder, load_question_encoder
from knowledge.index import KEPT_GENERATIONS
from knowledge.live import LiveKnowledge
from knowledge.publish import Publisher
from knowledge.reply import Kind, Reply, Said
from tests.knowledge.contents import edit, small_content


def reply(markdown: str) -> Reply:
    return Reply(kind=Kind.ANSWER, topic="apa", messages=(Said(markdown=markdown, lang="fr"),))


def test_phones_addresses_and_links_have_one_form() -> None:
    assert contacts_in("01 99 00 12 34") == contacts_in("+33 1 99 00 12 34") == {"+33199001234"}
    assert contacts_in("Écrivez à Accueil@Garlaban.example.") == {"accueil@garlaban.example"}
    assert contacts_in("voir [ici](https://a.example/x/).") == {"https://a.example/x"}


def test_dates_amounts_and_postal_codes_are_no_phones() -> None:
    assert contacts_in("le 22/11/2026, 635 710 euros, 13400 Aubagne, 2 mois, 60 ans") == frozenset()


def test_what_no_source_holds_is_named() -> None:
    known = KnownContacts(contacts_in("04 65 71 13 13"))
    assert known.unknown_in(reply("Appelez le 04 65 71 13 13")) == frozenset()
    assert known.unknown_in(reply("Appelez le 04 65 71 13 14")) == {"+33465711314"}
    assert known.unknown_in(reply("[ici](https://evil.example)")) == {"https://evil.example"}


def phone(number: int) -> str:
    return f"04 65 71 13 {number:02}"


class Contents:
    """A content folder whose one article gives a phone, and a guard that learns each generation."""

    def __init__(self, folder: Path) -> None:
        self.settings = small_content(folder)
        embedder = CachedEmbedder(load_question_encoder(), self.settings.cache_dir)
        self.publisher = Publisher(self.settings, embedder)
        self.publish(0)
        self.guard = ContactsGuard()
        self.live = LiveKnowledge(self.settings, searches=False, warm=self.guard.learn)

    def publish(self, number: int) -> None:
        edit(self.settings.content_dir, f"le {phone(number)}")
        self.publisher.publish()


@pytest.fixture
def contents(tmp_path: Path) -> Contents:
    return Contents(tmp_path)


def test_the_contacts_of_articles_directory_and_texts_are_known(contents: Contents) -> None:
    knowledge = contents.live.current()
    assert contents.guard.unknown_in(reply(phone(0))) == frozenset()
    assert contents.guard.unknown_in(reply(knowledge.directory.default.phone)) == frozenset()
    assert contents.guard.unknown_in(reply("https://example.org/page")) == frozenset(), "a source's link"
    assert contents.guard.unknown_in(reply(phone(99))) == {"+33465711399"}


def test_the_generations_that_may_still_answer_are_known_then_forgotten(contents: Contents) -> None:
    for number in range(1, KEPT_GENERATIONS + 2):
        assert contents.guard.unknown_in(reply(phone(0))) == frozenset()
        contents.publish(number)
        contents.live.refresh()
    assert contents.guard.unknown_in(reply(phone(0)))
    assert contents.guard.unknown_in(reply(phone(1))) == frozenset()


def test_a_newer_generation_is_looked_for_before_anything_is_blocked(contents: Contents) -> None:
    looks: list[object] = []
    contents.publish(1)
    said, invented = reply(phone(1)), reply(phone(98))
    assert contents.guard.unknown_in(said)
    assert contents.guard.unknown_after(said, contents.live.refresh) == frozenset()
    assert contents.guard.unknown_after(said, lambda: looks.append(1)) == frozenset()
    assert looks == [], "nothing is unknown any more"
    assert contents.guard.unknown_after(invented, contents.live.refresh)


def test_an_article_that_has_not_changed_is_not_read_again(
    contents: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    knowledge = contents.live.current()
    monkeypatch.setattr(module, "_contacts_of", lambda article: pytest.fail(article.id))
    contents.guard.learn(knowledge)
    assert contents.guard.unknown_in(reply(phone(0))) == frozenset()
