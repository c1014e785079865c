"""A live takeover from its queue to its end, with a resident and agents in browsers of their own."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.api.live import SERVICE
from tests.live.conftest import AgentPage, ResidentPage, Served, screenshot

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NewBrowser = Callable[[], Browser]
SLOW = 40_000
"""Milliseconds: the machine of the tests may be busy."""


@pytest.fixture
def nadia(served: Served, new_browser: NewBrowser) -> AgentPage:
    """An agent of SERVICE, available."""
    served.add_agent("nadia", "Nadia R.", SERVICE)
    agent = AgentPage(new_browser(), served, "nadia")
    agent.is_available()
    return agent


def test_queue_takeover_both_ways_reloads_and_end(
    served: Served, new_browser: NewBrowser, nadia: AgentPage
) -> None:
    resident = ResidentPage(new_browser(), served)
    resident.ask_for_a_person()
    expect(resident.bar).to_contain_text("Personne n'attend avant vous")
    expect(resident.bar).to_contain_text("Nous ne savons pas combien de temps")
    expect(resident.bar.get_by_role("button")).to_be_in_viewport(ratio=1)
    screenshot(resident.page, "resident-waits")
    expect(nadia.queue).to_have_count(1)
    assert "Quelqu’un attend" in nadia.page.title()
    screenshot(nadia.page, "agent-queue")
    field = resident.chat.locator("label[for=question]")
    expect(field).to_have_text("Votre question")
    nadia.take()
    expect(resident.log).to_contain_text("Nadia R., du service", timeout=SLOW)
    expect(field).to_have_text("Votre message")
    expect(resident.chat.locator("textarea")).to_have_attribute("placeholder", "")
    expect(resident.log).to_contain_text("C'est une personne, pas une intelligence artificielle")

    nadia.write("Bonjour, je suis Nadia.")
    expect(resident.chat.locator(".entry.person")).to_contain_text("Bonjour, je suis Nadia.", timeout=SLOW)
    expect(resident.chat.locator(".entry.person .who")).to_contain_text("Nadia R. (une personne)")
    resident.write("Mon numéro est le 06 39 98 12 34")
    expect(nadia.log.locator(".line.resident")).to_contain_text("06 39 98 12 34", timeout=SLOW)

    resident.page.reload()
    expect(resident.bar).to_contain_text("Vous parlez avec Nadia R.", timeout=SLOW)
    expect(resident.log.get_by_text("06 39 98 12 34")).to_have_count(1)
    expect(resident.chat.locator(".entry.person")).to_have_count(1)
    nadia.page.reload()
    expect(nadia.log.locator(".line.message")).to_have_count(2, timeout=SLOW)
    nadia.write("Je regarde votre dossier.")
    expect(resident.chat.locator(".entry.person")).to_have_count(2, timeout=SLOW)
    resident.write("Merci beaucoup")
    expect(nadia.log.locator(".line.resident")).to_have_count(2, timeout=SLOW)
    expect(resident.log.get_by_text("Merci beaucoup")).to_have_count(1)
    screenshot(resident.page, "resident-talks")
    screenshot(nadia.page, "agent-talks")

    nadia.page.locator("#end").click()
    expect(resident.log).to_contain_text("Nadia R. a terminé l'échange", timeout=SLOW)
    expect(resident.log).to_contain_text("l'assistant, une intelligence artificielle, qui vous répond")
    expect(resident.bar).to_be_hidden()
    expect(field).to_have_text("Votre question")
    resident.write("Et maintenant ?")
    expect(resident.chat.locator(".entry.assistant[data-status=answered]").last).to_contain_text(
        "Voici comment", timeout=SLOW
    )
    resident.page.reload()
    expect(resident.log.get_by_text("06 39 98 12 34")).to_have_count(0)


def test_the_agent_s_browser_dies_and_a_colleague_takes_over(
    served: Served, new_browser: NewBrowser, nadia: AgentPage
) -> None:
    served.add_agent("paul", "Paul D.", SERVICE)
    resident = ResidentPage(new_browser(), served)
    resident.ask_for_a_person()
    nadia.take()
    resident.write("Vous êtes là ?")
    expect(nadia.log.locator(".line.resident")).to_contain_text("Vous êtes là ?", timeout=SLOW)
    colleague = AgentPage(new_browser(), served, "paul")
    colleague.is_available()
    browser = nadia.page.context.browser
    assert browser is not None
    browser.close()
    expect(resident.log).to_contain_text("La connexion avec Nadia R. est coupée", timeout=90_000)
    expect(resident.bar).to_contain_text("Personne n'attend avant vous", timeout=SLOW)
    screenshot(resident.page, "resident-agent-lost")
    expect(colleague.queue).to_contain_text("la connexion de l’agent a été coupée", timeout=SLOW)
    colleague.take()
    expect(colleague.log).to_contain_text("Vous êtes là ?")
    colleague.write("Je reprends.")
    expect(resident.chat.locator(".entry.person .who").last).to_contain_text("Paul D.", timeout=SLOW)


def test_forwarding_in_arabic_and_a_restart_of_redis(
    served: Served, new_browser: NewBrowser, nadia: AgentPage
) -> None:
    served.add_agent("omar", "Omar B.", "accueil")
    other = AgentPage(new_browser(), served, "omar")
    other.is_available()
    resident = ResidentPage(new_browser(), served, locale="ar")
    resident.chat.locator("select").select_option("ar")
    resident.ask_for_a_person("أريد التحدث مع شخص")
    expect(resident.bar).to_contain_text("لا أحد ينتظر قبلكم")
    nadia.take()
    expect(resident.log).to_contain_text("ليس ذكاءً اصطناعيًا", timeout=SLOW)
    resident.write("مرحبا")
    expect(nadia.log.locator(".line.resident")).to_contain_text("مرحبا", timeout=SLOW)
    screenshot(resident.page, "resident-talks-ar")
    expect(other.queue).to_have_count(0)
    nadia.page.locator("#forward").click()
    nadia.page.locator("#service").select_option("accueil")
    screenshot(nadia.page, "agent-forwards")
    nadia.page.locator("#forwarding button").first.click()
    expect(nadia.page.locator("#talk-none")).to_contain_text("transférée", timeout=SLOW)
    expect(resident.log).to_contain_text("مصلحة أخرى", timeout=SLOW)
    expect(other.queue).to_have_count(1, timeout=SLOW)
    other.take()
    expect(other.log).to_contain_text("مرحبا")
    expect(resident.bar).to_contain_text("Omar B.", timeout=SLOW)

    served.valkey.stop()
    other.write("Sans Redis")
    expect(resident.chat.locator(".entry.person").last).to_contain_text("Sans Redis", timeout=SLOW)
    resident.write("كل شيء يعمل")
    expect(other.log.locator(".line.resident").last).to_contain_text("كل شيء يعمل", timeout=SLOW)
    expect(resident.chat.locator(".entry.person")).to_have_count(1)


def test_danger_is_shown_first_and_leaving_goes_back_to_the_assistant(
    served: Served, new_browser: NewBrowser, nadia: AgentPage
) -> None:
    calm, hurt = ResidentPage(new_browser(), served), ResidentPage(new_browser(), served)
    calm.ask_for_a_person()
    hurt.ask_for_a_person("Je veux mourir")
    expect(nadia.queue).to_have_count(2)
    expect(nadia.queue.first).to_contain_text("Danger possible")
    expect(calm.bar).to_contain_text("Personnes avant vous : 1", timeout=SLOW)
    screenshot(nadia.page, "agent-danger")
    nadia.take()
    hurt.write("je veux en finir avec la vie")
    expect(hurt.chat.locator(".card.emergency").last).to_contain_text("3114", timeout=SLOW)
    expect(nadia.log).to_contain_text("Danger possible", timeout=SLOW)
    calm.bar.get_by_role("button").click()
    expect(calm.log).to_contain_text("C'est de nouveau l'assistant", timeout=SLOW)
    expect(nadia.queue).to_have_count(0, timeout=SLOW)


def test_a_quick_exit_leaves_nothing_and_the_agent_knows(
    served: Served, new_browser: NewBrowser, nadia: AgentPage
) -> None:
    resident = ResidentPage(new_browser(), served)
    resident.page.context.route(
        "https://meteofrance.com/**",
        lambda route: route.fulfill(content_type="text/html", body="<title>Météo</title>Il fait beau"),
    )
    resident.ask_for_a_person()
    nadia.take()
    nadia.write("Je vous lis.")
    expect(resident.chat.locator(".entry.person")).to_contain_text("Je vous lis.", timeout=SLOW)
    screenshot(resident.page, "resident-before-quick-exit")
    resident.chat.locator(".quit").click()
    expect(resident.page).to_have_url("https://meteofrance.com/", timeout=SLOW)
    screenshot(resident.page, "resident-after-quick-exit")
    expect(nadia.page.locator("#talk-facts")).to_contain_text("L’usager ne répond plus", timeout=90_000)
    resident.page.goto(served.url)
    resident.chat.locator(".launcher").click()
    resident.chat.locator(".suggestions button").first.wait_for()
    expect(resident.log).not_to_contain_text("Je vous lis.")
    nadia.page.locator("#end").click()
    expect(nadia.log).to_contain_text("L’échange est terminé", timeout=SLOW)
