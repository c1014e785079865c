"""The widget on somebody else's page: another origin, a strict policy, a frame, twice, in an application."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.widget.conftest import Chat
from tests.widget.scripted_gateway import ScriptedGateway
from tests.widget.states import PERSON

pytestmark = pytest.mark.browser

WIDGET = """<script type="module" src="{gateway}/widget.js"></script>
<guichet-chat language="fr"><p>Accueil : <a href="tel:+33465711313">04 65 71 13 13</a>,
du lundi au vendredi, de 8 h 30 à 17 h, 1 place des Quatre-Vents, 13004 Marseille.</p></guichet-chat>"""
PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Une mairie</title></head>
<body><h1>Une mairie</h1><p id="text">Bienvenue.</p>{body}</body></html>"""
# What the documentation asks of a site, and nothing else.
STRICT = (
    "default-src 'none'; script-src {gateway}; connect-src {gateway}; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types dompurify"
)
# As the site itself would report them; in each frame.
REPORTED = """window.reported = [];
document.addEventListener("securitypolicyviolation",
    (event) => reported.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));"""


@dataclass
class Site:
    """A site that is not the gateway: its own origin, and what the browser has asked and complained about."""

    server: ScriptedGateway
    gateway: ScriptedGateway
    chat: Chat
    asked: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        page = self.page
        page.on("request", lambda request: self.asked.add(urlsplit(request.url).netloc))
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.add_init_script(REPORTED)

    def _note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and "404" not in text:  # The browser asks for an icon.
            self.complaints.append(text)

    @property
    def page(self) -> Page:
        return self.chat.page

    def publish(self, body: str, *, policy: str | None = None, path: str = "/page") -> str:
        """Puts a page on the site; returns its address."""
        html = PAGE.format(body=body.replace("{gateway}", self.gateway.url))
        policy = policy and policy.replace("{gateway}", self.gateway.url)
        return self.server.url + self.server.page(html, path=path, policy=policy)

    def visit(self, body: str, *, policy: str | None = None) -> None:
        """Publishes a page and goes there."""
        self.page.goto(self.publish(body, policy=policy))
        self.chat.launcher.first.wait_for()

    def begin(self) -> None:
        """Opens the widget and waits for its greeting."""
        self.chat.launcher.click()
        self.page.locator("guichet-chat .suggestions button").first.wait_for()


@pytest.fixture
def site(new_chat: Callable[..., Chat], gateway: ScriptedGateway) -> Iterator[Site]:
    server = ScriptedGateway()
    yield Site(server, gateway, new_chat())
    server.close()


def test_under_a_strict_policy_of_another_origin_everything_works(site):
    site.visit(WIDGET, policy=STRICT)
    assert site.gateway.calls == []
    site.begin()
    reply = site.chat.ask("apa")
    expect(reply.get_by_role("heading", name="Comment faire")).to_be_visible()
    reply.locator("summary").click()
    site.chat.options.click()
    site.page.get_by_role("button", name="Agrandir le texte").click()
    site.chat.ask(PERSON).get_by_role("button", name="Être rappelé").click()
    form = site.page.get_by_role("form", name="Être rappelé")
    form.get_by_label("Votre nom").fill("Camille")
    form.get_by_label("Numéro de téléphone").fill("06 39 98 12 34")
    form.get_by_role("checkbox").check()
    form.get_by_role("button", name="Demander à être rappelé").click()
    expect(site.page.locator("guichet-chat .receipt")).to_contain_text("GA-2026-0042")
    site.page.get_by_role("combobox", name="Langue").select_option("ar")
    expect(site.chat.panel).to_have_attribute("dir", "rtl")
    assert site.page.evaluate("reported") == []
    assert site.complaints == []
    hosts = {urlsplit(site.server.url).netloc, urlsplit(site.gateway.url).netloc}
    assert site.asked == hosts
    assert site.page.context.cookies() == []
    assert [path for path in site.server.files if "widget" in path] == []


def test_a_policy_without_a_place_for_the_purifier_still_shows_the_words(site):
    site.visit(WIDGET, policy=STRICT.replace("trusted-types dompurify", "trusted-types 'none'"))
    site.begin()
    reply = site.chat.ask("apa")
    expect(reply).to_contain_text("APA")
    expect(reply.locator(".service")).to_be_visible()


def test_in_a_frame_of_another_site(site):
    inner = site.publish(WIDGET, path="/inner").replace("127.0.0.1", "localhost")
    frame = f'<iframe src="{inner}" width="700" height="600"></iframe>'
    site.page.goto(site.publish(frame, policy="default-src 'none'; frame-src http://localhost:*"))
    inner = site.page.frame_locator("iframe")
    inner.locator("guichet-chat .launcher").click()
    inner.locator("guichet-chat .suggestions button").first.wait_for()
    inner.locator("guichet-chat textarea").fill("apa")
    inner.locator("guichet-chat textarea").press("Enter")
    expect(inner.locator("guichet-chat .entry.assistant[data-status]")).to_be_visible()
    expect(inner.locator("guichet-chat .quit")).to_be_in_viewport(ratio=1)
    assert site.complaints == []


