"""A conversation seen by the resident: disclosure, questions, answers, trouble, language, memory."""

import pytest
from playwright.sync_api import expect

from tests.widget.conftest import ZOOMED
from tests.widget.scripted_replies import disclosure

pytestmark = pytest.mark.browser


def entries(chat):
    """What the log holds, in order: the classes of its entries."""
    return chat.log.evaluate("log => [...log.children].map(entry => entry.className.replace('entry ', ''))")


def test_the_disclosure_comes_first_then_the_greeting_and_the_starters(chat):
    chat.open()
    assert entries(chat) == ["disclosure", "assistant", "choices"]
    expect(chat.page.locator("guichet-chat .disclosure")).to_contain_text("intelligence artificielle")


def test_the_display_of_the_disclosure_is_recorded_once_it_is_seen(chat, gateway):
    with chat.page.expect_response("**/disclosure/displayed"):
        chat.open()
    chat.ask("apa")
    calls = gateway.api("/disclosure/displayed")
    assert [call.body for call in calls] == [{"disclosure_id": disclosure("fr")["id"], "language": "fr"}]
    assert calls[0].authorization == "Bearer token-1"


def test_a_disclosure_out_of_view_is_not_said_to_have_been_displayed(new_chat, gateway):
    chat = new_chat(viewport=ZOOMED).open()
    chat.page.wait_for_timeout(300)
    assert gateway.api("/disclosure/displayed") == []
    with chat.page.expect_response("**/disclosure/displayed"):
        chat.page.locator("guichet-chat .mark").scroll_into_view_if_needed()


def test_a_display_that_could_not_be_recorded_is_recorded_after_the_next_answer(chat, gateway):
    gateway.trouble["/displayed"] = 503
    with chat.page.expect_response("**/disclosure/displayed"):
        chat.open()
    gateway.trouble.clear()
    with chat.page.expect_response("**/disclosure/displayed"):
        chat.ask("apa")
    assert len(gateway.api("/disclosure/displayed")) == 2


def test_enter_sends_and_shift_enter_makes_a_line(chat, gateway):
    chat.open()
    chat.question.press_sequentially("Bonjour")
    chat.question.press("Shift+Enter")
    chat.question.press_sequentially("le collège")
    assert gateway.api("/messages") == []
    chat.question.press("Enter")
    chat.replies.wait_for()
    assert gateway.api("/messages")[0].body["text"] == "Bonjour\nle collège"
    assert "language" not in gateway.api("/messages")[0].body


def test_an_answer_shows_its_source_its_date_and_the_service(chat):
    chat.open()
    reply = chat.ask("apa")
    reply.get_by_text("Sources (1)").click()
    expect(reply).to_contain_text("rédigé le 22 novembre 2026, pas encore relu par une personne")
    expect(reply.get_by_role("link", name="04 65 71 12 00")).to_have_attribute("href", "tel:+33465711200")
    expect(reply.locator(".service")).to_contain_text("Ouvert jusqu'à 17 h.")


def test_a_suggestion_is_sent_and_goes_away(chat, gateway):
    chat.open()
    chat.page.get_by_role("button", name="Aider un parent âgé à rester chez lui").click()
    chat.replies.wait_for()
    assert gateway.api("/messages")[0].body["text"] == "apa"
    assert entries(chat)[-3:] == ["resident", "assistant", "choices"]
    assert entries(chat).count("choices") == 1
    expect(chat.log).to_be_focused()


def test_an_emergency_comes_before_everything_else(chat):
    chat.open()
    reply = chat.ask("danger")
    assert (
        reply.evaluate("entry => entry.querySelector(':scope > :not(.unseen)').className") == "card emergency"
    )
    expect(reply.get_by_role("link", name="3114")).to_have_attribute("href", "tel:3114")
    expect(reply.get_by_role("link", name="114", exact=True)).to_have_attribute("href", "sms:114")


def test_while_an_answer_is_awaited_nothing_is_sent_twice(chat, gateway):
    chat.open()
    gateway.hold.clear()
    chat.write("apa")
    expect(chat.page.locator("guichet-chat [role=status]")).to_have_text("L’assistant cherche la réponse…")
    chat.write("Je m'impatiente")
    expect(chat.question).to_have_value("Je m'impatiente")
    gateway.hold.set()
    chat.replies.wait_for()
    assert len(gateway.api("/messages")) == 1
    expect(chat.page.locator("guichet-chat [role=status]")).to_have_text("")


