"""The callback form: opened from the service card, checked, sent with consent, never lost in silence."""

import re

import pytest
import yaml
from playwright.sync_api import expect

from tests.widget.scripted_gateway import ROOT
from tests.widget.scripted_replies import SERVICE

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
        "language": "fr",
        "service_id": SERVICE["id"],
        "subject": "Allocation personnalisée d’autonomie (APA)",
        "contact": {"name": "Camille", "channel": "phone", "value": "06 39 98 12 34"},
        "consent": True,
        "consent_id": "a-consent",
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


@pytest.mark.parametrize("language", ["fr", "en", "es", "pt", "it", "de", "ar", "tr", "ro", "uk"])
def test_the_consent_shown_is_the_one_that_is_recorded(language):
    catalogue = yaml.safe_load((ROOT / f"knowledge/content/texts/{language}.yml").read_text(encoding="utf-8"))
    texts = (ROOT / f"widget/texts/{language}.js").read_text(encoding="utf-8")
    shown = re.search(r'  consent: "(.+)",', texts).group(1)
    assert shown.replace("’", "'") == catalogue["handoff"]["consent"]


def send(form):
    form.get_by_role("button", name="Demander à être rappelé").click()


def test_a_half_day_of_the_service_can_be_chosen(chat, gateway, form):
    fill(form)
    form.get_by_label("Quand ?").select_option("lundi 23 novembre, de 8 h 30 à 12 h")
    send(form)
    chat.page.locator("guichet-chat .receipt").wait_for()
    assert gateway.api("/handoffs")[0].body["contact"]["slot"] == "2026-11-23T08:30:00+01:00"


def test_a_visit_asks_for_no_number_and_needs_a_half_day(chat, gateway, form):
    form.get_by_label("Votre nom").fill("Camille")
    form.get_by_label("En venant sur place").check()
    form.get_by_role("checkbox").check()
    expect(form.get_by_label("Numéro de téléphone")).to_be_hidden()
    send(form)
    when = form.get_by_label("Quand ?")
    expect(when).to_be_focused()
    expect(when).to_have_accessible_description("Choisissez un moment.")
    when.select_option(index=1)
    send(form)
    chat.page.locator("guichet-chat .receipt").wait_for()
    assert gateway.api("/handoffs")[0].body["contact"]["channel"] == "visit"


def test_a_half_day_that_is_gone_is_said_beside_its_field(form, gateway):
    gateway.trouble["/handoffs"] = 422
    gateway.problem["errors"] = [{"field": "body.contact.slot", "reason": "contact.slot"}]
    fill(form)
    send(form)
    expect(form.get_by_label("Quand ?")).to_be_focused()
    expect(form.get_by_label("Numéro de téléphone", exact=True)).not_to_have_attribute("aria-invalid", "true")


def test_without_options_the_form_asks_for_a_call_as_soon_as_possible(chat, gateway):
    gateway.trouble["/handoffs/options"] = 503
    chat.open()
    chat.ask("Je voudrais parler à une personne.").get_by_role("button", name="Être rappelé").click()
    form = chat.page.get_by_role("form", name="Être rappelé")
    expect(form.get_by_label("Quand ?")).to_be_hidden()
    fill(form)
    send(form)
    chat.page.locator("guichet-chat .receipt").wait_for()
    assert "consent_id" not in gateway.api("/handoffs")[0].body


def test_a_child_is_told_whom_to_call_instead(chat, gateway):
    gateway.trouble["/handoffs/options"] = 403
    gateway.problem |= {"type": "/problems/child-no-callback", "detail": "Appelle le 119."}
    chat.open()
    reply = chat.ask("Je voudrais parler à une personne.")
    reply.get_by_role("button", name="Être rappelé").click()
    expect(reply.get_by_role("alert")).to_have_text("Appelle le 119.")


def test_the_request_is_followed_then_cancelled(chat, gateway, form):
    fill(form)
    send(form)
    receipt = chat.page.locator("guichet-chat .receipt")
    expect(receipt).to_contain_text("ZX2C-8RTW")
    follow = receipt.get_by_role("button", name="Où en est ma demande ?")
    follow.click()
    expect(receipt.get_by_role("status")).to_contain_text("pas encore traitée")
    receipt.get_by_role("button", name="Annuler ma demande").click()
    expect(receipt.get_by_role("status")).to_contain_text("annulée")
    expect(follow).to_be_focused()
    expect(receipt.get_by_role("button", name="Annuler ma demande")).to_be_hidden()
    (call,) = gateway.api("/callbacks/cancel")
    assert call.body == {"reference": "GA-2026-0042", "code": "ZX2C-8RTW", "language": "fr"}
    assert "ZX2C" not in receipt.get_by_role("link").get_attribute("href")


def test_the_request_can_be_followed_after_a_reload(chat, gateway, form):
    fill(form)
    send(form)
    chat.page.locator("guichet-chat .receipt").wait_for()
    chat.page.reload()
    chat.page.get_by_role("button", name="Où en est ma demande ?").first.click()
    expect(chat.page.locator("guichet-chat .follow [role=status]").first).to_contain_text(
        "pas encore traitée"
    )


def test_the_form_in_arabic(chat):
    chat.open()
    reply = chat.ask("أريد التحدث مع شخص")
    reply.locator(".callback button").first.click()
    form = chat.page.locator("guichet-chat form.form")
    form.locator("button.filled").click()
    name = form.locator("input").first
    expect(name).to_be_focused()
    expect(name).to_have_accessible_description("اكتبوا اسمكم.")
    expect(form.get_by_label("متى؟")).to_be_visible()
    assert form.evaluate("node => getComputedStyle(node).direction") == "rtl"
    name.fill("سمير")
    form.get_by_label("رقم الهاتف", exact=True).fill("06 39 98 12 34")
    form.get_by_role("checkbox").check()
    form.locator("button.filled").click()
    receipt = chat.page.locator("guichet-chat .receipt")
    receipt.get_by_role("button", name="ما وضع طلبي؟").click()
    receipt.get_by_role("button", name="إلغاء طلبي").click()
    expect(receipt.get_by_role("status")).to_contain_text("annulée")
