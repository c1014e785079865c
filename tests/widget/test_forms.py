"""The callback form: opened from the service card, checked, sent with consent, never lost in silence."""

import re

import pytest
import yaml
from playwright.sync_api import expect

from tests.widget.scripted_gateway import ROOT

pytestmark = pytest.mark.browser


@pytest.fixture
def form(chat):
    chat.open()
    reply = chat.ask("Je voudrais parler à une personne.")
    reply.locator(".service").get_by_role("button", name="Être rappelé").click()
    return chat.page.get_by_role("form", name="Être rappelé")


def fill(form, value="06 39 98 12 34", *, channel="Par téléphone", label="Numéro de téléphone"):
    form.get_by_label("Votre nom").fill("Camille")
    form.get_by_label(channel).check()
    form.get_by_label(label).fill(value)
    form.get_by_role("checkbox").check()


def test_the_request_is_sent_and_its_reference_shown(chat, gateway, form):
    expect(form.get_by_label("Votre nom")).to_be_focused()
    fill(form)
    form.get_by_role("button", name="Demander à être rappelé").click()
    receipt = chat.page.locator("guichet-chat .receipt")
    expect(receipt).to_contain_text("GA-2026-0042")
    expect(receipt).to_be_focused()
    body = gateway.api("/handoffs")[0].body
    assert len(body.pop("client_message_id")) == 36
    assert body == {
        "kind": "callback",
        "topic": "apa",
        "contact": {"name": "Camille", "channel": "phone", "value": "06 39 98 12 34"},
        "consent": True,
    }
    assert "06 39 98" not in chat.kept()


def test_an_e_mail_address_can_be_left_instead(gateway, chat, form):
    fill(form, "camille@exemple.example", channel="Par courrier électronique", label="Adresse électronique")
    expect(form.get_by_label("Numéro de téléphone")).to_be_hidden()
    form.get_by_role("button", name="Demander à être rappelé").click()
    chat.page.locator("guichet-chat .receipt").wait_for()
    assert gateway.api("/handoffs")[0].body["contact"]["channel"] == "email"


def test_each_mistake_is_named_and_the_first_one_takes_the_focus(form, gateway):
    form.get_by_role("button", name="Demander à être rappelé").click()
    name = form.get_by_label("Votre nom")
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description("Écrivez votre nom.")
    expect(form.get_by_text("Sans votre accord")).to_be_visible()
    assert gateway.api("/handoffs") == []
    fill(form)
    form.get_by_role("checkbox").uncheck()
    form.get_by_role("button", name="Demander à être rappelé").click()
    expect(form.get_by_role("checkbox")).to_be_focused()
    expect(name).not_to_have_attribute("aria-invalid", "true")
    assert gateway.api("/handoffs") == []


def test_a_number_refused_by_the_gateway_is_to_be_corrected(form, gateway):
    gateway.trouble["/handoffs"] = 422
    fill(form, "00 00 00 00 00")
    form.get_by_role("button", name="Demander à être rappelé").click()
    expect(form.get_by_label("Numéro de téléphone")).to_be_focused()
    expect(form.get_by_label("Numéro de téléphone")).to_have_attribute("aria-invalid", "true")


def test_a_request_that_failed_keeps_what_was_typed_and_is_sent_once(chat, gateway, form):
    gateway.trouble["/handoffs"] = 503
    fill(form)
    form.get_by_role("button", name="Demander à être rappelé").click()
    expect(form.get_by_role("status")).to_contain_text("n’a pas pu être envoyée")
    expect(form.get_by_label("Votre nom")).to_have_value("Camille")
    gateway.trouble.clear()
    form.get_by_role("button", name="Demander à être rappelé").click()
    chat.page.locator("guichet-chat .receipt").wait_for()
    first, second = gateway.api("/handoffs")
    assert first.body == second.body


def test_a_form_that_cannot_be_loaded_says_so(chat, gateway):
    chat.open()
    reply = chat.ask("Je voudrais parler à une personne.")
    gateway.trouble["/widget/forms.js"] = 0
    reply.get_by_role("button", name="Être rappelé").click()
    expect(reply.get_by_role("alert")).to_contain_text("n’a pas pu être envoyée")
    expect(reply.get_by_role("link", name="04 65 71 12 00")).to_be_visible()


def test_cancelling_gives_the_focus_back(chat, form):
    form.get_by_role("button", name="Annuler").click()
    expect(chat.page.get_by_role("button", name="Être rappelé")).to_be_focused()


def test_the_form_is_not_read_aloud_as_a_message(form):
    assert form.evaluate("node => node.closest('[aria-live]').getAttribute('aria-live')") == "off"


def test_a_reply_with_a_form_and_no_service_offers_the_callback_too(chat):
    chat.open()
    reply = chat.ask("ne sait pas")
    expect(reply.get_by_role("button", name="Être rappelé")).to_be_visible()


@pytest.mark.parametrize(
    ("choice", "query"),
    [("Effacer, mais me rappeler quand même", "keep"), ("Effacer et annuler le rappel", "cancel")],
)
def test_erasing_after_a_callback_lets_the_resident_choose(chat, gateway, form, choice, query):
    fill(form)
    form.get_by_role("button", name="Demander à être rappelé").click()
    chat.page.locator("guichet-chat .receipt").wait_for()
    chat.page.get_by_role("button", name="Effacer la conversation").click()
    chat.page.get_by_role("button", name=choice).click()
    expect(chat.page.get_by_text("Votre conversation est effacée.")).to_be_visible()
    assert len(gateway.api(f"/c1?callback={query}", "DELETE")) == 1


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_consent_shown_is_the_one_that_is_recorded(language):
    catalogue = yaml.safe_load((ROOT / f"knowledge/content/texts/{language}.yml").read_text(encoding="utf-8"))
    texts = (ROOT / f"widget/texts/{language}.js").read_text(encoding="utf-8")
    shown = re.search(r'  consent: "(.+)",', texts).group(1)
    assert shown.replace("’", "'") == catalogue["handoff"]["consent"]
