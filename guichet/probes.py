"""Ask a process whether it serves yet."""

import asyncio
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import httpx

PROBE_SECONDS = 5.0


class Probe(Protocol):
    """A question to a running process."""

    async def ready(self) -> bool:
        """Say whether the process serves."""

    async def alive(self) -> bool:
        """Say whether the process answers at all, were it to say that it cannot serve."""


@cache
def _client() -> httpx.AsyncClient:
    """Return the one client, which keeps no connection: a restarted process is asked afresh."""
    return httpx.AsyncClient(
        timeout=PROBE_SECONDS, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
    )


@dataclass(frozen=True)
class HttpProbe:
    """Ready when `url` answers 200; alive when `alive_url`, or else `url`, answers anything."""

    url: str
    alive_url: str = ""

    async def ready(self) -> bool:
        """Say whether the address answers 200."""
        return await self._status(self.url) == httpx.codes.OK

    async def alive(self) -> bool:
        """Say whether the address answers."""
        return await self._status(self.alive_url or self.url) is not None

    async def _status(self, url: str) -> int | None:
        try:
            return (await _client().get(url)).status_code
        except httpx.HTTPError:
            return None


@dataclass(frozen=True)
class RedisProbe:
    """Ready and alive when the server answers PING.

    The two commands are written here, since the client library would double the memory of the supervisor.
    """

    host: str
    port: int
    password: str

    async def ready(self) -> bool:
        """Say whether the server takes commands."""
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return await self._ping()
        except OSError:  # TimeoutError is one
            return False

    async def _ping(self) -> bool:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            for words in (("AUTH", self.password), ("PING",)):
                # https://redis.io/docs/latest/develop/reference/protocol-spec/
                parts = "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
                writer.write(f"*{len(words)}\r\n{parts}".encode())
            return [await reader.readline() for _ in range(2)] == [b"+OK\r\n", b"+PONG\r\n"]
        finally:
            writer.close()

    async def alive(self) -> bool:
        """Say whether the server takes commands."""
        return await self.ready()
