"""The pipeline's only classifier: the intent of a message, and the topics it may be about."""

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.embedding import embed
from components.featurizer import vector_of
from components.model import NO_TOPIC, Label, TopicModel, Understanding, fit, settings_of
from components.sentences import asks_twice, sentences

TOPICS = "topics"
PARTS = "parts"
RANKED = 5
# Below this, the second topic of a message is no second question: its sentences are not looked at one by one,
# unless it has two question marks.
SECOND_TOPIC = 0.05
MODEL_FILE = "topic_model.npz"


def label_of(message: Message) -> Label:
    """Return what a training example is labelled: its intent, and the `topic` of its block's metadata."""
    metadata = message.get(METADATA, {}).get(METADATA_INTENT) or {}
    return Label(message.get(INTENT), metadata.get("topic", NO_TOPIC))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(GraphComponent, IntentClassifier):
    """Classifies on (intent, topic) labels, so that both come from one model and agree.

    Gives a message `intent`, `intent_ranking`, and `topics`: at most five {"topic", "confidence"}. The intent
    is nlu_fallback below the confidence `fallback_below`; the rankings are kept as they are. A message that
    may ask two things also has `parts`, its sentences, each {"text", "topics"}.
    """

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: TopicModel | None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings of config.yml and their defaults."""
        return {
            "C": 10.0,
            "embedding_weight": 5.0,
            "characters": {"shortest": 3, "longest": 5, "least_examples": 2, "weight": 12.0},
            "words": {"shortest": 1, "longest": 2, "least_examples": 2, "weight": 8.0},
            "neighbours": {"dimensions": 192, "nearest": 10, "temperature": 0.05, "share": 0.35},
            "fallback_below": 0.35,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa's signature
    ) -> "TopicClassifier":
        """Make an untrained component."""
        return cls(config, model_storage, resource, model=None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa's signature
        **kwargs: Any,  # noqa: ARG003
    ) -> "TopicClassifier":
        """Load a trained component."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, TopicModel.read(folder / MODEL_FILE))

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the featurized examples and store the model."""
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        self._model = fit(
            np.stack([vector_of(message) for message in examples]),
            [message.get(TEXT) for message in examples],
            [label_of(message) for message in examples],
            settings_of(self._config),
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._model.write(folder / MODEL_FILE)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the examples as they are: no later component reads predictions on them."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Say what each message seems to be."""
        if self._model is None:
            raise RuntimeError("the classifier is not trained")
        for message in messages:
            if message.get(TEXT):
                self._tell(message, self._model.understand(vector_of(message), message.get(TEXT)))
        return messages

    def _tell(self, message: Message, understood: Understanding) -> None:
        intents = [{"name": name, "confidence": confidence} for name, confidence in understood.intents]
        best = intents[0]
        if best["confidence"] < self._config["fallback_below"]:
            best = {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": best["confidence"]}
        message.set(INTENT, best, add_to_output=True)
        message.set(INTENT_RANKING_KEY, intents[:RANKED], add_to_output=True)
        message.set(TOPICS, _topics(understood), add_to_output=True)
        second = understood.topics[1][1] if len(understood.topics) > 1 else 0.0
        if second >= SECOND_TOPIC or asks_twice(message.get(TEXT)):
            message.set(PARTS, self._parts(message.get(TEXT)), add_to_output=True)

    def _parts(self, text: str) -> list[dict[str, Any]]:
        found = sentences(text)
        if len(found) < 2 or self._model is None:
            return []
        understood = [self._model.understand(embed(part), part) for part in found]
        return [{"text": part, "topics": _topics(each)} for part, each in zip(found, understood, strict=True)]


def _topics(understood: Understanding) -> list[dict[str, Any]]:
    return [{"topic": topic, "confidence": p} for topic, p in understood.topics[:RANKED]]
