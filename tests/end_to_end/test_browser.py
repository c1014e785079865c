"""A resident's journey in a real browser, through every real part."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.end_to_end.resident import Resident
from tests.requirements import need
from tests.stack import ROOT, Stack
from tests.widget.conftest import CHROMIUM_ARGUMENTS

pytestmark = [pytest.mark.stack, pytest.mark.browser]

SCREENSHOTS = ROOT / "var" / "screenshots"
QUESTION = "Comment demander l'APA pour ma mère ?"
REPLY_MILLISECONDS = 8_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = need("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    context = browser.new_context(
        locale="fr-FR", reduced_motion="reduce", viewport={"width": 1280, "height": 900}
    )
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None
    )
    opened.goto(stack.url)
    yield opened
    context.close()
    assert faults == []


def screenshot(page: Page, name: str) -> Path:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path)
    return path


def ask(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.get_by_role("textbox").press("Enter")


def test_the_notice_an_answer_with_its_source_and_a_human(page: Page, stack: Stack) -> None:
    page.get_by_role("button", name="Poser une question").first.click()
    chat = page.locator("guichet-chat")
    log = chat.get_by_role("log")
    expect(log).to_contain_text("intelligence artificielle")

    ask(page, QUESTION)
    reply = chat.locator(".entry.assistant[data-status=answered]")
    expect(reply).to_contain_text("autonomie", timeout=REPLY_MILLISECONDS)
    sources = reply.locator("details").first
    sources.locator("summary").click()
    expect(sources).to_contain_text("Allocation personnalisée d'autonomie")
    expect(sources).to_contain_text("2026")
    assert screenshot(page, "answer").stat().st_size > 0

    chat.get_by_role("button", name="Parler à une personne").first.click()
    expect(chat.locator(".entry.assistant").last).to_contain_text("Téléphone", timeout=REPLY_MILLISECONDS)
    expect(chat.locator(".entry.assistant").last.get_by_role("link", name="04 65 71").first).to_be_visible()
    assert screenshot(page, "human").stat().st_size > 0


def test_the_language_switch_brings_an_english_answer(page: Page) -> None:
    page.get_by_role("button", name="Poser une question").first.click()
    chat = page.locator("guichet-chat")
    expect(chat.get_by_role("log")).to_contain_text("intelligence artificielle")
    chat.get_by_role("combobox").select_option("en")
    expect(chat.get_by_role("log")).to_contain_text("artificial intelligence", timeout=REPLY_MILLISECONDS)
    ask(page, "How do I apply for the RSA?")
    reply = chat.locator(".entry.assistant[data-status=answered]")
    expect(reply.locator("[lang=en]").first).to_be_visible(timeout=REPLY_MILLISECONDS)
    assert screenshot(page, "english").stat().st_size > 0


def test_an_emergency_shows_numbers_to_call(page: Page) -> None:
    page.get_by_role("button", name="Poser une question").first.click()
    expect(page.locator("guichet-chat").get_by_role("log")).to_contain_text("intelligence artificielle")
    ask(page, "Mon mari me frappe")
    expect(page.locator("guichet-chat a[href='tel:3919']").first).to_be_visible(timeout=REPLY_MILLISECONDS)
    expect(page.locator("guichet-chat a[href='sms:114']").first).to_be_visible()
    assert screenshot(page, "emergency").stat().st_size > 0


def test_rasa_stopped_gives_a_human_contact_on_the_screen(page: Page, stack: Stack) -> None:
    page.get_by_role("button", name="Poser une question").first.click()
    chat = page.locator("guichet-chat")
    expect(chat.get_by_role("log")).to_contain_text("intelligence artificielle")
    stack.kill("rasa")
    ask(page, QUESTION)
    expect(chat.locator(".entry.assistant[data-status=degraded]")).to_contain_text(
        "04 65 71", timeout=REPLY_MILLISECONDS
    )
    assert screenshot(page, "degraded").stat().st_size > 0
    stack.wait_ready("rasa")
    assert Resident(stack.url, language="fr").says(QUESTION)["status"] == "answered"
