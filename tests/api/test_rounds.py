"""Work in the background goes on, whatever a round meets."""

import asyncio

from structlog.testing import capture_logs

from api.rounds import rounds
from records.errors import RecordsUnavailable


async def test_a_round_that_fails_is_told_and_the_next_one_comes() -> None:
    failures = iter([RecordsUnavailable("SQL is locked"), ValueError("unforeseen")])
    worked = asyncio.Event()

    async def a_round() -> None:
        for error in failures:
            raise error
        worked.set()

    with capture_logs() as logs:
        async with asyncio.timeout(30), rounds(a_round, 0.01, "not_done"):
            await worked.wait()
    told = [line for line in logs if line["event"] == "not_done"]  # others work in the background, too
    assert [line["log_level"] for line in told] == ["warning", "error"]
    assert told[0]["reason"] == "SQL is locked"


async def test_no_round_comes_after_the_block() -> None:
    done = 0

    async def a_round() -> None:
        nonlocal done
        done += 1

    async with rounds(a_round, 0.01, "not_done"):
        while done < 2:  # noqa: ASYNC110 - what is counted is the rounds
            await asyncio.sleep(0.01)
    before = done
    await asyncio.sleep(0.1)
    assert done == before
