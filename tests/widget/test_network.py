"""Hard conditions: no network, lost answers, reloads, other tabs, a phone's keyboard, a wrong clock."""

import pytest
from playwright.sync_api import expect

from tests.widget.conftest import PHONE

pytestmark = pytest.mark.browser


def texts(gateway):
    """What the gateway was asked, in order."""
    return [call.body["text"] for call in gateway.api("/messages")]


def bubbles(chat):
    return chat.page.locator("guichet-chat .bubble")


def test_messages_written_offline_are_sent_once_in_order_when_the_network_is_back(chat, gateway):
    chat.open()
    chat.page.context.set_offline(True)
    chat.write("un")
    expect(chat.contact).to_contain_text("Vous n’êtes pas connecté à internet.")
    chat.write("deux")
    chat.write("trois")
    expect(chat.page.locator("guichet-chat .queued")).to_have_count(2)
    chat.page.context.set_offline(False)
    expect(chat.replies).to_have_count(3, timeout=20_000)
    assert texts(gateway) == ["un", "deux", "trois"]
    order = chat.log.evaluate("""log => [...log.querySelectorAll(".bubble, .assistant[data-status] .rich")]
        .map(node => node.textContent)""")
    assert order == [
        "un",
        "Réponse à «\xa0un\xa0».",
        "deux",
        "Réponse à «\xa0deux\xa0».",
        "trois",
        "Réponse à «\xa0trois\xa0».",
    ]
    expect(chat.page.locator("guichet-chat .failure")).to_have_count(0)
    expect(chat.contact).to_have_count(0)


def test_an_answer_lost_on_the_way_is_asked_for_again_and_shown_once(chat, gateway):
    chat.open()
    gateway.trouble["/messages"] = 0
    chat.write("apa")
    expect(chat.page.locator("guichet-chat .failure")).to_be_visible()
    gateway.trouble.clear()
    expect(chat.replies).to_have_count(1, timeout=30_000)
    calls = gateway.api("/messages")
    assert len(calls) >= 2
    assert len({call.body["client_message_id"] for call in calls}) == 1
    assert len(gateway.turns) == 1


def test_what_was_written_offline_survives_a_reload(chat, gateway):
    chat.open()
    chat.ask("apa")
    gateway.trouble["/messages"] = 0
    chat.write("un")
    expect(chat.page.locator("guichet-chat .failure")).to_be_visible()
    chat.write("deux")
    expect(chat.page.locator("guichet-chat .queued")).to_be_visible()
    gateway.trouble.clear()
    chat.page.reload()
    expect(chat.replies).to_have_count(3, timeout=20_000)
    assert [turn["text"] for turn in gateway.turns] == ["apa", "un", "deux"]
    expect(bubbles(chat)).to_have_count(3)


def test_a_tab_that_wakes_shows_what_another_tab_has_said(new_chat, gateway):
    chat = new_chat().open()
    chat.ask("apa")
    other = new_chat()
    other.page.goto(gateway.url + "/")
    kept = chat.page.evaluate("JSON.stringify({...sessionStorage})")
    other.page.evaluate("kept => Object.assign(sessionStorage, JSON.parse(kept))", kept)
    other.page.reload()
    expect(other.replies).to_have_count(1)
    other.ask("danger")
    wake = "document.dispatchEvent(new Event('visibilitychange'))"
    chat.page.evaluate(wake)
    expect(chat.replies).to_have_count(2)
    chat.page.evaluate(wake)
    chat.page.wait_for_timeout(300)
    expect(chat.replies).to_have_count(2)
    assert gateway.created == 1


def test_a_conversation_erased_in_another_tab_leaves_this_one_too(chat, gateway):
    chat.open()
    chat.ask("apa")
    gateway.trouble["/c1"] = 404
    chat.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(chat.page.get_by_role("button", name="Commencer la conversation")).to_be_visible()
    expect(chat.replies).to_have_count(0)
    assert chat.kept() is None


def test_the_back_button_finds_the_conversation_again(chat, gateway):
    chat.open()
    chat.ask("apa")
    chat.page.goto(gateway.url + gateway.page("<!doctype html><title>Autre</title>", path="/other"))
    chat.page.go_back()
    expect(chat.replies).to_have_count(1)
    assert gateway.created == 1


def test_a_wrong_clock_changes_nothing(chat, gateway):
    chat.page.clock.set_fixed_time("1999-12-31T23:59:00Z")
    chat.open()
    reply = chat.ask("apa")
    reply.locator("summary").click()
    expect(reply).to_contain_text("rédigé le 22 novembre 2026")


def test_a_phone_s_keyboard_leaves_the_question_and_the_exit_in_view(new_chat):
    chat = new_chat(viewport=PHONE, has_touch=True, is_mobile=True)
    chat.open()
    # Chromium without a screen has no keyboard to show: the visual viewport says what it would.
    chat.page.evaluate("""() => {
        Object.defineProperty(visualViewport, "height", {value: 300});
        visualViewport.dispatchEvent(new Event("resize"));
    }""")
    chat.question.tap()
    assert chat.panel.evaluate("panel => panel.getBoundingClientRect().height") == 300
    for node in (chat.question, chat.page.locator("guichet-chat .quit")):
        box = node.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 301


def test_on_a_network_that_loses_packets_messages_are_sent_once_and_in_order(chat, gateway):
    chat.open()
    slow = chat.page.context.new_cdp_session(chat.page)
    third_generation = {"latency": 200, "downloadThroughput": 50_000, "uploadThroughput": 25_000}
    slow.send("Network.emulateNetworkConditions", {"offline": False} | third_generation)
    lost = iter([True, False, True, True, False])
    asked = []

    def lose(route):
        asked.append(route.request.post_data_json["text"])
        # Cut before it reaches the gateway, or after: the answer is lost, the message is not.
        if next(lost, False):
            if len(asked) % 2:
                route.fetch()
            route.abort()
        else:
            route.continue_()

    chat.page.route("**/messages", lose)
    chat.write("un")
    expect(chat.page.locator("guichet-chat .failure")).to_be_visible()
    chat.write("deux")
    for _ in range(3):
        chat.page.evaluate("dispatchEvent(new Event('online'))")
        chat.page.wait_for_timeout(1500)
    expect(chat.replies).to_have_count(2, timeout=60_000)
    assert [turn["text"] for turn in gateway.turns] == ["un", "deux"]
    assert sorted(set(asked), key=asked.index) == ["un", "deux"]
    assert len(asked) == 5
