import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from records import Channel, Disclosure, DisclosureEvent, Records
from records.disclosures import fingerprint
from records.entries import new_id

NOTICE = {"fr": "Une intelligence artificielle vous répond.", "en": "An AI is replying to you."}


def disclose(records: Records, conversation_id: str, language: str, version: str = "1") -> Disclosure:
    return records.record_disclosure(
        conversation_id,
        notice_id="ai-notice",
        version=version,
        language=language,
        text=NOTICE[language],
        channel=Channel.WEB,
        event=DisclosureEvent.ISSUED,
    )


def test_the_proof_holds_text_version_language_and_channel(records: Records) -> None:
    written = disclose(records, new_id(), "fr")
    assert records.disclosures(written.conversation_id) == (written,)
    assert written.text == NOTICE["fr"]


def test_the_notice_is_needed_first_then_on_a_change_of_language_or_version(records: Records) -> None:
    conversation_id = new_id()
    assert records.disclosure_needed(conversation_id, "1", "fr")
    disclose(records, conversation_id, "fr")
    assert not records.disclosure_needed(conversation_id, "1", "fr")
    assert records.disclosure_needed(conversation_id, "2", "fr")
    assert records.disclosure_needed(conversation_id, "1", "en")
    disclose(records, conversation_id, "en")
    assert records.disclosure_needed(conversation_id, "1", "fr"), "back to French is a change too"


def test_displayed_is_recorded_beside_issued_and_counts_for_nothing_else(records: Records) -> None:
    issued = disclose(records, new_id(), "fr")
    records.record_disclosure(
        issued.conversation_id,
        notice_id="ai-notice",
        version="2",
        language="fr",
        text=NOTICE["fr"],
        channel=Channel.WEB,
        event=DisclosureEvent.DISPLAYED,
    )
    events = [disclosure.event for disclosure in records.disclosures(issued.conversation_id)]
    assert events == [DisclosureEvent.ISSUED, DisclosureEvent.DISPLAYED]
    assert records.disclosure_needed(issued.conversation_id, "2", "fr")


def test_another_conversation_needs_its_own_notice(records: Records) -> None:
    disclose(records, new_id(), "fr")
    assert records.disclosure_needed(new_id(), "1", "fr")


@pytest.mark.parametrize("change", ["UPDATE ledger SET kind = 'displayed'", "DELETE FROM ledger"])
def test_sql_refuses_to_change_or_remove_a_proof(records: Records, change: str) -> None:
    written = disclose(records, new_id(), "fr")
    with pytest.raises(DBAPIError, match="append-only"), records._database.engine.begin() as connection:
        connection.execute(text(change))
    assert records.disclosures(written.conversation_id) == (written,)


def test_sql_refuses_to_change_the_text_of_a_notice(records: Records) -> None:
    disclose(records, new_id(), "fr")
    with pytest.raises(DBAPIError, match="append-only"), records._database.engine.begin() as connection:
        connection.execute(text("UPDATE notices SET text = 'rien'"))


def test_one_text_is_stored_once(records: Records) -> None:
    for _ in range(3):
        disclose(records, new_id(), "fr")
    with records._database.engine.connect() as connection:
        marks = connection.execute(text("SELECT sha256 FROM notices")).scalars().all()
    assert list(marks) == [fingerprint(NOTICE["fr"])]
