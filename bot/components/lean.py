"""Removes from a turn of Rasa what this project pays for and never uses.

Measured figures, per turn, are in README.md ("What a turn costs"), with the commands that give them. What is
removed, and why nothing is lost:

- `RemoteAction._validate_action_result` builds a JSON schema and checks it at every call, which is most of a
  turn. The action server is ours; what Rasa reads of its answer is checked directly.
- The whole domain, and every event of the conversation, are sent with every action call. Our actions read
  the last message and the slots. (rasa_sdk insists on a domain: it gets an empty one.)
- A new TCP connection is made for every action call. One session is kept.
- Each prediction runs through dask, which builds and orders a graph of three nodes again. The order is fixed.
- The tracker is copied, by replaying its events, before every action. Only a form changes it while it runs.
- Log lines below the level in force still copy their arguments deeply.
- `action_extract_slots` runs after every message. Our slots are set by actions only; it runs if that changes.

And one thing is changed: an action that fails fails the turn. Rasa logs the error, forgets what the action
did and goes on, which ends in an empty or half answer. Here nothing is saved and the gateway is told.

This is written for one version of Rasa, reads names that Rasa may move in another, and so refuses to work
on any other. `GUICHET_RASA_LEAN=0` leaves Rasa as it is, to compare.
"""

import asyncio
import itertools
import json
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import aiohttp
import rasa.core.actions.action
import rasa.core.actions.forms
import rasa.core.agent
from rasa import __version__ as rasa_version
from rasa.core.actions.action import Action, ActionExecutionRejection, RemoteAction
from rasa.core.actions.loops import LoopAction
from rasa.core.channels.channel import CollectingOutputChannel, OutputChannel, UserMessage
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.engine import loader
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.core.constants import DEFAULT_SLOT_NAMES
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecutionRejected, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.exceptions import RasaException
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

SUPPORTED_VERSION = "3.6.21"
SWITCH = "GUICHET_RASA_LEAN"
ACTION_SECONDS = "GUICHET_RASA_ACTION_SECONDS"
DEFAULT_ACTION_SECONDS = 3.0  # less than a turn's limit, so that the error names the action


class UnsupportedRasaError(RasaException):
    """This is not the version of Rasa that this module was written for."""


class KeptEndpoint(EndpointConfig):
    """An endpoint that keeps its connections open, and waits for an answer no longer than it should."""

    def __init__(self, endpoint: EndpointConfig, seconds: float) -> None:
        super().__init__(**{**vars(endpoint), **endpoint.kwargs, "type": endpoint.type, "kwargs": None})
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._session: aiohttp.ClientSession | None = None

    async def request(self, method: str = "post", **kwargs: Any) -> Any:
        """Send JSON and return the JSON of the answer.

        Raises:
            ClientResponseError: The answer is an error.
            aiohttp.ClientError, asyncio.TimeoutError: There is no answer.
        """
        body = json.dumps(kwargs["json"], separators=(",", ":")).encode()
        try:
            return await self._send(method, body)
        except aiohttp.ServerDisconnectedError:
            # The server closed a connection that was kept: once more, on a new one.
            return await self._send(method, body)

    async def close(self) -> None:
        """Close the connections that are kept."""
        if self._session is not None:
            await self._session.close()

    async def _send(self, method: str, body: bytes) -> Any:
        headers = {**self.headers, "Content-Type": "application/json"}
        async with self._open().request(
            method, self.url, data=body, headers=headers, params=self.combine_parameters()
        ) as answer:
            content = await answer.read()
            if answer.status >= 400:
                raise ClientResponseError(answer.status, answer.reason, content)
            return json.loads(content)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session


