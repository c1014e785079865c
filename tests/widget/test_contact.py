"""When the gateway is silent: a calm message, the site's own contact and the emergency numbers."""

import re
from collections.abc import Iterator

import pytest
import yaml
from playwright.sync_api import expect

from tests.widget.scripted_gateway import ROOT

pytestmark = pytest.mark.browser
NUMBERS = ["15", "17", "18", "112", "114", "115", "119", "3919", "3114", "3977"]


def assert_contact_is_shown(chat) -> None:
    expect(chat.contact).to_contain_text("L’assistant ne répond pas pour le moment.")
    expect(chat.site_phone).to_be_visible()
    links = chat.contact.locator(".number").evaluate_all(
        "links => links.map(link => [link.innerText, link.href])"
    )
    assert links == [[number, f"{'sms' if number == '114' else 'tel'}:{number}"] for number in NUMBERS]


@pytest.mark.parametrize("status", [0, 500, 503])
def test_a_gateway_that_does_not_open_the_conversation(chat, gateway, status):
    gateway.trouble["/conversations"] = status
    chat.visit()
    chat.launcher.click()
    assert_contact_is_shown(chat)
    assert chat.kept() is None


def test_opening_again_when_the_gateway_is_back(chat, gateway):
    gateway.trouble["/conversations"] = 0
    chat.visit()
    chat.launcher.click()
    assert_contact_is_shown(chat)
    gateway.trouble.clear()
    chat.log.get_by_role("button", name="Réessayer").click()
    expect(chat.page.locator("guichet-chat .disclosure")).to_be_visible()
    expect(chat.contact).to_have_count(0)
    expect(chat.site_phone).to_be_hidden()


def test_a_question_written_before_the_conversation_could_open_is_answered(chat, gateway):
    gateway.trouble["/conversations"] = 0
    chat.visit()
    chat.launcher.click()
    assert_contact_is_shown(chat)
    gateway.trouble.clear()
    chat.ask("apa")
    order = chat.log.evaluate("log => [...log.children].map(entry => entry.className)")
    assert order.index("entry disclosure") < order.index("entry choices")
    assert gateway.created == 1


def test_the_human_button_without_a_gateway(chat, gateway):
    chat.open()
    gateway.trouble["/messages"] = 0
    chat.page.get_by_role("button", name="Parler à une personne").click()
    assert_contact_is_shown(chat)


def test_a_gateway_that_answers_something_else(chat, gateway):
    chat.open()
    chat.page.route("**/messages", lambda route: route.fulfill(status=200, body="<html>proxy</html>"))
    chat.write("apa")
    assert_contact_is_shown(chat)


def test_a_gateway_that_never_answers(chat, gateway):
    chat.open()
    gateway.hold.clear()
    chat.write("apa")
    expect(chat.page.locator("guichet-chat [role=status]")).to_have_text("L’assistant cherche la réponse…")
    # AbortSignal.timeout is no timer of the page, that a test could move forward: its 12 seconds pass.
    chat.contact.wait_for(timeout=20_000)
    assert_contact_is_shown(chat)


def test_a_restoration_without_a_gateway_can_be_tried_again(chat, gateway):
    chat.open()
    chat.ask("apa")
    gateway.trouble["/c1"] = 503
    chat.page.reload()
    assert_contact_is_shown(chat)
    assert "token-1" in chat.kept()
    gateway.trouble.clear()
    chat.log.get_by_role("button", name="Réessayer").click()
    expect(chat.replies).to_have_count(1)
    expect(chat.contact).to_have_count(0)


def test_without_javascript_the_element_s_content_is_the_page_s(new_chat, gateway):
    chat = new_chat(java_script_enabled=False)
    chat.page.goto(gateway.url)
    expect(chat.site_phone).to_be_visible()


@pytest.mark.parametrize("missing", ["/widget.js", "/widget/element.js", "/widget/texts/fr.js"])
def test_when_the_widget_cannot_be_loaded_the_element_s_content_is_the_page_s(chat, gateway, missing):
    gateway.trouble[missing] = 0
    chat.page.goto(gateway.url)
    chat.page.wait_for_load_state("networkidle")
    expect(chat.site_phone).to_be_visible()


def taxonomy_numbers() -> Iterator[str]:
    taxonomy = yaml.safe_load((ROOT / "knowledge/taxonomy.yml").read_text(encoding="utf-8"))
    for emergency in taxonomy["emergencies"].values():
        yield from emergency["numbers"]


def test_the_widget_carries_every_number_of_the_taxonomy():
    carried = re.findall(r"number: (\d+)", (ROOT / "widget/emergency.js").read_text(encoding="utf-8"))
    assert carried == NUMBERS
    assert set(taxonomy_numbers()) <= set(carried)