def test_a_message_not_sent_is_tried_again_with_the_same_id(chat, gateway):
    chat.open()
    gateway.trouble["/messages"] = 503
    chat.write("apa")
    expect(chat.page.get_by_text("Message non envoyé.").first).to_be_visible()
    expect(chat.contact).to_be_visible()
    gateway.trouble.clear()
    chat.log.get_by_role("button", name="Réessayer").click()
    chat.replies.wait_for()
    expect(chat.contact).to_have_count(0)
    expect(chat.page.locator("guichet-chat .failure")).to_have_count(0)
    first, second = gateway.api("/messages")
    assert first.body == second.body


@pytest.mark.parametrize(("status", "can_retry"), [(429, True), (409, True), (413, False), (422, False)])
def test_a_refusal_is_explained_in_the_gateway_s_words(chat, gateway, status, can_retry):
    chat.open()
    gateway.trouble["/messages"] = status
    gateway.problem = {"detail": "Une explication de la passerelle.", "language": "fr"}
    chat.write("apa")
    expect(chat.page.locator("guichet-chat .failure")).to_contain_text("Une explication de la passerelle.")
    expect(chat.log.get_by_role("button", name="Réessayer")).to_have_count(int(can_retry))
    expect(chat.contact).to_have_count(0)


def test_an_explanation_in_another_language_is_replaced(chat, gateway):
    chat.open()
    gateway.trouble["/messages"] = 429
    gateway.problem = {"detail": "Too many requests.", "language": "en"}
    chat.write("apa")
    expect(chat.page.locator("guichet-chat .failure")).to_contain_text("reçoit beaucoup de questions")


def test_an_expired_conversation_is_replaced_and_the_message_answered(chat, gateway):
    chat.open()
    gateway.trouble["/c1/messages"] = 401
    reply = chat.ask("apa")
    expect(reply).to_contain_text("Comment faire")
    expect(chat.log).to_contain_text("Votre conversation précédente a expiré.")
    assert gateway.created == 2
    assert gateway.api("/messages")[-1].authorization == "Bearer token-2"


def test_the_human_button_sends_the_wish_to_talk_to_a_person(chat, gateway):
    chat.open()
    chat.page.get_by_role("button", name="Parler à une personne").click()
    chat.replies.wait_for()
    assert gateway.api("/messages")[0].body["text"] == "Je voudrais parler à une personne."
    expect(chat.replies.first.locator(".service")).to_be_visible()


def test_a_degraded_reply_is_calm_and_gives_the_contact(chat):
    chat.open()
    reply = chat.ask("lent")
    expect(reply).to_contain_text("L'assistant est indisponible.")
    expect(reply.locator(".notice")).to_have_count(0)
    expect(reply.locator(".service")).to_be_visible()
    expect(chat.contact).to_have_count(0)
    chat.ask("lent sans service")
    expect(chat.site_phone).to_be_visible()


def test_an_empty_reply_is_never_shown_as_such(chat):
    chat.open()
    chat.write("vide")
    expect(chat.contact).to_contain_text("Une personne peut vous aider.")
    chat.ask("relayé")
    expect(chat.replies.last).to_contain_text("Votre message est transmis à une personne.")


def test_masked_data_is_said_to_be_masked(chat, gateway):
    chat.open()
    reply = chat.ask("numéro")
    expect(reply.locator(".notice")).to_contain_text("Nous avons masqué votre numéro")
    gateway.turns[-1]["text"] = "Appelez-moi au [PHONE] [AUTRE]"
    chat.page.reload()
    expect(chat.page.locator("guichet-chat .bubble")).to_have_text(
        "Appelez-moi au numéro de téléphone masqué [AUTRE]"
    )


def test_choosing_a_language_before_any_question_opens_in_that_language(chat, gateway):
    chat.open()
    chat.page.get_by_role("combobox", name="Langue").select_option("English")
    expect(chat.page.locator("guichet-chat .disclosure")).to_contain_text("You are writing to")
    assert entries(chat) == ["disclosure", "assistant", "choices"]
    expect(chat.page.get_by_role("button", name="Talk to a person")).to_be_visible()
    assert gateway.api("/conversations")[-1].body["language"] == "en"
    expect(chat.launcher).to_have_text("Resume the conversation")
    chat.ask("apa")
    assert gateway.api("/messages")[-1].body["language"] == "en"
    assert [call.authorization for call in gateway.api("/c1?callback=keep", "DELETE")] == ["Bearer token-1"]


