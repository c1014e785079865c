"""Which requests come first, and why: rules as data, each with the reason that agents are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from records.entries import HandoffKind
from records.inbox_entries import ACTIVE, Request, RequestStatus


class Reason(StrEnum):
    """Why a request is urgent."""

    DANGER = "danger"
    WAITING_LIVE = "waiting-live"
    TIME_PASSED = "time-passed"
    TIME_NEAR = "time-near"
    WAITING_LONG = "waiting-long"


@dataclass(frozen=True)
class Delays:
    """What "long" and "near" mean."""

    long: timedelta
    near: timedelta


Rule = Callable[[Request, datetime, Delays], bool]


def _in_danger(request: Request, _at: datetime, _delays: Delays) -> bool:
    return bool(request.dangers)


def _waiting_live(request: Request, _at: datetime, _delays: Delays) -> bool:
    return request.handoff.kind is HandoffKind.LIVE and request.status is RequestStatus.OPEN


def _time_passed(request: Request, at: datetime, _delays: Delays) -> bool:
    until = request.handoff.wanted_until or request.handoff.wanted_from
    return until is not None and until < at


def _time_near(request: Request, at: datetime, delays: Delays) -> bool:
    since = request.handoff.wanted_from
    return since is not None and since - delays.near <= at and not _time_passed(request, at, delays)


def _waiting_long(request: Request, at: datetime, delays: Delays) -> bool:
    return at - request.handoff.created_at > delays.long


RULES: Final[tuple[tuple[Reason, Rule], ...]] = (
    (Reason.DANGER, _in_danger),
    (Reason.WAITING_LIVE, _waiting_live),
    (Reason.TIME_PASSED, _time_passed),
    (Reason.TIME_NEAR, _time_near),
    (Reason.WAITING_LONG, _waiting_long),
)
"""The rules, the gravest first: a request stands where the gravest of its reasons puts it."""


def reasons(request: Request, at: datetime, delays: Delays) -> tuple[Reason, ...]:
    """Why a request is urgent at this instant, the gravest reason first; () when it is not, or is closed."""
    if request.status not in ACTIVE:
        return ()
    return tuple(reason for reason, applies in RULES if applies(request, at, delays))


def urgent_first(
    requests: Iterable[Request], at: datetime, delays: Delays
) -> list[tuple[Request, tuple[Reason, ...]]]:
    """The requests with their reasons: the gravest first, then who has waited longest."""
    ranks = {reason: rank for rank, (reason, _) in enumerate(RULES)}
    told = [(request, reasons(request, at, delays)) for request in requests]
    last = len(RULES)

    def place(each: tuple[Request, tuple[Reason, ...]]) -> tuple[list[int], datetime]:
        return [*(ranks[reason] for reason in each[1]), last], each[0].handoff.created_at

    return sorted(told, key=place)
