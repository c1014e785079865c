"""Each state of the widget, in French and in Arabic: what must be seen is, and nothing is cut."""

import pytest
from playwright.sync_api import expect

from tests.widget.conftest import PHONE
from tests.widget.states import REPLY, SIGNS, STATES

pytestmark = pytest.mark.browser


# Each state in one of the two languages in the normal run, in both in the full one.
CASES = [
    pytest.param(state, language, marks=[pytest.mark.slow] if (place + offset) % 2 else [])
    for offset, language in enumerate(("fr", "ar"))
    for place, state in enumerate(STATES)
]


@pytest.mark.parametrize(("state", "language"), CASES)
def test_each_state_shows_what_it_is(new_chat, state, language):
    chat = new_chat(viewport=PHONE, reduced_motion="reduce")
    chat.language = language
    STATES[state](chat)
    expect(chat.page.locator(f"guichet-chat {SIGNS.get(state, REPLY)}").first).to_be_visible()
    if state == "closed":
        expect(chat.launcher).to_have_attribute("lang", language)
        return
    expect(chat.panel).to_have_attribute("lang", "ar" if state == "mixed directions" else language)
    assert chat.panel.evaluate("panel => getComputedStyle(panel).direction") == (
        "rtl" if "ar" in (language, chat.panel.get_attribute("lang")) else "ltr"
    )
    wide = chat.panel.evaluate("""dialog => [dialog, ...dialog.querySelectorAll("*")]
        .filter(node => node.checkVisibility() && !node.closest(".rich, .unseen, option"))
        .filter(node => node.getBoundingClientRect().right > innerWidth + 1
            || node.getBoundingClientRect().left < -1)
        .map(node => node.outerHTML.slice(0, 90))""")
    assert wide == []
    expect(chat.page.locator("guichet-chat .quit")).to_be_in_viewport(ratio=1)
