"""A real embedded Redis server, for the commands that talk to one."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from guichet.child import Child
from guichet.logs import OutputFile
from guichet.processes import processes
from guichet.settings import Settings, new_secret, secret_fields
from tests.guichet.programs import QUICK, free_port


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of their own: data folder, secrets, a free port for Redis."""
    values = {"data_dir": tmp_path, "redis_port": free_port()}
    return Settings.model_validate(values | {name: SecretStr(new_secret()) for name in secret_fields()})


@pytest.fixture
async def embedded_redis(settings: Settings) -> AsyncIterator[Settings]:
    """The embedded Redis server of `settings`, running."""
    process = next(process for process in processes(settings) if process.name == "redis")
    child = Child(process, OutputFile("redis", settings.data_dir / "log"), QUICK)
    keeper = asyncio.create_task(child.keep_running())
    await asyncio.wait_for(child.ready.wait(), 60)
    yield settings
    await child.stop()
    await keeper
