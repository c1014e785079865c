"""The counter assistant in a real browser: ask, read, show in Arabic, copy, report, all with the keyboard."""

import pytest
from playwright.sync_api import expect

from records.chain import LedgerKind
from records.tables import LedgerRow, TurnRow
from tests.staff.conftest import PASSWORD

pytestmark = pytest.mark.browser
ARABIC = "كيف أطلب دخل التضامن النشط RSA؟"


def test_who_is_not_signed_in_is_led_to_sign_in_and_back(counter):
    counter.page.goto(f"{counter.url}/staff/account")
    counter.page.get_by_label("Identifiant").fill("camille")
    counter.page.get_by_label("Mot de passe").fill("pas le bon mot")
    counter.page.keyboard.press("Enter")
    expect(counter.page.get_by_role("alert")).to_contain_text("refusé")
    counter.page.get_by_label("Mot de passe").fill(PASSWORD)
    counter.page.keyboard.press("Enter")
    counter.page.wait_for_url("**/staff/account")
    counter.page.get_by_role("button", name="Se déconnecter").click()
    counter.page.goto(f"{counter.url}/staff")
    expect(counter.page).to_have_url(f"{counter.url}/staff/sign-in?next=/staff")


def test_an_agent_asks_reads_the_source_and_copies(counter):
    counter.sign_in().ask("comment demander le rsa")
    first = counter.extracts.first
    expect(first.get_by_role("button")).to_be_focused()
    expect(first).to_contain_text("pas encore relu")
    assert first.get_by_role("link").first.get_attribute("href").startswith("https://")
    expect(counter.page.locator("#found")).to_contain_text("Le premier répond")
    counter.page.keyboard.press("c")
    expect(counter.page.locator("#done")).to_contain_text("Copié")
    copied = counter.page.evaluate("navigator.clipboard.readText()")
    assert counter.page.locator("#french .side-title").inner_text() in copied
    assert "Direction" in copied


def test_it_searches_while_one_types(counter):
    counter.sign_in()
    counter.question.press_sequentially("aide pour une personne âgée", delay=15)
    expect(counter.extracts.first).to_be_visible()
    expect(counter.question).to_be_focused()
    counter.question.fill("")
    expect(counter.page.locator("#work")).to_be_hidden()


def test_what_is_typed_before_the_page_is_ready_is_searched_too(counter):
    counter.sign_in()
    counter.page.route("**/assistant.js", lambda route: (counter.question.fill("rsa"), route.continue_()))
    counter.page.reload(wait_until="commit")
    expect(counter.extracts.first).to_be_visible(timeout=15_000)


def test_the_arrows_choose_and_staff_articles_are_marked(counter):
    counter.sign_in().ask("usager sans justificatif de domicile pour rsa que faire")
    marked = counter.page.locator("#extracts > li.staff-only").first
    expect(marked).to_contain_text("Réservé aux agents")
    for _ in range(counter.extracts.count()):
        if marked.evaluate("node => node.classList.contains('chosen')"):
            break
        counter.page.keyboard.press("ArrowDown")
    expect(marked.get_by_role("button")).to_be_focused()
    expect(counter.page.locator("#staff-only")).to_be_visible()
    expect(counter.page.locator("#resident")).to_be_hidden()
    expect(counter.page.get_by_role("button", name="Plein écran")).to_be_disabled()
    counter.page.keyboard.press("e")
    expect(counter.page.locator("#screen")).to_be_hidden()
    counter.shot("staff-only")


def test_the_same_answer_stands_side_by_side_in_arabic(counter):
    counter.sign_in().ask(ARABIC)
    resident = counter.page.locator("#resident")
    expect(resident).to_be_visible()
    assert (resident.get_attribute("lang"), resident.get_attribute("dir")) == ("ar", "rtl")
    expect(counter.page.locator("#language")).to_have_value("ar")
    boxes = [counter.page.locator(each).bounding_box() for each in ("#french", "#resident")]
    assert abs(boxes[0]["y"] - boxes[1]["y"]) < 2
    assert boxes[1]["x"] >= boxes[0]["x"] + boxes[0]["width"]
    counter.shot("arabic")
    counter.page.keyboard.press("c")
    expect(counter.page.locator("#done")).to_contain_text("العربية")
    assert resident.locator(".side-title").inner_text() in counter.page.evaluate(
        "navigator.clipboard.readText()"
    )
    counter.page.keyboard.press("e")
    expect(counter.page.locator("#screen-body")).to_have_attribute("dir", "rtl")
    expect(counter.page.locator("#screen-body .side-title")).to_be_in_viewport(ratio=1)
    # However long the answer, the way back stays on the screen.
    shut = counter.page.locator("#screen").get_by_role("button", name="Fermer")
    expect(shut).to_be_in_viewport(ratio=1)
    counter.shot("full-screen")
    counter.page.keyboard.press("End")
    expect(counter.page.locator("#screen-body .source")).to_be_in_viewport()
    expect(shut).to_be_in_viewport(ratio=1)
    counter.shot("full-screen-end")
    counter.page.keyboard.press("Escape")
    counter.page.emulate_media(media="print")
    expect(resident).to_be_visible()
    for hidden in ("#french", "#extracts", "#ask", ".top", "#notice"):
        expect(counter.page.locator(hidden)).to_be_hidden()
    assert resident.bounding_box()["width"] > 900
    counter.shot("print")


