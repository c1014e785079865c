"""The inbox in a browser: a callback made through the API appears, is opened, assigned, noted, closed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from knowledge.reply import EmergencyBlock, EmergencyNumberCard
from records.entries import Role
from records.inbox_entries import RequestStatus
from tests.api.conftest import REPLY
from tests.api.test_handoffs import CALLBACK
from tests.staff.inbox import SCREENSHOTS, Served, axe

pytestmark = pytest.mark.browser

SignIn = Callable[..., Page]
INBOX = "/staff/requests"


@pytest.fixture(scope="module")
def service(served: Served) -> str:
    """The service that the callbacks of these tests go to, and its two agents."""
    reference = served.ask("Comment demander l'APA ?", **CALLBACK)
    first = next(each for each in served.records.handoffs() if each.reference == reference)
    served.add_agent("camille", first.service_id)
    served.add_agent("ali", first.service_id)
    served.add_agent("dominique", "mdph", role=Role.ADMINISTRATOR)
    return first.service_id


def ask(
    served: Served, words: str = "Comment demander l'APA ?", *, danger: bool = False, **body: object
) -> str:
    block = EmergencyBlock(
        id="violences-femmes",
        numbers=(EmergencyNumberCard(number="3919", uri="tel:3919", label="Écoute", hours="24/7"),),
        text="Appelez le 3919.",
        lang="fr",
    )
    served.engine.reply = REPLY.model_copy(update={"emergency": block}) if danger else REPLY
    return served.ask(words, **{**CALLBACK, **body})


def shot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"inbox-{name}.png", full_page=True)


def test_a_callback_is_opened_assigned_noted_and_closed(
    served: Served, service: str, sign_in: SignIn
) -> None:
    page = sign_in("camille", INBOX)
    refused = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    calm = ask(served)
    reference = ask(served, "زوجي يضربني، كيف أطلب المساعدة؟", danger=True, language="ar")
    page.reload()
    rows = page.locator(".requests tbody tr")
    expect(rows.first).to_contain_text(reference)
    expect(rows.first).to_contain_text("Danger signalé")
    expect(page.locator(".requests")).to_contain_text(calm)
    shot(page, "list")
    read_before = len(served.records.inbox.readings())
    page.get_by_role("link", name=reference).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Demande {reference}")
    expect(page.locator("blockquote")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("link", name="06 39 98 12 34")).to_have_attribute("href", "tel:+33639981234")
    shot(page, "opened")
    reading, *others = served.records.inbox.readings()
    assert len(others) == read_before
    assert (reading.agent_name, reading.reference, reading.service_id) == ("Camille", reference, service)
    page.get_by_role("button", name="Je commence").click()
    expect(page.get_by_text("L’état est enregistré.")).to_be_visible()
    page.get_by_label("Agent").select_option("Ali")
    page.get_by_role("button", name="Confier").click()
    expect(page.get_by_text("L’agent est enregistré.")).to_be_visible()
    page.get_by_label("Ajouter une note").fill("Rappeler seulement entre 14 h et 16 h.")
    page.get_by_role("button", name="Ajouter la note").click()
    expect(page.locator(".written")).to_contain_text("Rappeler seulement entre 14 h et 16 h.")
    page.get_by_role("button", name="Traitée").click()
    expect(page.locator(".history")).to_contain_text("état « traitée »")
    shot(page, "done")
    request = served.records.inbox.find(reading.handoff_id)
    assert request is not None
    assert request.status is RequestStatus.DONE
    assert len(served.records.inbox.readings()) == read_before + 5
    assert refused == []


def test_what_a_colleague_did_meanwhile_is_not_overwritten(
    served: Served, service: str, sign_in: SignIn
) -> None:
    reference = ask(served)
    pages = [sign_in(login, INBOX) for login in ("camille", "ali")]
    for page in pages:
        page.get_by_role("link", name=reference).click()
    for page in pages:
        page.get_by_role("button", name="Je commence").click()
    expect(pages[1].get_by_role("alert")).to_contain_text("La demande a changé")
    expect(pages[1].locator(".history")).to_contain_text("Camille : agent Camille")


def test_a_new_request_is_told_by_title_line_and_sound(served: Served, service: str, sign_in: SignIn) -> None:
    page = sign_in("camille", INBOX)
    page.get_by_role("button", name="Couper le son").click()
    expect(page.get_by_role("button", name="Son coupé")).to_have_attribute("aria-pressed", "true")
    ask(served)
    expect(page).to_have_title(re.compile(r"^\(\d+\) Nouvelle demande – Demandes"))
    expect(page.locator("#news")).to_contain_text("Une nouvelle demande est arrivée")
    assert page.locator("html").get_attribute("data-sounded") is None
    page.get_by_role("button", name="Son coupé").click()
    reference = ask(served)
    expect(page.locator("html")).to_have_attribute("data-sounded", "1")
    shot(page, "news")
    page.locator("#news a").click()
    expect(page.locator(".requests")).to_contain_text(reference)
    expect(page).to_have_title(re.compile("^Demandes"))


def test_everything_can_be_done_with_the_keyboard(served: Served, service: str, sign_in: SignIn) -> None:
    reference = ask(served)
    page = sign_in("ali", INBOX)

    def focus(name: str) -> None:
        """Presses Tab until the control of this name has the focus."""
        for _ in range(80):
            page.keyboard.press("Tab")
            found = page.evaluate(
                "() => { const on = document.activeElement;"
                " return on.labels?.[0]?.textContent ?? on.textContent }"
            )
            if name in found:
                return
        raise AssertionError(f"{name} is out of reach")

    focus(reference)
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/requests/*")
    focus("Ajouter une note")
    page.keyboard.type("Au clavier.")
    focus("Ajouter la note")
    page.keyboard.press("Enter")
    expect(page.locator(".written")).to_contain_text("Au clavier.")
    focus("Je commence")
    page.keyboard.press("Enter")
    expect(page.locator(".state")).to_contain_text("en cours")


def test_filters_and_availability(served: Served, service: str, sign_in: SignIn) -> None:
    reference = ask(served, language="ar")
    page = sign_in("camille", INBOX)
    page.get_by_label("Langue").select_option("arabe")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.locator(".requests")).to_contain_text(reference)
    page.get_by_label("Type").select_option("conversation en direct")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_text("Aucune demande ne correspond à ces filtres.")).to_be_visible()
    page.get_by_role("button", name="Me rendre disponible").click()
    expect(page.get_by_text("En direct : disponible")).to_be_visible()


def test_an_administrator_sees_who_read_what_and_no_request(
    served: Served, service: str, sign_in: SignIn
) -> None:
    reference = ask(served)
    agent = sign_in("camille", INBOX)
    agent.get_by_role("link", name=reference).click()
    page = sign_in("dominique", "/admin/readings")
    expect(page.locator("tbody tr").first).to_contain_text(reference)
    expect(page.locator("tbody tr").first).to_contain_text("Camille")
    shot(page, "readings")
    assert axe(page) == []
    page.goto(agent.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Cette page ne peut pas s’ouvrir")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(served: Served, service: str, sign_in: SignIn, scheme: str) -> None:
    reference = ask(served, danger=True)
    page = sign_in("camille", INBOX, color_scheme=scheme)
    assert axe(page) == []
    page.get_by_role("link", name=reference).click()
    page.get_by_label("Ajouter une note").fill("Une note.")
    page.get_by_role("button", name="Ajouter la note").click()
    expect(page.locator(".written")).to_be_visible()
    assert axe(page) == []
    if scheme == "dark":
        shot(page, "dark")


@pytest.mark.parametrize("width", [1024, 320])
def test_nothing_is_cut(served: Served, service: str, sign_in: SignIn, width: int) -> None:
    reference = ask(served, danger=True)
    page = sign_in("camille", INBOX, viewport={"width": width, "height": 768})
    for _ in range(2):
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
        if width < 1024:
            shot(page, "narrow-list" if page.url.endswith(INBOX) else "narrow-opened")
        if page.url.endswith(INBOX):
            page.get_by_role("link", name=reference).click()
            page.wait_for_url("**/staff/requests/*")
