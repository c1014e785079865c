"""What a screen reader is told of a long conversation, counted on the accessibility bus of a real desktop."""

from collections import Counter

import pytest
from playwright.sync_api import expect

from tests.requirements import need
from tests.widget.assistive import desktop
from tests.widget.conftest import CHROMIUM_ARGUMENTS, DESKTOP, Chat
from tests.widget.results import record

pytestmark = pytest.mark.browser
TURNS = 20
# What each question is answered with, by turns.
SORTS = ("apa", "danger", "préciser", "numéro", "lent")


def counted(events):
    """The announcements among the events: a child, then its own characters, are one (or the other way)."""
    said = []
    for event in events:
        if event["kind"] not in {"child", "text"}:
            continue
        again = said and said[-1]["node"] == event["node"] and said[-1]["kind"] != event["kind"]
        if not again:
            said.append(event)
    return said


@pytest.fixture
def assisted(browser, gateway, tmp_path):
    """A tab in a window of a desktop with an accessibility bus, and the desktop."""
    with desktop(tmp_path, need("assistive")) as there:
        launched = browser.browser_type.launch(
            executable_path=need("chromium"),
            headless=False,
            args=[*CHROMIUM_ARGUMENTS, "--force-renderer-accessibility", "--disable-features=Translate"],
            env=there.environment,
        )
        context = launched.new_context(locale="fr-FR", viewport=DESKTOP)
        context.set_default_timeout(60_000)
        yield Chat(context.new_page(), gateway), there
        launched.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_screen_reader_is_told_of_each_message_once(assisted):
    chat, there = assisted
    chat.open()
    asked = []

    def converse(turns):
        for turn in turns:
            text = SORTS[turn % len(SORTS)] if turn < len(SORTS) else f"question {turn}"
            asked.append(text)
            chat.ask(text)
            there.settle(1.0)

    converse(range(TURNS // 2))
    there.settle()
    before = len(there.heard())
    chat.page.reload()
    expect(chat.replies).to_have_count(TURNS // 2, timeout=60_000)
    there.settle()
    after = len(there.heard())
    converse(range(TURNS // 2, TURNS))
    there.settle()

    events = there.heard()
    lost = [event["why"] for event in events if event["kind"] == "lost"]
    restored = [event["text"] for event in counted(events[before:after])]
    messages = counted(events)
    from_log = [event for event in messages if event["role"] == "log"]
    spoken = [event["text"] for event in messages if event["role"] != "status bar"]
    counts = Counter(spoken)
    questions = {text: counts[f"Vous. {text}."] for text in asked}
    answers = [text for text in spoken if text.startswith("Assistant.")]
    openings = [text for text in spoken if text.startswith("À savoir.")]
    record(
        "announcements",
        {
            "how": "AT-SPI events of Chromium",
            "turns": TURNS,
            "reloads": 1,
            "messages": 1 + 2 * TURNS,
            "announced": len(spoken),
            "twice": sorted(text for text, times in counts.items() if times > 1),
            "history_announced_after_reload": [text for text in restored if "Assistant" in text],
            "states_announced": len(messages) - len(spoken),
            "lost": lost,
        },
    )
    assert questions == dict.fromkeys(asked, 1)
    assert len(answers) == TURNS
    assert len(openings) == 1
    assert len(spoken) == 1 + 2 * TURNS, spoken
    assert set(counts.values()) == {1}
    assert from_log == []
    assert restored == ["Nous retrouvons votre conversation…", "Votre conversation est de nouveau affichée."]
    assert {event["language"] for event in messages} <= {"fr", "fr-fr", None}
