"""The Rasa adapter, against a real HTTP server that misbehaves in the ways Rasa's own channel does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from api.engine import EngineUnavailable, RasaEngine
from knowledge.reply import Kind


@asynccontextmanager
async def answering(status: int, body: str, *, seconds: float = 0.0) -> AsyncIterator[RasaEngine]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(seconds)
        payload = body.encode()
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Length: {len(payload)}\r\nConnection: close\r\n\r\n".encode()
        )
        writer.write(payload)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    engine = RasaEngine(f"http://127.0.0.1:{port}", "secret", actions_url="http://127.0.0.1:9", seconds=0.3)
    try:
        yield engine
    finally:
        await engine.close()
        server.close()


def said(**message: object) -> str:
    return json.dumps({"intent": "greet", "confidence": 0.9, "topics": [], "messages": [message]})


async def test_a_sentence_of_the_catalogue_becomes_a_reply() -> None:
    async with answering(
        200, said(text="Bonjour", custom={"guichet": {"kind": "smalltalk", "topic": "smalltalk"}})
    ) as e:
        understood = await e.turn("c", "bonjour", {"language": "fr"})
    assert (understood.intent, understood.replies[0].kind) == ("greet", Kind.SMALLTALK)
    assert understood.replies[0].messages[0].markdown == "Bonjour"


@pytest.mark.parametrize(("asks", "heard"), [(True, ["Which?"]), (False, ["Which?", "Where?"])])
async def test_a_place_is_asked_for_once(*, asks: bool, heard: list[str]) -> None:
    which = {"kind": "smalltalk", "topic": "smalltalk", "asks_place": asks}
    which["messages"] = [{"markdown": "Which?", "lang": "en"}]
    form = {"kind": "smalltalk", "topic": "smalltalk", "key": "utter.ask_place"}
    messages = [
        {"text": None, "custom": {"guichet": which}},
        {"text": "Where?", "custom": {"guichet": form}},
    ]
    body = json.dumps({"intent": "give_place", "confidence": 0.9, "topics": [], "messages": messages})
    async with answering(200, body) as engine:
        understood = await engine.turn("c", "Saint-Martin", {"language": "en"})
    assert [reply.messages[0].markdown for reply in understood.replies] == heard


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, "{}"),
        (401, "{}"),
        (200, "[]"),
        (200, "not json"),
        (200, json.dumps({"intent": "x", "confidence": 1, "messages": []})),
        (200, said(text="", custom=None)),
        (200, said(text=None, custom={"guichet": {"messages": [], "kind": "no such kind", "topic": "x"}})),
    ],
)
async def test_anything_but_a_reply_is_the_engine_down(status: int, body: str) -> None:
    async with answering(status, body) as engine:
        with pytest.raises(EngineUnavailable):
            await engine.turn("c", "bonjour", {"language": "fr"})


async def test_a_slow_engine_is_down() -> None:
    async with answering(200, said(text="Bonjour"), seconds=2) as engine:
        with pytest.raises(EngineUnavailable):
            await engine.turn("c", "bonjour", {"language": "fr"})


async def test_nobody_listening_is_down_and_not_ready() -> None:
    engine = RasaEngine("http://127.0.0.1:9", "secret", actions_url="http://127.0.0.1:9", seconds=0.3)
    with pytest.raises(EngineUnavailable):
        await engine.turn("c", "bonjour", {"language": "fr"})
    with pytest.raises(EngineUnavailable):
        await engine.forget("c")
    assert not await engine.ready()
    assert not await engine.actions_ready()
    await engine.close()
