"""What keyboards, screen readers, zoom, contrast and motion settings need."""

import pytest
from playwright.sync_api import expect

from tests.requirements import need
from tests.widget.axe import check, prepare
from tests.widget.conftest import DESKTOP, PHONE, ZOOMED

pytestmark = pytest.mark.browser


def a_full_log(chat):
    """Every sort of entry: answer, emergency, form, failure, contact, Arabic."""
    chat.open()
    chat.ask("apa").get_by_text("Sources (1)").click()
    for text in ("danger", "arabe", "numéro", "lent"):
        chat.ask(text)
    reply = chat.ask("Je voudrais parler à une personne.")
    reply.get_by_role("button", name="Être rappelé").click()
    chat.page.get_by_role("button", name="Demander à être rappelé").click()
    chat.gateway.trouble["/messages"] = 503
    chat.write("Une question sans réponse")
    chat.contact.wait_for()
    chat.page.get_by_role("button", name="Effacer la conversation").click()


# A whole conversation at once; test_axe.py takes the states one by one.
@pytest.mark.parametrize(
    ("viewport", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"]
)
def test_axe_finds_nothing(new_chat, viewport, scheme):
    need("widget-tools")
    chat = new_chat(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    a_full_log(chat)
    prepare(chat.page)
    assert check(chat.page)["violations"] == []


def test_each_message_is_announced_once(chat):
    chat.visit()
    chat.hear()
    chat.launcher.click()
    chat.page.locator("guichet-chat .suggestions button").first.wait_for()
    chat.ask("apa")
    chat.ask("danger").get_by_role("link", name="3114").focus()
    opened, asked, answer, next_asked, emergency = [text for _, text in chat.heard()]
    assert opened.startswith("À savoir. Vous écrivez à une intelligence artificielle")
    assert "Assistant. Bonjour !" in opened
    assert opened.endswith("Demander le RSA.")
    assert (asked, next_asked) == ("Vous. apa.", "Vous. danger.")
    assert answer.startswith(
        "Assistant. L'APA aide une personne de 60 ans ou plus à vivre chez elle. Comment"
    )
    assert "Voir la fiche officielle (nouvelle fenêtre) ou appelez-nous." in answer
    assert answer.endswith("Quels papiers fournir ? Combien de temps ça prend ?")
    assert emergency.startswith(
        "Assistant. Vous n'êtes pas seul. Appelez maintenant : quelqu'un vous écoute."
    )
    # Nothing else speaks: the log holds the same words.
    assert chat.log.get_attribute("aria-live") == "off"


def test_the_contact_of_the_site_is_announced_but_not_the_long_list_of_numbers(chat, gateway):
    chat.open()
    chat.hear()
    gateway.trouble["/messages"] = 503
    chat.write("apa")
    chat.contact.wait_for()
    _, said = chat.heard()[-1]
    assert "04 65 71 13 13" in said
    assert "114" not in said.replace("04 65 71 13 13", "")


def test_an_announcement_has_its_language_and_goes_away(chat):
    chat.page.clock.install()
    chat.open()
    chat.hear()
    chat.ask("arabe")
    language, text = chat.heard()[-1]
    assert language == "ar"
    assert "دار التضامن" in text
    chat.page.clock.fast_forward(5_000)
    assert chat.page.locator("guichet-chat [aria-live=polite]").all_text_contents() == [""] * 4


def test_everything_can_be_done_with_the_keyboard(chat, gateway):
    chat.visit()
    chat.page.locator("footer a").last.focus()
    chat.page.keyboard.press("Tab")
    expect(chat.launcher).to_be_focused()
    chat.page.keyboard.press("Enter")
    chat.page.locator("guichet-chat .suggestions button").first.wait_for()
    expect(chat.question).to_be_focused()
    names = []
    for _ in range(10):
        chat.page.keyboard.press("Shift+Tab")
        names.append(
            chat.page.evaluate("""() => {
                const node = document.activeElement.shadowRoot.activeElement;
                return node.getAttribute("aria-label") ?? node.id ?? node.textContent;
            }""")
            or chat.page.evaluate("document.activeElement.shadowRoot.activeElement.textContent")
        )
    assert names == [
        "Effacer la conversation",
        "Options",
        "Demander le RSA",
        "Inscrire mon enfant au collège",
        "Aider un parent âgé à rester chez lui",
        "Conversation",
        "Quitter vite",
        "Parler à une personne",
        "language",
        "Fermer l’assistant",
    ]


@pytest.mark.parametrize("viewport", [PHONE, ZOOMED], ids=["320 px", "400 %"])
def test_nothing_is_cut_on_a_narrow_screen(new_chat, viewport):
    chat = new_chat(viewport=viewport, reduced_motion="reduce")
    a_full_log(chat)
    wide = chat.panel.evaluate("""dialog => [dialog, ...dialog.querySelectorAll("*")]
        .filter(node => node.getBoundingClientRect().right > innerWidth + 1)
        .filter(node => !node.closest(".rich, .unseen"))
        .map(node => node.outerHTML.slice(0, 80))""")
    assert wide == []
    assert chat.panel.evaluate("dialog => dialog.scrollWidth") <= viewport["width"]
    for name in ("Parler à une personne", "Envoyer"):
        button = chat.page.get_by_role("button", name=name)
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport(ratio=1)


def test_at_400_percent_the_way_to_a_human_stays_in_view(new_chat):
    chat = new_chat(viewport=ZOOMED, reduced_motion="reduce").open()
    chat.ask("apa")
    expect(chat.page.get_by_role("button", name="Parler à une personne")).to_be_in_viewport(ratio=1)
    expect(chat.page.get_by_role("combobox", name="Langue")).to_be_in_viewport(ratio=1)


def test_targets_are_large_enough(new_chat):
    chat = new_chat(viewport=PHONE, reduced_motion="reduce")
    a_full_log(chat)
    sizes = chat.panel.evaluate("""dialog => [...dialog.querySelectorAll("button, select, summary, a, input")]
        .filter(node => node.checkVisibility() && !node.closest(".rich, .contact p"))
        .map(node => [node.closest("label") ?? node, node.className])
        .map(([node, name]) => [name || node.textContent, node.getBoundingClientRect().height])""")
    assert len(sizes) > 30
    assert [size for size in sizes if size[1] < 24] == []
    main = [
        size
        for size in sizes
        if size[0] in {"button", "button human", "button filled", "send", "number", "close"}
    ]
    assert len(main) > 10
    assert [size for size in main if size[1] < 38] == []


def test_colours_forced_by_the_system_leave_every_control_its_edge(new_chat):
    chat = new_chat(forced_colors="active")
    chat.open()
    chat.ask("apa")
    for selector in (
        "dialog",
        ".send",
        ".human",
        ".bubble",
        ".service",
        ".suggestions button",
        ".disclosure",
    ):
        node = chat.page.locator(f"guichet-chat {selector}").first
        assert node.evaluate("node => getComputedStyle(node).borderTopStyle") == "solid", selector
        assert node.evaluate("node => parseFloat(getComputedStyle(node).borderTopWidth)") >= 1, selector


def test_nothing_moves_for_those_who_asked_for_it(new_chat):
    chat = new_chat(reduced_motion="reduce").open()
    chat.ask("apa")
    assert chat.page.evaluate("document.getAnimations().length") == 0
    assert chat.log.evaluate("log => log.querySelector('.entry').getAnimations().length") == 0


def test_every_text_says_its_language_and_direction(chat):
    chat.open()
    chat.ask("apa")
    chat.ask("english")
    chat.ask("arabe")
    said = chat.log.evaluate("""log => [...log.querySelectorAll(".assistant .rich, .disclosure p")]
        .map(node => [node.lang, node.dir])""")
    assert said == [["fr", "ltr"], ["fr", "ltr"], ["en", "ltr"], ["en", "ltr"], ["ar", "rtl"]]
