"""An action server whose actions say their own name: `python actions_stub.py <port>`.

It shows what Rasa asks for, where the real actions would show what the knowledge base says. A message that
holds "boom" makes an action fail, "sleep" makes it slow, "silence" makes it say nothing, and a postal code of
the Bouches-du-Rhône fills the form.
"""

import asyncio
import re
import sys
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.endpoint import create_app
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

NAMES = (
    "action_answer",
    "action_handoff",
    "action_route",
    "action_repeat",
    "action_simplify",
    "action_disclose",
)


class Named(Action):
    def __init__(self, name: str) -> None:
        self._name = name

    def name(self) -> str:
        return self._name

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        message = tracker.latest_message
        text = message["text"]
        if "boom" in text:
            raise RuntimeError("boom")
        if "sleep" in text:
            await asyncio.sleep(2)
        if "silence" not in text:
            seen = {
                "metadata": message["metadata"],
                "topics": message["topics"],
                "slots": tracker.slots,
                "domain": domain,
            }
            dispatcher.utter_message(json_message={"guichet": {"action": self._name, "seen": seen}})
        return [SlotSet("last_topic", message["topics"][0]["topic"])]


class ReadPlace(Action):
    def name(self) -> str:
        return "validate_place_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        code = re.search(r"\b13\d{3}\b", tracker.latest_message["text"])
        return [SlotSet("place", code.group())] if code else []


executor = ActionExecutor()
for name in NAMES:
    executor.register_action(Named(name))
executor.register_action(ReadPlace())
app = create_app(executor, cors_origins=[])

if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]), single_process=True, access_log=False, motd=False)
