"""What keyboards, screen readers, zoom, contrast and motion settings need."""

import pytest
from playwright.sync_api import expect

from tests.widget.conftest import DESKTOP, PHONE, ZOOMED
from tests.widget.scripted_gateway import ROOT

pytestmark = pytest.mark.browser
AXE = ROOT / "widget/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(new_chat, scheme, viewport):
    if not AXE.exists():
        pytest.skip("axe-core is not installed (npm ci, in widget/)")
    chat = new_chat(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    a_full_log(chat)
    chat.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = chat.page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
    problems = [
        (violation["id"], [(node["html"][:120], node["failureSummary"][:300]) for node in violation["nodes"]])
        for violation in found["violations"]
    ]
    assert problems == []


def test_each_message_is_announced_once(chat):
    chat.open()
    chat.log.evaluate("""log => {
        window.announced = [];
        new MutationObserver(changes => {
            for (const {addedNodes, target} of changes) for (const node of addedNodes) {
                const live = (target.closest ? target : target.parentElement).closest("[aria-live]");
                if (live.getAttribute("aria-live") === "polite") announced.push(node.className);
            }
        }).observe(log, {childList: true, subtree: true});
    }""")
    chat.ask("apa")
    chat.ask("danger").get_by_role("link", name="3114").focus()
    assert chat.page.evaluate("announced") == [
        "entry resident",
        "entry assistant",
        "entry choices",
        "entry resident",
        "entry assistant",
    ]
    assert chat.log.get_attribute("aria-relevant") == "additions"


def test_everything_can_be_done_with_the_keyboard(chat, gateway):
    chat.visit()
    chat.page.locator("#contact a").last.focus()
    chat.page.keyboard.press("Tab")
    expect(chat.launcher).to_be_focused()
    chat.page.keyboard.press("Enter")
    chat.page.locator("guichet-chat .suggestions button").first.wait_for()
    expect(chat.question).to_be_focused()
    names = []
    for _ in range(8):
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
        "Demander le RSA",
        "Inscrire mon enfant au collège",
        "Aider un parent âgé à rester chez lui",
        "Conversation",
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
