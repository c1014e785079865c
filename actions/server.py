"""The action server: one process, loopback only.

To add an action: write a function (Kit, UserTurn) -> Outcome, name it in ACTIONS here and under `actions` in
bot/domain.yml, and say in bot/data/rules.yml when it is taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from rasa_sdk import Action, Tracker
from rasa_sdk.endpoint import create_app
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from sanic import Sanic
from typing_extensions import override

from actions.answer import admit, answer, ask_what, follow_up, repeat, simplify
from actions.disclose import disclose
from actions.kit import Kit, Outcome, give_up, kit_of
from actions.route import hand_off, read_place
from actions.settings import ActionsSettings
from actions.turn import UserTurn, read_turn
from knowledge.article import Audience
from knowledge.embedding import load_question_encoder
from knowledge.keeper import Keeper
from knowledge.live import Knowledge, LiveKnowledge
from knowledge.settings import KnowledgeSettings

Decide = Callable[[Kit, UserTurn], Awaitable[Outcome]]
KitNow = Callable[[], Kit]

ACTIONS: Final[Mapping[str, Decide]] = {
    "action_admit": admit,
    "action_answer": answer,
    "action_ask_what": ask_what,
    "action_disclose": disclose,
    "action_follow_up": follow_up,
    "action_handoff": hand_off,
    "action_repeat": repeat,
    "action_route": hand_off,
    "action_simplify": simplify,
    "validate_place_form": read_place,
}


# The first search loads the embedding engine: no resident should wait for it.
WARM_UP: Final = UserTurn(
    text="bonjour",
    intent="",
    confidence=0.0,
    language="fr",
    audience=Audience.PUBLIC,
    topics={},
    out_of_scope=0.0,
)


class KnowledgeAction(Action):  # type: ignore[misc] # rasa_sdk publishes no types
    """One of ACTIONS as Rasa calls it: reads the turn, decides, says one message, sets the slots."""

    def __init__(self, name: str, decide: Decide, kit_now: KitNow) -> None:
        self._name = name
        self._decide = decide
        self._kit_now = kit_now

    @override
    def name(self) -> str:
        return self._name

    @override
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        kit, turn = self._kit_now(), read_turn(tracker)
        outcome = give_up(kit, turn, await self._decide(kit, turn))
        if outcome.reply is not None:
            dispatcher.utter_message(json_message={"guichet": outcome.reply.model_dump(mode="json")})
        return [SlotSet(name, value) for name, value in outcome.slots(turn).items()]


def executor(kit_now: KitNow) -> ActionExecutor:
    """Every action of the product; each asks for the knowledge in force whenever it runs."""
    actions = ActionExecutor()
    for name, decide in ACTIONS.items():
        actions.register_action(KnowledgeAction(name, decide, kit_now))
    return actions


def warm_up(knowledge: Knowledge) -> None:
    """Answers once from a generation that nobody is answered from yet."""
    asyncio.run(answer(kit_of(knowledge), WARM_UP))


def serve(settings: ActionsSettings, knowledge: KnowledgeSettings) -> None:
    """Serves until the process is stopped. `/health` answers once the knowledge is loaded.

    Two threads go with it: one takes new generations of the knowledge, one makes them when a content file is
    saved (docs/architecture.md says why here).

    Raises:
        IndexUnusableError: There is no usable index (`guichet kb index` builds it).
    """
    # rasa_sdk.endpoint.run listens on every interface and starts a process manager; neither is wanted.
    encoder = load_question_encoder(knowledge.embedding_model)
    live = LiveKnowledge(knowledge, encoder=encoder, warm=warm_up)
    live.start()
    if knowledge.watch_content:
        Keeper(knowledge, encoder, on_published=live.refresh).start()
    app: Sanic[Any, Any] = create_app(executor(lambda: kit_of(live.current())), cors_origins=[])
    app.run(
        host=settings.actions_host,
        port=settings.actions_port,
        single_process=True,
        access_log=False,
        motd=False,
    )
