"""components/lean.py: a lean turn says and remembers what Rasa's own turn does, and refuses another Rasa."""

# ruff: noqa: PT009, PT027 - written for unittest: there is no pytest in the environment of Rasa

import os
import unittest
import unittest.mock
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

os.environ["GUICHET_RASA_LEAN"] = "0"  # the channel would install it; here both are wanted
import rasa.core.actions.action
import rasa.core.actions.forms
import rasa.core.agent
from components import lean
from components.catalogue import CatalogueNLG
from components.channel import Turn, take
from rasa.core.agent import Agent
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.events import UserUttered
from rasa.utils.endpoints import EndpointConfig

MODEL = os.environ["CHECKED_MODEL"]
CONVERSATION = (
    "bonjour",
    "Comment demander l'APA pour ma mère ?",
    "j'habite à Aubagne",
    "Where can I have my baby weighed?",
    "13003",
    "merci",
    "j'habite à Aubagne",
    "je veux parler à quelqu'un",
    "expliquez plus simplement",
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def act(request: web.Request) -> web.Response:
    """Answer as the action server does: one message, one slot; a postal code fills the form."""
    call = await request.json()
    text = call["tracker"]["latest_message"]["text"]
    events: list[dict[str, Any]] = []
    responses: list[dict[str, Any]] = []
    if call["next_action"] == "validate_place_form":
        if text.isdigit():
            events = [{"event": "slot", "name": "place", "value": text}]
    else:
        responses = [{"text": None, "custom": {"guichet": {"action": call["next_action"]}}}]
        events = [{"event": "slot", "name": "last_topic", "value": "apa"}]
    return web.json_response({"events": events, "responses": responses})


class LeanCase(unittest.IsolatedAsyncioTestCase):
    async def serve(self, handler: Handler) -> str:
        """Start an action server; returns its address."""
        app = web.Application()
        app.router.add_post("/webhook", handler)
        runner = web.AppRunner(app)
        await runner.setup()
        self.addAsyncCleanup(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"

    async def agent(self, url: str, *, is_lean: bool) -> Agent:
        names = (
            (rasa.core.agent, "MessageProcessor"),
            (rasa.core.actions.action, "RemoteAction"),
            (rasa.core.actions.forms, "RemoteAction"),
        )
        for module, name in names:
            patched = unittest.mock.patch.object(module, name, getattr(module, name))
            patched.start()
            self.addCleanup(patched.stop)
        with unittest.mock.patch.dict(os.environ, {lean.SWITCH: "1" if is_lean else "0"}):
            self.assertEqual(lean.install(), is_lean)
        agent = Agent.load(
            MODEL,
            generator=CatalogueNLG(),
            tracker_store=InMemoryTrackerStore(None),
            action_endpoint=EndpointConfig(url),
        )
        if is_lean:
            self.addAsyncCleanup(agent.processor.action_endpoint.close)
        return agent

    async def converse(self, agent: Agent) -> tuple[list[Any], list[Any], dict[str, Any]]:
        """Hold CONVERSATION; returns what was answered, the kinds of events, and the slots."""
        answers = [
            await take(agent, Turn("someone", text, {"language": "fr", "turn_id": "t"}))
            for text in CONVERSATION
        ]
        tracker = await agent.tracker_store.retrieve("someone")
        kinds = [
            (event.type_name, getattr(event, "action_name", None), getattr(event, "key", None))
            for event in tracker.events
        ]
        return answers, kinds, tracker.current_slot_values()


class SameAsRasa(LeanCase):
    async def test_a_lean_conversation_is_rasa_s(self) -> None:
        url = await self.serve(act)
        rasas = await self.converse(await self.agent(url, is_lean=False))
        leans = await self.converse(await self.agent(url, is_lean=True))
        self.assertEqual(leans, rasas)
        said = [message["custom"]["guichet"] for answer in leans[0] for message in answer["messages"]]
        self.assertIn({"action": "action_route"}, said)


class WhatIsSent(LeanCase):
    async def test_an_action_call_holds_the_last_message_and_not_the_conversation(self) -> None:
        calls: list[dict[str, Any]] = []

        async def record(request: web.Request) -> web.Response:
            calls.append(await request.json())
            return await act(request)

        await self.converse(await self.agent(await self.serve(record), is_lean=True))
        last = calls[-1]
        self.assertEqual(last["domain"], {})
        self.assertEqual(last["tracker"]["latest_message"]["text"], CONVERSATION[-1])
        self.assertEqual(last["tracker"]["latest_message"]["metadata"]["language"], "fr")
        self.assertNotIn("user", {event["event"] for event in last["tracker"]["events"]})

    async def test_one_connection_serves_many_calls(self) -> None:
        peers: set[Any] = set()

        async def record(request: web.Request) -> web.Response:
            peers.add(request.transport.get_extra_info("peername"))
            return await act(request)

        await self.converse(await self.agent(await self.serve(record), is_lean=True))
        self.assertEqual(len(peers), 1)


class Errors(LeanCase):
    async def refuse(self, handler: Handler) -> None:
        agent = await self.agent(await self.serve(handler), is_lean=True)
        with self.assertRaises(Exception):  # noqa: B017 - whatever it is, it must come through
            await take(agent, Turn("someone", CONVERSATION[1], {}))
        tracker = await agent.tracker_store.retrieve("someone")
        self.assertFalse(any(isinstance(event, UserUttered) for event in tracker.events))

    async def test_a_failing_action_fails_the_turn(self) -> None:
        async def fail(_: web.Request) -> web.Response:
            return web.json_response({"error": "x"}, status=500)

        await self.refuse(fail)

    async def test_an_answer_that_is_not_an_action_s_fails_the_turn(self) -> None:
        for wrong in (
            [],
            {},
            {"events": []},
            {"events": [1], "responses": []},
            {"events": {}, "responses": []},
        ):

            async def answer(_: web.Request, wrong: Any = wrong) -> web.Response:
                return web.json_response(wrong)

            with self.subTest(wrong=wrong):
                await self.refuse(answer)

    async def test_a_connection_that_was_closed_is_opened_again(self) -> None:
        calls = 0

        async def close_the_second(request: web.Request) -> web.Response:
            nonlocal calls
            calls += 1
            if calls == 2:
                request.transport.close()
            return await act(request)

        agent = await self.agent(await self.serve(close_the_second), is_lean=True)
        for text in CONVERSATION[1:3]:
            self.assertTrue((await take(agent, Turn("someone", text, {})))["messages"])


class Version(unittest.TestCase):
    def test_another_version_of_rasa_is_refused(self) -> None:
        with (
            unittest.mock.patch.dict(os.environ, {lean.SWITCH: "1"}),
            unittest.mock.patch.object(lean, "rasa_version", "3.7.0"),
            self.assertRaisesRegex(lean.UnsupportedRasaError, "3.7.0"),
        ):
            lean.install()


if __name__ == "__main__":
    unittest.main()
