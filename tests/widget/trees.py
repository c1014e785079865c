"""The accessibility tree of each state, kept in files: roles, names, states and texts, in their order.

A change of what assistive technologies get must show in a review. To write the files again, then look at what
has changed and commit it: `RENEW_TREES=1 make test-full ARGS=tests/widget/test_trees.py`.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.widget.conftest import Chat

FOLDER = Path(__file__).with_name("accessibility_trees")
LINES = 150  # Of a conversation of fifty messages the beginning is enough.
LIMIT_S = 20.0


def tree(chat: Chat) -> str:
    """The tree of the widget, once what comes later (opinions, voices) is there."""
    # What has just been announced goes after five seconds: it is no part of a state.
    chat.page.locator("guichet-chat").evaluate(
        "element => element.shadowRoot.querySelector('[aria-live=polite]').parentElement.hidden = true"
    )
    before, now = None, ""
    end = time.monotonic() + LIMIT_S
    while before != now and time.monotonic() < end:
        before = now
        chat.page.wait_for_timeout(250)
        now = chat.page.locator("guichet-chat").aria_snapshot()
    return "\n".join(now.replace(chat.gateway.url, "GATEWAY").splitlines()[:LINES]) + "\n"


def kept(state: str, language: str) -> Path:
    """The file of a state's tree."""
    return FOLDER / language / f"{state.replace(' ', '-')}.yml"


def compare(chat: Chat, state: str) -> None:
    """Fail when the tree is not the one that is kept; with RENEW_TREES keep it instead."""
    file = kept(state, chat.language)
    found = tree(chat)
    if os.environ.get("RENEW_TREES"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(found, encoding="utf-8")
    if found != file.read_text(encoding="utf-8"):
        time.sleep(1)  # A busy machine may still have been loading.
        found = tree(chat)
    assert found.splitlines() == file.read_text(encoding="utf-8").splitlines(), f"{file.name}: see trees.py"