def test_the_widget_follows_the_language_of_the_answers(chat):
    chat.open()
    chat.ask("english")
    expect(chat.page.get_by_role("button", name="Talk to a person")).to_be_visible()
    expect(chat.page.locator("guichet-chat .disclosure").last).to_contain_text("You are writing to")
    assert entries(chat)[-3:] == ["resident", "disclosure", "assistant"]
    assert chat.panel.get_attribute("lang") == "en"


def test_a_right_to_left_answer_keeps_its_direction_and_its_phone_numbers(chat):
    chat.open()
    reply = chat.ask("arabe")
    said = reply.locator("[lang=ar][dir=rtl]").first
    expect(said).to_contain_text("دار التضامن")
    expect(said.locator("bdi[dir=ltr]")).to_have_text("04 65 71 12 00")
    expect(chat.panel).to_have_attribute("dir", "rtl")  # the widget follows the language of the answers


def test_a_reload_restores_the_conversation_without_announcing_it(chat, gateway):
    chat.open()
    chat.ask("apa")
    chat.ask("danger")
    chat.page.reload()
    expect(chat.replies).to_have_count(2)
    assert gateway.created == 1
    assert entries(chat) == ["disclosure", "resident", "assistant", "resident", "assistant"]
    assert gateway.api("/c1", "GET")[0].authorization == "Bearer token-1"
    expect(chat.page.locator("guichet-chat [aria-live=polite]").first).to_be_attached()
    assert chat.page.locator("guichet-chat [aria-live=polite]").all_text_contents() == [""] * 4
    expect(chat.page.locator("body")).to_be_focused()
    chat.ask("apa")
    assert gateway.created == 1


def test_a_reload_during_an_answer_asks_for_it_again_with_the_same_id(chat, gateway):
    chat.open()
    chat.ask("apa")
    gateway.turns[-1]["reply"] = None
    chat.page.reload()
    expect(chat.replies).to_have_count(1)
    first, second = gateway.api("/messages")
    assert first.body["client_message_id"] == second.body["client_message_id"]


def test_a_closed_panel_stays_closed_after_a_reload(chat, gateway):
    chat.open()
    chat.page.keyboard.press("Escape")
    chat.page.reload()
    expect(chat.launcher).to_have_text("Reprendre la conversation")
    assert gateway.api("/c1", "GET") == []
    chat.launcher.click()
    expect(chat.page.locator("guichet-chat .disclosure")).to_be_visible()
    assert gateway.created == 1


def test_a_reload_after_the_conversation_expired_waits_for_the_resident(chat, gateway):
    chat.open()
    gateway.trouble["/c1"] = 404
    chat.page.reload()
    expect(chat.page.get_by_role("button", name="Commencer la conversation")).to_be_visible()
    assert gateway.created == 1
    assert chat.kept() is None


def test_it_works_where_storage_is_refused(chat, gateway):
    refusal = "{ get() { throw new DOMException('no', 'SecurityError'); } }"
    chat.page.add_init_script(f"Object.defineProperty(window, 'sessionStorage', {refusal})")
    chat.open()
    chat.ask("apa")
    chat.page.keyboard.press("Escape")
    chat.launcher.click()
    expect(chat.replies).to_have_count(1)
    assert gateway.created == 1


def test_erasing_asks_first_then_leaves_nothing(chat, gateway):
    chat.open()
    chat.ask("apa")
    chat.page.get_by_role("button", name="Effacer la conversation").click()
    chat.page.get_by_role("button", name="Annuler").click()
    assert gateway.api("/c1?callback=keep", "DELETE") == []
    chat.page.get_by_role("button", name="Effacer la conversation").click()
    chat.page.get_by_role("button", name="Effacer", exact=True).click()
    expect(chat.page.get_by_text("Votre conversation est effacée.")).to_be_visible()
    assert len(gateway.api("/c1?callback=keep", "DELETE")) == 1
    assert entries(chat) == []
    assert chat.kept() is None
    expect(chat.page.get_by_role("button", name="Commencer la conversation")).to_be_focused()
    assert gateway.created == 1


def test_a_conversation_that_could_not_be_erased_is_not_said_to_be(chat, gateway):
    chat.open()
    gateway.trouble["/c1"] = 503
    chat.page.get_by_role("button", name="Effacer la conversation").click()
    chat.page.get_by_role("button", name="Effacer", exact=True).click()
    expect(chat.page.get_by_text("n’a pas pu être effacée")).to_be_visible()
    assert "token-1" in chat.kept()
