"""Rasa's memory of conversations, in Redis: none may stay longer than the settings say."""

from dataclasses import dataclass

import redis
from redis.exceptions import RedisError

TRACKER_PATTERN = (
    "*tracker:*"  # rasa.core.tracker_store.RedisTrackerStore: an optional prefix, then this word
)
NEVER_EXPIRES = -1
BATCH = 500
SECONDS_AN_HOUR = 3600


@dataclass(frozen=True)
class PurgedTrackers:
    """What was found and done."""

    trackers_kept: int = 0
    trackers_removed: int = 0  # they would never have expired
    trackers_shortened: int = 0  # they would have expired later than the settings say


def purge_trackers(redis_url: str, tracker_hours: int) -> PurgedTrackers | None:
    """Remove the trackers that would never expire, shorten those that would too late.

    Rasa gives each tracker its expiry when it writes it; one without (written by an older version, or with
    other settings) tells nothing of its age, so it goes. Returns None when Redis does not answer.
    """
    longest = tracker_hours * SECONDS_AN_HOUR
    kept = removed = shortened = 0
    client = redis.Redis.from_url(redis_url, socket_timeout=10)
    try:
        for key in client.scan_iter(match=TRACKER_PATTERN, count=BATCH):
            seconds = client.ttl(key)
            if seconds == NEVER_EXPIRES:
                removed += client.delete(key)
                continue
            if seconds > longest:
                shortened += int(bool(client.expire(key, longest)))
            kept += 1
    except RedisError:
        return None
    finally:
        client.close()
    return PurgedTrackers(kept, removed, shortened)
