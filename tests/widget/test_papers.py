"""The papers to bring, in a browser: the gateway's real page, and the link of a reply that opens it."""

import re

import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import expect
from pydantic import SecretStr
from starlette.testclient import TestClient

from api.app import build_app
from api.security import CONTENT_SECURITY_POLICY
from api.settings import ApiSettings
from knowledge.settings import KnowledgeSettings
from records.settings import RecordsSettings
from tests.requirements import need
from tests.widget.axe import AXE, RULES
from tests.widget.conftest import PHONE
from tests.widget.scripted_replies import REPLIES, say, turn

pytestmark = pytest.mark.browser
LINK = "Liste à cocher, à imprimer ou à s'envoyer"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """What the real gateway answers, in French and in Arabic."""
    data = tmp_path_factory.mktemp("data")
    app = build_app(
        ApiSettings(
            secret_key=SecretStr("a-secret-of-tests-0123456789-abcdef"), redis_url="redis://127.0.0.1:9/0"
        ),
        KnowledgeSettings(data_dir=data, languages=("fr", "ar")),
        RecordsSettings(
            data_dir=data,
            encryption_key=SecretStr(Fernet.generate_key().decode()),
            ledger_key=SecretStr("a-ledger-key-of-tests-0123456789-abcdef"),
        ),
    )
    client = TestClient(app)
    return {code: client.get("/papers/apa", params={"language": code}).text for code in ("fr", "ar")}


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_fits_a_phone(new_chat, gateway, pages, language, scheme):
    page = new_chat(viewport=PHONE, color_scheme=scheme).page
    faults = []
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.goto(gateway.url + gateway.page(pages[language], path="/papers/apa", policy=CONTENT_SECURITY_POLICY))
    expect(page.locator("#print")).to_be_visible()
    box = page.get_by_role("checkbox").first
    page.locator(".papers label").first.click()
    expect(box).to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert page.evaluate("getComputedStyle(document.documentElement).direction") == (
        "rtl" if language == "ar" else "ltr"
    )
    assert faults == []
    need("widget-tools")
    # The page's own policy refuses scripts that are not its own, so the rules are checked without it.
    page.goto(gateway.url + gateway.page(pages[language], path="/papers/apa"))
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found["violations"]] == []


def test_on_paper_the_buttons_are_gone_and_the_boxes_stay(new_chat, gateway, pages):
    page = new_chat(java_script_enabled=False).page
    page.goto(gateway.url + gateway.page(pages["fr"], path="/papers/apa"))
    expect(page.locator("#print")).to_be_hidden()
    expect(page.get_by_role("link", name=re.compile("courriel"))).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".actions")).to_be_hidden()
    expect(page.get_by_role("checkbox").first).to_be_visible()


def test_the_link_of_a_reply_opens_the_page_of_the_gateway(new_chat, gateway, pages, monkeypatch):
    path = "/papers/apa?language=fr"
    said = say("Une pièce d'identité.", html=f'<p><a href="{path}">{LINK}</a></p>')
    monkeypatch.setitem(REPLIES, "papiers", turn("answer", "apa", said))
    gateway.page(pages["fr"], path="/papers/apa", policy=CONTENT_SECURITY_POLICY)
    gateway.page(
        '<!doctype html><html lang="fr"><title>Page</title>'
        f'<script type="module" src="{gateway.url}/widget.js"></script>'
        "<guichet-chat>Appelez-nous.</guichet-chat></html>",
        path="/site/page",
    )
    chat = new_chat()
    # Another name for the same machine: the site that shows the widget has no such page.
    chat.page.goto(gateway.url.replace("127.0.0.1", "localhost") + "/site/page")
    chat.launcher.click()
    chat.page.locator("guichet-chat .suggestions button").first.wait_for()
    link = chat.ask("papiers").get_by_role("link", name=LINK)
    expect(link).to_have_attribute("href", gateway.url + path)
    expect(link).to_have_attribute("target", "_blank")
    with chat.page.context.expect_page() as opened:
        link.click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("Les papiers à préparer")