class LeanRemoteAction(RemoteAction):
    """Calls an action of the action server with what our actions read, and checks what Rasa reads back."""

    def _action_call_format(self, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:  # noqa: ARG002
        state = tracker.current_state(EventVerbosity.NONE)
        state["events"] = [event.as_dict() for event in _after_last_message(tracker)]
        return {
            "next_action": self.name(),
            "sender_id": tracker.sender_id,
            "tracker": state,
            "domain": {},
            "version": rasa_version,
        }

    def _validate_action_result(self, result: Any) -> bool:
        is_right = isinstance(result, dict) and all(
            isinstance(result.get(part), list) and all(isinstance(item, dict) for item in result[part])
            for part in ("events", "responses")
        )
        if not is_right:
            raise RasaException(f"the answer of {self.name()} is not {{events: […], responses: […]}}")
        return True


def _after_last_message(tracker: DialogueStateTracker) -> list[Event]:
    # The message itself is sent as `latest_message`.
    after = list(
        itertools.takewhile(lambda event: not isinstance(event, UserUttered), reversed(tracker.events))
    )
    return after[::-1]


class LeanGraphRunner(DaskGraphRunner):
    """Runs the nodes of a graph in an order found once."""

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Run what the targets need and return their outputs."""
        done: dict[str, Any] = dict(inputs or {})
        wanted = tuple(targets or self._graph_schema.target_names)
        for name, needs in self._order(wanted):
            _, done[name] = self._instantiated_nodes[name](*((need, done[need]) for need in needs))
        return {name: done[name] for name in wanted}

    def _order(self, targets: tuple[str, ...]) -> Iterable[tuple[str, tuple[str, ...]]]:
        known: dict[tuple[str, ...], Any] = self.__dict__.setdefault("_orders", {})
        if targets not in known:
            nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
            order: dict[str, tuple[str, ...]] = {}

            def visit(name: str) -> None:
                if name in nodes and name not in order:
                    needs = tuple(nodes[name].needs.values())
                    for need in needs:
                        visit(need)
                    order[name] = needs

            for target in targets:
                visit(target)
            known[targets] = tuple(order.items())
        return known[targets]


class LeanProcessor(MessageProcessor):
    """Takes a turn as Rasa's processor does, less what the module's description lists."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.action_endpoint is not None:
            seconds = float(os.environ.get(ACTION_SECONDS) or DEFAULT_ACTION_SECONDS)
            self.action_endpoint = KeptEndpoint(self.action_endpoint, seconds)
        self._must_extract_slots = _messages_set_slots(self.domain)
        # One thread: the embedding leaves the event loop free, and messages do not compete for the cores.
        self._parsing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="parse")

    @staticmethod
    def _load_model(model_path: str | Path) -> tuple[str, ModelMetadata, GraphRunner]:
        path = _model_file(Path(model_path))
        with TempDirectoryPath(get_temp_dir_name()) as folder:
            metadata, runner = loader.load_predict_graph_runner(
                Path(folder), path, LocalModelStorage, LeanGraphRunner
            )
        return path.name, metadata, runner

    async def parse_message(
        self,
        message: UserMessage,
        tracker: DialogueStateTracker | None = None,
        only_output_properties: bool = True,
    ) -> dict[str, Any]:
        """Understand a message, beside the event loop."""
        known = tracker or DialogueStateTracker(message.sender_id, [])
        parsed: dict[str, Any] = await asyncio.get_running_loop().run_in_executor(
            self._parsing, self._parse_message_with_graph, message, known, only_output_properties
        )
        return parsed

    async def handle_message(self, message: UserMessage) -> list[dict[str, Any]] | None:
        """Take one turn: understand, act until the rules say to listen, save."""
        tracker = await self.log_message(message, should_save_tracker=False)
        if self._must_extract_slots:
            tracker = await self.run_action_extract_slots(message.output_channel, tracker)
        await self._run_prediction_loop(message.output_channel, tracker)
        await self.save_tracker(tracker)
        if isinstance(message.output_channel, CollectingOutputChannel):
            return message.output_channel.messages
        return None

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        """Run one action. Unlike Rasa's, lets its error through."""
        seen = tracker
        if isinstance(action, LoopAction):
            seen = tracker.copy()
            seen.update_with_events(prediction.events, self.domain)
        try:
            events = await action.run(output_channel, nlg, seen, self.domain) or []
        except ActionExecutionRejection:
            rejected = ActionExecutionRejected(
                action.name(), prediction.policy_name, prediction.max_confidence
            )
            tracker.update(rejected)
            return self.should_predict_another_action(action.name())
        self._log_action_on_tracker(tracker, action, events, prediction)
        await self.execute_side_effects(events, tracker, output_channel)
        return self.should_predict_another_action(action.name())

    def _log_action_on_tracker(
        self,
        tracker: DialogueStateTracker,
        action: Action,
        events: list[Event] | None,
        prediction: PolicyPrediction,
    ) -> None:
        happened = events or []
        if not any(isinstance(event, ActionExecutionRejected) for event in happened):
            tracker.update_with_events(prediction.events, self.domain)
            tracker.update(action.event_for_successful_execution(prediction))
        tracker.update_with_events(happened, self.domain)


def _messages_set_slots(domain: Domain) -> bool:
    """Return whether a slot is set by what a message holds, and not only by actions."""
    return any(
        mapping.get("type") != "custom" or "action" in mapping
        for slot in domain.slots
        if slot.name not in DEFAULT_SLOT_NAMES
        for mapping in slot.mappings
    )


def _model_file(path: Path) -> Path:
    if path.is_file():
        return path
    models = sorted(path.glob("*.tar.gz"), key=lambda model: model.stat().st_mtime)
    if not models:
        raise rasa.core.agent.ModelNotFound(f"no model in {path}")
    return models[-1]


def install() -> bool:
    """Put the lean parts in Rasa's place; called before an agent is made.

    Returns:
        Whether it was done: not when GUICHET_RASA_LEAN is 0.

    Raises:
        UnsupportedRasaError: Another version of Rasa is installed.
    """
    if os.environ.get(SWITCH) == "0":
        return False
    if rasa_version != SUPPORTED_VERSION:
        raise UnsupportedRasaError(
            f"components/lean.py is written for Rasa {SUPPORTED_VERSION}, not {rasa_version}: "
            f"read it again, or set {SWITCH}=0"
        )
    rasa.core.agent.MessageProcessor = LeanProcessor
    rasa.core.actions.action.RemoteAction = LeanRemoteAction
    rasa.core.actions.forms.RemoteAction = LeanRemoteAction
    return True
