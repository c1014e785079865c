from concurrent.futures import ThreadPoolExecutor

import pytest

from records import Records, UnknownRecord


def test_a_pause_says_who_and_why_until_it_ends(records: Records) -> None:
    assert records.paused() is None
    started = records.pause("réponses fausses sur le RSA", "a.martin")
    assert records.paused() == started
    ended = records.resume("b.durand")
    assert records.paused() is None
    assert (ended.id, ended.reason, ended.started_by, ended.ended_by) == (
        started.id,
        "réponses fausses sur le RSA",
        "a.martin",
        "b.durand",
    )
    assert ended.ended_at is not None
    assert ended.ended_at >= ended.started_at
    assert records.pauses() == (ended,)


def test_only_one_pause_lasts_at_a_time(records: Records) -> None:
    with ThreadPoolExecutor(6) as pool:
        started = list(pool.map(lambda number: records.pause(f"raison {number}", "a.martin"), range(6)))
    assert len({pause.id for pause in started}) == 1
    records.resume("a.martin")
    assert records.pause("encore", "a.martin").id != started[0].id
    assert len(records.pauses()) == 2


def test_a_pause_needs_a_reason(records: Records) -> None:
    with pytest.raises(ValueError, match="reason"):
        records.pause("  ", "a.martin")
    assert records.paused() is None


def test_resuming_without_a_pause_is_said(records: Records) -> None:
    with pytest.raises(UnknownRecord):
        records.resume("a.martin")
