"""The bare bot's action server: one action that always says the same. `python bare_actions.py <port>`."""

import sys
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher


class Constant(Action):
    def name(self) -> str:
        return "action_constant"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="Always the same answer.")
        return []


# Sanic imports the module again where it starts processes, so the application is made here.
executor = ActionExecutor()
executor.register_action(Constant())
app = create_app(executor, cors_origins=[])

if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]), single_process=True, access_log=False, motd=False)
