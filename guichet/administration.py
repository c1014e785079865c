"""Commands on what the assistant keeps: migrate, purge, pause, resume."""

from dataclasses import asdict

import typer

from guichet.console import fail
from guichet.settings import Settings
from guichet.trackers import purge_trackers
from records import Records, RecordsUnavailable, UnknownRecord

FAILED = 1


def migrate(settings: Settings) -> None:
    """Bring the tables up to date, or leave saying why they are not."""
    with Records(settings) as records:
        try:
            records.upgrade()
        except RecordsUnavailable as error:
            fail(f"the database does not answer: {error.reason}", FAILED)
    typer.echo("the tables are up to date")


def purge(settings: Settings) -> dict[str, int]:
    """Erase what is older than the settings say; return how many of each were removed.

    Rasa's trackers expire by themselves: only those that would not are removed here. When Redis does not
    answer the records are purged all the same, and the command fails at the end.
    """
    with Records(settings) as records:
        try:
            removed = asdict(records.purge())
        except RecordsUnavailable as error:
            fail(f"the database does not answer: {error.reason}", FAILED)
    trackers = purge_trackers(settings.effective_redis_url, settings.tracker_hours)
    if trackers is None:
        fail(
            f"Redis does not answer; the records were purged ({removed}), the trackers were not checked",
            FAILED,
        )
    return removed | asdict(trackers)


def pause(settings: Settings, reason: str, who: str) -> str:
    """Pause the assistant's answers; return what to say of it."""
    with Records(settings) as records:
        try:
            lasting = records.pause(reason, who)
        except RecordsUnavailable as error:
            fail(f"the database does not answer: {error.reason}", FAILED)
    since = f"{lasting.started_at:%Y-%m-%d %H:%M} UTC by {lasting.started_by}"
    return f"Paused since {since}: {lasting.reason}\n`guichet resume` ends the pause."


def resume(settings: Settings, who: str) -> str:
    """End the pause; return what to say of it."""
    with Records(settings) as records:
        try:
            ended = records.resume(who)
        except UnknownRecord:
            return "The assistant is not paused."
        except RecordsUnavailable as error:
            fail(f"the database does not answer: {error.reason}", FAILED)
    return f"The pause of {ended.started_at:%Y-%m-%d %H:%M} UTC ({ended.reason}) is over."
