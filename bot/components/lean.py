"""Removes from a turn of Rasa what this project pays for and never uses, and hides no error.

What is changed, with what it saves of a turn (processor time, milliseconds, on a busy machine where the whole
turn takes 40 and the embedding 30; README.md, "What a turn costs", has the commands):

- 51   `RemoteAction._validate_action_result` builds a JSON schema and checks it at every action call. The
       action server is ours; what Rasa reads of its answer is checked directly.
- 0.8  A new connection is made for every action call. One session is kept.
- 0.5  (in the action server) The whole domain and every event of the conversation are sent with every action
       call. Our actions read the last message and the slots; rasa_sdk insists on a domain, it gets {}.
- 0    The embedding runs in a thread of its own, so that the event loop serves others meanwhile.
- 0    An action that fails, or takes too long, fails the turn. Rasa logs it, forgets what the action did and
       goes on, which ends in an empty or half answer. Here nothing is saved and the gateway is told.

Measured too, and left as Rasa has it since it costs nothing that can be measured: the copies of the tracker,
the deep copies made for log lines that are not written, `action_extract_slots`, the graph run by dask (0.7).

This is written for one version of Rasa, replaces names that Rasa may move in another, and so refuses to work
on any other. `GUICHET_RASA_LEAN=0` leaves Rasa as it is, to compare.
"""

import asyncio
import itertools
import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
import rasa.core.actions.action
import rasa.core.actions.forms
import rasa.core.agent
from rasa import __version__ as rasa_version
from rasa.core.actions.action import Action, ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecutionRejected, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.exceptions import RasaException
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
        super().__init__(endpoint.url, endpoint.params, endpoint.headers, token=endpoint.token)
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._session: aiohttp.ClientSession | None = None

    async def request(self, method: str = "post", **kwargs: Any) -> Any:
        """Send the JSON of `json` and return the JSON of the answer; Rasa's other options do not apply.

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
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        headers = {**self.headers, "Content-Type": "application/json"}
        async with self._session.request(
            method, self.url, data=body, headers=headers, params=self.combine_parameters()
        ) as answer:
            content = await answer.read()
            if answer.status >= 400:
                raise ClientResponseError(answer.status, answer.reason, content)
            return json.loads(content)


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
    latest_first = reversed(tracker.events)
    after = list(itertools.takewhile(lambda event: not isinstance(event, UserUttered), latest_first))
    return after[::-1]


class LeanProcessor(MessageProcessor):
    """Takes a turn as Rasa's processor does, but for what the module's description says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.action_endpoint is not None:
            seconds = float(os.environ.get(ACTION_SECONDS) or DEFAULT_ACTION_SECONDS)
            self.action_endpoint = KeptEndpoint(self.action_endpoint, seconds)
        # One thread, so that messages wait for a core instead of sharing it.
        self._parsing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="parse")

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

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        """Run one action. Unlike Rasa's, lets its error through."""
        seen = tracker.copy()
        seen.update_with_events(prediction.events, self.domain)
        try:
            events = await action.run(output_channel, nlg, seen, self.domain)
        except ActionExecutionRejection:
            rejected = ActionExecutionRejected(
                action.name(), prediction.policy_name, prediction.max_confidence
            )
            tracker.update(rejected)
            return self.should_predict_another_action(action.name())
        self._log_action_on_tracker(tracker, action, events, prediction)
        await self.execute_side_effects(events, tracker, output_channel)
        return self.should_predict_another_action(action.name())


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
