"""Is a process ready, is it alive: asked of real servers."""

import asyncio
from dataclasses import replace

from guichet.probes import HttpProbe, RedisProbe
from guichet.processes import processes
from guichet.settings import Settings, new_secret
from tests.guichet.programs import free_port


async def test_the_embedded_server_is_ready_with_its_password_only(embedded_redis: Settings) -> None:
    probe = next(process.probe for process in processes(embedded_redis) if process.name == "redis")
    assert isinstance(probe, RedisProbe)
    assert await probe.ready()
    assert await probe.alive()
    assert not await replace(probe, password=new_secret()).ready()


async def test_nobody_there_is_neither_ready_nor_alive() -> None:
    port = free_port()
    redis, http = RedisProbe("127.0.0.1", port, "x"), HttpProbe(f"http://127.0.0.1:{port}/ready")
    for probe in (redis, http):
        assert not await probe.ready()
        assert not await probe.alive()


async def test_the_alive_address_may_be_another_one() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        status = "200 OK" if request.startswith("GET /live ") else "503 Service Unavailable"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert not await HttpProbe(f"{url}/ready").ready()
        assert await HttpProbe(f"{url}/ready").alive()
        assert await HttpProbe(f"{url}/live").ready()
        assert await HttpProbe(f"{url}/ready", f"{url}/live").alive()
