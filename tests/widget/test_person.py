"""Who answers is always told: the header, the field and what the resident takes away."""

import pytest
from playwright.sync_api import expect

from tests.widget.states import live_ended, live_nobody, with_person

pytestmark = pytest.mark.browser
NADIA = "Nadia R. (une personne), Maison de la solidarité d'Aubagne"


def test_the_panel_says_who_answers(chat):
    with_person(chat)
    answers, field = chat.page.locator("guichet-chat .subtitle"), chat.page.locator("guichet-chat #question")
    expect(answers).to_have_text(NADIA)
    expect(field).to_have_accessible_name("Votre message")
    chat.gateway.live.ends(chat.language)
    expect(answers).to_have_text("Une intelligence artificielle répond.")
    expect(field).to_have_accessible_name("Votre question")


def test_what_a_person_said_is_taken_away_too(chat):
    live_ended(chat)
    chat.options.click()
    with chat.page.expect_download() as started:
        chat.page.get_by_role("button", name="Télécharger la conversation").click()
    text = started.value.path().read_text(encoding="utf-8-sig")
    joined, asked, ended = (
        text.index(part)
        for part in (
            "a rejoint la conversation. C'est une personne",
            f"22 novembre 2026 à 11:01 – {NADIA}\nBonjour, je vois votre demande. Quel âge a votre mère ?",
            "Nadia R. a terminé l'échange.",
        )
    )
    assert text.index("en direct") < joined < asked < ended


def test_in_arabic_the_name_of_a_person_keeps_its_full_stop(chat):
    chat.language = "ar"
    with_person(chat)
    who = chat.page.locator("guichet-chat .entry.person .who span")
    assert who.evaluate("node => node.textContent").startswith("\u2068Nadia R.\u2069 (")


def test_that_nobody_is_free_is_in_view(chat):
    live_nobody(chat)
    expect(chat.page.locator("guichet-chat [data-live=nobody] .notice")).to_be_in_viewport(ratio=1)