def test_the_agent_chooses_another_language(counter):
    counter.sign_in().ask("comment demander le rsa")
    expect(counter.page.locator("#resident")).to_be_hidden()
    counter.page.keyboard.press("l")
    counter.page.locator("#language").select_option("ar")
    expect(counter.page.locator("#resident")).to_have_attribute("dir", "rtl")
    counter.ask("apa")
    expect(counter.page.locator("#language")).to_have_value("ar")


def test_a_wrong_answer_is_reported_in_one_key_and_reaches_the_administrator(counter, new_counter):
    counter.sign_in().ask("comment demander le rsa")
    counter.page.keyboard.press("x")
    reason = counter.page.get_by_label("Qu’est-ce qui est faux")
    expect(reason).to_be_focused()
    reason.fill("L’adresse n’est plus la bonne")
    counter.shot("report")
    counter.page.get_by_role("button", name="Envoyer").click()
    expect(counter.page.locator("#done")).to_contain_text("Merci")
    other = new_counter().sign_in("chef")
    other.page.get_by_role("link", name="Signalements").click()
    row = other.page.get_by_role("row").filter(has_text="L’adresse n’est plus la bonne")
    expect(row).to_contain_text("Camille, accueil")
    other.shot("reports")
    row.get_by_role("button", name="Corrigé").click()
    expect(row).to_contain_text("corrigé")


def test_every_key_is_in_the_list_and_letters_can_be_switched_off(counter):
    counter.sign_in().ask("comment demander le rsa")
    counter.page.keyboard.press("?")
    expect(counter.page.locator("#keys")).to_be_visible()
    counter.shot("keys")
    listed = counter.page.locator("#keys dt kbd").all_inner_texts()
    assert {"c", "f", "l", "e", "i", "x", "?", "/"} <= set(listed)
    counter.page.get_by_label("Touches d’une seule lettre").uncheck()
    counter.page.keyboard.press("Escape")
    counter.page.keyboard.press("x")
    expect(counter.page.locator("#report")).to_be_hidden()
    counter.page.get_by_role("button", name="Touches").click()
    counter.page.get_by_label("Touches d’une seule lettre").check()
    counter.page.keyboard.press("Escape")
    counter.page.keyboard.press("/")
    expect(counter.question).to_be_focused()
    counter.page.keyboard.press("x")  # in a field, a letter is a letter
    expect(counter.page.locator("#report")).to_be_hidden()


def test_danger_comes_first(counter):
    counter.sign_in().ask("mon mari me frappe et je voudrais demander le rsa")
    danger = counter.page.locator("#emergency")
    expect(danger).to_contain_text("3919")
    expect(danger.locator(".emergency-sides > div")).to_have_count(1)
    counter.page.locator("#language").select_option("ar")
    theirs = danger.locator(".emergency-sides > [lang=ar]")
    expect(theirs).to_have_attribute("dir", "rtl")
    expect(theirs).to_contain_text("3919")
    counter.shot("danger")
    counter.ask("comment demander le rsa")
    expect(counter.page.locator("#emergency")).to_be_hidden()


def test_the_notice_is_seen_and_nothing_asked_is_kept(counter, server):
    counter.sign_in()
    with counter.page.expect_response("**/disclosure/displayed") as answered:
        counter.page.reload()
    assert answered.value.status == 202
    expect(counter.page.locator("#notice")).to_be_visible()
    counter.ask("une question que personne ne garde")
    with server.records._database.reading() as session:
        events = [row.kind for row in session.query(LedgerRow).all()]
        assert {LedgerKind.ISSUED.value, LedgerKind.DISPLAYED.value} <= set(events)
        assert session.query(TurnRow).count() == 0
    kept = counter.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage}) + location.href")
    assert "personne" not in kept


def test_a_session_that_ended_leads_to_sign_in(counter, server):
    counter.sign_in()
    account = server.records.staff.by_login("camille")
    server.records.staff.end_sessions(account.id)
    counter.question.fill("comment demander le rsa")
    expect(counter.page).to_have_url(f"{counter.url}/staff/sign-in?next=/staff", timeout=30_000)


@pytest.mark.parametrize("question", ["comment demander le rsa", ARABIC], ids=["fr", "ar"])
def test_all_of_it_fits_the_counter_s_old_screen(counter, question):
    counter.sign_in().ask(question)
    assert counter.page.evaluate("document.documentElement.scrollWidth") <= 1024
    for name in ("Copier", "Plein écran", "C’est faux"):
        expect(counter.page.get_by_role("button", name=name).first).to_be_in_viewport(ratio=1)
    expect(counter.extracts.first.get_by_role("link").first).to_be_in_viewport(ratio=1)
    counter.shot(f"1024-{'ar' if question == ARABIC else 'fr'}")
