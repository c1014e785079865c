"""What comes at use: an opinion, hearing an answer, larger text, the conversation to take away, a place."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# Chromium has no voices here: one stands for the device's own, one for a voice fetched from its maker.
VOICES = """(() => {
    const voice = (lang, localService) => ({lang, localService, name: lang, voiceURI: lang, default: false});
    const all = [voice("fr-FR", %s), voice("fr-CA", false)];
    window.said = [];
    window.SpeechSynthesisUtterance = class extends EventTarget {
        constructor(text) { super(); this.text = text; }
    };
    Object.defineProperty(window, "speechSynthesis", {value: Object.assign(new EventTarget(), {
        getVoices: () => all, cancel: () => said.push("cancelled"),
        speak: (utterance) => said.push(`${utterance.voice.lang}: ${utterance.text}`)})});
})()"""


def test_an_opinion_is_sent_at_once_and_a_reason_follows(chat, gateway):
    chat.open()
    reply = chat.ask("apa")
    no = reply.get_by_role("button", name="Non")
    no.click()
    expect(reply).to_contain_text("Merci. Vous pouvez dire pourquoi")
    expect(no).to_have_attribute("aria-pressed", "true")
    expect(no).to_be_focused()
    reply.get_by_label("C’est faux, ou ce n’est plus vrai").check()
    reply.get_by_label("Avec vos mots").fill("Le numéro a changé")
    reply.get_by_role("button", name="Envoyer mon avis").click()
    expect(reply).to_contain_text("Merci pour votre avis.")
    assert [call.body for call in gateway.api("/feedback")] == [
        {"turn_id": "t1", "value": "not_helpful"},
        {"turn_id": "t1", "value": "not_helpful", "reason": "wrong: Le numéro a changé"},
    ]
    chat.page.reload()
    expect(chat.replies).to_have_count(1)
    chat.page.wait_for_timeout(300)
    expect(chat.replies.first.get_by_role("button", name="Non")).to_have_count(0)


def test_an_opinion_that_is_not_sent_is_not_said_to_be(chat, gateway):
    chat.open()
    gateway.trouble["/feedback"] = 503
    reply = chat.ask("apa")
    yes = reply.get_by_role("button", name="Oui")
    yes.click()
    expect(reply).to_contain_text("n’a pas pu être envoyé")
    expect(yes).to_have_attribute("aria-pressed", "false")


def test_nobody_in_danger_is_asked_for_an_opinion(chat):
    chat.open()
    reply = chat.ask("danger")
    chat.page.wait_for_load_state("networkidle")
    expect(reply.locator(".helpful")).to_have_count(0)


def test_the_conversation_is_downloaded_copied_and_printed(chat, gateway):
    chat.page.add_init_script("window.print = () => { top.printed = document.body.innerText; }")
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.open()
    chat.ask("apa")
    chat.options.click()
    with chat.page.expect_download() as started:
        chat.page.get_by_role("button", name="Télécharger la conversation").click()
    text = started.value.path().read_text(encoding="utf-8-sig")
    assert started.value.suggested_filename == "conversation.txt"
    for said in (
        "22 novembre 2026 à 11:00 – Vous\napa",
        "L'APA aide à payer…",
        "pas encore relu",
        "04 65 71 12 00",
    ):
        assert said in text
    chat.page.get_by_role("button", name="Copier la conversation").click()
    expect(chat.page.locator("guichet-chat [role=status]")).to_have_text("La conversation est copiée.")
    assert chat.page.evaluate("navigator.clipboard.readText()") == text
    chat.page.get_by_role("button", name="Imprimer la conversation").click()
    chat.page.wait_for_timeout(500)
    assert "L'APA aide à payer…" in chat.page.evaluate("window.printed")


def test_the_text_grows_and_stays_so(chat):
    chat.open()
    chat.options.click()
    larger = chat.page.get_by_role("button", name="Agrandir le texte")
    for _ in range(5):
        larger.click(force=True)
    expect(larger).to_have_attribute("aria-disabled", "true")
    size = "panel => getComputedStyle(panel).fontSize"
    assert chat.panel.evaluate(size) == "32px"
    chat.page.reload()
    expect(chat.panel).to_be_visible()
    assert chat.panel.evaluate(size) == "32px"


def test_an_answer_is_read_by_the_device_s_own_voice(chat):
    chat.page.add_init_script(VOICES % "true")
    chat.open()
    reply = chat.ask("apa")
    reply.get_by_role("button", name="Écouter").click()
    said = chat.page.evaluate("said")
    assert said[0] == "fr-FR: L'APA aide une personne de 60 ans ou plus à vivre chez elle."
    assert not any("nouvelle fenêtre" in each or "Remplissez le formulaire, puis" in each for each in said)
    reply.get_by_role("button", name="Arrêter la lecture").click()
    assert chat.page.evaluate("said.at(-1)") == "cancelled"
    expect(reply.get_by_role("button", name="Écouter")).to_be_visible()


def test_no_voice_of_another_machine_reads_an_answer(chat):
    chat.page.add_init_script(VOICES % "false")
    chat.open()
    reply = chat.ask("apa")
    expect(reply.get_by_role("button", name="Oui")).to_be_visible()
    expect(reply.get_by_role("button", name="Écouter")).to_have_count(0)


def test_a_place_is_given_in_a_form_and_sent_as_a_message(chat, gateway):
    chat.open()
    reply = chat.ask("Je voudrais parler à une personne.")
    reply.get_by_role("button", name="Indiquer ma commune").click()
    field = reply.get_by_label("Votre commune ou votre code postal")
    expect(field).to_be_focused()
    field.fill("134")
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("13400")
    field.press("Enter")
    expect(chat.replies).to_have_count(2)
    assert gateway.api("/messages")[-1].body["text"] == "13400"


def test_a_service_has_a_plain_link_to_a_map(chat):
    chat.open()
    link = chat.ask("apa").get_by_role("link", name="Voir sur une carte")
    expect(link).to_have_attribute(
        "href", "https://www.openstreetmap.org/search?query=8%20all%C3%A9e%20des%20Platanes%2013400%20Aubagne"
    )
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_the_options_lead_to_how_a_service_is_chosen(chat, gateway):
    chat.open()
    chat.options.click()
    rules = chat.page.locator("guichet-chat .options").get_by_role(
        "link", name="Comment nous choisissons le service (nouvelle fenêtre)", exact=True
    )
    expect(rules).to_have_attribute("href", f"{gateway.url}/routing?language=fr")
    expect(rules).to_have_attribute("target", "_blank")
