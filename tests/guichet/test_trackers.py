"""Rasa's trackers never stay longer than the settings say: with a real server."""

import redis
from pydantic import SecretStr

from guichet.settings import Settings, new_secret
from guichet.trackers import PurgedTrackers, purge_trackers
from tests.guichet.programs import free_port

HOUR = 3600


async def test_trackers_that_would_stay_are_removed_or_shortened(embedded_redis: Settings) -> None:
    url = embedded_redis.effective_redis_url
    client = redis.Redis.from_url(url)
    client.set("tracker:fresh", "{}", ex=HOUR)
    client.set("tracker:late", "{}", ex=100 * HOUR)
    client.set("tracker:forever", "{}")
    client.set("guichet:tracker:prefixed", "{}")
    client.set("guichet:limit:other", "1")

    assert purge_trackers(url, 24) == PurgedTrackers(
        trackers_kept=2, trackers_removed=2, trackers_shortened=1
    )

    assert sorted(client.keys()) == [b"guichet:limit:other", b"tracker:fresh", b"tracker:late"]
    assert 0 < client.ttl("tracker:late") <= 24 * HOUR
    assert purge_trackers(url, 24) == PurgedTrackers(trackers_kept=2)


async def test_the_embedded_server_wants_its_password(embedded_redis: Settings) -> None:
    wrong = embedded_redis.model_copy(update={"redis_password": SecretStr(new_secret())})
    assert purge_trackers(wrong.effective_redis_url, 24) is None
    without = redis.Redis(host="127.0.0.1", port=embedded_redis.redis_port)
    try:
        without.ping()
    except redis.AuthenticationError:
        pass
    else:
        raise AssertionError("the server answers without its password")


async def test_the_embedded_server_keeps_nothing_on_disk(embedded_redis: Settings) -> None:
    client = redis.Redis.from_url(embedded_redis.effective_redis_url)
    client.set("tracker:one", "{}", ex=HOUR)
    assert client.config_get("save")["save"] == ""
    assert client.config_get("appendonly")["appendonly"] == "no"
    assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
    assert not list((embedded_redis.data_dir / "redis").iterdir())


def test_a_server_that_does_not_answer_is_told() -> None:
    assert purge_trackers(f"redis://127.0.0.1:{free_port()}/0", 24) is None