def test_two_widgets_on_a_page_share_one_conversation_and_no_identifier(site):
    other = '<guichet-chat language="fr" position="start"><p>Appelez-nous.</p></guichet-chat>'
    site.visit(WIDGET + other)
    first, second = site.page.locator("guichet-chat").nth(0), site.page.locator("guichet-chat").nth(1)
    first.locator(".launcher").click()
    first.locator(".suggestions button").first.wait_for()
    first.locator("textarea").fill("apa")
    first.locator("textarea").press("Enter")
    first.locator(".entry.assistant[data-status]").wait_for()
    second.locator(".launcher").click()
    expect(second.locator(".entry.assistant[data-status]")).to_have_count(1)
    assert site.gateway.created == 1
    second.locator("textarea").fill("danger")
    second.locator("textarea").press("Enter")
    expect(second.locator(".entry.assistant[data-status]")).to_have_count(2)
    site.page.reload()
    # One of them goes on after a reload, not both over each other.
    expect(site.chat.replies).to_have_count(2)
    expect(site.page.locator("guichet-chat dialog[open]")).to_have_count(1)
    site.page.locator("guichet-chat .launcher:visible").click()
    expect(site.chat.replies).to_have_count(4)
    # Each closes alone.
    second.locator("textarea").press("Escape")
    expect(second.locator("dialog")).to_be_hidden()
    expect(first.locator("dialog")).to_be_visible()
    assert site.page.evaluate("document.querySelectorAll('[id]').length") == 1  # The page's own.


def test_an_application_that_removes_and_adds_the_element(site):
    site.visit(WIDGET)
    site.begin()
    site.chat.ask("apa")
    site.page.evaluate("window.kept = document.querySelector('guichet-chat'); kept.remove()")
    expect(site.chat.panel).to_have_count(0)
    # Escape is the page's again, not a way out of it.
    for _ in range(4):
        site.page.keyboard.press("Escape")
    assert site.page.url.endswith("/page")
    site.page.evaluate("document.body.append(kept)")
    expect(site.chat.replies).to_have_count(1)
    site.chat.ask("danger")
    # Another element, as after a change of route: the tab's conversation goes on.
    site.page.evaluate("""() => {
        kept.remove();
        const made = document.createElement("guichet-chat");
        made.setAttribute("language", "fr");
        document.body.append(made);
    }""")
    expect(site.chat.replies).to_have_count(2)
    site.chat.ask("apa")
    assert site.gateway.created == 1
    assert site.complaints == []


def test_an_element_taken_away_before_it_was_ready(site):
    site.page.goto(site.publish(WIDGET))
    site.page.evaluate("""() => {
        const gone = document.createElement("guichet-chat");
        document.body.append(gone);
        gone.remove();
        document.body.append(gone);
    }""")
    expect(site.chat.launcher).to_have_count(2)
    assert site.complaints == []


def test_the_page_is_laid_out_as_without_the_widget(site):
    measure = """() => ({
        boxes: [...document.querySelectorAll("body, h1, #text")]
            .map((node) => JSON.stringify(node.getBoundingClientRect())),
        size: [document.documentElement.scrollWidth, document.documentElement.scrollHeight],
        globals: Object.keys(window).filter((name) => name !== "reported" && name !== "kept").length,
        styles: document.styleSheets.length + document.adoptedStyleSheets.length,
    })"""
    site.page.goto(site.publish(""))
    before = site.page.evaluate(measure)
    site.visit(WIDGET)
    assert site.page.evaluate(measure) == before
    site.begin()
    site.chat.ask("apa")
    assert site.page.evaluate(measure) == before


def test_nothing_is_asked_or_kept_before_it_is_opened(site):
    site.visit(WIDGET, policy=STRICT)
    site.page.wait_for_load_state("networkidle")
    assert site.gateway.calls == []
    assert site.chat.kept() is None
    assert site.page.evaluate("localStorage.length") == 0
    assert site.page.evaluate("indexedDB.databases().then((all) => all.length)") == 0
    assert site.page.context.cookies() == []
    assert site.asked == {urlsplit(site.server.url).netloc, urlsplit(site.gateway.url).netloc}


def test_without_scripts_the_site_shows_phone_hours_and_address(new_chat, gateway):
    chat = new_chat(java_script_enabled=False)
    gateway.page(PAGE.format(body=WIDGET.replace("{gateway}", gateway.url)), path="/plain", policy=STRICT)
    chat.page.goto(gateway.url + "/plain")
    expect(chat.page.get_by_role("link", name="04 65 71 13 13")).to_be_visible()
    for said in ("de 8 h 30 à 17 h", "13004 Marseille"):
        expect(chat.page.get_by_text(said)).to_be_visible()
