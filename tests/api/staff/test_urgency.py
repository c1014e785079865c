"""Which requests come first, and why."""

from datetime import UTC, datetime, timedelta

import pytest

from api.staff import request_words as words
from api.staff.urgency import RULES, Delays, Reason, reasons, urgent_first
from records.entries import Handoff, HandoffKind
from records.inbox_entries import Request, RequestStatus

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DELAYS = Delays(long=timedelta(hours=48), near=timedelta(minutes=60))


def request(
    id_: str = "r",
    *,
    hours: float = 1,
    status: RequestStatus = RequestStatus.OPEN,
    kind: HandoffKind = HandoffKind.CALLBACK,
    dangers: frozenset[str] = frozenset(),
    wanted: tuple[float, float] | None = None,
) -> Request:
    """A request made `hours` ago, wanted between two numbers of hours from now."""
    handoff = Handoff(
        id=id_,
        reference="K7MF-3Q9D",
        conversation_id=None,
        kind=kind,
        language="fr",
        service_id="mds",
        topic=None,
        place=None,
        contact=None,
        consent_text=None,
        consent_at=None,
        request_key=None,
        created_at=NOW - timedelta(hours=hours),
        wanted_from=NOW + timedelta(hours=wanted[0]) if wanted else None,
        wanted_until=NOW + timedelta(hours=wanted[1]) if wanted else None,
    )
    return Request(handoff, status, dangers=dangers)


DANGER = frozenset({"suicide"})


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (request(), []),
        (request(dangers=DANGER), [Reason.DANGER]),
        (request(hours=49, dangers=DANGER), [Reason.DANGER, Reason.WAITING_LONG]),
        (request(hours=47.9), []),
        (request(hours=48.1), [Reason.WAITING_LONG]),
        (request(hours=48.1, status=RequestStatus.IN_PROGRESS), [Reason.WAITING_LONG]),
        (request(kind=HandoffKind.LIVE), [Reason.WAITING_LIVE]),
        (request(kind=HandoffKind.LIVE, status=RequestStatus.IN_PROGRESS), []),
        (request(wanted=(1.1, 2)), []),
        (request(wanted=(0.9, 2)), [Reason.TIME_NEAR]),
        (request(wanted=(-1, 0.5)), [Reason.TIME_NEAR]),
        (request(wanted=(-2, -0.1)), [Reason.TIME_PASSED]),
        (request(hours=99, dangers=DANGER, wanted=(-2, -1), status=RequestStatus.DONE), []),
        (request(hours=99, status=RequestStatus.CANCELLED), []),
    ],
)
def test_the_reasons(asked: Request, expected: list[Reason]) -> None:
    assert list(reasons(asked, NOW, DELAYS)) == expected


def test_the_gravest_first_then_who_has_waited_longest() -> None:
    asked = [
        request("calm, new"),
        request("calm, old", hours=3),
        request("long", hours=50),
        request("soon", wanted=(0.5, 1)),
        request("live", kind=HandoffKind.LIVE),
        request("danger", dangers=DANGER),
        request("danger and late", dangers=DANGER, hours=50),
    ]
    order = [each.handoff.id for each, _ in urgent_first(asked, NOW, DELAYS)]
    assert order == ["danger and late", "danger", "live", "soon", "long", "calm, old", "calm, new"]


def test_every_reason_has_its_rule_and_its_words() -> None:
    assert [reason for reason, _ in RULES] == list(Reason)
    assert set(words.REASONS) == set(Reason)
