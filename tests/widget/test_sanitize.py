"""What the gateway says is not trusted, and the widget asks nothing of the page's security policy."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

STRICT = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Page</title>
<script type="module" src="{gateway}/widget.js"></script>
<guichet-chat>Appelez le 04 65 71 13 13.</guichet-chat></html>"""


def test_nothing_of_a_hostile_reply_runs_or_lays_out_the_page(chat):
    chat.open()
    reply = chat.ask("hostile")
    expect(reply).to_contain_text("Bonjour")
    rich = reply.locator(".rich")
    assert rich.locator("script, img, svg:not(.icon), iframe, form, input, [style], [onclick]").count() == 0
    assert rich.locator("a").get_attribute("href") is None
    assert chat.page.evaluate("window.hacked") is None


def test_links_that_leave_the_site_are_marked(chat):
    chat.open()
    reply = chat.ask("apa")
    outside = reply.get_by_role("link", name="la fiche officielle (nouvelle fenêtre)")
    expect(outside).to_have_attribute("rel", "noopener noreferrer")
    expect(outside).to_have_attribute("target", "_blank")
    expect(reply.get_by_role("link", name="appelez-nous", exact=True)).to_have_attribute(
        "href", "tel:+33465711200"
    )


def test_without_the_purifier_replies_are_plain_text(chat, gateway):
    gateway.trouble["/vendor/purify.js"] = 404
    chat.open()
    reply = chat.ask("hostile")
    expect(reply.locator("p.plain")).to_have_text("Bonjour")
    expect(reply.locator(".rich")).to_have_count(0)


def test_it_works_on_another_site_under_a_strict_policy(new_chat, gateway):
    chat = new_chat()
    # Another name for the same machine: for the browser, another origin.
    elsewhere = gateway.url.replace("127.0.0.1", "localhost")
    policy = f"default-src 'none'; script-src {gateway.url}; connect-src {gateway.url}; style-src 'self'"
    path = gateway.page(
        STRICT.format(gateway=gateway.url), policy=f"{policy}; require-trusted-types-for 'script'"
    )
    violations = []
    chat.page.on(
        "console", lambda message: violations.append(message.text) if message.type == "error" else None
    )
    chat.page.goto(elsewhere + path)
    chat.launcher.click()
    chat.page.locator("guichet-chat .suggestions button").first.wait_for()
    reply = chat.ask("apa")
    expect(reply.locator(".rich h3")).to_have_text("Comment faire")
    assert chat.launcher.evaluate("node => getComputedStyle(node).position") == "fixed"
    assert [text for text in violations if "favicon" not in text] == []
    assert all(call.path.startswith("/api/v1/conversations") for call in gateway.calls)
