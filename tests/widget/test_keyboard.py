"""From the page to a callback confirmed, without a mouse: nothing hidden on the way, no trap."""

import pytest
from playwright.sync_api import expect

from tests.widget.conftest import DESKTOP, PHONE, ZOOMED
from tests.widget.keys import Keys
from tests.widget.states import HOST, PERSON

pytestmark = pytest.mark.browser
NAMES = ["desktop", "320 px", "400 % zoom"]
SCREENS = pytest.mark.parametrize("viewport", [DESKTOP, PHONE, ZOOMED], ids=NAMES)
# The hardest screen in the normal run, the others in the full one.
HARDEST = pytest.mark.parametrize(
    "viewport",
    [pytest.param(each, marks=pytest.mark.slow) for each in (DESKTOP, PHONE)] + [ZOOMED],
    ids=NAMES,
)


def arrive(new_chat, gateway, viewport, language="fr"):
    """A page with a link before the widget, where the focus starts."""
    chat = new_chat(viewport=viewport, reduced_motion="reduce")
    page = HOST.format(language=language, attributes="").replace("<h1>", '<a href="#x">Un lien</a><h1>')
    chat.visit(gateway.page(page))
    return chat, Keys(chat)


@SCREENS
def test_a_callback_is_confirmed_with_the_keyboard_only(new_chat, gateway, viewport):
    chat, keys = arrive(new_chat, gateway, viewport)
    keys.reach("Poser une question")
    keys.press("Enter")
    chat.page.locator("guichet-chat .suggestions button").first.wait_for()
    if viewport != DESKTOP:
        expect(chat.panel).to_be_visible()
    if keys.look() != "Votre question":
        keys.reach("Votre question")
    keys.type(PERSON)
    chat.page.keyboard.press("Enter")
    chat.replies.first.wait_for()
    keys.reach("Être rappelé", "Shift+Tab")
    chat.page.keyboard.press("Enter")
    chat.page.locator("guichet-chat .callback form").wait_for()
    assert keys.look().startswith("Votre nom")
    keys.type("Camille")
    keys.reach("Numéro de téléphone")
    keys.type("06 39 98 12 34")
    keys.reach("J’accepte")
    keys.press("Space")
    keys.reach("Demander à être rappelé")
    chat.page.keyboard.press("Enter")
    receipt = chat.page.locator("guichet-chat .receipt")
    expect(receipt).to_be_focused()
    keys.look()
    expect(receipt).to_contain_text("GA-2026-0042")
    assert gateway.api("/handoffs")[0].body["contact"]["value"] == "06 39 98 12 34"
    keys.reach("Où en est ma demande ?")
    keys.press("Enter")
    expect(receipt.get_by_role("status")).to_contain_text("pas encore traitée")


@HARDEST
def test_the_focus_is_never_hidden_in_a_long_conversation(new_chat, gateway, viewport):
    chat, keys = arrive(new_chat, gateway, viewport)
    chat.launcher.click()
    chat.page.locator("guichet-chat .suggestions button").first.wait_for()
    for text in ("apa", "danger", "arabe"):
        chat.ask(text)
    chat.page.locator("guichet-chat select").select_option("fr")
    chat.options.click()
    chat.page.locator("guichet-chat .options").wait_for()
    chat.page.locator("guichet-chat h2").focus()
    for key in ("Tab", "Shift+Tab"):
        start = len(keys.path)
        keys.reach("Fermer l’assistant" if key == "Shift+Tab" else "Envoyer", key)
        assert len(set(keys.path[start:])) > 15


@HARDEST
def test_escape_closes_from_anywhere_and_what_was_written_is_still_there(new_chat, gateway, viewport):
    chat, keys = arrive(new_chat, gateway, viewport)
    chat.launcher.focus()
    chat.page.keyboard.press("Enter")
    chat.page.locator("guichet-chat .suggestions button").first.wait_for()
    chat.ask(PERSON).locator(".callback > button").first.click()
    form = chat.page.locator("guichet-chat .callback form")
    form.wait_for()
    keys.type("Camille")
    for place in (form.locator("input").first, chat.question):
        place.focus()
        chat.page.keyboard.press("Escape")
        expect(chat.panel).to_be_hidden()
        expect(chat.launcher).to_be_focused()
        keys.look()
        chat.page.wait_for_timeout(2050)  # Three times within two seconds means something else.
        chat.page.keyboard.press("Enter")
        expect(chat.panel).to_be_visible()
    expect(form.locator("input").first).to_have_value("Camille")


def test_the_tab_key_leaves_the_panel_beside_a_page(new_chat, gateway):
    chat, _ = arrive(new_chat, gateway, DESKTOP)
    chat.launcher.focus()
    chat.page.keyboard.press("Enter")
    chat.page.locator("guichet-chat .suggestions button").first.wait_for()
    for key in ("Tab", "Shift+Tab"):
        chat.question.focus()
        for _ in range(20):
            chat.page.keyboard.press(key)
            if not chat.page.evaluate("document.querySelector('guichet-chat').matches(':focus-within')"):
                break
        else:
            pytest.fail(f"{key} never leaves the panel")
