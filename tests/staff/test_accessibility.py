"""axe-core finds nothing on any page of the staff, in light and dark; narrow screens cut nothing."""

import pytest
from playwright.sync_api import expect

from tests.staff.inbox import axe

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_assistant(new_counter, scheme):
    counter = new_counter(color_scheme=scheme, reduced_motion="reduce")
    counter.sign_in().ask("usager sans justificatif de domicile, comment demander le rsa")
    counter.page.locator("#language").select_option("ar")
    counter.page.locator("#resident").wait_for()
    assert axe(counter.page) == []
    counter.shot(f"assistant-{scheme}")
    counter.ask("mon mari me frappe et je voudrais demander le rsa, 06 39 98 12 34")
    assert axe(counter.page) == []
    for key in ("?", "x", "e"):
        counter.extracts.first.get_by_role("button").focus()
        counter.page.keyboard.press(key)
        counter.page.locator("dialog[open]").wait_for()
        assert axe(counter.page) == [], key
        counter.page.keyboard.press("Escape")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_other_pages(new_counter, server, scheme):
    counter = new_counter(color_scheme=scheme, reduced_motion="reduce")
    counter.page.goto(f"{counter.url}/staff/sign-in")
    assert axe(counter.page) == []
    counter.shot(f"sign-in-{scheme}")
    counter.sign_in("chef")
    agent = server.records.staff.by_login("camille")
    server.records.reports.add(
        agent_id=agent.id, article_id="rsa", section=None, language="fr", reason="Faux", question="rsa ?"
    )
    for path in ("/staff/account", "/admin/agents", "/admin/reports", "/admin/nowhere"):
        counter.page.goto(counter.url + path)
        assert axe(counter.page) == [], path
        counter.shot(f"{path.rsplit('/', 1)[1]}-{scheme}")


def test_nothing_is_cut_at_400_percent(new_counter):
    counter = new_counter(viewport={"width": 320, "height": 256}).sign_in("chef")
    counter.ask("comment demander le rsa")
    for path in ("", "/account"):
        if path:
            counter.page.goto(f"{counter.url}/staff{path}")
        assert counter.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_first_key_leads_to_the_content(counter):
    counter.sign_in()
    counter.page.goto(f"{counter.url}/staff/account")
    counter.page.keyboard.press("Tab")
    expect(counter.page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    counter.page.keyboard.press("Enter")
    expect(counter.page.locator("main")).to_be_focused()
