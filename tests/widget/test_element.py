"""The element on the page: nothing before the resident opens it, then focus, attributes and events."""

import re

import pytest
from playwright.sync_api import expect

from tests.widget.conftest import PHONE
from tests.widget.scripted_gateway import ROOT

pytestmark = pytest.mark.browser

HOST = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Page</title>
<script type="module" src="/widget.js"></script>
<p><button id="other">Un bouton de la page</button></p>
<guichet-chat {attributes}>Appelez le 04 65 71 13 13.</guichet-chat></html>"""


def host(gateway, attributes=""):
    return gateway.page(HOST.format(attributes=attributes))


def test_nothing_is_asked_or_stored_before_the_resident_opens_it(chat, gateway):
    chat.visit()
    chat.page.wait_for_load_state("networkidle")
    assert gateway.calls == []
    assert not [path for path in gateway.files if "vendor" in path]
    assert chat.kept() is None
    assert chat.page.evaluate("localStorage.length") == 0
    assert chat.page.context.cookies() == []


def test_opening_creates_one_conversation_and_keeps_it_for_the_tab(chat, gateway):
    chat.open()
    assert [call.body for call in gateway.api("/conversations")] == [{"language": "fr", "channel": "web"}]
    assert "token-1" in chat.kept()


def test_the_focus_goes_in_and_comes_back(chat):
    chat.open()
    expect(chat.question).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()


def test_closing_and_opening_again_keeps_the_conversation(chat, gateway):
    chat.open()
    chat.ask("apa")
    chat.page.get_by_role("button", name="Fermer l’assistant").click()
    expect(chat.launcher).to_have_text("Reprendre la conversation")
    chat.launcher.click()
    expect(chat.replies).to_have_count(1)
    assert gateway.created == 1


def test_on_a_phone_the_panel_is_modal_and_the_heading_takes_the_focus(new_chat):
    chat = new_chat(viewport=PHONE, has_touch=True, is_mobile=True).open()
    assert chat.panel.evaluate("dialog => dialog.matches(':modal')")
    expect(chat.page.locator("guichet-chat h2")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    assert chat.page.locator("guichet-chat").get_attribute("open") is None


def test_turning_a_phone_keeps_what_is_being_written(chat):
    chat.open()
    chat.question.fill("Une question commencée")
    chat.page.set_viewport_size(PHONE)
    chat.page.locator("guichet-chat dialog:modal").wait_for()
    expect(chat.panel).to_be_visible()
    expect(chat.question).to_have_value("Une question commencée")
    expect(chat.question).to_be_focused()
    assert chat.page.locator("guichet-chat").get_attribute("open") == ""


@pytest.mark.parametrize("attributes", ["open", 'position="inline"'])
def test_a_panel_opened_by_the_page_waits_for_the_resident(chat, gateway, attributes):
    chat.visit(host(gateway, attributes))
    expect(chat.panel).to_be_visible()
    expect(chat.question).to_be_hidden()
    assert gateway.calls == []
    assert chat.kept() is None
    chat.page.get_by_role("button", name="Commencer la conversation").click()
    expect(chat.page.locator("guichet-chat .disclosure")).to_be_visible()
    assert gateway.created == 1


def test_show_called_from_a_click_opens_the_conversation_and_gives_the_focus_back(chat, gateway):
    chat.visit(host(gateway))
    chat.page.evaluate("other.addEventListener('click', () => document.querySelector('guichet-chat').show())")
    chat.page.locator("#other").click()
    expect(chat.page.locator("guichet-chat .disclosure")).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(chat.page.locator("#other")).to_be_focused()


def test_the_events_are_sent_once_each(chat, gateway):
    chat.visit(host(gateway))
    chat.page.evaluate("""window.events = [];
        const note = (event) => events.push(event.type);
        for (const name of ["guichet-open", "guichet-close"]) addEventListener(name, note);""")
    chat.launcher.click()
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    chat.page.wait_for_timeout(100)
    assert chat.page.evaluate("events") == ["guichet-open", "guichet-close"]


def test_the_open_attribute_follows_and_commands_the_panel(chat, gateway):
    chat.visit(host(gateway))
    chat.launcher.click()
    assert chat.page.locator("guichet-chat").get_attribute("open") == ""
    chat.page.evaluate("document.querySelector('guichet-chat').open = false")
    expect(chat.panel).to_be_hidden()


@pytest.mark.parametrize(
    ("attributes", "launcher"),
    [
        ('language="en"', "Ask a question"),
        ('language="en-GB"', "Ask a question"),
        ('language="xx"', "Poser une question"),
        ("", "Poser une question"),
        ('language="fr" languages="en"', "Ask a question"),
    ],
)
def test_the_language_is_the_first_wish_that_is_offered(chat, gateway, attributes, launcher):
    chat.visit(host(gateway, attributes))
    expect(chat.launcher).to_have_text(launcher)


def test_position_start_is_the_other_corner(chat, gateway):
    chat.visit(host(gateway, 'position="start"'))
    assert chat.launcher.bounding_box()["x"] < 100
    chat.visit(host(gateway))
    assert chat.launcher.bounding_box()["x"] > 900


def test_the_heading_is_the_site_s_own(chat, gateway):
    chat.visit(host(gateway, 'heading="Aide du Garlaban"'))
    chat.launcher.click()
    expect(chat.page.get_by_role("dialog", name="Aide du Garlaban")).to_be_visible()


def test_the_host_page_s_styles_do_not_reach_the_widget(chat, gateway):
    page = HOST.format(attributes="").replace(
        "<title>",
        "<style>html{font-size:62.5%} *{letter-spacing:9px;text-transform:uppercase}</style><title>",
    )
    chat.visit(gateway.page(page))
    style = chat.launcher.evaluate(
        "node => [getComputedStyle(node).fontSize, getComputedStyle(node).textTransform]"
    )
    assert style == ["16px", "none"]


def test_the_attributes_are_those_that_are_documented():
    element = (ROOT / "widget/element.js").read_text(encoding="utf-8")
    observed = re.findall(r'"([\w-]+)"', re.search(r"observedAttributes = \[(.+)\]", element).group(1))
    notes = (ROOT / "widget/README.md").read_text(encoding="utf-8")
    table = notes[notes.index("| attribute |") : notes.index("| method, property |")]
    assert sorted(re.findall(r"^\| `([\w-]+)`", table, re.MULTILINE)) == observed
