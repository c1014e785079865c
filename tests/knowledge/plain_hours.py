"""Opening hours worked out again, plainly, from the YAML files: nothing here comes from the code under test.

Public holidays by Gauss's Easter and fixed dates (Alsace and Moselle add two), summer time by the rule of the
European directive, intervals as pairs of UTC instants.
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

ALSACE_MOSELLE = {"57", "67", "68"}
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def easter(year: int) -> date:
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)


def public_holidays(year: int, departement: str) -> set[date]:
    sunday = easter(year)
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    moving = [sunday + timedelta(days=after) for after in (1, 39, 50)]
    local = [sunday - timedelta(days=2), date(year, 12, 26)] if departement in ALSACE_MOSELLE else []
    return {*(date(year, month, day) for month, day in fixed), *moving, *local}


def last_sunday(year: int, month: int) -> date:
    day = date(year, month, 31)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def clock_changes(year: int) -> tuple[datetime, datetime]:
    """Both at one in the morning, UTC: the last Sundays of March and of October."""
    summer, winter = (datetime.combine(last_sunday(year, month), time(1), tzinfo=UTC) for month in (3, 10))
    return summer, winter


def instant(day: date, clock: str) -> datetime:
    """The instant of a time of the day in Paris; services have none between 2 and 3."""
    hour, minute = map(int, clock.split(":"))
    for hours_ahead in (1, 2):
        moment = datetime.combine(day, time(hour, minute), tzinfo=UTC) - timedelta(hours=hours_ahead)
        summer, winter = clock_changes(moment.year)
        if hours_ahead == (2 if summer <= moment < winter else 1):
            return moment
    raise AssertionError(f"{day} {clock} does not exist in Paris")


class PlainService:
    """When the service of a file is open, as intervals, for some years."""

    def __init__(
        self, directory: Path, service_id: str, first: date, days: int, departement: str = "13"
    ) -> None:
        data = read(directory / "services" / f"{service_id}.yml")
        site = read(directory / "sites" / f"{data['site']}.yml") if "site" in data else {}
        closures = [*data["hours"].get("closures", []), *site.get("closures", [])]
        works_on_holidays = data["hours"].get("holidays") == "open"
        self.intervals: list[tuple[datetime, datetime]] = []
        for number in range(days):
            day = first + timedelta(days=number)
            closed = any(closure["from"] <= day <= closure["to"] for closure in closures)
            if closed or (day in public_holidays(day.year, departement) and not works_on_holidays):
                continue
            for slot in data["hours"]["weekly"].get(DAYS[day.weekday()], []):
                start, end = slot.split("-")
                self.intervals.append((instant(day, start), instant(day, end)))
        self._starts = [start for start, _ in self.intervals]

    def is_open(self, moment: datetime) -> bool:
        position = bisect_right(self._starts, moment)
        return position > 0 and moment < self.intervals[position - 1][1]

    def next_start(self, moment: datetime) -> datetime | None:
        position = bisect_right(self._starts, moment)
        return self._starts[position] if position < len(self._starts) else None


def read(path: Path) -> dict[str, Any]:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data
