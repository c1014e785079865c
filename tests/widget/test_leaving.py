"""Leaving at once, and the computer that many people use."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

HOST = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Page</title>
<script type="module" src="/widget.js"></script>
<guichet-chat {attributes}>Appelez le 04 65 71 13 13.</guichet-chat></html>"""
WEATHER = "<!doctype html><html lang='fr'><title>Météo</title><h1>Il fait beau</h1></html>"


def visit(chat, gateway, attributes=""):
    away = gateway.page(WEATHER, path="/meteo")
    gateway.page("<!doctype html><title>Avant</title>", path="/before")
    chat.page.goto(gateway.url + "/before")
    return chat.open(gateway.page(HOST.format(attributes=f'exit-url="{away}" {attributes}'), path="/host"))


def button(chat):
    return chat.page.get_by_role("button", name="Quitter vite")


@pytest.mark.parametrize("way", ["button", "key"])
def test_leaving_clears_the_tab_and_the_back_button_does_not_return(chat, gateway, way):
    visit(chat, gateway)
    chat.ask("apa")
    if way == "button":
        button(chat).click()
    else:
        for _ in range(3):
            chat.page.keyboard.press("Escape")
    chat.page.wait_for_url("**/meteo")
    assert chat.kept() is None
    chat.page.go_back()
    assert chat.page.url.endswith("/before")


def test_nothing_is_seen_while_the_next_page_loads(chat, gateway):
    visit(chat, gateway)
    chat.ask("apa")
    # A navigation answered by 204 leaves this page as it is: already empty.
    chat.page.route("**/meteo", lambda route: route.fulfill(status=204))
    button(chat).click(no_wait_after=True)
    expect(chat.page.locator("html")).to_be_hidden()
    assert chat.log.evaluate("log => log.childElementCount") == 0
    assert chat.kept() is None
    assert "Page" not in chat.page.evaluate("document.title")


def test_it_leaves_without_a_network_too(chat, gateway):
    visit(chat, gateway)
    chat.page.context.set_offline(True)
    with chat.page.expect_event("requestfailed", lambda request: request.url.endswith("/meteo")):
        button(chat).click(no_wait_after=True)


def test_a_key_held_or_pressed_slowly_leaves_nothing(chat, gateway):
    visit(chat, gateway)
    chat.page.evaluate("""() => {
        for (let press = 0; press < 5; press++) {
            const key = {key: "Escape", repeat: true, bubbles: true};
            document.dispatchEvent(new KeyboardEvent("keydown", key));
        }
    }""")
    chat.page.keyboard.press("Escape")
    chat.page.keyboard.press("Escape")
    chat.page.wait_for_timeout(2100)
    chat.page.keyboard.press("Escape")
    assert chat.page.url.endswith("/host")


def test_elsewhere_the_key_is_the_page_s(chat, gateway):
    chat.visit(gateway.page(HOST.format(attributes='exit-url="/meteo"'), path="/host"))
    for _ in range(4):
        chat.page.keyboard.press("Escape")
    assert chat.page.url.endswith("/host")


def kiosk(chat, gateway):
    chat.page.clock.install()
    visit(chat, gateway, "kiosk")
    chat.wait_for_kiosk()
    chat.ask("apa")
    chat.question.fill("une question commencée")
    return chat.page.locator("guichet-chat [role=alertdialog]")


def test_a_kiosk_warns_then_clears_itself(chat, gateway):
    warning = kiosk(chat, gateway)
    assert gateway.api("/conversations")[0].body["channel"] == "kiosk"
    chat.page.clock.fast_forward(85_000)
    expect(warning).to_have_count(0)
    chat.page.clock.fast_forward(10_000)
    expect(warning).to_contain_text("la conversation s’efface dans")
    expect(chat.page.get_by_role("button", name="Continuer")).to_be_focused()
    chat.page.clock.fast_forward(30_000)
    expect(chat.panel).to_be_hidden()
    assert chat.kept() is None
    expect(chat.launcher).to_have_text("Poser une question")
    assert [call.path.rsplit("/", 1)[1] for call in gateway.calls if call.method == "DELETE"] == [
        "c1?callback=keep"
    ]
    chat.launcher.click()
    expect(chat.replies).to_have_count(0)
    expect(chat.question).to_have_value("")


def test_who_is_still_there_stays(chat, gateway):
    warning = kiosk(chat, gateway)
    chat.page.clock.fast_forward(95_000)
    chat.page.get_by_role("button", name="Continuer").click()
    expect(warning).to_have_count(0)
    expect(chat.question).to_be_focused()
    chat.page.clock.fast_forward(60_000)
    expect(chat.question).to_have_value("une question commencée")
    assert chat.kept() is not None


def test_a_kiosk_keeps_no_file_and_no_clipboard(chat, gateway):
    kiosk(chat, gateway)
    chat.options.click()
    expect(chat.page.get_by_role("button", name="Imprimer la conversation")).to_be_visible()
    expect(chat.page.get_by_role("button", name="Télécharger la conversation")).to_have_count(0)
    expect(chat.page.get_by_role("button", name="Copier la conversation")).to_have_count(0)
