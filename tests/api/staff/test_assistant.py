"""The counter assistant's calls: what they give, to whom, and what they keep."""

from typing import Any

import httpx
import pytest

from api.staff import notice
from api.staff.session import COOKIE, SessionKeeper
from records.entries import DisclosureEvent, FeedbackValue, NoticeChannel, ReportStatus, Role, TurnStatus
from records.tables import ReportRow
from tests.api.conftest import app_of
from tests.api.staff.conftest import add_agent, csrf_in, records_of, sign_in

STAFF_ARTICLE = "rsa-agents"
# Words that stand in that article only.
STAFF_WORDS = "Agents : accueillir une demande"


class Counter:
    """An agent at the page."""

    def __init__(self, client: httpx.AsyncClient, csrf: str) -> None:
        self.client = client
        self.headers = {"X-Guichet-CSRF": csrf}

    @classmethod
    async def arrives(cls, client: httpx.AsyncClient, **values: Any) -> "Counter":
        add_agent(client, **values)
        return cls(client, await sign_in(client))

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"/api/v1/staff/{path}", json=body, headers=self.headers)

    async def finds(self, text: str) -> dict[str, Any]:
        answer = await self.post("search", text=text)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def staff_routes(client: httpx.AsyncClient) -> list[tuple[str, str]]:
    """Every call and page of the staff, from the application itself, so that a new one is tested too."""
    app = app_of(client)
    paths = app.openapi()["paths"]
    calls = [
        (method.upper(), path)
        for path, operations in paths.items()
        if path.startswith(("/api/v1/staff", "/api/v1/admin"))
        for method in operations
    ]
    assert ("POST", "/api/v1/staff/search") in calls
    return calls


