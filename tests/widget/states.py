"""Every state of the widget, by name: a function that brings the page there, from an empty tab.

`STATES[name](chat)` leaves the page in that state; `chat.language` chooses the language of the widget.
What each state must show is in `SIGNS`: a selector inside the element.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.widget.conftest import Chat
from tests.widget.scripted_replies import REPLIES

HOST = """<!doctype html><html lang="fr"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Page</title>
<script type="module" src="/widget.js"></script><main><h1>Une page</h1></main>
<guichet-chat language="{language}" {attributes}><p lang="fr">Appelez le 04 65 71 13 13.</p></guichet-chat>
</html>"""
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
# The words of the handoff, which the scripted gateway knows in French only.
PERSON = "Je voudrais parler à une personne."


def _page(chat: Chat, attributes: str = "") -> str:
    return chat.gateway.page(HOST.format(language=chat.language, attributes=attributes), path="/state")


def closed(chat: Chat) -> None:
    """The button on the page."""
    chat.visit(_page(chat))


def greeting(chat: Chat) -> None:
    """First opening: disclosure, greeting, suggestions."""
    chat.open(_page(chat))


def invited(chat: Chat) -> None:
    """A panel that the page has opened waits for the resident."""
    chat.visit(_page(chat, "open"))
    chat.panel.wait_for()


def waiting(chat: Chat) -> None:
    """A question asked, the answer not there yet."""
    greeting(chat)
    chat.gateway.hold.clear()
    chat.write("apa")
    chat.page.locator("guichet-chat .waiting").wait_for()


def _answered(text: str) -> Callable[[Chat], None]:
    def bring(chat: Chat) -> None:
        greeting(chat)
        chat.ask(text)

    bring.__doc__ = f"The reply to « {text} »."
    return bring


def sources(chat: Chat) -> None:
    """An answer with its sources unfolded."""
    greeting(chat)
    chat.ask("apa").locator("summary").click()


def _contact_form(chat: Chat, place: int, form: str) -> None:
    greeting(chat)
    chat.ask(PERSON).locator(".callback > button").nth(place).click()
    chat.page.locator(f"guichet-chat {form}").wait_for()


def callback(chat: Chat) -> None:
    """The callback form."""
    _contact_form(chat, 0, ".callback form")


def callback_wrong(chat: Chat) -> None:
    """The callback form sent empty: each error beside its field."""
    callback(chat)
    chat.page.locator("guichet-chat .callback form .filled").click()
    chat.page.locator("guichet-chat [aria-invalid]").first.wait_for()


def place(chat: Chat) -> None:
    """The form that says where one lives, sent empty."""
    _contact_form(chat, 1, "input[autocomplete=postal-code]")
    chat.page.locator("guichet-chat .callback form .filled").click()


def feedback_reason(chat: Chat) -> None:
    """An answer that did not help: why."""
    _answered("apa")(chat)
    chat.page.locator("guichet-chat .helpful button").nth(1).click()
    chat.page.locator("guichet-chat .reasons + .outcome, guichet-chat .outcome").first.wait_for()


def feedback_thanks(chat: Chat) -> None:
    """An answer that helped."""
    _answered("apa")(chat)
    chat.page.locator("guichet-chat .helpful button").first.click()
    chat.page.locator("guichet-chat .outcome").wait_for()


def feedback_failed(chat: Chat) -> None:
    """An opinion that could not be sent."""
    chat.gateway.trouble["/feedback"] = 503
    feedback_thanks(chat)


def options(chat: Chat) -> None:
    """Size of the text, and the conversation to take away."""
    _answered("apa")(chat)
    chat.options.click()
    chat.page.locator("guichet-chat .options").wait_for()


def larger_text(chat: Chat) -> None:
    """The text at twice its size."""
    options(chat)
    for _ in range(3):
        chat.page.locator("guichet-chat .options button").nth(1).click()


def erasing(chat: Chat) -> None:
    """Erasing asks first."""
    _answered("apa")(chat)
    chat.page.locator("guichet-chat .rare button").nth(1).click()
    chat.page.locator("guichet-chat .confirm").wait_for()


def erased(chat: Chat) -> None:
    """Nothing is left."""
    erasing(chat)
    chat.page.locator("guichet-chat .confirm button").first.click()
    chat.page.locator("guichet-chat .start").wait_for()


def unreachable(chat: Chat) -> None:
    """The gateway does not answer: the contact, and the numbers that the widget carries."""
    chat.gateway.trouble["/conversations"] = 503
    chat.visit(_page(chat))
    chat.launcher.click()
    chat.contact.wait_for()


def not_sent(chat: Chat) -> None:
    """A message that did not leave, and the contact."""
    greeting(chat)
    chat.gateway.trouble["/messages"] = 503
    chat.write("apa")
    chat.page.locator("guichet-chat .failure button").wait_for()


def offline(chat: Chat) -> None:
    """No network: two messages wait."""
    greeting(chat)
    chat.page.context.set_offline(True)
    chat.write("apa")
    chat.page.locator("guichet-chat .failure button").wait_for()
    chat.write("rsa")
    chat.page.locator("guichet-chat .queued").wait_for()


def refused(chat: Chat) -> None:
    """A message that the gateway cannot read."""
    greeting(chat)
    chat.gateway.trouble["/messages"] = 422
    chat.write("apa")
    chat.page.locator("guichet-chat .failure").wait_for()


def busy(chat: Chat) -> None:
    """Too many questions."""
    greeting(chat)
    chat.gateway.trouble["/messages"] = 429
    chat.write("apa")
    chat.page.locator("guichet-chat .failure button").wait_for()


def expired(chat: Chat) -> None:
    """The conversation was over: another one, in which the message is answered."""
    greeting(chat)
    chat.gateway.trouble["/c1/messages"] = 410
    chat.ask("apa")


def no_answer(chat: Chat) -> None:
    """An empty reply is never shown as such."""
    greeting(chat)
    chat.write("vide")
    chat.contact.wait_for()


def _reload(chat: Chat) -> None:
    chat.page.reload()
    chat.page.locator("guichet-chat dialog").wait_for(state="attached")
    chat.page.wait_for_load_state("networkidle")
    if chat.launcher.is_visible():  # On a small screen the conversation waits behind its button.
        chat.launcher.click()


def restored(chat: Chat) -> None:
    """After a reload."""
    _answered("apa")(chat)
    _reload(chat)
    chat.replies.first.wait_for()


def language_switched(chat: Chat) -> None:
    """From another language to this one, by the picker."""
    wished = chat.language
    chat.language = "de" if wished != "de" else "fr"
    greeting(chat)
    chat.language = wished
    chat.page.locator("guichet-chat select").select_option(wished)
    expect(chat.panel).to_have_attribute("lang", wished)
    chat.page.locator(f"guichet-chat .disclosure p[lang={wished}]").wait_for()


def long_words(chat: Chat) -> None:
    """A word longer than the panel, asked and answered."""
    greeting(chat)
    chat.ask(LONG_WORD)


def fifty_messages(chat: Chat) -> None:
    """A long conversation, restored."""
    greeting(chat)
    chat.ask("apa")
    first = chat.gateway.turns[0]
    for number in range(2, 51):
        again = {"turn_id": f"t{number}", "client_message_id": f"m{number}"}
        chat.gateway.turns.append(first | again | {"reply": first["reply"] | {"turn_id": f"t{number}"}})
    _reload(chat)
    expect(chat.replies).to_have_count(50, timeout=20_000)


def live_offered(chat: Chat) -> None:
    """A person can be talked to now."""
    greeting(chat)
    chat.ask("en direct")
    chat.page.locator("guichet-chat .live-offer button").wait_for()


def queue(chat: Chat) -> None:
    """Waiting for a person."""
    live_offered(chat)
    chat.page.locator("guichet-chat .live-offer button").click()
    chat.page.locator("guichet-chat .live-bar").wait_for()


def with_person(chat: Chat) -> None:
    """A person has joined and writes."""
    queue(chat)
    chat.gateway.live.joins(chat.language)
    chat.page.locator("guichet-chat .entry.person").wait_for()


def live_ended(chat: Chat) -> None:
    """The person has ended it: the assistant is back."""
    with_person(chat)
    chat.gateway.live.ends(chat.language)
    chat.page.locator("guichet-chat [data-live=ended]").wait_for()
    expect(chat.page.locator("guichet-chat .live-bar")).to_be_hidden()


def live_nobody(chat: Chat) -> None:
    """Nobody is there: a callback is offered."""
    chat.gateway.live.someone = False
    live_offered(chat)
    chat.page.locator("guichet-chat .live-offer button").click()
    chat.page.locator("guichet-chat [data-live=nobody]").wait_for()


def kiosk_warning(chat: Chat) -> None:
    """A shared computer that nobody has used for a minute and a half."""
    chat.page.clock.install()
    chat.open(_page(chat, "kiosk")).wait_for_kiosk()
    chat.page.clock.fast_forward(95_000)
    chat.page.locator("guichet-chat .warning").wait_for()


STATES: dict[str, Callable[[Chat], None]] = {
    "closed": closed,
    "greeting": greeting,
    "invited": invited,
    "waiting": waiting,
    "answer": _answered("apa"),
    "sources": sources,
    "emergency": _answered("danger"),
    "masked": _answered("numéro"),
    "abstained": _answered("ne sait pas"),
    "degraded": _answered("lent"),
    "degraded without a service": _answered("lent sans service"),
    "clarifying": _answered("préciser"),
    "handoff": _answered(PERSON),
    "relayed": _answered("relayé"),
    "mixed directions": _answered("arabe"),
    "callback": callback,
    "callback with errors": callback_wrong,
    "place": place,
    "feedback": feedback_thanks,
    "feedback with a reason": feedback_reason,
    "feedback failed": feedback_failed,
    "options": options,
    "larger text": larger_text,
    "erasing": erasing,
    "erased": erased,
    "unreachable": unreachable,
    "not sent": not_sent,
    "offline": offline,
    "refused": refused,
    "busy": busy,
    "expired": expired,
    "no answer": no_answer,
    "restored": restored,
    "language switched": language_switched,
    "long words": long_words,
    "fifty messages": fifty_messages,
    "kiosk warning": kiosk_warning,
    "live offered": live_offered,
    "queue": queue,
    "with a person": with_person,
    "live ended": live_ended,
    "live nobody": live_nobody,
}

# What is seen in each state; the others show a reply.
REPLY = ".entry.assistant[data-status]"
SIGNS: dict[str, str] = {
    "closed": ".launcher",
    "greeting": ".suggestions button",
    "invited": ".start button",
    "waiting": ".waiting",
    "sources": ".sources blockquote",
    "emergency": ".emergency .number",
    "clarifying": ".suggestions button",
    "callback": ".callback form",
    "callback with errors": ".callback .error",
    "place": ".callback .error",
    "live offered": ".live-offer button",
    "queue": ".live-bar [role=status]",
    "with a person": ".entry.person .who",
    "live ended": "[data-live=ended]",
    "live nobody": "[data-live=nobody] .callback button",
    "feedback": ".outcome",
    "feedback with a reason": ".reasons textarea",
    "feedback failed": ".outcome",
    "options": ".options button",
    "larger text": ".panel[data-size='3'] .options",
    "erasing": ".confirm button",
    "erased": ".start button",
    "unreachable": ".contact .number",
    "not sent": ".failure button",
    "offline": ".failure.queued",
    "refused": ".failure",
    "busy": ".failure button",
    "expired": ".entry.notice",
    "no answer": ".contact",
    "language switched": ".suggestions button",
    "kiosk warning": ".warning button",
}

assert set(SIGNS) <= set(STATES)
assert {"apa", "danger", "préciser"} <= set(REPLIES)
