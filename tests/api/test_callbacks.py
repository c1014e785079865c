"""The callback, from what its form may offer to its following and cancelling."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from api.settings import ApiSettings
from knowledge.half_days import next_half_days
from records.errors import RecordsUnavailable
from tests.api.conftest import ORIGIN, Resident, app_of, running
from tests.api.double import EngineDouble
from tests.api.test_handoffs import CALLBACK

STATUS, CANCEL = "/api/v1/callbacks/status", "/api/v1/callbacks/cancel"


def with_contact(**changes: Any) -> dict[str, Any]:
    return {**CALLBACK, "contact": {**CALLBACK["contact"], **changes}}


async def asked(client: httpx.AsyncClient, body: dict[str, Any] = CALLBACK) -> dict[str, Any]:
    response = await (await Resident.arrives(client)).post("handoffs", body)
    assert response.status_code == 201, response.text
    return response.json()


async def test_the_options_are_half_days_of_the_service(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client)
    body = (await resident.get("/handoffs/options?topic=mdph-dossier&language=en")).json()
    assert body["service"]["id"] == "mdph"
    first, *slots = body["slots"]
    assert first == {"start": None, "end": None, "label": "As soon as possible"}
    hours = app_of(client).state.gateway.composer.directory.services["mdph"].hours
    assert [datetime.fromisoformat(slot["start"]) for slot in slots] == [
        half.start
        for half in next_half_days(hours, datetime.fromisoformat(slots[0]["start"]) - timedelta(minutes=1))
    ]
    assert (body["language"], body["direction"], body["consent"]["lang"]) == ("en", "ltr", "en")
    assert body["subject"]


async def test_a_half_day_that_is_offered_is_kept_and_any_other_refused(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client)
    options = (await resident.get("/handoffs/options?topic=apa")).json()
    slot = options["slots"][1]
    kept = await asked(client, {**with_contact(slot=slot["start"]), "service_id": options["service"]["id"]})
    records = app_of(client).state.gateway.records
    (handoff,) = records.handoffs()
    assert handoff.wanted_from == datetime.fromisoformat(slot["start"])
    assert handoff.wanted_until == datetime.fromisoformat(slot["end"])
    assert kept["reference"] == handoff.reference
    for wrong in ("2026-11-01T03:00:00+01:00", "2099-01-05T09:00:00+01:00", slot["end"]):
        response = await resident.post("handoffs", with_contact(slot=wrong))
        assert response.status_code == 422
        assert response.json()["errors"][0]["field"] == "body.contact.slot"


async def test_a_visit_needs_a_half_day(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client)
    response = await resident.post("handoffs", with_contact(channel="visit", value=""))
    assert response.json()["errors"][0]["field"] == "body.contact.slot"
    slot = (await resident.get("/handoffs/options?topic=apa")).json()["slots"][1]
    assert (
        await resident.post("handoffs", with_contact(channel="visit", value="", slot=slot["start"]))
    ).is_success


async def test_the_subject_is_masked_and_encrypted_with_the_rest(client: httpx.AsyncClient) -> None:
    await asked(client, {**CALLBACK, "subject": "Rappelez le 06 39 98 55 66 pour mon APA"})
    records = app_of(client).state.gateway.records
    details = records.contact_details(records.handoffs()[0])
    assert details["subject"] == "Rappelez le [PHONE] pour mon APA"


async def test_the_text_agreed_to_is_the_one_that_was_shown(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client)
    consent = (await resident.get("/handoffs/options?language=en")).json()["consent"]
    body = {**CALLBACK, "language": "en", "consent_id": consent["id"]}
    assert (await resident.post("handoffs", body)).is_success
    assert app_of(client).state.gateway.records.handoffs()[0].consent_text == consent["text"]
    other = await resident.post("handoffs", {**body, "language": "fr"})
    assert other.json()["errors"][0]["field"] == "body.consent_id"


@pytest.mark.parametrize(
    ("channel", "value"),
    [
        ("sms", "04 65 71 12 34"),
        ("phone", "0899 12 34 56"),
        ("phone", "3919"),
        ("sms", "jeanne@exemple.example"),
    ],
)
async def test_numbers_that_no_agent_can_use_are_refused(
    client: httpx.AsyncClient, channel: str, value: str
) -> None:
    resident = await Resident.arrives(client)
    response = await resident.post("handoffs", with_contact(channel=channel, value=value))
    assert response.json()["errors"][0]["field"] == "body.contact.value"


async def test_a_retry_shows_the_same_code_and_the_records_do_not_hold_it(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client)
    first = (await resident.post("handoffs", CALLBACK)).json()
    again = (await resident.post("handoffs", CALLBACK)).json()
    assert (again["reference"], again["code"]) == (first["reference"], first["code"])
    assert first["code"] in first["follow"]["text"]
    (handoff,) = app_of(client).state.gateway.records.handoffs()
    assert first["code"] not in repr(handoff)
    assert first["code"].replace("-", "") not in repr(handoff).upper()


async def test_it_is_followed_then_cancelled_with_its_code(client: httpx.AsyncClient) -> None:
    made = await asked(client)
    key = {"reference": made["reference"].lower(), "code": made["code"].replace("-", " ")}
    seen = (await client.post(STATUS, json=key)).json()
    assert (seen["status"], seen["service"]["id"]) == ("open", made["service"]["id"])
    assert "Jeanne" not in str(seen)
    assert (await client.post(CANCEL, json=key)).json()["status"] == "cancelled"
    assert (await client.post(STATUS, json=key)).json()["status"] == "cancelled"
    records = app_of(client).state.gateway.records
    assert records.handoffs() == ()


async def test_a_wrong_code_and_an_unknown_reference_get_one_answer(client: httpx.AsyncClient) -> None:
    made = await asked(client)
    answers = [
        await client.post(path, json={"reference": reference, "code": code})
        for path in (STATUS, CANCEL)
        for reference, code in ((made["reference"], "AAAA-AAAA"), ("AAAA-AAAA", made["code"]), ("", ""))
    ]
    bodies = [{**answer.json(), "instance": None} for answer in answers]
    assert {answer.status_code for answer in answers} == {404}
    assert all(body == bodies[0] for body in bodies)
    assert app_of(client).state.gateway.records.handoffs()[0].reference == made["reference"]


async def test_codes_cannot_be_guessed_one_after_the_other(
    settings: ApiSettings, tmp_path: Any, engine: EngineDouble
) -> None:
    slow = settings.model_copy(update={"callback_rate": "3/hour"})
    async with running(slow, tmp_path, engine) as client:
        answers = [
            await client.post(STATUS, json={"reference": "AAAA-AAAA", "code": str(n)}) for n in range(5)
        ]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429, 429]


async def test_what_waits_in_the_spool_is_not_said_to_be_unknown(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client)
    records = app_of(client).state.gateway.records
    with pytest.MonkeyPatch.context() as patch:

        def no_replay() -> int:
            raise RecordsUnavailable("held by the test")

        patch.setattr(records, "replay", no_replay)
        records._database._resting_until = float("inf")
        made = (await resident.post("handoffs", CALLBACK)).json()
        assert made["stored"] == "spool"
        records._database.wake()
        response = await client.post(STATUS, json={"reference": made["reference"], "code": made["code"]})
        assert response.status_code == 503
    records.replay()
    response = await client.post(STATUS, json={"reference": made["reference"], "code": made["code"]})
    assert response.json()["status"] == "open"


async def test_a_child_is_offered_no_callback(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client)
    await resident.says("J'ai 12 ans et je voudrais parler à quelqu'un")
    assert (await resident.get("/handoffs/options")).status_code == 403


async def test_the_page_follows_and_cancels_without_javascript(client: httpx.AsyncClient) -> None:
    made = await asked(client)
    empty = await client.get("/callback?language=en")
    assert 'lang="en"' in empty.text
    assert "<script" not in empty.text
    assert empty.headers["Cache-Control"] == "no-store"
    form = {"reference": made["reference"], "code": made["code"], "language": "en"}
    headers = {"Origin": ORIGIN}
    shown = await client.post("/callback", data={**form, "action": "show"}, headers=headers)
    assert "Your request is recorded" in shown.text
    done = await client.post("/callback", data={**form, "action": "cancel"}, headers=headers)
    assert "Your request is cancelled" in done.text
    assert 'value="cancel"' not in done.text
    assert "set-cookie" not in done.headers


async def test_the_page_says_what_is_wrong_beside_its_fields(client: httpx.AsyncClient) -> None:
    wrong = await client.post("/callback", data={"reference": '"><b>', "code": "x", "language": "fr"})
    assert wrong.status_code == 404
    assert 'aria-describedby="wrong"' in wrong.text
    assert "<b>" not in wrong.text