async def test_no_call_answers_without_a_session(client: httpx.AsyncClient) -> None:
    for method, path in staff_routes(client):
        answer = await client.request(method, path.replace("{", "").replace("}", ""), json={})
        assert answer.status_code == 401, (method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "/problems/sign-in-needed"


@pytest.mark.parametrize("path", ["/staff", "/staff/account", "/admin/agents", "/admin/reports"])
async def test_no_page_opens_without_a_session(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/staff/sign-in?next={path}")


async def test_no_change_is_made_without_the_page_s_token(client: httpx.AsyncClient) -> None:
    await Counter.arrives(client)
    for method, path in staff_routes(client):
        if method != "GET":
            answer = await client.request(method, path.replace("{", "").replace("}", ""), json={})
            assert answer.status_code == 403, (method, path)


async def test_staff_articles_reach_an_agent_and_nobody_else(client: httpx.AsyncClient) -> None:
    question = "usager sans justificatif de domicile pour rsa que faire"
    counter = await Counter.arrives(client)
    extracts = (await counter.finds(question))["extracts"]
    assert STAFF_ARTICLE in [extract["article_id"] for extract in extracts if extract["staff_only"]]
    client.cookies.clear()
    found = (await client.get("/api/v1/search", params={"q": question, "language": "fr", "k": 20})).json()
    assert found["results"]
    assert not [each for each in found["results"] if each["article_id"].endswith("-agents")]
    assert (await client.get(f"/papers/{STAFF_ARTICLE}")).status_code == 404


async def test_a_label_opens_no_door(client: httpx.AsyncClient) -> None:
    """`channel: counter` is a label; only the session counts, and it changes no conversation."""
    await Counter.arrives(client)
    opened = (await client.post("/api/v1/conversations", json={"channel": "counter"})).json()
    engine = app_of(client).state.gateway.engine
    answer = await client.post(
        f"/api/v1/conversations/{opened['conversation_id']}/messages",
        json={"text": "usager sans justificatif de domicile pour rsa"},
        headers={"Authorization": f"Bearer {opened['token']}"},
    )
    assert answer.status_code == 200
    assert engine.heard[-1][2]["audience"] == "public"
    refused = await client.post("/api/v1/conversations", json={"channel": "staff"})
    assert refused.status_code == 422


async def test_an_extract_says_its_date_its_owner_and_its_source(client: httpx.AsyncClient) -> None:
    counter = await Counter.arrives(client)
    found = await counter.finds("comment demander le rsa")
    first = found["extracts"][0]
    assert (first["article_id"], found["sure"], found["language"]) == ("rsa", True, "fr")
    assert first["owner"]
    assert first["url"].startswith("https://")
    assert first["written"] == "2026-11-22"
    assert first["reviewed"] is None
    assert not first["staff_only"]
    assert "<" in first["html"]


async def test_a_pasted_message_in_arabic_is_found_and_answered_in_both_languages(
    client: httpx.AsyncClient,
) -> None:
    counter = await Counter.arrives(client)
    found = await counter.finds("كيف أطلب دخل التضامن النشط RSA؟")
    first = found["extracts"][0]
    assert (found["language"], first["article_id"], first["lang"]) == ("ar", "rsa", "fr")
    answer = (await counter.post("answer", article_id="rsa", section=first["section"], language="ar")).json()
    assert (answer["french"]["lang"], answer["french"]["dir"]) == ("fr", "ltr")
    assert (answer["resident"]["lang"], answer["resident"]["dir"]) == ("ar", "rtl")
    assert all(message["lang"] == "ar" for message in answer["resident"]["messages"])
    assert answer["resident"]["service"]["phone"] in answer["resident"]["text"]


async def test_an_article_for_agents_is_composed_for_no_resident(client: httpx.AsyncClient) -> None:
    counter = await Counter.arrives(client)
    answer = (await counter.post("answer", article_id=STAFF_ARTICLE, language="ar")).json()
    assert answer["staff_only"] is True
    assert answer["resident"] is None
    assert STAFF_WORDS in answer["french"]["title"]


async def test_an_unknown_article_is_not_found(client: httpx.AsyncClient) -> None:
    counter = await Counter.arrives(client)
    assert (await counter.post("answer", article_id="inconnu")).status_code == 404
    assert (await counter.post("reports", article_id="inconnu", reason="x")).status_code == 404


async def test_danger_in_a_pasted_message_comes_first(client: httpx.AsyncClient) -> None:
    counter = await Counter.arrives(client)
    found = await counter.finds("mon mari me frappe et je voudrais demander le rsa")
    assert "3919" in [number["number"] for number in found["emergency"]["numbers"]]
    assert found["emergency_resident"] is None
    assert (await counter.finds("comment demander le rsa"))["emergency"] is None


async def test_danger_is_told_in_the_resident_s_language_too(client: httpx.AsyncClient) -> None:
    counter = await Counter.arrives(client)
    found = await counter.finds("my husband beats me and I would like to ask for the RSA")
    assert (found["emergency"]["lang"], found["emergency_resident"]["lang"]) == ("fr", "en")
    assert found["emergency"]["id"] == found["emergency_resident"]["id"]
    assert found["emergency"]["text"] != found["emergency_resident"]["text"]
    chosen = (await counter.post("search", text="mon mari me frappe", language="ar")).json()
    assert (chosen["emergency_resident"]["lang"], chosen["emergency_resident"]["dir"]) == ("ar", "rtl")
    calm = (await counter.post("search", text="comment demander le rsa", language="ar")).json()
    assert calm["emergency_resident"] is None


async def test_what_is_asked_is_masked_and_kept_nowhere(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    counter = await Counter.arrives(client)
    found = await counter.finds("Je suis au 06 39 98 12 34, comment demander le rsa")
    assert found["masked"]
    assert found["extracts"][0]["article_id"] == "rsa"
    written = caplog.text + "".join(capsys.readouterr())
    assert "06 39 98" not in written
    assert "demander le rsa" not in written
    with records_of(client)._database.reading() as session:
        assert session.query(ReportRow).count() == 0


async def test_a_report_reaches_the_administrators(client: httpx.AsyncClient) -> None:
    counter = await Counter.arrives(client, role=Role.ADMINISTRATOR)
    sent = await counter.post(
        "reports",
        article_id="rsa",
        section="amount",
        language="ar",
        reason="Le montant a changé, appelez-moi au 06 39 98 12 34",
        question="combien le rsa",
    )
    assert sent.status_code == 201
    (kept,) = records_of(client).reports.all()
    assert (kept.article_id, kept.section, kept.language, kept.question) == (
        "rsa",
        "amount",
        "ar",
        "combien le rsa",
    )
    assert "06 39 98" not in kept.reason
    page = await client.get("/admin/reports")
    assert "Le montant a changé" in page.text
    assert "à traiter" in page.text
    form = {"csrf": csrf_in(page.text), "status": "corrected"}
    assert (await client.post(f"/admin/reports/{kept.id}", data=form)).status_code == 303
    (settled,) = records_of(client).reports.all()
    assert settled.status is ReportStatus.CORRECTED
    assert settled.settled_at is not None
    assert (await client.post("/admin/reports/nothing", data=form)).status_code == 404


async def test_the_question_is_joined_to_a_report_only_on_purpose(client: httpx.AsyncClient) -> None:
    counter = await Counter.arrives(client)
    assert (await counter.post("reports", article_id="rsa", reason="faux")).status_code == 201
    assert records_of(client).reports.all()[0].question is None
    assert (await counter.post("reports", article_id="rsa", reason="  ")).status_code == 422
    assert (await client.get("/admin/reports")).status_code == 403


async def test_a_resident_s_complaint_is_listed_without_what_was_asked(client: httpx.AsyncClient) -> None:
    await Counter.arrives(client, role=Role.ADMINISTRATOR)
    records = records_of(client)
    conversation = records.start_conversation("fr")
    turn, _ = records.open_turn(conversation.id, None, "une question très personnelle", "fr")
    records.answer_turn(turn.turn_id, {"understanding": {"topic": "apa"}}, TurnStatus.ANSWERED)
    records.add_feedback(turn.turn_id, FeedbackValue.UNHELPFUL, "La réponse parle d'autre chose")
    page = (await client.get("/admin/reports")).text
    assert "La réponse parle d&#39;autre chose" in page
    assert "une question très personnelle" not in page


async def test_the_notice_is_recorded_once_a_session_and_when_displayed(client: httpx.AsyncClient) -> None:
    counter = await Counter.arrives(client)
    page = await client.get("/staff")
    await client.get("/staff")
    shown = (await client.get("/api/v1/staff/disclosure")).json()["disclosure"]
    assert shown["text"] in page.text
    assert (await counter.post("disclosure/displayed", disclosure_id=shown["id"])).status_code == 202
    assert (await counter.post("disclosure/displayed", disclosure_id="other")).status_code == 422
    session = SessionKeeper(app_of(client).state.gateway).read(client.cookies[COOKIE])
    assert session is not None
    kept = records_of(client).disclosures(notice.pseudonym_of(session))
    assert [each.event for each in kept] == [DisclosureEvent.ISSUED, DisclosureEvent.DISPLAYED]
    assert {each.channel for each in kept} == {NoticeChannel.STAFF}
    assert {each.text for each in kept} == {shown["text"]}
