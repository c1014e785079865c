"""French signs that take a space before them never begin a line."""

import pytest

from tests.widget.scripted_replies import REPLIES, say, turn

pytestmark = pytest.mark.browser
LINE = "Avez-vous « déjà » demandé : oui ; non ? Merci !"
KEPT = "Avez-vous «\u00a0déjà\u00a0» demandé\u00a0: oui\u00a0; non\u00a0? Merci\u00a0!"


@pytest.mark.parametrize("html", [f"<p>{LINE}</p>", None])
def test_the_signs_keep_to_the_word_before_them(chat, monkeypatch, html):
    monkeypatch.setitem(REPLIES, "signes", turn("answer", "apa", say(LINE, html=html)))
    chat.open()
    reply = chat.ask("signes")
    assert KEPT in reply.evaluate("node => node.textContent")
