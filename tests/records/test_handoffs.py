from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from records import (
    Handoff,
    HandoffKind,
    HandoffRequest,
    HandoffStatus,
    Records,
    UnknownRecord,
)
from records.codes import ALPHABET
from records.entries import new_id
from records.handoffs import _reference, add

CONTACT = {"name": "Zoé Fictive", "phone": "06 39 98 01 02"}


def request_of(records: Records, **values: object) -> HandoffRequest:
    request = HandoffRequest(
        conversation_id=records.start_conversation("fr").id,
        kind=HandoffKind.CALLBACK,
        language="fr",
        service_id="accueil",
        topic="apa",
        place="13055",
        contact=CONTACT,
        consent_text="J'accepte d'être rappelée.",
    )
    return replace(request, **values)


def test_a_handoff_keeps_its_details_and_its_consent(records: Records) -> None:
    request = request_of(records)
    handoff = records.create_handoff(request)
    assert records.handoff(handoff.id) == handoff
    assert records.contact_details(handoff) == CONTACT
    assert handoff.consent_text == request.consent_text
    assert handoff.consent_at == handoff.created_at
    assert (handoff.topic, handoff.place, handoff.service_id) == ("apa", "13055", "accueil")
    assert handoff.status is HandoffStatus.OPEN


def test_contact_details_are_not_in_clear_in_sql(records: Records) -> None:
    handoff = records.create_handoff(request_of(records))
    with records._database.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM handoffs WHERE id = :id"), {"id": handoff.id}).one()
    assert all("Fictive" not in str(value) and "39 98" not in str(value) for value in row)


def test_a_handoff_may_have_no_details_and_no_conversation(records: Records) -> None:
    handoff = records.create_handoff(
        request_of(records, conversation_id=None, contact=None, consent_text=None)
    )
    assert records.contact_details(handoff) == {}
    assert handoff.consent_at is None


def test_the_same_key_in_the_same_conversation_is_one_handoff(records: Records) -> None:
    request = request_of(records, idempotency_key="k1")
    first = records.create_handoff(request)
    assert records.create_handoff(request) == first
    other = records.create_handoff(request_of(records, idempotency_key="k1"))
    assert other.id != first.id, "a key belongs to its conversation"


def test_threads_with_one_key_make_one_handoff(records: Records) -> None:
    request = request_of(records, idempotency_key="k1")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: records.create_handoff(request), range(16)))
    assert len({(handoff.id, handoff.reference) for handoff in made}) == 1
    assert len(records.handoffs()) == 1


def test_a_reference_is_short_and_reads_well_on_the_phone(records: Records) -> None:
    reference = records.create_handoff(request_of(records)).reference
    assert len(reference) == 9
    assert reference[4] == "-"
    assert set(reference) - {"-"} <= set(ALPHABET)
    assert not set("0O1ILU") & set(ALPHABET)


def test_a_reference_already_taken_gives_another(records: Records) -> None:
    handoff = records.create_handoff(request_of(records, idempotency_key="k1"))
    taken = replace(handoff, id=new_id(), request_key=None, reference="")
    with records._database.engine.begin() as connection:
        connection.execute(
            text("UPDATE handoffs SET reference = :reference"), {"reference": _reference(taken.id)}
        )
    with records._database.writing() as session:
        written: Handoff = add(session, records._chain, taken)
    assert written.reference == _reference(taken.id, 1)


def test_closing_a_handoff_is_done_once(records: Records) -> None:
    handoff = records.create_handoff(request_of(records))
    closed = records.close_handoff(handoff.id)
    assert closed.status is HandoffStatus.CLOSED
    assert closed.closed_at is not None
    assert records.close_handoff(handoff.id, HandoffStatus.CANCELLED) == closed
    with pytest.raises(UnknownRecord):
        records.close_handoff(new_id())


def test_handoffs_are_listed_by_status_and_service_oldest_first(records: Records) -> None:
    first, second = (records.create_handoff(request_of(records)) for _ in range(2))
    other = records.create_handoff(request_of(records, service_id="mds-aubagne"))
    records.close_handoff(second.id)
    assert records.handoffs() == (first, other)
    assert records.handoffs(service_id="accueil") == (first,)
    assert [handoff.id for handoff in records.handoffs(HandoffStatus.CLOSED)] == [second.id]
