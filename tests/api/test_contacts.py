"""The last guard finds every contact of a reply."""

from api.contacts import KnownContacts, contacts_in
from knowledge.reply import Kind, Reply, Said


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
