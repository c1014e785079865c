"""The demonstration page: plainly a demonstration, complete in itself, true to the directory."""

import re
from urllib.parse import urlsplit

import pytest
import yaml
from playwright.sync_api import expect

from tests.widget.conftest import PHONE
from tests.widget.scripted_gateway import ROOT

FOLDER = ROOT / "api/pages/demo"
HTML = (FOLDER / "index.html").read_text(encoding="utf-8")


def test_it_says_that_it_is_a_demonstration():
    assert "Site de démonstration." in HTML
    assert "n’existe pas" in HTML
    assert "(démonstration)" in HTML


def test_its_contact_is_that_of_the_directory():
    directory = ROOT / "knowledge/content/directory"
    desk = yaml.safe_load((directory / "services/accueil.yml").read_text(encoding="utf-8"))
    site = yaml.safe_load((directory / f"sites/{desk['site']}.yml").read_text(encoding="utf-8"))
    text = HTML.replace("\u00a0", " ")
    # Once on the page, once in the element, for when the widget cannot reach the gateway.
    assert text.count(f">{desk['phone']}</a>") == 2
    assert text.count(f'href="tel:+33{desk["phone"].replace(" ", "")[1:]}"') == 2
    assert text.count(f">{desk['email']}</a>") == 2
    assert text.count(site["address"]) == 2
    weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    assert desk["hours"]["weekly"] == {day: ["08:30-17:00"] for day in weekdays}
    assert text.lower().count("du lundi au vendredi, de 8 h 30 à 17 h") == 2


def test_it_has_no_inline_style_or_script():
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", HTML)


@pytest.mark.browser
def test_it_asks_nothing_of_any_other_machine_and_breaks_no_policy(chat, gateway):
    asked, errors = [], []
    chat.page.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
    chat.page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
    gateway.page(HTML, path="/", policy=policy)
    chat.open()
    assert set(asked) == {urlsplit(gateway.url).netloc}
    assert errors == []


@pytest.mark.browser
def test_its_own_button_opens_the_assistant(chat):
    chat.visit()
    chat.page.get_by_role("button", name="Poser une question à l’assistant").click()
    expect(chat.page.locator("guichet-chat .disclosure")).to_be_visible()


@pytest.mark.browser
def test_it_fits_a_phone(new_chat):
    chat = new_chat(viewport=PHONE).visit()
    assert chat.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
