"""« En direct » in a browser: what an agent is told, does with the keyboard, and sees in every state."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from knowledge.reply import Kind, Reply, SourceNote
from tests.api.conftest import REPLY
from tests.api.live import SERVICE, TOPIC
from tests.staff.inbox import SCREENSHOTS, Served, axe

pytestmark = pytest.mark.browser

SignIn = Callable[..., Page]
LIVE = "/staff/live"
PHONE = "06 39 98 12 34"
ANSWERED = REPLY.model_copy(
    update={
        "topic": TOPIC,
        "sources": (
            SourceNote(
                article_id=TOPIC,
                title="MDPH",
                section="documents",
                excerpt="Le formulaire",
                lang="fr",
                url="https://maisondelautisme.gouv.fr/fiches-pratiques/dossier-mdph",
                written=date(2026, 11, 22),
            ),
        ),
    }
)


@pytest.fixture(scope="module")
def team(served: Served) -> None:
    """Two agents of SERVICE."""
    served.add_agent("nadia", SERVICE)
    served.add_agent("paul", SERVICE)


def desk(sign_in: SignIn, login: str = "nadia", **options: object) -> Page:
    """The page of an available agent."""
    page = sign_in(login, LIVE, **options)
    page.on("dialog", lambda dialog: dialog.accept())
    available = page.get_by_label("Je suis disponible")
    expect(available).to_be_enabled()
    if not available.is_checked():
        with page.expect_response("**/availability"):
            available.check()
    return page


def resident_asks(served: Served, words: str, reply: Reply = ANSWERED, language: str = "fr") -> None:
    served.engine.reply = reply
    served.ask(
        words, kind="live", topic=TOPIC, postal_code="13001", client_message_id="live-1", language=language
    )


def shot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"live-page-{name}.png")


def test_axe_finds_nothing_in_any_state(served: Served, team: None, sign_in: SignIn) -> None:
    page = desk(sign_in)

    def sound(state: str) -> None:
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert axe(page) == [], (state, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= 1024, state
        shot(page, state)

    expect(page.locator("#queue-empty")).to_be_visible()
    sound("empty")
    resident_asks(served, f"Quels papiers pour la MDPH ? Je suis au {PHONE}")
    page.locator("#queue button").first.click()
    expect(page.locator("#summary")).to_contain_text("Quels papiers pour la MDPH")
    sound("request")
    page.locator("#take").click()
    page.get_by_label("Votre message").fill("Bonjour, que puis-je faire pour vous ?")
    page.keyboard.press("Enter")
    expect(page.locator("#log .line.person.message small")).to_contain_text("Agent")
    page.get_by_role("button", name="Transférer…").click()
    sound("conversation")
    page.get_by_role("button", name="Annuler").click()
    page.get_by_role("button", name="Terminer").click()
    expect(page.locator("#log")).to_contain_text("L’échange est terminé")
    sound("ended")


def test_who_takes_a_request_reads_its_summary_first(served: Served, team: None, sign_in: SignIn) -> None:
    page = desk(sign_in)
    resident_asks(served, f"أي أوراق لملف MDPH؟ رقمي {PHONE}", language="ar")
    page.locator("#queue button").first.click()
    page.locator("#take").click()
    summary = page.locator("#summary")
    expect(summary).to_be_visible()
    expect(summary).to_contain_text("arabe")
    expect(summary).to_contain_text("Réponse donnée")
    source = summary.locator(".exchanges li li").first
    expect(source.get_by_role("link")).to_have_attribute(
        "href", "https://maisondelautisme.gouv.fr/fiches-pratiques/dossier-mdph"
    )
    expect(source).to_contain_text("écrit le 22 novembre 2026, pas encore relu")
    assert PHONE not in summary.inner_text()
    assert summary.locator("blockquote").get_attribute("dir") == "rtl"
    shot(page, "summary-ar")
    page.get_by_role("button", name="Terminer").click()
    expect(page.locator("#log")).to_contain_text("L’échange est terminé")


def test_who_waits_is_told_by_title_line_and_sound(served: Served, team: None, sign_in: SignIn) -> None:
    page = desk(sign_in)
    page.get_by_label("Son quand quelqu’un attend").uncheck()
    resident_asks(served, "Une personne, s'il vous plaît")
    expect(page).to_have_title(re.compile(r"^\(1\) Quelqu’un attend"))
    expect(page.locator("#alert")).to_contain_text("Une personne attend")
    assert page.locator("html").get_attribute("data-sounded") is None
    page.reload()
    expect(page.get_by_label("Son quand quelqu’un attend")).not_to_be_checked()
    page.get_by_label("Son quand quelqu’un attend").check()
    resident_asks(served, "Moi aussi")
    expect(page.locator("html")).to_have_attribute("data-sounded", re.compile("[12]"))
    page.get_by_label("Je suis disponible").uncheck()
    for waiting in (2, 1):
        expect(page.locator("#queue button")).to_have_count(waiting)
        page.locator("#queue button").first.click()
        page.locator("#take").click()
        page.locator("#write").wait_for()
        page.get_by_role("button", name="Terminer").click()
        expect(page.locator("#end")).to_be_hidden()


def test_everything_can_be_done_with_the_keyboard(served: Served, team: None, sign_in: SignIn) -> None:
    page = desk(sign_in, "paul")
    resident_asks(served, "Au clavier")
    expect(page.locator("#queue button")).to_have_count(1)

    def reach(name: str) -> None:
        """Presses Tab until the control of this name has the focus."""
        for _ in range(60):
            page.keyboard.press("Tab")
            if name in page.evaluate(
                "() => document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent"
            ):
                return
        raise AssertionError(f"{name} is out of reach")

    reach("Attend depuis")
    page.keyboard.press("Enter")
    expect(page.locator("#talk-title")).to_be_focused()
    reach("Prendre cette demande")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Votre message")).to_be_focused()
    page.keyboard.type("Tout au clavier")
    page.keyboard.press("Enter")
    expect(page.locator("#log .line.person.message")).to_contain_text("Tout au clavier")
    reach("Transférer…")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Transférer vers le service")).to_be_focused()
    reach("Annuler")
    page.keyboard.press("Enter")
    reach("Terminer")
    page.keyboard.press("Enter")
    expect(page.locator("#log")).to_contain_text("L’échange est terminé")


def test_notes_are_one_link_away_and_a_session_that_ended_leads_to_sign_in(
    served: Served, team: None, sign_in: SignIn
) -> None:
    page = desk(sign_in)
    resident_asks(served, "Une note ?", reply=REPLY.model_copy(update={"kind": Kind.ABSTAIN}))
    page.locator("#queue button").first.click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Notes internes et suivi").click()
    notes = opened.value
    notes.get_by_label("Ajouter une note").fill("Rappeler le service des aides.")
    notes.get_by_role("button", name="Ajouter la note").click()
    expect(notes.locator(".written")).to_contain_text("Rappeler le service")
    account = served.records.staff.by_login("nadia")
    assert account is not None
    served.records.staff.end_sessions(account.id)
    page.locator("#take").click()
    expect(page).to_have_url(f"{served.url}/staff/sign-in?next={LIVE}", timeout=20_000)
